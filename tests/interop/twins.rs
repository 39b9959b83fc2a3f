//! The same tables declared from both sides are the same tables.

use serde_json::{Value as Json, json};

use crate::beside::Beside;
use crate::cases::{COLUMNS, COMMENTS, Case, DEFAULTS, Effect, FOREIGN_KEYS, INDEXES, TIERS};
use crate::tables::{Side, Spec, declare_in_rust};

pub(crate) async fn columns_of_every_type_are_the_same_from_both_sides(beside: &mut Beside) {
    check(beside, COLUMNS).await;
}

pub(crate) async fn defaults_of_every_kind_are_the_same_from_both_sides(beside: &mut Beside) {
    check(beside, DEFAULTS).await;
}

pub(crate) async fn foreign_keys_of_every_form_are_the_same_from_both_sides(beside: &mut Beside) {
    check(beside, FOREIGN_KEYS).await;
}

pub(crate) async fn indexes_of_every_form_are_the_same_from_both_sides(beside: &mut Beside) {
    check(beside, INDEXES).await;
}

pub(crate) async fn comments_with_any_letters_are_the_same_from_both_sides(beside: &mut Beside) {
    check(beside, COMMENTS).await;
}

pub(crate) async fn tables_of_every_tier_are_the_same_from_both_sides(beside: &mut Beside) {
    check(beside, TIERS).await;
}

async fn check(beside: &mut Beside, cases: &[Case]) {
    let mut failures = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        if let Err(failure) = check_case(beside, number, case).await {
            let known = case.exception(beside.server).map(|exception| format!(" ({})", exception.why));
            failures.push(format!("{}{}:\n{failure}", case.name, known.unwrap_or_default()));
        }
    }
    assert!(failures.is_empty(), "{} of {} cases:\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
}

async fn check_case(beside: &mut Beside, number: usize, case: &Case) -> Result<(), String> {
    let (ours, theirs) = (beside.schema(&format!("r{number}")), beside.schema(&format!("p{number}")));
    let (rust, python) = beside.declare_on_both(&ours, &theirs, &case.specs()).await;
    match case.exception(beside.server).map(|exception| &exception.effect) {
        Some(Effect::BothRefuse(rust_message, python_message)) => {
            refused("Rust", rust, rust_message)?;
            refused("Python", python, python_message)
        }
        Some(Effect::PythonRefuses(message)) => {
            rust?;
            refused("Python", python, message)?;
            let seen = beside.python.try_call("tables", &json!({"schema": ours}));
            let seen = seen.map_err(|error| format!("Python can't read what Rust declared: {error}"))?;
            let seen = seen.as_object().map_or(0, serde_json::Map::len);
            if seen == case.tables.len() { Ok(()) } else { Err(format!("Python sees {seen} tables")) }
        }
        effect => {
            rust.and(python)?;
            let found = differences(beside, &ours, &theirs, case.tables.len()).await?;
            described_again(beside, number, &theirs).await?;
            let expected = match effect {
                Some(Effect::Differs(texts)) => *texts,
                _ => &[],
            };
            let is_expected = |line: &&String| expected.iter().any(|text| line.contains(text));
            let mut wrong: Vec<String> = found.iter().filter(|line| !is_expected(line)).cloned().collect();
            let missing = expected.iter().filter(|text| !found.iter().any(|line| line.contains(**text)));
            wrong.extend(missing.map(|text| format!("no difference with {text:?}")));
            if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
        }
    }
}

fn refused(side: &str, result: Result<(), String>, message: &str) -> Result<(), String> {
    match result {
        Ok(()) => Err(format!("{side} declares it")),
        Err(error) if error.contains(message) => Ok(()),
        Err(error) => Err(format!("{side} refuses it in other words: {error}")),
    }
}

/// Where the server, Python and Rust see that two schemas differ, of which each side declared one.
pub(crate) async fn differences(
    beside: &mut Beside,
    ours: &str,
    theirs: &str,
    tables: usize,
) -> Result<Vec<String>, String> {
    let mut differences = Vec::new();
    for view in ["catalog", "tables", "lineage"] {
        let mut seen = Vec::new();
        for schema in [ours, theirs] {
            let answer = beside.python.try_call(view, &json!({"schema": schema}));
            let answer = answer.map_err(|error| format!("Python: {view} of {schema}: {error}"))?;
            if view == "tables" && answer.as_object().map(serde_json::Map::len) != Some(tables) {
                return Err(format!("Python sees other tables: {answer}"));
            }
            seen.push(lines(answer, schema));
        }
        compare(view, &seen, &mut differences);
    }
    let mut seen = Vec::new();
    for schema in [ours, theirs] {
        let found = beside.rust.schema(schema).await.map_err(|error| format!("Rust: {schema}: {error}"))?;
        let mut found: Vec<_> = found.tables().collect();
        found.sort_by(|one, other| one.name().cmp(other.name()));
        if found.len() != tables {
            return Err(format!("Rust sees other tables: {found:?}"));
        }
        let text: Vec<String> = found
            .iter()
            .map(|table| format!("{:#?}\n{}", table.table(), table.describe().unwrap()))
            .collect();
        seen.push(text.join("\n").replace(schema, "SCHEMA"));
    }
    compare("Rust", &seen, &mut differences);
    Ok(differences)
}

/// The text that Rust describes Python's tables by declares the same tables.
async fn described_again(beside: &mut Beside, number: usize, theirs: &str) -> Result<(), String> {
    let copy = beside.schema(&format!("d{number}"));
    let tables: Vec<_> = beside.open(theirs).await.tables().collect();
    let specs: Vec<Spec> = tables.iter().map(Spec::of).collect();
    declare_in_rust(&beside.rust, &copy, &specs).await.map_err(|error| {
        let texts: Vec<String> = tables.iter().map(|table| table.describe().unwrap()).collect();
        format!("{error}\ndescribed as\n{}", texts.join("\n"))
    })?;
    let mut seen = Vec::new();
    for schema in [theirs, &copy] {
        let tables: Vec<_> = beside.open(schema).await.tables().map(|table| table.table().clone()).collect();
        seen.push(format!("{tables:#?}").replace(schema, "SCHEMA"));
    }
    let mut differences = Vec::new();
    compare("declared from its description", &seen, &mut differences);
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n")) }
}

fn lines(mut answer: Json, schema: &str) -> String {
    answer.sort_all_objects();
    let text = format!("{answer:#}");
    text.replace("\\n", "\n").replace(schema, "SCHEMA")
}

/// Line by line; a line that only one side has is a difference.
fn compare(view: &str, seen: &[String], differences: &mut Vec<String>) {
    let [ours, theirs] = seen else { unreachable!("two schemas are compared") };
    if ours == theirs {
        return;
    }
    let before = differences.len();
    for (side, text, other) in [("Rust", ours, theirs), ("Python", theirs, ours)] {
        let others: Vec<&str> = other.lines().collect();
        for line in text.lines().filter(|line| !others.contains(line)) {
            differences.push(format!("  {view}, only as {side} declares it: {}", line.trim()));
        }
    }
    if differences.len() == before {
        differences.push(format!("  {view}, the same lines in another order:\n{ours}\n--\n{theirs}"));
    }
}

/// The comparison itself: each change of a definition is seen.
pub(crate) async fn tables_that_differ_are_told_apart(beside: &mut Beside) {
    let original = "# Words\nid : int32  # the id\n---\na = 1 : int8\nb = null : varchar(20)\nindex (a)";
    let changes = [
        ("# Words", "# Other words"),
        ("the id", "the name"),
        ("int32", "int64"),
        ("a = 1", "a = 2"),
        ("b = null", "b"),
        ("(20)", "(21)"),
        ("index (a)", "unique index (a)"),
        ("index (a)", "index (b)"),
        ("a =", "c ="),
    ];
    let spec = |definition: &str| [Spec::new(datajoint_definition::Tier::Manual, "Holder", definition)];
    let ours = beside.schema("r");
    beside.declare(Side::Rust, &ours, &spec(original)).await;
    for (number, (from, to)) in changes.into_iter().enumerate() {
        let theirs = beside.schema(&format!("p{number}"));
        let changed = original
            .replacen(from, to, 1)
            .replace("index (a)", if from == "a =" { "index (c)" } else { "index (a)" });
        beside.declare(Side::Python, &theirs, &spec(&changed)).await;
        let found = differences(beside, &ours, &theirs, 1).await.unwrap();
        for view in ["catalog", "Rust"] {
            assert!(found.iter().any(|line| line.contains(view)), "{from} to {to}: {found:?}");
        }
    }

    // What one side left out afterwards is seen too.
    let theirs = beside.schema("altered");
    beside.declare(Side::Python, &theirs, &spec(original)).await;
    assert_eq!(differences(beside, &ours, &theirs, 1).await.unwrap(), Vec::<String>::new());
    let quoted = if beside.server.is_postgres() { "\"~lineage\"" } else { "`~lineage`" };
    let statement = format!("DELETE FROM {theirs}.{quoted} WHERE attribute_name = 'id'");
    beside.python.call("execute", &json!({"statement": statement}));
    let found = differences(beside, &ours, &theirs, 1).await.unwrap();
    for view in ["lineage", "tables", "Rust"] {
        assert!(found.iter().any(|line| line.contains(view)), "{view}: {found:?}");
    }
}
