//! Schemas under another name.

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint_transfer::{Export, Import};

use crate::{declared, instance};

#[tokio::test]
async fn only_what_a_foreign_key_names_is_renamed() {
    let folder = || tempfile::tempdir().unwrap();
    let (here, there, export) = (folder(), folder(), folder());
    let (dj, other) = (instance(here.path()).await, instance(there.path()).await);
    declared(&dj, "rig", "Camera", "camera : int32").await.insert(&dj, [json!({"camera": 1})]).await.unwrap();
    let own = declared(&dj, "lab", "Subject", "lab : int32  # of lab.Subject -> rig.Camera").await;
    own.insert(&dj, [json!({"lab": 1})]).await.unwrap();
    let definition = "# what rig.Camera took in lab.Subject\n\
                      -> Subject\n\
                      ---\n\
                      -> rig.Camera.proj(rig='camera')  # -> rig.Camera\n\
                      note = '-> rig.Camera' : varchar(40)  # see rig.Camera\n";
    let movie = declared(&dj, "lab", "Movie", definition).await;
    movie.insert(&dj, [json!({"lab": 1, "rig": 1})]).await.unwrap();
    Export::new(&dj, &movie).to(export.path()).await.unwrap();
    let import = Import::new(&other, export.path()).schema("rig", "set_up").schema("lab", "rig");
    import.run().await.unwrap();
    let found = other.table("rig.Movie").await.unwrap();
    let described = found.describe().unwrap();
    for line in [
        "# what rig.Camera took in lab.Subject",
        "-> Subject",
        "-> set_up.Camera.proj(rig=\"camera\")",
        "\"-> rig.Camera\"",
        "# see rig.Camera",
    ] {
        assert!(described.contains(line), "{line}: {described}");
    }
    let subject = other.table("rig.Subject").await.unwrap().describe().unwrap();
    assert!(subject.contains("# of lab.Subject -> rig.Camera"), "{subject}");
    assert_eq!(found.fetch(&other).await.unwrap(), movie.fetch(&dj).await.unwrap());
}

/// Names of schemas that no definition can write are those of the tables that refer to each other in them.
#[tokio::test]
async fn a_schema_of_any_name_comes_over() {
    let folder = || tempfile::tempdir().unwrap();
    for schema in ["my-lab", "my lab", "Lab"] {
        let (here, there, export) = (folder(), folder(), folder());
        let (dj, other) = (instance(here.path()).await, instance(there.path()).await);
        let subject = declared(&dj, schema, "Subject", "id : int32").await;
        subject.insert(&dj, [json!({"id": 1})]).await.unwrap();
        let session = declared(&dj, schema, "Session", "-> Subject\nn : int32").await;
        session.insert(&dj, [json!({"id": 1, "n": 1})]).await.unwrap();
        Export::new(&dj, &session).to(export.path()).await.unwrap();
        Import::new(&other, export.path()).run().await.unwrap();
        Import::new(&other, export.path()).schema(schema, "plain").run().await.unwrap();
        for schema in [schema, "plain"] {
            let found = other.schema(schema).await.unwrap().table("Session").unwrap();
            assert_eq!(found.count(&other).await.unwrap(), 1, "{schema}");
        }
    }
}
