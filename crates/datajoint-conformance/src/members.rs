//! Enums whose definitions got members after their tables were declared.

use datajoint::prelude::*;
use datajoint::{DynamicDeclaration, DynamicRow, Error, Tier};

use crate::Capabilities;

mod grown {
    use datajoint::prelude::*;

    schema!("dj_conformance_members");

    #[table(Manual)]
    /// mouse_id : int32
    /// ---
    /// sex = 'U' : enum('M', 'F', 'U', 'X') # the sex
    pub(super) struct Mouse;

    #[table(Manual)]
    /// side : enum('left', 'middle', 'right')
    pub(super) struct Probe;

    #[table(Manual)]
    /// -> Probe
    /// ---
    /// depth : int32
    pub(super) struct Insertion;

    pipeline! {
        pub(super) struct Pipeline { Mouse, Insertion }
    }
}

const SCHEMA: &str = "dj_conformance_members";

async fn declare(dj: &Instance, class_name: &str, definition: &str) -> datajoint::DynamicTable {
    let declaration =
        DynamicDeclaration { schema: SCHEMA, class_name, tier: Tier::Manual, definition, master: None };
    dj.declare_dynamic(declaration).await.unwrap()
}

/// The members that were there are written, read and compared as before; the others are an error that says how they come
/// to be, and whoever does what it says has the table of the definition.
pub async fn an_enum_with_more_members_than_its_column_goes_on(dj: &Instance, _: Capabilities) {
    use grown::{Insertion, InsertionRow, Mouse, MouseRow, MouseSex, Probe, ProbeRow, ProbeSide};

    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    declare(dj, "Mouse", "mouse_id : int32\n---\nsex = 'U' : enum('M', 'F', 'U') # the sex").await;
    declare(dj, "Probe", "side : enum('left', 'right')").await;
    let report = dj.activate::<grown::Pipeline>().await.unwrap().to_string();
    assert!(report.contains("`sex` is declared as `enum('M', 'F', 'U', 'X')`"), "{report}");
    let mouse = |mouse_id, sex| MouseRow { mouse_id, sex };
    Mouse.insert(dj, [mouse(1, MouseSex::F), mouse(2, MouseSex::M)]).await.unwrap();
    Mouse.update_one(dj, mouse(2, MouseSex::F)).await.unwrap();
    assert_eq!((Mouse & Mouse::sex.eq(MouseSex::F)).count(dj).await.unwrap(), 2);
    Probe.insert_one(dj, ProbeRow { side: ProbeSide::Left }).await.unwrap();
    Insertion.insert_one(dj, InsertionRow { side: ProbeSide::Left, depth: 1 }).await.unwrap();
    assert_eq!(((Probe * Insertion) & Probe::side.eq(ProbeSide::Left)).count(dj).await.unwrap(), 1);

    let error = Mouse.insert_one(dj, mouse(3, MouseSex::X)).await.unwrap_err();
    let said = error.to_string();
    assert!(said.contains("dj_conformance_members.mouse.sex") && said.contains("'U')`: it lacks"), "{said}");
    let Error::FewerMembers { advice, .. } = error else { panic!("{error:?}") };
    let Some(statements) = advice.strip_prefix("alter it with `").and_then(|text| text.strip_suffix('`'))
    else {
        // What SQLite checks stays as it was declared.
        assert!(dj.backend().capability().has_storage_classes, "{advice}");
        return dj.drop_schema(SCHEMA).confirmed().await.map(drop).unwrap();
    };
    assert!(report.contains(statements), "{report}");
    for (done, statement) in statements.split("`, `").enumerate() {
        let mut connection = dj.database().acquire().await.unwrap();
        connection.execute(&datajoint_sql::Statement::plain(statement)).await.unwrap();
        drop(connection);
        // Also half of it leaves a table that is used as it is.
        let altered = dj.with_settings(|_| {});
        let report = altered.activate::<grown::Pipeline>().await.unwrap().to_string();
        assert!(!report.contains("`sex` is declared"), "after {statement}: {report}");
        let row = mouse(3 + i32::try_from(done).unwrap(), MouseSex::X);
        Mouse.insert_one(&altered, row).await.unwrap();
        let there = dj.schema(SCHEMA).await.unwrap().table("Mouse").unwrap();
        let row = DynamicRow::new()
            .with("mouse_id", 10 + i64::try_from(done).unwrap())
            .unwrap()
            .with("sex", "X")
            .unwrap();
        there.insert_one(dj, row).await.unwrap();
    }
    assert!((Mouse & Mouse::sex.eq(MouseSex::X)).count(&dj.with_settings(|_| {})).await.unwrap() >= 2);
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
}
