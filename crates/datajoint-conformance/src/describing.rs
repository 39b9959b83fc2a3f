//! What `describe` says of a table declares the same table.

use std::fmt::Write as _;

use datajoint::prelude::*;
use datajoint::{Backend, DynamicDeclaration, DynamicTable, Tier};
use datajoint_schema::{Table, describe};
use datajoint_sql::Statement;

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_describing";

static TURN: Turn = Turn::new(SCHEMA);

const TYPES: [(&str, &[&str]); 15] = [
    ("int8", &["", "= 7 ", "= -1 ", "= null "]),
    ("int16", &["", "= 7 "]),
    ("int32", &["", "= null "]),
    ("int64", &["", "= 70000000000 "]),
    ("float64", &["", "= 0.5 ", "= null "]),
    ("bool", &["", "= 1 ", "= false "]),
    ("decimal(8, 2)", &["", "= 1.25 ", "= null "]),
    ("varchar(40)", &["", "= '' ", "= \"it's\" ", "= 'a \"b\"' ", "= 'a:b#c;--' ", "= null "]),
    ("char(3)", &["", "= 'abc' "]),
    ("date", &["", "= '2024-02-29' "]),
    ("datetime", &["", "= CURRENT_TIMESTAMP "]),
    ("datetime(3)", &["", "= null "]),
    ("uuid", &["", "= null "]),
    ("json", &["", "= null "]),
    ("enum('x', 'it''s', 'a,b')", &["", "= 'x' ", "= null "]),
];
/// Types of one database, as older pipelines have them; each is declared where it is held.
const LEGACY: [(&str, &[&str]); 24] = [
    ("int", &["", "= 7 ", "= null "]),
    ("INTEGER", &[""]),
    ("int unsigned", &["", "= 3000000000 "]),
    ("tinyint", &["= -1 "]),
    ("tinyint(1)", &["", "= 1 "]),
    ("tinyint unsigned", &["= 255 "]),
    ("smallint", &["", "= null "]),
    ("mediumint", &[""]),
    ("bigint", &["= 70000000000 "]),
    ("bigint unsigned", &["= null "]),
    ("float", &["", "= 0.5 "]),
    ("double", &["= 2.5 ", "= null "]),
    ("decimal(5)", &["= 12 "]),
    ("numeric(7,3)", &["", "= 1.250 "]),
    ("time", &["", "= null "]),
    ("timestamp", &["= CURRENT_TIMESTAMP ", "= null "]),
    ("year", &[""]),
    ("longblob", &["", "= null "]),
    ("mediumblob", &["= null "]),
    ("text", &["= null "]),
    ("longtext", &["= null "]),
    ("varchar (12)", &["= 'a' "]),
    ("bit(8)", &["= null "]),
    ("set('a', 'b c')", &["= null "]),
];
const CODECS: [(&str, &[&str]); 3] =
    [("<blob>", &["", "= null "]), ("<attach>", &["= null "]), ("bytes", &["", "= null "])];
const COMMENTS: [&str; 6] = ["", "# plain", "# it's \"quoted\"", "# a:b; -- c", "# \\back\\slash", "# é µ"];

async fn declare(
    dj: &Instance,
    (class_name, tier, master): (&str, Tier, Option<&str>),
    definition: &str,
) -> DynamicTable {
    let declared =
        dj.declare_dynamic(DynamicDeclaration { schema: SCHEMA, class_name, tier, master, definition });
    declared.await.unwrap_or_else(|error| panic!("{definition}: {error}"));
    // As it is found, not as it was asked for.
    let name = master.map_or_else(|| class_name.to_owned(), |master| format!("{master}.{class_name}"));
    dj.schema(SCHEMA).await.unwrap().table(&name).unwrap()
}

/// The description without what the name of the table brings.
fn shape(table: &Table) -> String {
    describe(table, std::string::ToString::to_string).unwrap()
}

/// Random tables of every type, parts of parts' kin, and tables that other programs made.
pub async fn a_description_declares_the_same_table(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    declare(dj, ("M", Tier::Manual, None), "m : int32").await;
    declare(dj, ("P", Tier::Part, Some("M")), "-> master\np : int16").await;
    // Its name is that of the part, without the point.
    declare(dj, ("MP", Tier::Manual, None), "mp : int32").await;
    let mut state = 1_u64;
    let mut pick = |count: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % count
    };
    for number in 0..12 {
        let mut definition =
            format!("{}\nid : int32\n", COMMENTS[pick(COMMENTS.len())].replace("# ", "# of "));
        for parent in ["-> M\n", "-> M.P\n", "-> MP\n", "-> M.P.proj(first='m', second='p')\n"] {
            if pick(3) == 0 {
                definition.push_str(parent);
            }
        }
        definition.push_str("---\n");
        for attribute in 0..pick(7) {
            let (kind, defaults) = TYPES[pick(TYPES.len())];
            let (default, comment) = (defaults[pick(defaults.len())], COMMENTS[pick(COMMENTS.len())]);
            writeln!(definition, "a{attribute} {default}: {kind}  {comment}").unwrap();
        }
        definition.push_str(
            [
                "",
                "-> [nullable] M.proj(other='m')\n",
                "n : int32\nindex (n)\n",
                "u : int16\nunique index (u, id)\n",
            ][pick(4)],
        );
        let class = format!("Given{}", ["A", "B", "C", "D"][number % 4].repeat(number / 4 + 1));
        let given = declare(dj, (&class, Tier::Manual, None), &definition).await;
        let again = declare(dj, (&format!("{class}Z"), Tier::Manual, None), &given.describe().unwrap()).await;
        assert_eq!(shape(given.table()), shape(again.table()), "{definition}\n{}", given.describe().unwrap());
        assert_eq!(given.describe().unwrap(), again.describe().unwrap());
        if definition.contains("-> M.P\n") {
            assert!(given.describe().unwrap().contains("-> M.P\n"), "{}", given.describe().unwrap());
        }
    }
    if dj.backend().is_mysql_family() {
        of_other_programs(dj).await;
    }
    turn.end(dj).await;
}

/// Any definition, types of older pipelines included: what is described, declared and read again differs in nothing from what
/// was described.
pub async fn any_table_is_the_one_that_its_description_declares(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    declare(dj, ("M", Tier::Manual, None), "m : int32").await;
    declare(dj, ("P", Tier::Part, Some("M")), "-> master\np : int16").await;
    let held = |kind: &str, in_key: bool| {
        let parsed = datajoint::definition::AttributeType::parse(kind).unwrap();
        datajoint::definition::unheld_type(dj.backend(), "a", None, &parsed, in_key).is_none()
    };
    let types: Vec<(&str, &[&str])> =
        TYPES.iter().chain(&LEGACY).chain(&CODECS).copied().filter(|(kind, _)| held(kind, false)).collect();
    let mut state = 7_u64;
    let mut pick = |count: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % count
    };
    let mut next = 0;
    for number in 0..30 {
        let mut definition = format!("{}\n", COMMENTS[pick(COMMENTS.len())].replace("# ", "# of "));
        let key = ["int32", "int", "varchar(12)", "date", "uuid", "char(4)", "bigint"][pick(7)];
        writeln!(definition, "id : {key}  {}", COMMENTS[pick(COMMENTS.len())]).unwrap();
        for parent in ["-> M\n", "-> M.P\n", "-> M.P.proj(first='m', second='p')\n"] {
            if pick(3) == 0 {
                definition.push_str(parent);
            }
        }
        definition.push_str("---\n");
        // Every type comes in turn.
        for attribute in 0..4 {
            let (kind, defaults) = types[next % types.len()];
            next += 1;
            let (default, comment) = (defaults[pick(defaults.len())], COMMENTS[pick(COMMENTS.len())]);
            writeln!(definition, "a{attribute} {default}: {kind}  {comment}").unwrap();
        }
        definition.push_str(
            [
                "",
                "-> [nullable] M.proj(other='m')\n",
                "-> [unique] M.proj(other='m')\n",
                "-> [nullable, unique] M.P.proj(other='m', another='p')\n",
                "n : int32\nindex (n)\nunique index (n, id)\n",
                "-> [nullable] M.proj(other='m')\nother : int32\n",
            ][pick(6)],
        );
        let tier = [Tier::Manual, Tier::Lookup, Tier::Imported][pick(3)];
        let class = format!("Any{}", ["A", "B", "C", "D", "E", "F"][number % 6].repeat(number / 6 + 1));
        let given = declare(dj, (&class, tier, None), &definition).await;
        let text = given.describe().unwrap();
        let again = declare(dj, (&format!("{class}Z"), tier, None), &text).await;
        let sides = [datajoint_schema::Side::Database; 2];
        let renamed = as_named(again.table(), given.table());
        let differences = datajoint_sql::comparison(sides, dj.backend(), given.table(), &renamed);
        assert_eq!(differences, [], "{}\n{definition}\n{text}", dj.backend());
        assert_eq!(text, again.describe().unwrap());
    }
    turn.end(dj).await;
}

/// A table under the name of another one.
fn as_named(table: &Table, other: &Table) -> Table {
    let attributes = table.heading.all().iter().map(|attribute| {
        let mut attribute = (**attribute).clone();
        if let Some(lineage) = attribute.lineage.as_mut().filter(|lineage| lineage.table == table.name) {
            lineage.table.clone_from(&other.name);
        }
        attribute
    });
    let heading = datajoint_schema::Heading::new(attributes.collect::<Vec<_>>());
    Table { name: other.name.clone(), class_name: other.class_name.clone(), heading, ..table.clone() }
}

/// Types that this library does not make.
async fn of_other_programs(dj: &Instance) {
    assert!(matches!(dj.backend(), Backend::Mysql | Backend::Mariadb));
    let create = format!(
        "CREATE TABLE `{SCHEMA}`.`old` (`id` int unsigned NOT NULL, `s` set('a','b c','it''s') DEFAULT NULL, \
         `b` bit(8) NOT NULL, `v` varbinary(20) DEFAULT NULL, `f` binary(4) DEFAULT NULL, `y` year NOT NULL, \
         `m` mediumint NOT NULL, `t` tinytext, `d` double(5,2) DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB"
    );
    dj.database().acquire().await.unwrap().script(&[Statement::plain(create)]).await.unwrap();
    let old = dj.schema(SCHEMA).await.unwrap().table("Old").unwrap();
    let again = declare(dj, ("OldAgain", Tier::Manual, None), &old.describe().unwrap()).await;
    assert_eq!(shape(old.table()), shape(again.table()));
}
