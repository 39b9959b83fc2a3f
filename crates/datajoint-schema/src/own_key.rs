use datajoint_definition::{Definition, Diagnostic, Line};

use crate::Table;

/// Faults of an auto-populated table whose key is not wholly made of its parents' keys: `populate` finds
/// what is left to compute by joining the parents, so it can't know values that no parent has.
///
/// Gives nothing for other tiers. A table may be allowed a key of its own; then don't ask.
pub fn own_key_diagnostics(table: &Table, definition: &Definition) -> Vec<Diagnostic> {
    if !table.tier.is_some_and(datajoint_definition::Tier::is_auto_populated) {
        return Vec::new();
    }
    let tier = table.tier.map_or("", datajoint_definition::Tier::name);
    let fault = |name: &str| {
        let line = definition.lines.iter().find_map(|line| match line {
            Line::Attribute(line) if line.name == name => Some(line),
            _ => None,
        })?;
        Some(
            Diagnostic::error(
                line.name_span,
                format!(
                    "the {tier} table `{}` adds `{name}` to its primary key, but only keys of its parents can stand there",
                    table.class_name
                ),
            )
            .with_help(format!(
                "move `{name} : {}` below `---`, into the key of a part, or into a Lookup table that this one refers to",
                line.type_text
            )),
        )
    };
    table.own_key().filter_map(|attribute| fault(&attribute.name)).collect()
}
