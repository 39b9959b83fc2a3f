//! Between clients and a server, counting how often a client waits for the server.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// A place that passes everything on to a server. It ends with the program.
pub(super) struct Proxy {
    /// Where clients find it.
    pub(super) url: String,
    turns: Arc<AtomicU64>,
}

impl Proxy {
    /// Stands before the server of a URL.
    pub(super) fn start(url: &str) -> Result<Self, String> {
        let fault = |error: io::Error| format!("no proxy before the server: {error}");
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(fault)?;
        let port = listener.local_addr().map_err(fault)?.port();
        let (url, server) = redirected(url, port).ok_or("the URL has no host and port")?;
        let turns = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&turns);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client that finds no server sees its connection end.
                let Ok(server) = TcpStream::connect(&server) else { continue };
                let _ = connect(client, server, &counter);
            }
        });
        Ok(Self { url, turns })
    }

    /// How often clients have begun to speak after the server had.
    pub(super) fn turns(&self) -> u64 {
        self.turns.load(Ordering::SeqCst)
    }
}

/// The URL with another place in it, and the place that it had.
fn redirected(url: &str, port: u16) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let (login, place) = rest.rsplit_once('@').map_or(("", rest), |(login, place)| (login, place));
    let (server, name) = place.split_once('/').map_or((place, ""), |(server, name)| (server, name));
    server.contains(':').then_some(())?;
    let at = if login.is_empty() { "" } else { "@" };
    let slash = if name.is_empty() { "" } else { "/" };
    Some((format!("{scheme}://{login}{at}127.0.0.1:{port}{slash}{name}"), server.to_owned()))
}

fn connect(client: TcpStream, server: TcpStream, turns: &Arc<AtomicU64>) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let server_spoke = Arc::new(AtomicBool::new(true));
    let (spoke, turns) = (Arc::clone(&server_spoke), Arc::clone(turns));
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        pass(from, to, || {
            if spoke.swap(false, Ordering::SeqCst) {
                turns.fetch_add(1, Ordering::SeqCst);
            }
        });
    });
    thread::spawn(move || pass(server, client, || server_spoke.store(true, Ordering::SeqCst)));
    Ok(())
}

/// Passes on what comes, until either end is closed.
fn pass(mut from: impl Read, mut to: TcpStream, each: impl Fn()) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        each();
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    use super::{Proxy, redirected};

    #[test]
    fn a_url_leads_to_the_proxy() {
        let (url, server) = redirected("postgres://ada:secret@db:5432/lab", 99).unwrap();
        assert_eq!((url.as_str(), server.as_str()), ("postgres://ada:secret@127.0.0.1:99/lab", "db:5432"));
        assert_eq!(redirected("mysql://db:3306", 99).unwrap().0, "mysql://127.0.0.1:99");
        assert_eq!(redirected("postgres://db/lab", 99), None);
    }

    #[test]
    fn a_turn_is_when_the_client_speaks_after_the_server() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("mysql://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let (mut server, _) = listener.accept().unwrap();
            let mut byte = [0];
            while server.read(&mut byte).unwrap() > 0 {
                // It answers after a full stop.
                if byte == [b'.'] {
                    server.write_all(b"!").unwrap();
                }
            }
        });
        let proxy = Proxy::start(&url).unwrap();
        let mut client = TcpStream::connect(proxy.url.trim_start_matches("mysql://")).unwrap();
        for question in ["ab", "c.", "d", "e."] {
            client.write_all(question.as_bytes()).unwrap();
            if question.ends_with('.') {
                client.read_exact(&mut [0]).unwrap();
            }
        }
        assert_eq!(proxy.turns(), 2);
    }
}
