//! Asks a server who it is, with no more of its protocol than that takes.

use std::fmt;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Mysql,
    Mariadb,
    Postgresql,
}

impl Kind {
    /// The variable by which the tests learn of such a server.
    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Self::Mysql => "DJ_TEST_MYSQL_URL",
            Self::Mariadb => "DJ_TEST_MARIADB_URL",
            Self::Postgresql => "DJ_TEST_POSTGRES_URL",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
            Self::Postgresql => "PostgreSQL",
        })
    }
}

/// What a server said of itself.
pub(crate) struct Greeting {
    pub(crate) kind: Kind,
    pub(crate) version: String,
}

/// Connects to the server of a URL and logs in as far as it takes to know that it is usable.
pub(crate) fn greet(url: &str) -> Result<Greeting, String> {
    let address =
        Address::parse(url).ok_or("not a URL of the form scheme://user:password@host:port/database")?;
    let stream = connect(&address).map_err(|error| format!("can't connect: {error}"))?;
    let outcome =
        if address.postgres { greet_postgres(stream, &address) } else { greet_mysql(stream, &address) };
    outcome.map_err(|error| format!("no usable answer: {error}"))
}

struct Address<'a> {
    postgres: bool,
    user: &'a str,
    has_password: bool,
    host: &'a str,
    port: u16,
    database: &'a str,
}

impl<'a> Address<'a> {
    fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let postgres = scheme.starts_with("postgres");
        let (login, place) = rest.rsplit_once('@').unwrap_or(("root", rest));
        let (place, database) = place.split_once('/').unwrap_or((place, ""));
        let (host, port) = place.rsplit_once(':').unwrap_or((place, if postgres { "5432" } else { "3306" }));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let database = if database.is_empty() { "postgres" } else { database };
        Some(Self {
            postgres,
            user,
            has_password: !password.is_empty(),
            host,
            port: port.parse().ok()?,
            database,
        })
    }
}

fn connect(address: &Address<'_>) -> std::io::Result<TcpStream> {
    let socket = (address.host, address.port)
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| std::io::Error::other("the host has no address"))?;
    let stream = TcpStream::connect_timeout(&socket, Duration::from_secs(3))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    Ok(stream)
}

/// <https://www.postgresql.org/docs/current/protocol-message-formats.html>
fn greet_postgres(mut stream: TcpStream, address: &Address<'_>) -> std::io::Result<Greeting> {
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    for text in ["user", address.user, "database", address.database] {
        body.extend_from_slice(text.as_bytes());
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).map_err(std::io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(&body)?;
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]).saturating_sub(4);
        let mut message = Vec::new();
        (&stream).take(u64::from(length)).read_to_end(&mut message)?;
        match head[0] {
            b'R' if message.starts_with(&[0, 0, 0, 0]) => {}
            // A password is asked for: the server is there, and the tests will log in with theirs.
            b'R' if address.has_password => {
                return Ok(Greeting { kind: Kind::Postgresql, version: "of unknown version".to_owned() });
            }
            b'R' => return Err(std::io::Error::other("it asks for a password")),
            b'S' => {
                let mut parts = message.split(|&byte| byte == 0).map(String::from_utf8_lossy);
                if parts.next().as_deref() == Some("server_version") {
                    let version = parts.next().unwrap_or_default().into_owned();
                    return Ok(Greeting { kind: Kind::Postgresql, version });
                }
            }
            b'E' => return Err(std::io::Error::other(String::from_utf8_lossy(&message).replace('\0', " "))),
            _ => {}
        }
    }
}

/// <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html>
fn greet_mysql(mut stream: TcpStream, address: &Address<'_>) -> std::io::Result<Greeting> {
    let hello = read_mysql_packet(&mut stream)?;
    let version = hello.get(1..).unwrap_or_default().split(|&byte| byte == 0).next().unwrap_or_default();
    let version = String::from_utf8_lossy(version).into_owned();
    let kind = if version.contains("MariaDB") { Kind::Mariadb } else { Kind::Mysql };
    // MariaDB used to hide its version behind this prefix.
    let version = version.trim_start_matches("5.5.5-").to_owned();
    if !address.has_password {
        log_in_without_password(&mut stream, address)?;
    }
    Ok(Greeting { kind, version })
}

fn log_in_without_password(stream: &mut TcpStream, address: &Address<'_>) -> std::io::Result<()> {
    const PROTOCOL_41: u32 = 0x0200;
    const SECURE_CONNECTION: u32 = 0x8000;
    const PLUGIN_AUTH: u32 = 0x0008_0000;
    let mut body = (PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH).to_le_bytes().to_vec();
    body.extend_from_slice(&[0, 0, 0, 1, 45]);
    body.extend_from_slice(&[0; 23]);
    body.extend_from_slice(address.user.as_bytes());
    body.extend_from_slice(&[0, 0]);
    // Without a name MySQL 9 takes it for a way to log in that it no longer has.
    body.extend_from_slice(b"caching_sha2_password\0");
    write_mysql_packet(stream, 1, &body)?;
    let mut answer = read_mysql_packet(stream)?;
    if answer.first() == Some(&0xfe) {
        // Another way to log in is wanted; an empty answer is an empty password in each.
        write_mysql_packet(stream, 3, &[])?;
        answer = read_mysql_packet(stream)?;
    }
    match answer.first() {
        Some(0) => Ok(()),
        _ => Err(std::io::Error::other(
            String::from_utf8_lossy(answer.get(3..).unwrap_or_default()).into_owned(),
        )),
    }
}

fn read_mysql_packet(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = [0; 4];
    stream.read_exact(&mut head)?;
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    let mut packet = Vec::new();
    stream.take(u64::from(length)).read_to_end(&mut packet)?;
    Ok(packet)
}

fn write_mysql_packet(stream: &mut TcpStream, sequence: u8, body: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(body.len()).map_err(std::io::Error::other)?.to_le_bytes();
    stream.write_all(&[length[0], length[1], length[2], sequence])?;
    stream.write_all(body)
}
