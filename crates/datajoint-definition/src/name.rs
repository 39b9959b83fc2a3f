//! Names of classes and tables.

use crate::Tier;

/// The table name of a class: `SpikeSorting` becomes `spike_sorting`, with the prefix of its tier.
///
/// Every capital begins a word. `master` is the table name of a part's master. `None` when the class
/// name is not in camel case.
///
/// ```
/// use datajoint_definition::{Tier, table_name};
///
/// assert_eq!(table_name("SpikeSorting", Tier::Computed, None).as_deref(), Some("__spike_sorting"));
/// assert_eq!(table_name("Unit", Tier::Part, Some("__spike_sorting")).as_deref(), Some("__spike_sorting__unit"));
/// assert_eq!(table_name("spikes", Tier::Manual, None), None);
/// ```
pub fn table_name(class_name: &str, tier: Tier, master: Option<&str>) -> Option<String> {
    let base = snake_case(class_name)?;
    Some(match (tier, master) {
        (Tier::Part, Some(master)) => format!("{master}__{base}"),
        _ => format!("{}{base}", tier.prefix()),
    })
}

/// `SpikeSorting` as `spike_sorting`; underscores are left out. `None` when it is not in camel case.
pub fn snake_case(class_name: &str) -> Option<String> {
    let class_name = class_name.replace('_', "");
    let first = class_name.chars().next()?;
    if !first.is_ascii_uppercase() || !class_name.chars().all(|character| character.is_ascii_alphanumeric()) {
        return None;
    }
    let mut snake = String::with_capacity(class_name.len() + 4);
    for character in class_name.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    Some(snake)
}

/// `spike_sorting` as `SpikeSorting`; prefixes are passed over.
pub fn camel_case(table: &str) -> String {
    let mut camel = String::with_capacity(table.len());
    let mut begins = true;
    for character in table.chars() {
        if character == '_' || !character.is_alphanumeric() {
            begins = true;
        } else if begins {
            camel.extend(character.to_uppercase());
            begins = false;
        } else {
            camel.push(character);
        }
    }
    camel
}

/// The tier that a table name tells, and for a part the table name of its master.
///
/// ```
/// use datajoint_definition::{Tier, tier_of};
///
/// assert_eq!(tier_of("#method"), Some((Tier::Lookup, None)));
/// assert_eq!(tier_of("__spikes__unit"), Some((Tier::Part, Some("__spikes"))));
/// assert_eq!(tier_of("~lineage"), None);
/// ```
pub fn tier_of(table: &str) -> Option<(Tier, Option<&str>)> {
    if is_base(table) {
        return Some((Tier::Manual, None));
    }
    for tier in [Tier::Lookup, Tier::Computed, Tier::Imported] {
        if table.strip_prefix(tier.prefix()).is_some_and(is_base) {
            return Some((tier, None));
        }
    }
    let (master, part) = table.rsplit_once("__")?;
    let is_master = is_base(master.trim_start_matches(['#', '_'])) && tier_of(master).is_some();
    (is_master && is_base(part)).then_some((Tier::Part, Some(master)))
}

/// Returns the class of a table as a definition names it: `Session`; of a part with that of its master, `Session.Trial`.
///
/// ```
/// use datajoint_definition::class_path;
///
/// assert_eq!(class_path("__spikes__unit"), "Spikes.Unit");
/// assert_eq!(class_path("#spike_unit"), "SpikeUnit");
/// ```
pub fn class_path(table: &str) -> String {
    match tier_of(table) {
        Some((Tier::Part, Some(master))) => {
            let part = table.get(master.len()..).unwrap_or_default();
            format!("{}.{}", camel_case(master), camel_case(part))
        }
        _ => camel_case(table),
    }
}

/// The table name of a part's master: what stands before the last `__`. `None` for a table that is no part.
///
/// ```
/// use datajoint_definition::master_of;
///
/// assert_eq!(master_of("#method__step"), Some("#method"));
/// assert_eq!(master_of("__spikes"), None);
/// ```
pub fn master_of(table: &str) -> Option<&str> {
    let (master, part) = table.rsplit_once("__")?;
    (!part.is_empty() && !master.trim_start_matches(['#', '_']).is_empty()).then_some(master)
}

/// Words of lower-case letters and digits, each beginning with a letter, joined by single underscores.
fn is_base(name: &str) -> bool {
    name.split('_').all(|word| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::{Tier, camel_case, snake_case, tier_of};

    #[test]
    fn every_capital_begins_a_word() {
        for (class, table) in [
            ("Session", "session"),
            ("ProcessedEMG", "processed_e_m_g"),
            ("AB", "a_b"),
            ("Abc1Def", "abc1_def"),
            ("X2Y", "x2_y"),
            ("UU", "u_u"),
            ("Ab_c", "abc"),
        ] {
            assert_eq!(snake_case(class).as_deref(), Some(table));
        }
        for class in ["session", "1A", "É", ""] {
            assert_eq!(snake_case(class), None);
        }
    }

    #[test]
    fn table_names_become_class_names() {
        assert_eq!(camel_case("#lookup"), "Lookup");
        assert_eq!(camel_case("__computed"), "Computed");
        assert_eq!(camel_case("x2_y"), "X2Y");
        assert_eq!(camel_case("master__part"), "MasterPart");
    }

    #[test]
    fn tiers_are_told_by_the_table_name() {
        for (table, tier) in [
            ("a1b", Some((Tier::Manual, None))),
            ("a_1", None),
            ("m__p", Some((Tier::Part, Some("m")))),
            ("#a_b__c_d", Some((Tier::Part, Some("#a_b")))),
            ("a__b__c", None),
            ("~log", None),
            ("~~jobs", None),
            ("Session", None),
            ("_a__b_c", Some((Tier::Part, Some("_a")))),
        ] {
            assert_eq!(tier_of(table), tier, "{table}");
        }
    }
}
