//! Databases named by URLs.

use secrecy::SecretString;

use crate::{Error, Result, Settings};

pub(crate) fn parse(text: &str) -> Result<Settings> {
    let (scheme, rest) = text.split_once(':').ok_or_else(|| Error::Url(without_password(text)))?;
    let backend = match scheme {
        "sqlite" => return Ok(Settings::embedded(rest.trim_start_matches("//"))),
        "mysql" | "mariadb" => "mysql",
        "postgres" | "postgresql" => "postgresql",
        _ => return Err(Error::Url(without_password(text))),
    };
    let rest = rest.strip_prefix("//").ok_or_else(|| Error::Url(without_password(text)))?;
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
    let (host, port) = place.rsplit_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
    database.host = Some(host.to_owned());
    database.port = match port {
        Some(port) => Some(port.parse().map_err(|_| Error::Url(without_password(text)))?),
        None => None,
    };
    database.name = (!name.is_empty()).then(|| name.to_owned());
    Ok(settings)
}

/// The text with `%40` and the like as the characters they stand for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        if let (b'%', Some(byte)) = (first, code.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn without_password(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(start), Some(at)) => format!("{}://…{}", &text[..start], &text[at..]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::parse;

    #[test]
    fn a_url_names_a_server_and_who_one_is() {
        let settings = parse("mysql://ada:s%40cret@db.lab:3307").unwrap().database;
        assert_eq!(settings.host.as_deref(), Some("db.lab"));
        assert_eq!(settings.port, Some(3307));
        assert_eq!(settings.user.as_deref(), Some("ada"));
        assert_eq!(settings.password.unwrap().expose_secret(), "s@cret");
    }

    #[test]
    fn no_error_shows_a_password() {
        let error = parse("oracle://ada:secret@db").unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
