//! Declaration and activation.

use datajoint::prelude::*;

use crate::Capabilities;

/// Parents, children, a lookup and a part, with every kind of foreign key.
pub mod tables {
    #![expect(missing_docs, reason = "these tables are for tests")]
    use datajoint::prelude::*;

    schema!("dj_conformance_declaring");

    #[table(Lookup, contents = [("fast", 1), ("slow", 2)])]
    /// # How to compute
    /// method : varchar(10)
    /// ---
    /// speed  : int16
    pub struct Method;

    #[table(Manual)]
    /// # Who takes part
    /// subject_id : int32    # the id
    /// ---
    /// name = ""  : varchar(20)
    /// sex        : enum('M', 'F', 'U')
    /// born = null : date
    /// unique index (name, born)
    pub struct Subject;

    #[table(Manual)]
    /// -> Subject
    /// session : int16
    /// ---
    /// -> [nullable] Method
    /// -> [nullable] Subject.proj(other='subject_id')
    /// started = CURRENT_TIMESTAMP : datetime
    pub struct Session;

    #[part(Session)]
    /// -> master
    /// trial : int16
    /// ---
    /// score : float64
    pub struct SessionTrial;

    pipeline! {
        pub struct Pipeline { Method, Subject, Session, SessionTrial }
    }
}

/// What is declared is in the catalog as declared, lookups filled.
pub async fn tables_are_declared_once_and_found_as_declared(dj: &Instance, _: Capabilities) {
    let _ = dj.drop_schema("dj_conformance_declaring").confirmed().await;
    let report = dj.activate::<tables::Pipeline>().await.unwrap();
    assert!(!report.is_unchanged());
    let schema = dj.schema("dj_conformance_declaring").await.unwrap();
    assert_eq!(schema.list_tables().len(), 4);
    assert_eq!(tables::Method.count(dj).await.unwrap(), 2);
    let session = schema.table("Session").unwrap();
    let keys: Vec<&str> = session.table().key_names().collect();
    assert_eq!(keys, ["subject_id", "session"]);
    assert_eq!(session.table().foreign_keys.len(), 3);
    let lineage =
        session.table().heading.get("other").and_then(|attribute| attribute.lineage.clone()).unwrap();
    assert_eq!(lineage.to_string(), "dj_conformance_declaring.subject.subject_id");
    dj.drop_schema("dj_conformance_declaring").confirmed().await.unwrap();
}

/// Activation of what is there declares nothing and reports no difference.
pub async fn a_second_activation_changes_nothing(dj: &Instance, _: Capabilities) {
    let _ = dj.drop_schema("dj_conformance_again").confirmed().await;
    let first = dj.activate::<again::Pipeline>().await.unwrap();
    assert!(!first.is_unchanged());
    let second = dj.activate::<again::Pipeline>().await.unwrap();
    assert!(second.is_unchanged(), "{second:?}");
    dj.drop_schema("dj_conformance_again").confirmed().await.unwrap();
}

mod again {
    use datajoint::prelude::*;

    schema!("dj_conformance_again");

    #[table(Manual)]
    /// id : int64
    /// ---
    /// at : datetime(3)
    /// price = 0.5 : decimal(6,2)
    /// raw = null : bytes
    /// data = null : <blob>
    /// tag : uuid
    /// extra = null : json
    pub(super) struct Item;

    pipeline! {
        pub(super) struct Pipeline { Item }
    }
}
