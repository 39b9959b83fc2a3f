//! The same on servers, as far as there are any.

use std::time::Duration;

use datajoint_config::Settings;
use datajoint_definition::Tier;
use datajoint_gc::{Collection, Error};
use datajoint_pipeline::{DynamicDeclaration, Instance, Relation as _};
use datajoint_schema::TableName;
use datajoint_sql::{Statement, table_reference};

use crate::lab::{age, done, row, told};

const SCHEMA: &str = "dj_gc_servers";

/// The servers of the tests.
fn urls() -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
    let url = |variable: &str| std::env::var(variable).ok();
    ["DJ_TEST_POSTGRES_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_MYSQL_URL"].into_iter().filter_map(url).collect()
}

async fn run(dj: &Instance, sql: String) {
    let mut connection = dj.database().acquire().await.unwrap();
    connection.script(&[Statement::plain(sql)]).await.unwrap();
}

#[tokio::test]
async fn servers_collect_as_a_file_does() {
    for url in urls() {
        let dj = Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap();
        if dj.backend().capability().usual_database.is_none() {
            collect(&dj).await;
            continue;
        }
        // A database of its own has no schemas of others, whose rows would be read too.
        let name = format!("dj_gc_{}", std::process::id());
        run(&dj, format!("CREATE DATABASE {name}")).await;
        let (server, _) = url.rsplit_once('/').unwrap();
        let own = Instance::connect(Settings::from_url(&format!("{server}/{name}")).unwrap()).await.unwrap();
        collect(&own).await;
        own.close().await;
        run(&dj, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }
}

async fn collect(dj: &Instance) {
    let folder = tempfile::tempdir().unwrap();
    let store = serde_json::json!({"protocol": "file", "location": folder.path()});
    let stores = serde_json::json!({"default": "main", "main": store, "second": store}).to_string();
    let read = Settings::reader().without_files().environment([("DJ_STORES", stores)]).load();
    let dj = &dj.with_settings(|settings| {
        settings.stores = read.unwrap().stores;
        "dj_gc_".clone_into(&mut settings.database.database_prefix);
    });
    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    let (schema, class_name, tier, master) = (SCHEMA, "Scan", Tier::Manual, None);
    let definition = "id : int32\n---\nraw = null : <hash@main>";
    dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, definition, master }).await.unwrap();
    let scan = dj.table(&format!("{SCHEMA}.Scan")).await.unwrap();
    scan.insert(dj, [row(1).with("raw", b"abc".to_vec()).unwrap()]).await.unwrap();
    let path = format!("_hash/{SCHEMA}/saavbgb42jh3bvuwh56sryl7oi");
    let object = folder.path().join(&path);
    age(&object);
    let table = table_reference(dj.backend(), &TableName::new(SCHEMA, "scan"));
    let collection = || Collection::of(dj).most(100).moment(Duration::ZERO);
    match collection().apply(None).await {
        Ok(plan) => assert_eq!(told(&done(plan)), [""; 0]),
        // Rows of others on this server name stores of theirs.
        Err(Error::Untold { reasons, .. }) if !reasons.concat().contains(SCHEMA) => {
            eprintln!("not on {}: {reasons:?}", dj.backend());
            return;
        }
        Err(error) => panic!("{error}"),
    }
    run(dj, format!("DELETE FROM {table}")).await;
    assert_eq!(told(&done(collection().apply(None).await.unwrap())), ["quarantine 1 object of 3 bytes"]);
    assert!(!object.exists());
    let described = serde_json::json!({
        "hash": "saavbgb42jh3bvuwh56sryl7oi", "path": path, "schema": SCHEMA, "store": "main", "size": 3,
    });
    run(dj, format!("INSERT INTO {table} (id, raw) VALUES (2, '{described}')")).await;
    assert_eq!(told(&done(collection().apply(None).await.unwrap())), ["return 1 object of 3 bytes"]);
    assert!(object.exists());
    scan.fetch(dj).await.unwrap();
    run(dj, format!("DELETE FROM {table}")).await;
    assert_eq!(told(&done(collection().apply(None).await.unwrap())), ["quarantine 1 object of 3 bytes"]);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let later = collection().grace(Duration::ZERO);
    let hash = later.plan().await.unwrap().hash();
    assert_eq!(told(&done(later.apply(Some(&hash)).await.unwrap())), ["purge 1 object of 3 bytes"]);
    assert_eq!(told(&done(collection().apply(None).await.unwrap())), [""; 0]);
    assert_eq!(std::fs::read_dir(object.parent().unwrap()).unwrap().count(), 0);
    eprintln!("on {} {}", dj.backend(), dj.database().server_version());
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
}
