//! Declaration and activation.

use datajoint::prelude::*;

use datajoint::{DynamicDeclaration, Error};

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
    // A row that is not as the contents say is told, and stays.
    let faster = tables::MethodRow { method: "slow".to_owned(), speed: 9 };
    tables::Method.update_one(dj, faster).await.unwrap();
    let again = dj.activate::<tables::Pipeline>().await.unwrap();
    let told: Vec<(String, u64)> =
        again.outdated.iter().map(|(table, rows)| (table.to_string(), *rows)).collect();
    assert_eq!(told, [("dj_conformance_declaring.#method".to_owned(), 1)], "{again}");
    assert_eq!((tables::Method & tables::Method::speed.eq(9)).count(dj).await.unwrap(), 1);
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

mod lacking {
    use datajoint::prelude::*;

    schema!("dj_conformance_lacking");

    #[table(Manual)]
    /// mouse_id : int32
    /// ---
    /// strain = null : varchar(30)
    /// name = null : varchar(30)
    /// n = null : int32
    pub(super) struct Mouse;

    pipeline! {
        pub(super) struct Pipeline { Mouse }
    }
}

/// An attribute that was added to a definition after its table was declared is reported, and an error of the statements
/// that name it.
pub async fn an_attribute_that_the_table_lacks_is_named(dj: &Instance, _: Capabilities) {
    use lacking::{Mouse, MouseRow};

    let schema = "dj_conformance_lacking";
    let _ = dj.drop_schema(schema).confirmed().await;
    let older = DynamicDeclaration {
        schema,
        class_name: "Mouse",
        tier: datajoint::Tier::Manual,
        definition: "mouse_id : int32",
        master: None,
    };
    let older = dj.declare_dynamic(older).await.unwrap();
    older.insert_one(dj, DynamicRow::new().with("mouse_id", 1).unwrap()).await.unwrap();
    let report = dj.activate::<lacking::Pipeline>().await.unwrap();
    assert!(report.to_string().contains("strain"), "{report}");
    let text = |outcome: Result<String, Error>| outcome.unwrap_err().to_string();
    let mut advice = String::new();
    for said in [
        text(Mouse.fetch(dj).await.map(|rows| format!("{rows:?}"))),
        text((Mouse & Mouse::strain.is_not_null()).count(dj).await.map(|rows| rows.to_string())),
        text((Mouse & Mouse::strain.eq("strain")).count(dj).await.map(|rows| rows.to_string())),
        text(
            Mouse
                .insert_one(dj, MouseRow { mouse_id: 2, strain: None, name: None, n: None })
                .await
                .map(|()| String::new()),
        ),
    ] {
        assert!(said.contains("mouse") && said.contains("`strain`"), "{said}");
        assert!(said.contains("ALTER TABLE"), "{said}");
        advice = said;
    }
    // Another column that is not there is none of those that the table lacks, whatever they are called.
    let others = [
        (&older & sql("mouse_id > ? and sexx <> 'M'", [0])).count(dj).await.map(drop),
        older.proj(compute("x", "mouse_idd + 1")).fetch(dj).await.map(drop),
        async {
            let misspelt = datajoint_sql::table_reference(dj.backend(), &older.table().name);
            let statement = datajoint_sql::Statement::plain(format!("SELECT mouse_idd FROM {misspelt}"));
            dj.begin().await?.connection().fetch(&statement).await?;
            Ok(())
        }
        .await,
    ];
    for other in others {
        let error = other.unwrap_err();
        assert!(!matches!(error, Error::NotAltered { .. }), "{error}");
    }
    // Whoever does what it says has the table of the definition.
    let (_, statements) = advice.split_once("add them with `").unwrap();
    let (statements, _) = statements.split_once("`, or take them out").unwrap();
    let mut connection = dj.database().acquire().await.unwrap();
    for statement in statements.split("`, `") {
        connection.execute(&datajoint_sql::Statement::plain(statement)).await.unwrap();
    }
    drop(connection);
    let altered = dj.with_settings(|_| {});
    let report = altered.activate::<lacking::Pipeline>().await.unwrap();
    assert!(report.is_unchanged(), "{report}");
    let row = MouseRow { mouse_id: 2, strain: Some("B6".to_owned()), name: None, n: None };
    Mouse.insert_one(&altered, row).await.unwrap();
    assert_eq!((Mouse & Mouse::strain.is_null()).count(&altered).await.unwrap(), 1);
    dj.drop_schema(schema).confirmed().await.unwrap();
}

/// Names that come as text pass what `schema!` and `#[table]` ask: nothing hidden is declared, and no two names are one.
pub async fn names_of_text_are_checked_as_those_of_programs(dj: &Instance, _: Capabilities) {
    let schema = "dj_conformance_named";
    let _ = dj.drop_schema(schema).confirmed().await;
    let declare = |schema, class_name| {
        dj.declare_dynamic(DynamicDeclaration {
            schema,
            class_name,
            tier: datajoint::Tier::Manual,
            definition: "id : int32",
            master: None,
        })
    };
    for class in
        ["~environment", "~~subject", "~lineage", "", "a\"b", "x.y", "A b", "__x", "#Sub", "sub", "S\u{e9}"]
    {
        let error = declare(schema, class).await.unwrap_err();
        assert!(matches!(error, Error::Definition { .. }), "{class}: {error}");
    }
    for name in ["", " ", "~x", "a.b", "la\nb", "a\"b", "a`b", "a'b", "a\\b"] {
        let error = declare(name, "Subject").await.unwrap_err();
        assert!(matches!(error, Error::Definition { .. }), "{name}: {error}");
    }
    assert!(!dj.list_schemas().await.unwrap().iter().any(|known| known == schema));
    let _ = declare(schema, "Subject").await.unwrap();
    if dj.backend() == datajoint::Backend::Sqlite {
        let error = declare("DJ_Conformance_named", "Subject").await.unwrap_err();
        assert!(matches!(&error, Error::OtherCase { there, .. } if there == schema), "{error}");
    }
    dj.drop_schema(schema).confirmed().await.unwrap();
}

/// What a backend can't hold is refused before anything is written.
pub async fn what_can_not_be_declared_leaves_nothing(dj: &Instance, _: Capabilities) {
    let schema = "dj_conformance_refused";
    let _ = dj.drop_schema(schema).confirmed().await;
    let declaration = |schema, class_name, definition| DynamicDeclaration {
        schema,
        class_name,
        tier: datajoint::Tier::Manual,
        definition,
        master: None,
    };
    let _ = dj
        .declare_dynamic(declaration(schema, "Parent", "id : int32\n---\nsex : enum('M', 'F')"))
        .await
        .unwrap();
    let long = "A".to_owned() + &"b".repeat(63);
    let nearly = "A".to_owned() + &"b".repeat(59);
    let refused = [
        declaration(schema, &long, "-> Parent"),
        declaration(schema, &nearly, "-> Parent"),
        declaration(schema, "Other", "id : int32\n---\nsex : enum('F', 'M')"),
        declaration(schema, "Emoji", "id : int32   # \u{1f42d}"),
        declaration(schema, "Filled", "id : int32\n---\nv = '\u{1f42d}' : varchar(40)"),
        declaration(schema, "Blank", "id : int32\n---\nv : enum('x', 'trail ')"),
        declaration(schema, "Longblob", "id : int32\n---\nv = null : longblob"),
        declaration(schema, "Year", "id : int32\n---\nv = null : year"),
        declaration(schema, "Nothing", "id : int32\n---\nv = null : char(0)"),
        declaration(schema, "Longer", "id : int32\n---\nv = null : char(256)"),
        declaration(schema, "Longest", "id : int32\n---\nv = null : varchar(16384)"),
        declaration(schema, "Endless", "id : int32\n---\nv = null : varchar(10485761)"),
        declaration(schema, "Precise", "id : int32\n---\nv = null : decimal(66, 31)"),
    ];
    // `parent__`, and so much that it is a name of 73 characters: for every backend too long.
    let part = "P".to_owned() + &"b".repeat(64);
    let part = DynamicDeclaration {
        tier: datajoint::Tier::Part,
        master: Some("Parent"),
        ..declaration(schema, &part, "-> master\nnumber : int8")
    };
    let error = dj.declare_dynamic(part).await.unwrap_err().to_string();
    assert!(error.contains("73"), "{error}");
    let mut tables = 1;
    for declaration in refused {
        match dj.declare_dynamic(declaration).await {
            Ok(_) => tables += 1,
            Err(error) => {
                let said = error.to_string();
                let reasons = ["allow", "keep", "in another order", "drops the blanks", "has no type"];
                assert!(reasons.iter().any(|reason| said.contains(reason)), "{said}");
                let class = declaration.class_name.to_ascii_lowercase();
                assert!(said.to_ascii_lowercase().contains(&class), "{said}");
            }
        }
    }
    assert_eq!(dj.schema(schema).await.unwrap().list_tables().len(), tables);
    assert_eq!(tables_of_lineage(dj, schema).await, tables, "rows of lineage");
    let system = match dj.backend() {
        datajoint::Backend::Postgresql => "pg_catalog",
        datajoint::Backend::Sqlite => "sqlite_x",
        _ => "mysql",
    };
    let error = dj.declare_dynamic(declaration(system, "Mine", "id : int32")).await.unwrap_err();
    assert!(matches!(error, Error::SystemSchema { .. }), "{error}");
    dj.drop_schema(schema).confirmed().await.unwrap();
}

/// How many tables have rows in the hidden table of lineage.
async fn tables_of_lineage(dj: &Instance, schema: &str) -> usize {
    let question = format!(
        "SELECT count(DISTINCT table_name) FROM {}",
        datajoint_sql::table_reference(dj.backend(), &datajoint_schema::TableName::lineage(schema))
    );
    let question = datajoint_sql::Statement::plain(question);
    let answer = dj.database().acquire().await.unwrap().fetch(&question).await.unwrap();
    let datajoint::Value::Int(tables) = answer[0][0] else { panic!("{answer:?}") };
    usize::try_from(tables).unwrap()
}

/// A table that the server refuses leaves no lineage behind, and is told with what to do about the table.
pub async fn what_a_server_refuses_to_declare_leaves_nothing(dj: &Instance, _: Capabilities) {
    let schema = "dj_conformance_too_large";
    let _ = dj.drop_schema(schema).confirmed().await;
    let lines = |count: usize, line: &dyn Fn(usize) -> String| {
        (0..count).fold("id : int32\n---\n".to_owned(), |text, number| text + &line(number) + "\n")
    };
    let members = (0..400).map(|number| format!("'m{number}'")).collect::<Vec<_>>().join(", ");
    let long = "c".repeat(1100);
    // Each with what the advice names, where a server refuses it.
    let definitions = [
        ("Wide", lines(2100, &|number| format!("a{number} = null : int8")), "a table of its own"),
        (
            "Keyed",
            lines(40, &|number| format!("k{number} : int8")).replace("---\n", ""),
            "a table of its own",
        ),
        ("Rows", lines(4, &|number| format!("v{number} : varchar(16000)")), "shorter types"),
        ("Key", "name : varchar(3000)".to_owned(), "shorter types"),
        ("Indexed", lines(70, &|number| format!("a{number} : int8\nindex (a{number})")), "indexes"),
        ("Commented", format!("id : int32  # {long}"), "shorten it"),
        ("Titled", format!("# {long}{long}\nid : int32"), "shorten it"),
        ("Members", format!("id : int32\n---\nlevel : enum({members})"), "lookup table"),
        ("Filled", "id : int32\n---\nv = 'x' : text".to_owned(), "in another way"),
    ];
    let declare = |class_name, definition| {
        let tier = datajoint::Tier::Manual;
        dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master: None, definition })
    };
    let mut refused = Vec::new();
    for (class, definition, advice) in &definitions {
        if let Err(error) = declare(class, definition).await {
            let said = error.to_string();
            assert!(said.contains(advice) && !said.contains("query"), "{class}: {said}");
            refused.push(*class);
        }
    }
    let capability = dj.backend().capability();
    assert!(refused.contains(&"Wide"), "{refused:?}");
    assert!(capability.undoes_declarations || refused.len() > 7, "{refused:?}");
    let there = definitions.len() - refused.len();
    assert_eq!(dj.schema(schema).await.unwrap().list_tables().len(), there);
    assert_eq!(tables_of_lineage(dj, schema).await, there, "rows of lineage; {refused:?}");
    // One of these names is free.
    for class in refused {
        let _ = declare(class, "id : int32").await.unwrap();
    }
    assert_eq!(tables_of_lineage(dj, schema).await, definitions.len());
    dj.drop_schema(schema).confirmed().await.unwrap();
}

/// What a declaration needs is read by name, however far above it stands and however its parent is called.
pub async fn tables_are_declared_one_by_one_below_what_is_there(dj: &Instance, _: Capabilities) {
    let (above, below) = ("dj_conformance_above", "dj_conformance_below");
    for schema in [below, above] {
        let _ = dj.drop_schema(schema).confirmed().await;
    }
    let declarations = [
        (above, "Site", datajoint::Tier::Lookup, None, "site : uuid\nkind : enum('lab', 'field')"),
        (above, "Subject", datajoint::Tier::Manual, None, "-> Site\nsubject : varchar(12)"),
        (
            below,
            "Session",
            datajoint::Tier::Imported,
            None,
            "-> dj_conformance_above.Subject\nbegun : datetime(3)",
        ),
        (below, "Trial", datajoint::Tier::Part, Some("Session"), "-> master\ntrial : decimal(5,2)"),
        (
            below,
            "Spikes",
            datajoint::Tier::Computed,
            None,
            "-> Session.Trial\n---\n-> [nullable] dj_conformance_above.Site.proj(seen='site', how='kind')",
        ),
        // As it is called in the database, and a part by the name of both.
        (below, "Rates", datajoint::Tier::Computed, None, "-> __spikes"),
        (below, "Shapes", datajoint::Tier::Computed, None, "-> SessionTrial\n---\n-> Rates"),
    ];
    for (schema, class_name, tier, master, definition) in declarations {
        let declaration = DynamicDeclaration { schema, class_name, tier, master, definition };
        let declared = dj.declare_dynamic(declaration).await.unwrap();
        // Whole schemas say the same of it.
        let name = declared.name().to_string();
        let whole = dj.table(&name).await.unwrap();
        assert_eq!(datajoint_sql::difference(dj.backend(), declared.table(), whole.table()), [], "{name}");
        let again = dj.declare_dynamic(declaration).await.unwrap();
        assert_eq!(again.differences(), [], "{name}");
        assert_eq!(again.table(), whole.table(), "{name}");
    }
    for (class_name, definition, said) in
        [("Lost", "-> Sesion", "Session"), ("Away", "-> dj_conformance_above.Sight", "Site")]
    {
        let tier = datajoint::Tier::Manual;
        let declaration = DynamicDeclaration { schema: below, class_name, tier, master: None, definition };
        let error = dj.declare_dynamic(declaration).await.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    for schema in [below, above] {
        dj.drop_schema(schema).confirmed().await.unwrap();
    }
}
