//! What was probably meant by a name that is none.

use datajoint_definition::suggest;

/// The shortest part that says anything.
const LEAST: usize = 3;

/// The most similar name, or else one of which the name is the beginning or the last words, or the other way round: `ENV`
/// for `ENVIRONMENT`, `PASSWORD` for `PASS`, `PREFIX` for `DATABASE_PREFIX`.
pub(super) fn alike<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    suggest(name, known.clone()).or_else(|| {
        known
            .filter(|known| has(known, name) || has(name, known))
            .min_by_key(|known| known.len().abs_diff(name.len()))
    })
}

fn has(long: &str, short: &str) -> bool {
    short.len() >= LEAST
        && (long.starts_with(short) || long.strip_suffix(short).is_some_and(|rest| rest.ends_with('_')))
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn the_more_similar_name_goes_before_one_that_has_it() {
        let known = ["PASS", "PASSWORD_COMMAND", "DATABASE_PATH", "ENVIRONMENT"];
        for (name, meant) in [
            ("PASSWORD", Some("PASS")),
            ("PASSWORD_COMAND", Some("PASSWORD_COMMAND")),
            ("PATH", Some("DATABASE_PATH")),
            ("ENV", Some("ENVIRONMENT")),
            ("NV", None),
            ("MENT", None),
        ] {
            assert_eq!(alike(name, known.into_iter()), meant, "{name}");
        }
    }
}
