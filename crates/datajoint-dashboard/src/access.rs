//! Who may see the page.

use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use sha2::{Digest as _, Sha256};

/// The cookie in which a browser keeps the token, so that it stands in no address after the first.
const COOKIE_NAME: &str = "datajoint-dashboard";

/// What a request has to show.
#[derive(Clone)]
pub(crate) struct Access {
    /// What only those know who may see the page; without one, all programs of this machine may.
    pub(crate) token: Option<String>,
    /// Whether failed jobs may be had tried again.
    pub(crate) may_retry: bool,
}

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Answer,
    /// The token stood in the address: it is put into a cookie, and taken from the address.
    Keep(String),
    Refuse(StatusCode, &'static str),
}

impl Access {
    pub(crate) fn judge(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Decision {
        // A page of others whose name leads to this machine could read it otherwise: browsers send the name.
        if self.token.is_none() && !text(headers, HOST.as_str()).is_some_and(is_of_this_machine) {
            return Decision::Refuse(
                StatusCode::FORBIDDEN,
                "open the page as http://127.0.0.1 or localhost\n",
            );
        }
        if method != Method::GET {
            if !self.may_retry {
                return Decision::Refuse(
                    StatusCode::FORBIDDEN,
                    "this page changes nothing: serve it with `--allow-retry` for that\n",
                );
            }
            // A form of another site can send no JSON, and its script would name that site.
            let of_others = text(headers, ORIGIN.as_str()).is_some_and(|origin| {
                origin.split_once("://").map(|(_, host)| host) != text(headers, HOST.as_str())
            });
            let is_json =
                text(headers, "content-type").is_some_and(|kind| kind.starts_with("application/json"));
            if of_others || !is_json {
                return Decision::Refuse(StatusCode::FORBIDDEN, "another site asks for this\n");
            }
        }
        let Some(token) = &self.token else { return Decision::Answer };
        let shown = text(headers, AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
        let kept = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let kept = kept
            .flat_map(|value| value.split("; "))
            .find_map(|cookie| cookie.strip_prefix(COOKIE_NAME)?.strip_prefix('='));
        if [shown, kept].into_iter().flatten().any(|value| is_same(value, token)) {
            return Decision::Answer;
        }
        let in_address =
            uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("token="));
        match in_address {
            Some(value) if is_same(value, token) && method == Method::GET && uri.path() == "/" => {
                Decision::Keep(format!("{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Strict"))
            }
            _ => Decision::Refuse(
                StatusCode::UNAUTHORIZED,
                "open the page with the token that was printed: http://…/?token=…\n",
            ),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// True for a host, with or without a port, that can be no other machine.
fn is_of_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Compares digests, so that the time taken tells nothing of the token.
fn is_same(value: &str, token: &str) -> bool {
    Sha256::digest(value.as_bytes()) == Sha256::digest(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(access: &Access, method: &Method, address: &str, headers: &[(&'static str, &str)]) -> Decision {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        access.judge(method, &address.parse().unwrap(), &map)
    }

    fn is_refused(decision: &Decision) -> bool {
        matches!(decision, Decision::Refuse(..))
    }

    #[test]
    fn without_a_token_only_names_of_this_machine_are_answered() {
        let access = Access { token: None, may_retry: false };
        for host in ["localhost", "LOCALHOST:8780", "127.0.0.1:1", "127.9.9.9", "[::1]:8780"] {
            assert_eq!(judged(&access, &Method::GET, "/", &[("host", host)]), Decision::Answer, "{host}");
        }
        for host in ["lab.example", "localhost.example:80", "10.0.0.1", "127.0.0.1.example", "[::2]", ""] {
            assert!(is_refused(&judged(&access, &Method::GET, "/state.json", &[("host", host)])), "{host}");
        }
        assert!(is_refused(&judged(&access, &Method::GET, "/", &[])));
    }

    #[test]
    fn with_a_token_it_is_asked_for_on_every_way() {
        let access = Access { token: Some("s3cret".to_owned()), may_retry: false };
        let host = ("host", "lab.example");
        for path in ["/", "/state.json", "/graph.svg", "/page.js"] {
            for wrong in [
                &[host][..],
                &[host, ("authorization", "Bearer s3cre")],
                &[host, ("cookie", "datajoint-dashboard=")],
            ] {
                assert!(is_refused(&judged(&access, &Method::GET, path, wrong)), "{path} {wrong:?}");
            }
            assert_eq!(
                judged(&access, &Method::GET, path, &[host, ("authorization", "Bearer s3cret")]),
                Decision::Answer
            );
            let cookie = ("cookie", "a=b; datajoint-dashboard=s3cret");
            assert_eq!(judged(&access, &Method::GET, path, &[host, cookie]), Decision::Answer);
        }
        assert!(matches!(judged(&access, &Method::GET, "/?token=s3cret", &[host]), Decision::Keep(_)));
        assert!(is_refused(&judged(&access, &Method::GET, "/?token=other", &[host])));
        assert!(is_refused(&judged(&access, &Method::GET, "/state.json?token=s3cret", &[host])));
    }

    #[test]
    fn nothing_is_changed_for_other_sites_or_without_leave() {
        let json = ("content-type", "application/json");
        let host = ("host", "localhost:8780");
        let reads = Access { token: None, may_retry: false };
        assert!(is_refused(&judged(&reads, &Method::POST, "/retry", &[host, json])));
        let retries = Access { token: None, may_retry: true };
        assert_eq!(judged(&retries, &Method::POST, "/retry", &[host, json]), Decision::Answer);
        let own = ("origin", "http://localhost:8780");
        assert_eq!(judged(&retries, &Method::POST, "/retry", &[host, json, own]), Decision::Answer);
        for wrong in [
            &[host][..],
            &[host, ("content-type", "application/x-www-form-urlencoded")],
            &[host, json, ("origin", "http://other.example")],
            &[host, json, ("origin", "null")],
            &[("host", "other.example"), json],
        ] {
            assert!(is_refused(&judged(&retries, &Method::POST, "/retry", wrong)), "{wrong:?}");
        }
    }
}
