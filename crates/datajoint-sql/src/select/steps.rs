//! The work for SQL that users write grows with its length: not with the square of it.

use std::sync::Arc;

use datajoint_definition::{Backend, Tier, parse};
use datajoint_schema::{Declaration, resolve};

use crate::token::LOOKS;
use crate::{Condition, Expression, Part, Projected, select};

const DEFINITION: &str =
    "a : int32\n---\nx : varchar(20)\nrank = null : int32\np : decimal(8,2)\ne : enum('b', 'c')\nd : date";

/// How often a piece is looked at for a condition in SQL, and for the same as a value to be computed.
fn looks(backend: Backend, text: &str) -> u64 {
    let (definition, _) = parse(DEFINITION);
    let declaration = Declaration {
        schema: "qa",
        class_name: "A",
        tier: Tier::Manual,
        definition: &definition,
        parents: &[],
        master: None,
    };
    let table = Arc::new(resolve(&declaration).0);
    let from = || Part::new(Expression::Table(Arc::clone(&table)));
    let (text, parameters) = (text.to_owned(), Vec::new());
    let condition = Condition::Sql { text: text.clone(), parameters: parameters.clone() };
    let computed = Projected::Compute { new: "y".to_owned(), text, parameters };
    LOOKS.set(0);
    let asked = select(backend, &Expression::Restrict { from: from(), condition });
    let computed = select(backend, &Expression::Project { from: from(), attributes: vec![computed] });
    // What is deeper than a server takes, or means something else there, is refused.
    assert!(asked.is_ok() == computed.is_ok(), "{backend}: {asked:?}, {computed:?}");
    LOOKS.get()
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

/// Conditions of a kind, by how many of something they have.
type Kind = (&'static str, fn(usize) -> String);

const CONDITIONS: &[Kind] = &[
    ("comparisons", |count| vec!["a > 1"; count].join(" and ")),
    ("alternatives", |count| vec!["a = 1"; count].join(" or ")),
    ("what stands in brackets", |count| vec!["(a = 1)"; count].join(" and ")),
    ("sums", |count| format!("{} = 1", vec!["a"; count].join(" + "))),
    ("differences of decimals", |count| format!("{} = 1", vec!["p"; count].join(" - "))),
    ("arguments", |count| format!("coalesce({}) = 1", vec!["a"; count].join(", "))),
    ("strings that are joined", |count| format!("concat({}) = 'b'", vec!["x"; count].join(", "))),
    ("queries within", |count| vec!["a in (select 1)"; count].join(" or ")),
    ("enums", |count| vec!["e < 'c'"; count].join(" or ")),
    ("moments", |count| vec!["d = '2020-01-01'"; count].join(" or ")),
    ("patterns of others", |count| vec!["x like concat(x, 'b')"; count].join(" or ")),
    ("casts", |count| format!("a{} = 1", "::int".repeat(count))),
    ("strings", |count| vec!["x <> 'b'"; count].join(" and ")),
    ("patterns", |count| vec!["x not like 'b%'"; count].join(" and ")),
    ("bounds", |count| vec!["a between 1 and 2"; count].join(" or ")),
    ("rows", |count| vec!["(a, x) in ((1, 'b'), (2, 'c'))"; count].join(" or ")),
    ("a list", |count| format!("a in ({})", list(count, |number| number.to_string()))),
    ("brackets side by side", |count| vec!["(a = 1 or (x) = 'b')"; count].join(" and ")),
    ("brackets within each other", |count| format!("{}a = 1{}", "(".repeat(count), ") = 1".repeat(count))),
    ("calls", |count| vec!["abs(a) > if(a > 1, 2, 3)"; count].join(" and ")),
    ("aggregates", |count| vec!["sum(a)"; count].join(" + ")),
    ("blanks", |count| format!("a{}= 1", " ".repeat(count))),
    ("names", |count| vec!["qa.a.a = qa.a.a"; count].join(" and ")),
    ("cases", |count| vec!["case when a = 1 then x else 'b' end = 'b'"; count].join(" and ")),
    ("remainders", |count| format!("a{} = 1", " % 2".repeat(count))),
    ("products", |count| format!("a{} % 2 = 1", " * 2".repeat(count))),
    ("brackets of remainders", |count| format!("({0}) % 2 = 1 and {0} = 1", "a % 2 + ".repeat(count) + "1")),
    ("words of the server", |count| vec!["rank = 1"; count].join(" or ")),
    ("signs", |count| format!("a = {}1", "- ".repeat(count))),
    ("what is not and what is escaped", |count| format!("{}a = 1", "not escape ".repeat(count))),
    ("orders", |count| vec!["a = (select 1 order by a desc, x limit 1)"; count].join(" and ")),
    ("what is rounded", |count| vec!["round(a * 1.5, 1) = 1"; count].join(" and ")),
    ("what is not", |count| format!("{}a = 1", "not ".repeat(count))),
    ("what is in an order", |count| format!("group_concat(x order by {})", list(count, |_| "a".to_owned()))),
];

#[test]
fn the_work_for_a_condition_grows_with_its_length() {
    const COUNT: usize = 40;
    let mut faults = Vec::new();
    for backend in Backend::ALL {
        for (kind, condition) in CONDITIONS {
            let [once, twice] = [COUNT, 2 * COUNT].map(|count| looks(backend, &condition(count)));
            // The square would be four times as many.
            if once < 100 || twice > once * 5 / 2 {
                faults.push(format!(
                    "{backend}, {kind}: {once} looks for {COUNT}, and {twice} for twice as many"
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
