//! What objects are named and dated by.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

/// Where tokens and times of objects come from: chance and the clock, or, in tests, what a test says.
#[derive(Clone)]
pub struct Source {
    token: Arc<dyn Fn(usize) -> String + Send + Sync>,
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl Source {
    /// Tokens and times of these functions; the first is given how many characters a token has.
    pub fn new(
        token: impl Fn(usize) -> String + Send + Sync + 'static,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        Self { token: Arc::new(token), now: Arc::new(now) }
    }

    #[cfg_attr(not(feature = "stores"), expect(dead_code, reason = "only what lies in a store has a token"))]
    pub(crate) fn token(&self, length: usize) -> String {
        (self.token)(length)
    }

    /// The time as DataJoint for Python writes it: `2026-11-20T20:29:41.401328+00:00`.
    pub(crate) fn timestamp(&self) -> String {
        let now = (self.now)();
        // Python leaves out a fraction that is zero.
        let format =
            if now.timestamp_subsec_micros() == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros };
        now.to_rfc3339_opts(format, false)
    }
}

impl Default for Source {
    fn default() -> Self {
        Self::new(random_token, Utc::now)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Source")
    }
}

/// So many characters that nobody can foresee.
fn random_token(length: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Two bytes of a UUID have a meaning, and are left out.
    let bytes = std::iter::repeat_with(Uuid::new_v4).flat_map(|uuid| {
        let bytes = *uuid.as_bytes();
        (0..bytes.len()).filter(|place| ![6, 8].contains(place)).map(move |place| bytes[place])
    });
    bytes.take(length).map(|byte| char::from(LETTERS[usize::from(byte & 63)])).collect()
}

#[cfg(test)]
mod tests {
    use super::random_token;

    #[test]
    fn tokens_are_of_the_length_asked_for_and_differ() {
        let tokens: std::collections::HashSet<String> = (0..1000).map(|_| random_token(16)).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(tokens.iter().all(|token| token.len() == 16));
    }
}
