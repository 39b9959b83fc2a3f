//! Who answers at an address, where a connection does not come to pass.
//!
//! A client of one kind of server and a server of the other wait for each other: MySQL speaks first, and of PostgreSQL the
//! client does. And a driver tries again and again where nobody listens.

use std::future::pending;
use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use datajoint_definition::Backend;
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::{ConnectOptions, Error, Result};

/// How long a connection may take before it is looked at why.
const UNUSUAL: Duration = Duration::from_millis(300);

/// How long a server may take that speaks first.
const FIRST_WORD: Duration = Duration::from_secs(1);

/// How long a server may take to be reached, and to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// Asks PostgreSQL whether it encrypts; it answers with one letter.
const ENCRYPTS: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Where MySQL says in its greeting whether it encrypts, counted from the end of its version.
const CAPABILITIES: usize = 14;
const ENCRYPTS_FLAG: u16 = 0x0800;

/// What answers.
enum Peer {
    /// Nothing: the connection is refused.
    Nobody(io::Error),
    Server {
        backend: Backend,
        /// False when it takes no encrypted connections.
        encrypts: bool,
    },
    /// Nothing that says what it is.
    Unknown,
}

/// Connects; fails soon, with words that say why, where it can be seen that it will not come to pass.
pub(crate) async fn watch<T>(
    options: &ConnectOptions,
    connect: impl Future<Output = Result<T>>,
) -> Result<T> {
    let look = async {
        sleep(UNUSUAL).await;
        match obstacle(options).await {
            Some(error) => error,
            // It may still come to pass.
            None => pending().await,
        }
    };
    match select(std::pin::pin!(connect), std::pin::pin!(look)).await {
        Either::Left((Err(error @ Error::Connect { .. }), _)) => {
            Err(obstacle(options).await.unwrap_or(error))
        }
        Either::Left((outcome, _)) => outcome,
        Either::Right((error, _)) => Err(error),
    }
}

/// Connects by a driver; what is no answer of such a server is an error too, which drivers may take for a fault of their
/// own and panic.
pub(crate) async fn without_panic<T>(connect: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    // What the driver had made of the connection goes with it.
    let outcome = AssertUnwindSafe(Box::pin(connect)).catch_unwind().await;
    outcome.unwrap_or_else(|_| {
        Err(sqlx::Error::Protocol("what it answers is nothing that such a server says".to_owned()))
    })
}

/// Returns why no connection comes to pass, where that shows.
pub(crate) async fn obstacle(options: &ConnectOptions) -> Option<Error> {
    match look(options).await {
        Peer::Nobody(error) => Some(Error::connect(options, sqlx::Error::Io(error))),
        Peer::Server { backend, .. }
            if backend.capability().protocol != options.backend.capability().protocol =>
        {
            Some(Error::OtherServer { address: options.address(), found: backend, wanted: options.backend })
        }
        Peer::Server { encrypts: false, .. } if options.is_encrypted() => {
            Some(Error::NotEncrypted { address: options.address() })
        }
        _ => None,
    }
}

async fn look(options: &ConnectOptions) -> Peer {
    match timeout(ANSWER, TcpStream::connect((options.host.as_str(), options.port()))).await {
        Ok(Ok(mut stream)) => listen(&mut stream).await.unwrap_or(Peer::Unknown),
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Peer::Nobody(error),
        _ => Peer::Unknown,
    }
}

async fn listen(stream: &mut TcpStream) -> io::Result<Peer> {
    let mut word = [0; 256];
    if let Ok(length) = timeout(FIRST_WORD, stream.read(&mut word)).await {
        return Ok(greeting(&word[..length?]));
    }
    stream.write_all(&ENCRYPTS).await?;
    let length = timeout(ANSWER, stream.read(&mut word)).await??;
    Ok(match &word[..length] {
        // A server of the other kind that was slow says more.
        [letter @ (b'S' | b'N')] => Peer::Server { backend: Backend::Postgresql, encrypts: *letter == b'S' },
        _ => Peer::Unknown,
    })
}

/// Reads the first packet of MySQL, and of MariaDB, which stands for it: its length and number, the protocol, the version, and what it can do.
///
/// <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html>
fn greeting(packet: &[u8]) -> Peer {
    let [_, _, _, 0, 10, rest @ ..] = packet else { return Peer::Unknown };
    let Some(end) = rest.iter().position(|&byte| byte == 0) else { return Peer::Unknown };
    let encrypts = match rest.get(end + CAPABILITIES..end + CAPABILITIES + 2) {
        Some(&[low, high]) => u16::from_le_bytes([low, high]) & ENCRYPTS_FLAG != 0,
        _ => true,
    };
    Peer::Server { backend: Backend::Mysql, encrypts }
}
