//! Between a client and a server: passes messages on until one is reached, and then breaks off, or lets it wait.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use datajoint::{Backend, Instance};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// How long a late message waits, before its first half and again before its second.
const DELAY: Duration = Duration::from_millis(20);

/// What becomes of a message, and of all that come after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection ends instead of it, and so do all others.
    Cut,
    /// It is not passed on, and nothing after it: the other side seems to be there and says nothing.
    Silence,
    /// A pooler says, with a code of its own, that it lost the server, and ends the connection.
    Fatal,
    /// It comes late and in two halves, and what is behind it waits; nothing is lost.
    Late,
}

/// The words of such a pooler for PostgreSQL: an error of severity FATAL.
const FATAL: &[u8] = b"E\0\0\0\x30SFATAL\0VFATAL\0C08P01\0Mserver conn crashed?\0\0";

/// How a protocol tells one message from the next.
#[derive(Debug, Clone, Copy)]
enum Protocol {
    /// <https://www.postgresql.org/docs/current/protocol-message-formats.html>
    Postgresql,
    /// <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html>
    Mysql,
}

/// A place before a server. It ends with its runtime.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    plan: Mutex<Plan>,
    /// Wakes all connections when they are to end.
    end: Notify,
}

#[derive(Default)]
struct Plan {
    /// How many messages have come by since it was armed.
    seen: u32,
    fault: Option<(u32, Fault)>,
    /// What has come to pass.
    happened: Option<Fault>,
}

impl State {
    /// What becomes of the next message.
    fn next(&self) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        plan.seen += 1;
        if let Some((number, fault)) = plan.fault
            && if fault == Fault::Late { plan.seen == number } else { plan.seen >= number }
        {
            plan.happened = Some(fault);
            return Some(fault);
        }
        None
    }
}

impl Proxy {
    /// Stands before a server.
    async fn start(server: String, protocol: Protocol) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (state, server) = (Arc::clone(&shared), server.clone());
                tokio::spawn(async move {
                    let end = state.end.notified();
                    tokio::select! {
                        _ = pass(client, &server, protocol, &state) => {}
                        () = end => {}
                    }
                });
            }
        });
        Ok(Self { port, state })
    }

    /// From the message of this number on, counted from here in both directions, it comes to the fault.
    pub(crate) fn arm(&self, number: u32, fault: Fault) {
        *self.state.plan.lock().unwrap() = Plan { seen: 0, fault: Some((number, fault)), happened: None };
    }

    /// Passes on everything again; gives how many messages there were, and whether the fault came to pass.
    pub(crate) fn disarm(&self) -> (u32, bool) {
        let plan = std::mem::take(&mut *self.state.plan.lock().unwrap());
        // What was silent does not speak again.
        if plan.happened.is_some_and(|fault| fault != Fault::Late) {
            self.state.end.notify_waiters();
        }
        (plan.seen, plan.happened.is_some())
    }
}

/// A proxy before the server, and its port; none where there is no server that could answer late.
pub(crate) async fn stand_before(dj: &Instance) -> Option<(Proxy, u16)> {
    let (protocol, usual) = match dj.backend() {
        Backend::Sqlite => return None,
        Backend::Postgresql => (Protocol::Postgresql, 5432),
        Backend::Mysql | Backend::Mariadb => (Protocol::Mysql, 3306),
    };
    let database = &dj.settings().database;
    let host = database.host.as_deref().unwrap_or("127.0.0.1");
    let server = format!("{host}:{}", database.port.unwrap_or(usual));
    let proxy = Proxy::start(server, protocol).await.unwrap();
    let port = proxy.port;
    Some((proxy, port))
}

async fn pass(client: TcpStream, server: &str, protocol: Protocol, state: &State) -> io::Result<()> {
    let server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async {
        let mut is_start = matches!(protocol, Protocol::Postgresql);
        loop {
            let message = read(&mut from_client, protocol, is_start).await?;
            is_start = false;
            match state.next() {
                None => to_server.write_all(&message).await?,
                Some(Fault::Late) => write_late(&mut to_server, &message).await?,
                Some(fault) => return Ok::<Fault, io::Error>(stop(state, fault).await),
            }
        }
    };
    let down = async {
        loop {
            let message = read(&mut from_server, protocol, false).await?;
            match state.next() {
                None => to_client.write_all(&message).await?,
                Some(Fault::Late) => write_late(&mut to_client, &message).await?,
                Some(fault) => return Ok::<Fault, io::Error>(stop(state, fault).await),
            }
        }
    };
    // When one side ends, so does the other.
    let broke_off = tokio::select! {
        ended = up => ended?,
        ended = down => ended?,
    };
    if broke_off == Fault::Fatal {
        to_client.write_all(FATAL).await?;
        state.end.notify_waiters();
    }
    Ok(())
}

/// The fault with which the connection is to end here.
async fn stop(state: &State, fault: Fault) -> Fault {
    match fault {
        Fault::Cut => state.end.notify_waiters(),
        Fault::Silence => std::future::pending().await,
        Fault::Fatal | Fault::Late => {}
    }
    fault
}

/// Passes a message on as a slow line does: whoever reads it is woken for a part of it, and waits again.
async fn write_late(to: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> io::Result<()> {
    let (first, second) = message.split_at(message.len() / 2);
    for part in [first, second] {
        tokio::time::sleep(DELAY).await;
        to.write_all(part).await?;
    }
    Ok(())
}

/// One message, as it came.
async fn read(
    from: &mut (impl AsyncRead + Unpin),
    protocol: Protocol,
    is_start: bool,
) -> io::Result<Vec<u8>> {
    let head = match protocol {
        Protocol::Postgresql if !is_start => 5,
        Protocol::Postgresql | Protocol::Mysql => 4,
    };
    let mut message = vec![0; head];
    from.read_exact(&mut message).await?;
    let rest = match protocol {
        Protocol::Postgresql => {
            let mut length = [0; 4];
            length.copy_from_slice(&message[head - 4..]);
            (u32::from_be_bytes(length) as usize).saturating_sub(4)
        }
        Protocol::Mysql => u32::from_le_bytes([message[0], message[1], message[2], 0]) as usize,
    };
    message.resize(head + rest, 0);
    from.read_exact(&mut message[head..]).await?;
    Ok(message)
}
