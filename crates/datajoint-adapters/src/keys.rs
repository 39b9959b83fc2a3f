//! Lists of keys that fit into a statement.

use datajoint_sql::{Value, parameter_limit};

use crate::Database;

/// How often a list may stand in one statement: a row that goes by several foreign keys is looked for by each.
const TIMES: usize = 4;

/// The most bytes of a list, where the server sets no limit of its own.
const MOST_BYTES: usize = 1 << 23;

impl Database {
    /// Returns keys in lists of at most so many, each of which fits into a statement by its values and its bytes.
    pub fn key_lists<'k>(
        &self,
        mut keys: &'k [Vec<Value>],
        most: usize,
    ) -> impl Iterator<Item = &'k [Vec<Value>]> + use<'k> {
        let values = parameter_limit(self.backend()) / TIMES;
        let bytes = (self.largest_statement() / TIMES).min(MOST_BYTES);
        std::iter::from_fn(move || {
            if keys.is_empty() {
                return None;
            }
            let (list, rest) = keys.split_at(fitting(&keys[..most.clamp(1, keys.len())], values, bytes));
            keys = rest;
            Some(list)
        })
    }
}

/// How many keys from the front fit; at least one.
fn fitting(keys: &[Vec<Value>], most_values: usize, most_bytes: usize) -> usize {
    let (mut values, mut bytes) = (0_usize, 0_usize);
    let fits = |key: &&Vec<Value>| {
        values = values.saturating_add(key.len());
        // In a document, bytes are twice as many digits, and a string may be as long again by its escapes.
        bytes = key.iter().fold(bytes, |bytes, value| bytes.saturating_add(2 * value.size()));
        values <= most_values && bytes <= most_bytes
    };
    keys.iter().take_while(fits).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_counted_by_their_values_and_bytes() {
        let keys = |width: usize, length: usize| vec![vec![Value::Text("x".repeat(length)); width]; 1_000];
        assert_eq!(fitting(&keys(1, 8), 100, 1 << 20), 100);
        assert_eq!(fitting(&keys(3, 8), 100, 1 << 20), 33);
        assert_eq!(fitting(&keys(1, 1_000), 1_000, 1 << 14), 8);
        assert_eq!(fitting(&keys(1, 1_000), 1_000, 1_000), 1);
        assert_eq!(fitting(&keys(1, 8), 100_000, 1 << 20), 1_000);
    }
}
