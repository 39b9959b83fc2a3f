//! All that can be asked of a text.

use datajoint_definition::{Backend, Context, Definition, Diagnostic, Line, Span, Tier, check, parse};

/// Everything that can be asked of a text; none of it may panic, and each place must be in the text.
pub(crate) fn look_at(text: &str) {
    let (definition, mut faults) = parse(text);
    for tier in [Tier::Manual, Tier::Computed, Tier::Part] {
        for backend in Backend::ALL.map(Some).into_iter().chain([None]) {
            let context =
                Context { class_name: text, tier, master: Some("m"), backend, allow_new_key: false };
            faults.extend(check(&definition, &context));
        }
    }
    for fault in &faults {
        assert!(fault.span.start <= fault.span.end && text.get(fault.span.range()).is_some(), "{fault:?}");
    }
    // Each drawing walks through the text.
    for fault in faults.iter().take(50) {
        fault.draw(text, Some(("file.rs", 3)));
    }
}

/// An accepted text as it prints, and whether that parses to the same and prints the same.
///
/// `None` for a text with an error.
pub(crate) fn printed_again(text: &str) -> Option<(String, bool)> {
    let (first, faults) = parse(text);
    if faults.iter().any(Diagnostic::is_error) {
        return None;
    }
    let printed = first.to_string();
    let (second, faults) = parse(&printed);
    let same = !faults.iter().any(Diagnostic::is_error)
        && printed == second.to_string()
        && without_places(first) == without_places(second);
    Some((printed, same))
}

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
