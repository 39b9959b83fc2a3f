//! What a definition costs grows with its length: not with the square of it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use datajoint_definition::{Backend, Context, Tier, check, parse};
use datajoint_schema::{Declaration, describe, resolve};
use datajoint_sql::create_table;
use rustix::time::{ClockId, clock_gettime};

/// Everything that is done with a definition before a database sees it.
fn work(text: &str) {
    let (definition, faults) = parse(text);
    let context =
        Context { class_name: "Wide", tier: Tier::Manual, master: None, backend: None, allow_new_key: false };
    let found = check(&definition, &context);
    let (table, merged) = resolve(&Declaration {
        schema: "lab",
        class_name: "Wide",
        tier: Tier::Manual,
        definition: &definition,
        parents: &[],
        master: None,
    });
    for backend in Backend::ALL {
        let _ = create_table(backend, &table);
    }
    let described = describe(&table, std::string::ToString::to_string).expect("it is one of a definition");
    assert!(text.is_empty() || !described.is_empty() || faults.len() + found.len() + merged.len() > 0);
}

/// What this thread worked for it, whatever else the machine did meanwhile.
fn time(work: impl FnOnce()) -> Duration {
    let now = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
    };
    let begun = now();
    work();
    now().saturating_sub(begun)
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold("id : int32\n---\n".to_owned(), |mut text, number| {
        let _ = writeln!(text, "{}", line(number));
        text
    })
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

/// Definitions of a kind, by how many of something they have.
type Kind = (&'static str, fn(usize) -> String);

const KINDS: &[Kind] = &[
    ("attributes", |count| lines(count, |number| format!("a{number} = {number} : int32  # number {number}"))),
    ("attributes of a key", |count| list(count, |number| format!("a{number} : int32\n")).replace(", ", "")),
    ("enums", |count| lines(count, |number| format!("a{number} : enum('x', 'y{number}')"))),
    ("members of an enum", |count| {
        format!("id : int32\n---\na : enum({})", list(count, |n| format!("'m{n}'")))
    }),
    ("members that are no strings", |count| format!("a : enum({})", list(count, |n| format!("m{n}")))),
    ("indexes", |count| lines(count, |number| format!("a{number} : int32\nunique index (a{number})"))),
    ("expressions of an index", |count| {
        format!("a : int32\n---\nindex ({})", list(count, |n| format!("(a + {n})")))
    }),
    ("parts that stand twice", |count| {
        format!("a : int32\n---\nindex ({0}, {0})", list(count, |n| format!("(a + {n})")))
    }),
    ("names that stand twice", |count| lines(count, |number| format!("a{} : int32", number / 2))),
    ("indexes on what is not there", |count| {
        lines(count, |number| format!("a{number} : int32\nindex (b{number})"))
    }),
    ("unknown types", |count| lines(count, |number| format!("a{number} : tipe{number}"))),
    ("renames", |count| format!("-> Parent.proj({})", list(count, |n| format!("a{n}='b'")))),
    ("quotes", |count| format!("a = {} : int32", "'\"".repeat(count))),
    ("brackets", |count| format!("index ({}", "([".repeat(count))),
];

#[test]
fn the_work_for_a_definition_grows_with_its_length() {
    const FEW: usize = 2_000;
    const TIMES: u32 = 8;
    for (kind, definition) in KINDS {
        grows_with_its_length(kind, FEW, TIMES, |count| {
            let text = definition(count);
            time(|| work(&text))
        });
    }
}

/// The square would be as much again as `times` squared.
fn grows_with_its_length(kind: &str, count: usize, times: u32, time: impl Fn(usize) -> Duration) {
    let few = time(count).max(Duration::from_millis(2));
    let many = time(count * times as usize);
    assert!(many < few * times * 5 / 2, "{kind}: {few:?} for {count}, {many:?} for {times} times as many");
}

/// Says how long each takes: `DATAJOINT_LARGE=100000 cargo test --release -p datajoint-sql --test it -- --nocapture takes_so_long`.
#[test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the measurement, no setting")]
fn a_definition_of_each_kind_takes_so_long() {
    let count = std::env::var("DATAJOINT_LARGE").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000);
    for (kind, definition) in KINDS {
        let text = definition(count);
        let begun = Instant::now();
        let parsed = parse(&text);
        let parsing = begun.elapsed();
        drop(parsed);
        let begun = Instant::now();
        work(&text);
        println!("{kind}, {count}: {parsing:?} to parse, {:?} with all that follows", begun.elapsed());
    }
}
