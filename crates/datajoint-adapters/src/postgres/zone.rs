//! The time zone and the order of dates that the server gives to a client that asks for none.
//!
//! The driver asks for UTC and for the order of the United States when it connects, and after that the server does not tell any more what it would have given:
//! what was asked for has become the default of the session. Other clients, DataJoint for Python among them, ask for none.
//! Where the zones differ, so do the defaults `CURRENT_TIMESTAMP` that they store; where the orders do, so does `1/2/2020`. So a client that asks for none is
//! connected once for an instance; the server says both in answer to its start.
//!
//! The same client learns whether the session is its own. It begins with a setting of its own, as the options of the
//! start: a pooler that hands out sessions by the transaction refuses it, passes over it, or hands out a session that
//! began with another one.

use std::time::Duration;

use datajoint_sql::{Limit, Usual};
use futures_util::future::{Either, select};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{MakeTlsConnect, NoTls};
use tokio_postgres::{Config, SimpleQueryMessage, Socket};

use super::tls;
use crate::ConnectOptions;

/// The setting that marks a session.
const MARK: &str = "datajoint.client";

/// Why the zone is not known.
pub(super) enum Fault {
    /// The server can't be reached, or does not answer.
    Unreachable(sqlx::Error),
    /// The server refused.
    Refused(tokio_postgres::Error),
}

/// What was learnt of a server.
pub(super) struct Learnt {
    /// What a session has that asks for nothing; servers that are none of PostgreSQL's own tell nothing.
    pub(super) usual: Usual,
    /// True when the session behind a connection may be another for each transaction.
    pub(super) shares_sessions: bool,
    /// The limits that its sessions have of their own.
    pub(super) limits: Vec<Limit>,
}

/// Learns what a client gets that asks for nothing.
pub(super) async fn learn(options: &ConnectOptions) -> Result<Learnt, Fault> {
    let mark = uuid::Uuid::new_v4().simple().to_string();
    match meet(options, Some(&mark)).await {
        Err(Fault::Refused(error)) if is_about_options(&error) => {
            let learnt = meet(options, None).await?;
            Ok(Learnt { shares_sessions: true, ..learnt })
        }
        outcome => outcome,
    }
}

/// True when the start was refused for what it asked for, and not for who asked.
fn is_about_options(error: &tokio_postgres::Error) -> bool {
    // Who may not connect, to what is not there, while too many do, or while it shuts down.
    let others = ["28", "3D", "53", "57"];
    error.code().is_some_and(|code| !others.iter().any(|class| code.code().starts_with(class)))
}

async fn meet(options: &ConnectOptions, mark: Option<&str>) -> Result<Learnt, Fault> {
    let mut config = config(options);
    if let Some(mark) = mark {
        config.options(format!("-c {MARK}={mark}"));
    }
    match encryption(options)? {
        None => start(&config, NoTls, options.acquire_timeout, mark).await,
        Some(tls) => start(&config, tls, options.acquire_timeout, mark).await,
    }
}

/// The options as this client takes them.
pub(super) fn config(options: &ConnectOptions) -> Config {
    let mut config = Config::new();
    config
        .host(&options.host)
        .port(options.port())
        .user(&options.user)
        .dbname(options.database.as_deref().unwrap_or("postgres"))
        .application_name("datajoint-rust");
    if !options.password.is_empty() {
        config.password(&options.password);
    }
    config.ssl_mode(if options.is_encrypted() { SslMode::Require } else { SslMode::Disable });
    config
}

/// How its connections are encrypted, if they are.
pub(super) fn encryption(options: &ConnectOptions) -> Result<Option<tls::Rustls>, Fault> {
    if !options.is_encrypted() {
        return Ok(None);
    }
    tls::Rustls::new(options.certificate_authority.as_deref()).map(Some).map_err(Fault::Unreachable)
}

async fn start<T>(config: &Config, tls: T, patience: Duration, mark: Option<&str>) -> Result<Learnt, Fault>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let learn = async {
        // Both are dropped at the end, which ends the connection.
        let (client, connection) = config.connect(tls).await.map_err(fault)?;
        let mut usual = Usual::default();
        usual.zone = connection.parameter("TimeZone").map(str::to_owned);
        // Such as `ISO, MDY`: how dates are shown, and how they are read.
        usual.dates = connection
            .parameter("DateStyle")
            .and_then(|style| style.rsplit_once(", "))
            .map(|(_, order)| order.to_owned());
        let limits = Limit::ALL.map(|limit| format!("pg_catalog.current_setting('{}', true)", limit.name()));
        let question =
            format!("SELECT coalesce(pg_catalog.current_setting('{MARK}', true), ''), {}", limits.join(", "));
        let answer = client.simple_query(&question);
        let (shares_sessions, limits) = match select(std::pin::pin!(answer), std::pin::pin!(connection)).await
        {
            Either::Left((answer, _)) => {
                let messages = answer.map_err(fault)?;
                let row = messages.iter().find_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                });
                let own = row.and_then(|row| row.get(0));
                let is_limited = |place: usize| {
                    row.and_then(|row| row.get(place)).is_some_and(|limit| !matches!(limit, "" | "0"))
                };
                let limits = Limit::ALL.into_iter().zip(1..).filter(|(_, place)| is_limited(*place));
                (mark.is_some_and(|mark| own != Some(mark)), limits.map(|(limit, _)| limit).collect())
            }
            Either::Right((ended, _)) => {
                ended.map_err(fault)?;
                (false, Vec::new())
            }
        };
        Ok(Learnt { usual, shares_sessions, limits })
    };
    match tokio::time::timeout(patience, learn).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Fault::Unreachable(sqlx::Error::PoolTimedOut)),
    }
}

pub(super) fn fault(error: tokio_postgres::Error) -> Fault {
    let io = std::error::Error::source(&error)
        .and_then(|source| source.downcast_ref::<std::io::Error>())
        .map(|io| std::io::Error::new(io.kind(), io.to_string()));
    match io {
        Some(io) => Fault::Unreachable(sqlx::Error::Io(io)),
        None => Fault::Refused(error),
    }
}

impl Fault {
    /// The same as an error of the driver.
    pub(super) fn into_error(self) -> sqlx::Error {
        match self {
            Self::Unreachable(error) => error,
            Self::Refused(error) => sqlx::Error::Configuration(Box::new(error)),
        }
    }
}
