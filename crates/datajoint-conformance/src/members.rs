//! Enums whose definitions got members after their tables were declared.

use datajoint::prelude::*;
use datajoint::{DynamicDeclaration, DynamicRow, Error, Tier};
use datajoint_transfer::{Export, Import};

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

mod reordered {
    use datajoint::prelude::*;

    schema!("dj_conformance_members_order");

    #[table(Manual)]
    /// grade : enum('c', 'a', 'b')
    pub(super) struct Graded;

    #[table(Manual)]
    /// -> Graded
    /// ---
    /// n : int32
    pub(super) struct Regraded;

    pipeline! {
        pub(super) struct Pipeline { Regraded }
    }
}

mod between {
    use datajoint::prelude::*;

    schema!("dj_conformance_members_between");

    #[table(Manual)]
    /// level : enum('lo', 'mid', 'hi')
    /// id : int32
    /// ---
    /// x = null : enum('p', 'q', 'r')
    pub(super) struct Grown;

    pipeline! {
        pub(super) struct Pipeline { Grown }
    }
}

mod shared {
    use datajoint::prelude::*;

    schema!("dj_conformance_members_shared");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// x = 'p' : enum('p', 'q', 'r')
    pub(super) struct One;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// x = null : enum('p', 'q')
    pub(super) struct Two;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// x = null : enum('p', 'q', 'r')
    pub(super) struct Three;

    pipeline! {
        pub(super) struct Shared { One, Two, Three }
    }
}

const SCHEMA: &str = "dj_conformance_members";

async fn declare(dj: &Instance, class_name: &str, definition: &str) -> datajoint::DynamicTable {
    declare_in(dj, SCHEMA, class_name, definition).await
}

async fn declare_in(
    dj: &Instance,
    schema: &str,
    class_name: &str,
    definition: &str,
) -> datajoint::DynamicTable {
    let declaration = DynamicDeclaration { schema, class_name, tier: Tier::Manual, definition, master: None };
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
        // What SQLite checks stays as it was declared: whoever does what it says instead has the members, and all rows.
        assert!(dj.backend().capability().has_storage_classes, "{advice}");
        assert!(advice.contains("dj export dj_conformance_members.mouse FOLDER --descendants"), "{advice}");
        let folder = tempfile::tempdir().unwrap();
        Export::new(dj, &Probe).with_descendants().to(folder.path()).await.unwrap();
        dj.table("dj_conformance_members.probe").await.unwrap().drop(dj).confirmed().await.unwrap();
        let anew = dj.with_settings(|_| {});
        anew.activate::<grown::Pipeline>().await.unwrap();
        Import::new(&anew, folder.path()).run().await.unwrap();
        assert_eq!(Insertion.fetch(&anew).await.unwrap().len(), 1);
        Probe.insert_one(&anew, ProbeRow { side: ProbeSide::Middle }).await.unwrap();
        Insertion.insert_one(&anew, InsertionRow { side: ProbeSide::Middle, depth: 2 }).await.unwrap();
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
        if statement.starts_with("DO ") {
            assert!(report.contains("`sex` is declared"), "a type alone changes no column: {report}");
            continue;
        }
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

/// The order of an enum is that of its column, whatever its definition says, for whatever looks at it: a delete takes what a
/// fetch showed.
pub async fn an_enum_has_the_order_of_its_column(dj: &Instance, _: Capabilities) {
    use reordered::{Graded, GradedGrade as Grade, GradedRow, Regraded, RegradedRow};

    const SCHEMA: &str = "dj_conformance_members_order";
    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    declare_in(dj, SCHEMA, "Graded", "grade : enum('a', 'b', 'c')").await;
    let report = dj.activate::<reordered::Pipeline>().await.unwrap().to_string();
    assert!(report.contains("`grade`"), "{report}");
    // Once as it was activated, and once as a later program finds it.
    for dj in [dj.clone(), dj.with_settings(|_| {})] {
        let all = [Grade::A, Grade::B, Grade::C];
        let rows = all.map(|grade| GradedRow { grade });
        Graded.insert_with(&dj, rows, InsertOptions::new().skip_duplicates()).await.unwrap();
        let rows = (0..).zip(all).map(|(n, grade)| RegradedRow { grade, n });
        Regraded.insert_with(&dj, rows, InsertOptions::new().skip_duplicates()).await.unwrap();
        let grades =
            async |query: datajoint::Query<GradedRow>| query.column(&dj, Graded::grade).await.unwrap();
        assert_eq!(grades(Graded.order_by("grade")).await, all);
        assert_eq!(grades(Graded.limit(1)).await, [Grade::A]);
        assert_eq!(grades((Graded & Graded::grade.lt(Grade::B)).order_by("grade")).await, [Grade::A]);
        assert_eq!(grades((Graded & sql("grade < 'b'", ())).order_by("grade")).await, [Grade::A]);
        let between = Graded & Graded::grade.between(Grade::B, Grade::C);
        assert_eq!(grades(between.order_by("grade")).await, [Grade::B, Grade::C]);
        let last = U(()).aggr(&Graded, compute("last", "max(grade)"));
        assert_eq!(last.fetch_one(&dj).await.unwrap().get("last"), Ok("c".to_owned()));
        let pairs = (Graded * Regraded).order_by("grade").fetch_json(&dj).await.unwrap();
        let shown: Vec<String> =
            pairs.iter().map(|row| format!("{}{}", row["grade"], row["n"]).replace('"', "")).collect();
        assert_eq!(shown, ["a0", "b1", "c2"]);
        let low = Graded & Graded::grade.lt(Grade::B);
        assert_eq!(low.count(&dj).await.unwrap(), 1);
        assert_eq!(low.delete(&dj).confirmed().await.unwrap().total(), 2);
        assert_eq!(grades(Graded.order_by("grade")).await, [Grade::B, Grade::C]);
        assert_eq!(Graded.limit(1).delete(&dj).confirmed().await.unwrap().total(), 2);
        assert_eq!(grades(Graded.order_by("grade")).await, [Grade::C]);
        let above = Graded & Graded::grade.gt(Grade::A);
        assert_eq!(above.delete_quick(&dj).confirmed().await.map_err(|_| ()), Err(()), "it has a child");
        Regraded.delete_quick(&dj).confirmed().await.unwrap();
        assert_eq!(above.delete_quick(&dj).confirmed().await.unwrap().total(), 1);
    }
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
}

/// A member that the column lacks equals no row on any road, has its place in the order, and a delete takes what is shown.
pub async fn a_member_that_the_column_lacks_is_compared(dj: &Instance, _: Capabilities) {
    use between::{Grown, GrownKey, GrownLevel as Level, GrownRow, GrownX as X};

    const SCHEMA: &str = "dj_conformance_members_between";
    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    declare_in(dj, SCHEMA, "Grown", "level : enum('lo', 'hi')\nid : int32\n---\nx = null : enum('p', 'r')")
        .await;
    dj.activate::<between::Pipeline>().await.unwrap();
    let row = |level, id, x| GrownRow { level, id, x };
    let rows = [row(Level::Lo, 1, Some(X::P)), row(Level::Hi, 1, Some(X::R)), row(Level::Hi, 2, None)];
    let key = |level, id| GrownKey { level, id };
    let many = |level| (0..1200).map(move |id| key(level, id)).collect::<Vec<_>>();
    let conditions: Vec<(&str, datajoint::Query<GrownRow>, u64)> = vec![
        ("eq", Grown & Grown::level.eq(Level::Mid), 0),
        ("ne", Grown & Grown::level.ne(Level::Mid), 3),
        ("lt", Grown & Grown::level.lt(Level::Mid), 1),
        ("le", Grown & Grown::level.le(Level::Mid), 1),
        ("gt", Grown & Grown::level.gt(Level::Mid), 2),
        ("ge", Grown & Grown::level.ge(Level::Mid), 2),
        ("between", Grown & Grown::level.between(Level::Mid, Level::Hi), 2),
        ("is_in", Grown & Grown::level.is_in([Level::Mid, Level::Lo]), 1),
        ("not in", Grown - Grown::level.is_in([Level::Mid, Level::Lo]), 2),
        ("key", Grown & key(Level::Mid, 1), 0),
        ("keys", Grown & vec![key(Level::Mid, 1), key(Level::Hi, 1)], 1),
        ("many keys", Grown & many(Level::Mid), 0),
        ("many keys of others", Grown & many(Level::Hi), 2),
        ("mapping", Grown & [("level", "mid")], 0),
        ("sql", Grown & sql("level = ?", ["mid"]), 0),
        ("sql in", Grown & sql("level in ('mid', 'lo')", ()), 1),
        ("sql <", Grown & sql("level < ?", ["mid"]), 1),
        ("sql >", Grown & sql("level > 'mid'", ()), 2),
        ("null eq", Grown & Grown::x.eq(X::Q), 0),
        ("null ne", Grown & Grown::x.ne(X::Q), 2),
        ("null lt", Grown & Grown::x.lt(X::Q), 1),
        ("not", Grown - Grown::x.lt(X::Q), 2),
    ];
    for (name, query, expected) in conditions {
        Grown.insert_with(dj, rows.clone(), InsertOptions::new().skip_duplicates()).await.unwrap();
        assert_eq!(query.count(dj).await.map_err(|error| error.to_string()), Ok(expected), "{name}");
        assert_eq!(query.fetch(dj).await.unwrap().len() as u64, expected, "{name}");
        let gone = query.delete(dj).confirmed().await.map(|report| report.total());
        assert_eq!(gone.map_err(|error| error.to_string()), Ok(expected), "{name}");
    }
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
}

/// What adds a member to an enum changes no other column.
pub async fn what_adds_a_member_changes_no_other_column(dj: &Instance, _: Capabilities) {
    use shared::{One, OneRow, OneX, Two, TwoRow, TwoX};

    const SCHEMA: &str = "dj_conformance_members_shared";
    let _ = dj.drop_schema(SCHEMA).confirmed().await;
    declare_in(dj, SCHEMA, "One", "id : int32\n---\nx = 'p' : enum('p', 'q')").await;
    declare_in(dj, SCHEMA, "Two", "id : int32\n---\nx = null : enum('p', 'q')").await;
    declare_in(dj, SCHEMA, "Three", "id : int32\n---\nx = null : enum('p', 'q', 'r')").await;
    dj.activate::<shared::Shared>().await.unwrap();
    One.insert_one(dj, OneRow { id: 1, x: OneX::Q }).await.unwrap();
    Two.insert_one(dj, TwoRow { id: 1, x: Some(TwoX::Q) }).await.unwrap();
    let error = One.insert_one(dj, OneRow { id: 2, x: OneX::R }).await.unwrap_err();
    let Error::FewerMembers { advice, .. } = error else { panic!("{error:?}") };
    if let Some(statements) = advice.strip_prefix("alter it with `").and_then(|text| text.strip_suffix('`')) {
        for statement in statements.split("`, `") {
            let mut connection = dj.database().acquire().await.unwrap();
            connection.execute(&datajoint_sql::Statement::plain(statement)).await.unwrap();
        }
        let dj = dj.with_settings(|_| {});
        let report = dj.activate::<shared::Shared>().await.unwrap().to_string();
        assert!(!report.contains("differs"), "{report}");
        One.insert_one(&dj, OneRow { id: 2, x: OneX::R }).await.unwrap();
        let only_key = DynamicRow::new().with("id", 3_i64).unwrap();
        let one = dj.schema(SCHEMA).await.unwrap().table("One").unwrap();
        one.insert_one(&dj, only_key).await.unwrap();
        let shown = One.order_by("id").column(&dj, One::x).await.unwrap();
        assert_eq!(shown, [OneX::Q, OneX::R, OneX::P]);
        let two = dj.schema(SCHEMA).await.unwrap().table("Two").unwrap();
        let outside = DynamicRow::new().with("id", 2_i64).unwrap().with("x", "r").unwrap();
        assert!(two.insert_one(&dj, outside).await.is_err(), "another column has got the member");
    } else {
        assert!(dj.backend().capability().has_storage_classes, "{advice}");
    }
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
}

/// Members with every sign that a list of them could be written with: declared, found, described, and copied.
pub async fn hostile_members_come_back_on_every_road(dj: &Instance, _: Capabilities) {
    const SCHEMA: &str = "dj_conformance_members_hostile";
    const OTHER: &str = "dj_conformance_members_hostile_too";
    const MEMBERS: [&str; 16] = [
        "null", "a,b", "a\"b", "a\\\\b", "{", "}", "{}", "\"", "(x)", "[1]", "a'b", " lead", "é", "a:b",
        "--", "%s",
    ];
    for schema in [SCHEMA, OTHER] {
        let _ = dj.drop_schema(schema).confirmed().await;
    }
    let written = MEMBERS.map(|member| format!("'{}'", member.replace('\'', "''"))).join(", ");
    let is_refused = async |definition: &str| {
        let declaration = DynamicDeclaration {
            schema: SCHEMA,
            class_name: "Refused",
            tier: Tier::Manual,
            definition,
            master: None,
        };
        dj.declare_dynamic(declaration).await.map(drop).map_err(|error| error.to_string())
    };
    // The driver of PostgreSQL could not read the table.
    let outcome = is_refused("id : int32\n---\ne = null : enum('a', 'NULL')").await;
    if dj.backend().capability().reads_null_as_member {
        let table = dj.table(&format!("{SCHEMA}.Refused")).await.unwrap();
        table.insert_one(dj, datajoint::types::serde_json::json!({"id": 1, "e": "NULL"})).await.unwrap();
        assert_eq!(table.fetch_json(dj).await.unwrap()[0]["e"], "NULL");
    } else {
        assert!(outcome.unwrap_err().contains("a member 'NULL' can't be read"));
    }
    let definition = format!("id : int32\n---\ne = 'a,b' : enum({written}) # it's, \"of\" {{all}}, NULL");
    let table = declare_in(dj, SCHEMA, "Hostile", &definition).await;
    let rows: Vec<_> = (0..).zip(MEMBERS).collect();
    let given = rows.iter().map(|(id, member)| {
        DynamicRow::new().with("id", *id).unwrap().with("e", (*member).to_owned()).unwrap()
    });
    table.insert(dj, given.collect::<Vec<_>>()).await.unwrap();
    table.insert_one(dj, DynamicRow::new().with("id", 99).unwrap()).await.unwrap();
    let shown = async |table: &datajoint::DynamicTable| {
        let found = table.order_by("id").column_as::<String>(dj, "e").await.unwrap();
        let mut wanted: Vec<&str> = MEMBERS.to_vec();
        wanted.push("a,b");
        assert_eq!(found, wanted);
    };
    shown(&table).await;
    for member in MEMBERS {
        let one = &table & [("e", member)];
        assert!(one.count(dj).await.unwrap() >= 1, "{member}");
    }
    // As somebody finds it who knows nothing of it, and as he declares what it says.
    let later = dj.with_settings(|_| {});
    let found = later.table(&format!("{SCHEMA}.Hostile")).await.unwrap();
    shown(&found).await;
    let again = declare_in(&later, SCHEMA, "Again", &found.describe().unwrap()).await;
    assert_eq!(again.describe().unwrap().lines().count(), found.describe().unwrap().lines().count());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export");
    datajoint_transfer::Export::new(dj, &table).to(&path).await.unwrap();
    datajoint_transfer::Import::new(dj, &path).schema(SCHEMA, OTHER).run().await.unwrap();
    shown(&dj.table(&format!("{OTHER}.Hostile")).await.unwrap()).await;
    for schema in [SCHEMA, OTHER] {
        dj.drop_schema(schema).confirmed().await.unwrap();
    }
}
