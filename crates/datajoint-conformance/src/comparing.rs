//! Code and lock are compared with what a database has.

use datajoint::definition::parse;
use datajoint::lock::Lock;
use datajoint::prelude::*;
use datajoint::schema::{Aspect, Declaration, Parent, Side, Table, Verdict, resolve};
use datajoint::{DynamicDeclaration, Tier};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_comparing";

static TURN: Turn = Turn::new(SCHEMA);

/// What the code says of a table, what the database has, and what of it differs.
const CASES: [(&str, &str, &[Aspect]); 18] = [
    ("id : int32\n---\na : int8\nb : bool", "id : int32\n---\na : int8\nb : bool", &[]),
    ("id : int32  # one", "id : int32  # two", &[Aspect::Comment]),
    ("# one\nid : int32", "# two\nid : int32", &[Aspect::TableComment]),
    ("id : int32\n---\na : int8\nb : uuid", "id : int32\n---\nb : uuid\na : int8", &[Aspect::Order]),
    ("id : int32\n---\na = 1 : int8", "id : int32\n---\na = 2 : int8", &[Aspect::Default]),
    ("id : int32\n---\na = 0.50 : float64", "id : int32\n---\na = 0.5 : float64", &[]),
    ("id : int32\n---\na = null : date", "id : int32\n---\na : date", &[Aspect::Nullability]),
    ("id : int32\n---\na : varchar(9)", "id : int32\n---\na : varchar(8)", &[Aspect::Type]),
    ("id : int32\n---\na : <blob>", "id : int32\n---\na : bytes", &[Aspect::Type]),
    ("id : int32\n---\na : enum('x', 'y')", "id : int32\n---\na : enum('y', 'x')", &[Aspect::MemberOrder]),
    ("id : int32\n---\na : enum('x', 'y')", "id : int32\n---\na : enum('x')", &[Aspect::Members]),
    ("id : int32\n---\na : int8", "id : int32", &[Aspect::MissingAttribute]),
    ("id : int32", "id : int32\n---\na : int8", &[Aspect::ExtraAttribute]),
    ("id : int32\nnr : int8", "nr : int8\nid : int32", &[Aspect::Key]),
    ("id : int32\n---\na : int8\nindex (a)", "id : int32\n---\na : int8", &[Aspect::MissingIndex]),
    ("id : int32\n---\na : int8", "id : int32\n---\na : int8\nunique index (a)", &[Aspect::ExtraIndex]),
    ("-> Above", "above : int16", &[Aspect::Lineage, Aspect::MissingForeignKey]),
    (
        "-> Above\n---\n-> [nullable] Above.proj(b='above')",
        "-> Above\n---\n-> [nullable] Above.proj(b='above')",
        &[],
    ),
];

fn resolved(class_name: &str, text: &str, tier: Tier, parents: &[&Table]) -> Table {
    let (definition, _) = parse(text);
    let parents: Vec<Parent> =
        definition.foreign_keys().filter_map(|_| parents.first().map(|table| table.as_parent())).collect();
    let declaration = Declaration {
        schema: SCHEMA,
        class_name,
        tier,
        definition: &definition,
        parents: &parents,
        master: None,
    };
    resolve(&declaration).0
}

async fn declare(dj: &Instance, class_name: &str, tier: Tier, definition: &str) {
    let declaration = DynamicDeclaration { schema: SCHEMA, class_name, tier, master: None, definition };
    dj.declare_dynamic(declaration).await.unwrap_or_else(|error| panic!("{definition}: {error}"));
}

/// Each kind of difference, and none where there is none.
pub async fn what_differs_between_code_lock_and_database_is_told(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let above = resolved("Above", "above : int16", Tier::Manual, &[]);
    declare(dj, "Above", Tier::Manual, "above : int16").await;
    let mut tables = vec![above.clone()];
    let mut expected: Vec<(String, Vec<Aspect>)> = vec![("above".to_owned(), Vec::new())];
    for (number, (code, found, aspects)) in CASES.iter().enumerate() {
        let class = format!("C{}", "x".repeat(number + 1));
        declare(dj, &class, Tier::Manual, found).await;
        let table = resolved(&class, code, Tier::Manual, &[&above]);
        expected.push((table.name.table.clone(), aspects.to_vec()));
        tables.push(table);
    }
    expected.sort();
    let of = |compared: &[datajoint::schema::TableComparison]| -> Vec<(String, Vec<Aspect>)> {
        let aspects = |verdict: &Verdict| match verdict {
            Verdict::Both(differences) => differences.iter().map(|difference| difference.aspect).collect(),
            other => panic!("{other:?}"),
        };
        compared.iter().map(|one| (one.table.table.clone(), aspects(&one.verdict))).collect()
    };
    let compared = dj.compare(Side::Code, &tables).await.unwrap();
    assert_eq!(of(&compared), expected, "{}", dj.backend());

    // The lock has no comments, and all else.
    let lock = Lock::parse(&Lock::new(&tables).to_string()).unwrap();
    let locked: Vec<Table> = lock.tables().map(|locked| locked.table().clone()).collect();
    for (_, aspects) in &mut expected {
        aspects.retain(|aspect| !aspect.is_wording());
    }
    let compared = dj.compare(Side::Lock, &locked).await.unwrap();
    assert_eq!(of(&compared), expected, "{}", dj.backend());
    turn.end(dj).await;
}

/// Tables that one side lacks, that have another tier, and hidden columns.
pub async fn tables_that_one_side_lacks_are_told(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    declare(dj, "Above", Tier::Manual, "above : int16").await;
    declare(dj, "Extra", Tier::Manual, "extra : int16").await;
    declare(dj, "Retired", Tier::Manual, "retired : int16").await;
    let with_columns = dj.with_settings(|settings| settings.jobs.add_job_metadata = true);
    declare(&with_columns, "Made", Tier::Computed, "-> Above").await;
    let above = resolved("Above", "above : int16", Tier::Manual, &[]);
    let tables = [
        resolved("Made", "-> Above", Tier::Computed, &[&above]),
        resolved("Lacking", "lacking : int16", Tier::Manual, &[]),
        resolved("Retired", "retired : int16", Tier::Lookup, &[]),
        above,
    ];
    let plain = dj.with_settings(|settings| settings.jobs.add_job_metadata = false);
    let compared = plain.compare(Side::Code, &tables).await.unwrap();
    let told: Vec<(String, String, bool)> = compared
        .iter()
        .map(|one| {
            let verdict = match &one.verdict {
                Verdict::Both(differences) => {
                    let mut aspects: Vec<_> = differences.iter().map(|found| found.aspect.word()).collect();
                    aspects.dedup();
                    aspects.join(", ")
                }
                Verdict::Missing => "missing".to_owned(),
                _ => "extra".to_owned(),
            };
            (one.table.table.clone(), verdict, one.is_met())
        })
        .collect();
    let told: Vec<_> =
        told.iter().map(|(table, verdict, is_met)| (table.as_str(), verdict.as_str(), *is_met)).collect();
    assert_eq!(
        told,
        [
            ("#retired", "tier", true),
            ("__made", "extra-hidden-attribute", false),
            ("above", "", false),
            ("extra", "extra", false),
            ("lacking", "missing", true),
        ]
    );
    turn.end(dj).await;
}
