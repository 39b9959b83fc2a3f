//! Hearing what others notify of.

use std::io;
use std::pin::pin;
use std::time::Duration;

use futures_util::stream::{StreamExt as _, poll_fn};
use tokio_postgres::tls::{MakeTlsConnect, NoTls};
use tokio_postgres::{AsyncMessage, Config, Socket};

use super::zone::{self, Fault};
use crate::ConnectOptions;
use crate::driver::Hear;

/// How often a server is asked whether it is still there.
const ASKED: Duration = Duration::from_secs(20);

/// Listens until the connection is lost.
pub(super) async fn listen(options: &ConnectOptions, sql: &str, hear: &mut Hear<'_>) -> Result<(), Fault> {
    let config = zone::config(options);
    match zone::encryption(options)? {
        None => listen_on(&config, NoTls, options.acquire_timeout, sql, hear).await,
        Some(tls) => listen_on(&config, tls, options.acquire_timeout, sql, hear).await,
    }
}

async fn listen_on<T>(
    config: &Config,
    tls: T,
    patience: Duration,
    sql: &str,
    hear: &mut Hear<'_>,
) -> Result<(), Fault>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, mut connection) = in_time(patience, config.connect(tls)).await?;
    // Nothing is sent, and no answer comes, but while messages are read.
    let mut messages = poll_fn(move |context| connection.poll_message(context));
    let mut question = sql;
    loop {
        let mut answer = pin!(in_time(patience, client.batch_execute(question)));
        loop {
            tokio::select! {
                answered = &mut answer => break answered?,
                message = messages.next() => take(message, hear)?,
            }
        }
        if question == sql {
            hear(None);
        }
        question = "";
        let mut pause = pin!(tokio::time::sleep(ASKED));
        loop {
            tokio::select! {
                () = &mut pause => break,
                message = messages.next() => take(message, hear)?,
            }
        }
    }
}

async fn in_time<T>(
    limit: Duration,
    future: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Fault> {
    match tokio::time::timeout(limit, future).await {
        Ok(outcome) => outcome.map_err(zone::fault),
        Err(_) => Err(Fault::Unreachable(sqlx::Error::PoolTimedOut)),
    }
}

fn take(
    message: Option<Result<AsyncMessage, tokio_postgres::Error>>,
    hear: &mut Hear<'_>,
) -> Result<(), Fault> {
    match message {
        Some(Ok(AsyncMessage::Notification(notification))) => hear(Some(notification.payload())),
        Some(Ok(_)) => {}
        Some(Err(error)) => return Err(zone::fault(error)),
        None => return Err(Fault::Unreachable(sqlx::Error::Io(io::ErrorKind::UnexpectedEof.into()))),
    }
    Ok(())
}
