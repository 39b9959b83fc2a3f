//! Databases named by URLs.

use std::net::Ipv6Addr;

use secrecy::SecretString;

use crate::server::host_and_port;
use crate::{Error, Result, Settings};

pub(crate) fn parse(text: &str) -> Result<Settings> {
    let (scheme, rest) = text.split_once(':').ok_or_else(|| Error::Url("…".to_owned()))?;
    let backend = match scheme {
        "sqlite" => return Ok(Settings::embedded(rest.trim_start_matches("//"))),
        "mysql" | "mariadb" => "mysql",
        "postgres" | "postgresql" => "postgresql",
        // It may be anything: a user before a password, or a password.
        _ => return Err(Error::Url("…".to_owned())),
    };
    let fault = || Error::Url(format!("{scheme}:…"));
    let rest = rest.strip_prefix("//").ok_or_else(fault)?;
    let mut settings = Settings::default();
    let database = &mut settings.database;
    database.backend = Some(backend.to_owned());
    let (login, place) = rest.rsplit_once('@').map_or((None, rest), |(login, place)| (Some(login), place));
    let (place, name) = place.split_once('/').map_or((place, ""), |(place, name)| (place, name));
    if let Some(login) = login {
        let (user, password) =
            login.split_once(':').map_or((login, None), |(user, password)| (user, Some(password)));
        database.user = Some(decoded(user));
        database.password = password.map(|password| SecretString::from(decoded(password)));
    }
    // What might come after these would be taken for a name, and be shown.
    if [place, name].iter().any(|part| part.contains(['?', '#', '@'])) {
        return Err(fault());
    }
    for server in place.split(',') {
        let (host, port) = host_and_port(server.trim());
        // Without a host that of the settings of a server would be meant, which a URL hasn't. More colons are an address, of
        // which a URL tells by brackets where it ends.
        if host.is_empty() || (host.contains(':') && host.parse::<Ipv6Addr>().is_err()) {
            return Err(fault());
        }
        if port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0)) {
            continue;
        }
        if port.is_some() {
            return Err(Error::UrlPort(format!("{scheme}:…")));
        }
    }
    // Of several servers each says its own port.
    let (host, port) = if place.contains(',') { (place, None) } else { host_and_port(place) };
    database.host = Some(host.to_owned());
    database.port = port.and_then(|port| port.parse().ok());
    database.name = (!name.is_empty()).then(|| name.to_owned());
    Ok(settings)
}

/// The text with `%40` and the like as the characters they stand for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |place: usize| tail.get(place).and_then(|&digit| char::from(digit).to_digit(16));
        let code = digit(0).zip(digit(1)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        if let (b'%', Some(byte)) = (first, code) {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The same text, with what stands before the `@` of a URL in it left out.
pub(crate) fn without_credentials(text: &str) -> String {
    match credentials(text) {
        Some(range) => format!("{}…{}", &text[..range.start], &text[range.end..]),
        None => text.to_owned(),
    }
}

/// True for the value of a setting that has a user or a password within it, where none belongs.
pub(crate) fn has_credentials(key: &str, text: &str) -> bool {
    let is_address = key == "database.host" || key.ends_with(".endpoint");
    if text.contains("://") {
        credentials(text).is_some() && !key.ends_with(".proxy_server") && key != "database.password_command"
    } else {
        text.contains('@') && (is_address || key.ends_with(".proxy_server"))
    }
}

/// Where user and password stand in a URL: between `://` and the last `@`, which a password may have too.
fn credentials(text: &str) -> Option<std::ops::Range<usize>> {
    let start = text.find("://")? + 3;
    let end = text.rfind('@')?;
    (start <= end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::parse;

    #[test]
    fn a_url_names_a_server_and_who_one_is() {
        let odd = parse("mysql://ada:50%+1x%zz%4@db.lab").unwrap().database;
        assert_eq!(odd.password.unwrap().expose_secret(), "50%+1x%zz%4");
        let settings = parse("mysql://ada:s%40cret@db.lab:3307").unwrap().database;
        assert_eq!(settings.host.as_deref(), Some("db.lab"));
        assert_eq!(settings.port, Some(3307));
        assert_eq!(settings.user.as_deref(), Some("ada"));
        assert_eq!(settings.password.unwrap().expose_secret(), "s@cret");
    }

    #[test]
    fn every_host_is_one() {
        for text in [
            "mysql://ada:pw@h,h2:notaport/",
            "mysql://h,h2:0",
            "mysql://h,h2:70000",
            "mysql:///x",
            "mysql://",
            "postgres://ada@/x",
            "postgres://ada@:5432/x",
            "mysql://h,/x",
            "mysql://a:b:c/x",
            "mysql://,h",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        for (text, host) in [
            ("mysql://h,h2:3307/", "h,h2:3307"),
            ("postgres://h:5433,h2/x", "h:5433,h2"),
            ("postgres://[::1]:5433/x", "::1"),
            ("postgres://ada@[::1]/x", "::1"),
            ("mysql://h,[::1]:3307", "h,[::1]:3307"),
        ] {
            assert_eq!(parse(text).unwrap().database.host.as_deref(), Some(host), "{text}");
        }
        let servers = parse("mysql://ada@[::1]:3307").unwrap().database.servers();
        assert_eq!((servers[0].host.as_str(), servers[0].port), ("::1", Some(3307)));
    }

    #[test]
    fn a_wrong_port_is_told_as_one() {
        for text in [
            "mysql://u:p@h:bad/",
            "postgres://h:0",
            "mysql://h:",
            "mysql://h,h2:70000",
            "postgres://[::1]:x/",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("port") && !error.contains("bad"), "{error}");
        }
    }

    #[test]
    fn no_error_shows_a_password() {
        for text in [
            "oracle://ada:secret@db",
            "mysql:ada:secret@db",
            "mysql:/ada:secret@db",
            "ada:secret@h/db",
            "secret",
            "mysql://ada:secret",
            "mysql://h/db?password=secret",
            "postgres://ada:secret@h:port/db",
            "postgres://ada:sec@ret#secret@h/db#secret",
        ] {
            let error = parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
    }
}
