//! What holds for any text.

use datajoint_definition::{Definition, Line, Span, parse};
use proptest::prelude::*;

/// The definition without the places in the text.
fn without_places(mut definition: Definition) -> Definition {
    let none = Span::default();
    for line in &mut definition.lines {
        match line {
            Line::Attribute(line) => (line.span, line.name_span, line.type_span) = (none, none, none),
            Line::ForeignKey(line) => {
                (line.span, line.parent_span) = (none, none);
                line.renames.iter_mut().for_each(|rename| rename.span = none);
            }
            Line::Index(line) => line.span = none,
        }
    }
    definition
}

fn line() -> impl Strategy<Value = String> {
    const TYPES: &[&str] = &[
        "int8", "int64", "float32", "bool", "uuid", "json", "bytes", "date", "datetime(3)", "char(4)", "varchar(20)",
        "enum('a','b c')", "decimal(5,2)", "<blob>", "<blob@>", "<npy@main>", "int unsigned", "longblob",
    ];
    const DEFAULTS: &[&str] = &["", "=null", " = \"x\"", "='it''s'", "=5", " = CURRENT_TIMESTAMP(3)", "=\"a:b#c\""];
    const COMMENTS: &[&str] = &["", "#", "# a comment", "  # it's \"quoted\" # twice"];
    prop_oneof![
        (any::<u8>(), proptest::sample::select(DEFAULTS), proptest::sample::select(TYPES), proptest::sample::select(COMMENTS))
            .prop_map(|(n, default, kind, comment)| format!("a{n}{default} : {kind} {comment}")),
        proptest::sample::select(&["-> A", "-> b.C", "->[nullable]D", "-> [unique, nullable] x::Y.proj(a='b', c=\"d\")", "-> E()"][..]).prop_map(str::to_owned),
        proptest::sample::select(&["---", "--- more", "index (a)", "unique index(a, b)", "INDEX ((year(d)))", "index(a.b:char(20))", "# note", ""][..]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_accepted_prints_as_text_that_parses_to_the_same(lines in proptest::collection::vec(line(), 0..12)) {
        let (first, faults) = parse(&lines.join("\n"));
        prop_assume!(faults.iter().all(|fault| !fault.is_error()));
        let (second, again) = parse(&first.to_string());
        prop_assert!(again.iter().all(|fault| !fault.is_error()), "{first}\n{again:?}");
        prop_assert_eq!(without_places(first), without_places(second));
    }

    #[test]
    fn any_text_is_parsed_and_every_fault_can_be_drawn(text in any::<String>()) {
        for fault in parse(&text).1 {
            fault.draw(&text, Some(("file.rs", 3)));
        }
    }

    #[test]
    fn broken_definitions_are_parsed_too(lines in proptest::collection::vec(line(), 0..6), cut in any::<prop::sample::Index>()) {
        let text = lines.join("\n");
        let cut = cut.index(text.chars().count() + 1);
        let text: String = text.chars().take(cut).collect();
        for fault in parse(&text).1 {
            prop_assert!(fault.span.start <= text.len(), "{:?}", fault);
            fault.draw(&text, None);
        }
    }
}
