//! What is said of a definition that deviates from the locked one.

use datajoint_definition::Diagnostic;
use datajoint_lock::LockedTable;
use datajoint_schema::{Aspect, Attribute, Difference, Table};
use proc_macro2::Span;

use super::place::place;
use crate::input::Input;
use crate::source::plain;

/// An error, unless the table is in another schema.
pub(super) struct Finding {
    pub(super) span: Span,
    pub(super) message: String,
}

/// Says of each difference where it stands and how to declare it, unless the table declares that it has changed.
pub(super) fn judge(
    input: &Input,
    declared: &Table,
    locked: &LockedTable,
    was: &Table,
    differences: Vec<Difference>,
) -> Vec<Finding> {
    let differences = relevant(declared, was, differences);
    let hash = locked.hash();
    match &input.arguments.change.changed_from {
        Some((from, span)) if *from != hash => {
            let message = if differences.is_empty() {
                "the table is as it is locked: take `changed_from` out".to_owned()
            } else {
                format!(
                    "the lock has another definition by now: see what changed there, then write \
                     `changed_from = \"{hash}\"`"
                )
            };
            vec![Finding { span: *span, message }]
        }
        Some((_, span)) if differences.is_empty() => {
            let message = "the table is as it is locked: take `changed_from` out".to_owned();
            vec![Finding { span: *span, message }]
        }
        Some(_) => Vec::new(),
        None => {
            differences.iter().map(|difference| finding(input, declared, locked, was, difference)).collect()
        }
    }
}

/// The differences that a program or a query meets, and of those that follow from each other the first.
fn relevant(declared: &Table, was: &Table, mut differences: Vec<Difference>) -> Vec<Difference> {
    // Lineage follows from the foreign keys and from the parents, each of which is held to its own lock.
    differences.retain(|difference| !difference.aspect.is_harmless() && difference.aspect != Aspect::Lineage);
    let any = |aspects: &[Aspect], differences: &[Difference]| {
        differences.iter().any(|difference| aspects.contains(&difference.aspect))
    };
    // What a foreign key brings in comes and goes with it.
    let is_inherited = |table: &Table, difference: &Difference| {
        let name = difference.attribute.as_deref().unwrap_or_default();
        table.heading.get(name).is_some_and(|attribute| attribute.inherited)
    };
    let (new, gone) =
        (any(&[Aspect::MissingForeignKey], &differences), any(&[Aspect::ExtraForeignKey], &differences));
    differences.retain(|difference| match difference.aspect {
        Aspect::MissingAttribute => !(new && is_inherited(declared, difference)),
        Aspect::ExtraAttribute => !(gone && is_inherited(was, difference)),
        _ => true,
    });
    let brings = [
        Aspect::MissingAttribute,
        Aspect::ExtraAttribute,
        Aspect::MissingForeignKey,
        Aspect::ExtraForeignKey,
    ];
    if any(&brings, &differences) {
        differences.retain(|difference| difference.aspect != Aspect::Key);
    }
    differences
}

fn finding(
    input: &Input,
    declared: &Table,
    locked: &LockedTable,
    was: &Table,
    difference: &Difference,
) -> Finding {
    let mut help = format!(
        "if the change is meant, declare it in `{}`: `changed_from = \"{}\"`",
        if declared.master.is_some() { "#[part(..)]" } else { "#[table(..)]" },
        locked.hash()
    );
    if let Some(old) = former_name(declared, was, difference) {
        let new = difference.attribute.as_deref().unwrap_or_default();
        help = format!("if it is `{old}` under another name, write `was({new} = \"{old}\")`; {help}");
    }
    let at = place(&input.definition, declared, difference);
    let fault = Diagnostic::error(at.unwrap_or_default(), &difference.message).with_help(help);
    if let Some(at) = at {
        return Finding { span: input.source.span(at), message: input.source.message(&fault) };
    }
    let is_of_tier = difference.aspect == Aspect::Tier;
    let span = if is_of_tier { input.arguments.tier_span } else { input.item.ident.span() };
    Finding { span, message: plain(&fault) }
}

/// The one attribute of its type that only the lock has, for one that it lacks.
fn former_name<'a>(declared: &Table, was: &'a Table, difference: &Difference) -> Option<&'a str> {
    if difference.aspect != Aspect::MissingAttribute {
        return None;
    }
    let attribute = declared.heading.get(difference.attribute.as_deref()?)?;
    let is_alike = |other: &&Attribute| {
        let same = |attribute: &Attribute| {
            (datajoint_schema::canonical_type(&attribute.attribute_type), attribute.in_key)
        };
        declared.heading.get(&other.name).is_none() && same(other) == same(attribute)
    };
    let mut alike = was.heading.all().iter().map(AsRef::as_ref).filter(is_alike);
    alike.next().filter(|_| alike.next().is_none()).map(|other| other.name.as_str())
}
