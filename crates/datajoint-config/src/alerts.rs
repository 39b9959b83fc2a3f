//! Who is told when keys fail.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who is told when keys fail, and from when on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Alerts {
    /// A program with its arguments, which reads a JSON document on its standard input; no shell is between.
    pub command: Option<Vec<String>>,
    /// An address of HTTP or HTTPS to which the same document is posted.
    pub webhook: Option<String>,
    /// From which share of the keys that fail, in percent.
    pub percent: u8,
    /// From how many failures.
    pub failures: u64,
    /// Over how many seconds both are counted.
    pub window: u64,
    /// The seconds from one alert of a program to its next.
    pub period: u64,
    /// Whether the document has the text of the last error, which may hold values of rows.
    pub include_error: bool,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            command: None,
            webhook: None,
            percent: 50,
            failures: 5,
            window: 300,
            period: 3600,
            include_error: false,
        }
    }
}

impl fmt::Debug for Alerts {
    /// Without arguments and paths, which may be secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, webhook, percent, failures, window, period, include_error } = self;
        formatter
            .debug_struct("Alerts")
            .field("command", &command.as_deref().map(shown_words))
            .field("webhook", &webhook.as_deref().map(shown_address))
            .field("percent", percent)
            .field("failures", failures)
            .field("window", window)
            .field("period", period)
            .field("include_error", include_error)
            .finish()
    }
}

/// A program with its arguments as it may be shown: these are left out, as they may be secret.
pub(crate) fn shown_words(words: &[String]) -> String {
    let shown: Vec<&str> =
        words.iter().enumerate().map(|(place, word)| if place == 0 { word } else { "…" }).collect();
    serde_json::json!(shown.get(..2).unwrap_or(&shown)).to_string()
}

/// An address as it may be shown: without what comes after the host, which may be secret, and who one is.
pub(crate) fn shown_address(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return if address.contains(['/', '?', '@', ':']) { "…".to_owned() } else { address.to_owned() };
    };
    let (host, more) = match rest.find(['/', '?', '#']) {
        Some(end) => (&rest[..end], "/…"),
        None => (rest, ""),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{more}")
}

#[cfg(test)]
mod tests {
    use super::{shown_address, shown_words};

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let words =
            |words: &[&str]| shown_words(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&["notify"]), r#"["notify"]"#);
        assert_eq!(words(&["notify", "--token", "s3cret"]), r#"["notify","…"]"#);
        assert_eq!(words(&[]), "[]");
        for (address, shown) in [
            ("https://hooks.lab/services/s3cret", "https://hooks.lab/…"),
            ("https://ada:s3cret@hooks.lab:8443", "https://hooks.lab:8443"),
            ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/…"),
            ("https://hooks.lab?key=s3cret", "https://hooks.lab/…"),
            ("hooks.lab/s3cret", "…"),
        ] {
            assert_eq!(shown_address(address), shown);
        }
    }
}
