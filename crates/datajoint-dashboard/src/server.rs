//! The server of the page.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use datajoint_diagram::Diagram;
use datajoint_pipeline::{DynamicTable, FoundSchemas, Instance, Schema};
use datajoint_schema::Graph;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::access::{Access, Decision};
use crate::{Error, Overview, Rates, failing, page};

/// The port of the page, where none is chosen.
const PORT: u16 = 8780;

/// How long what was read is shown to all who look.
const EVERY: Duration = Duration::from_secs(2);

/// A page in the browser: the graph of the tables with their counts, failures by their faults, and who works.
///
/// It is served to this machine alone, and changes nothing, unless that is asked for. At an address that others reach, a token
/// is asked for, which stands in [`Serving::url`].
///
/// ```no_run
/// # use datajoint_config::Settings;
/// # use datajoint_dashboard::Dashboard;
/// # use datajoint_pipeline::Instance;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dj = Instance::connect(Settings::load()?).await?;
/// let serving = Dashboard::of(&dj).bind().await?;
/// println!("{}", serving.url());
/// serving.run().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "it is served with `bind` and `run`"]
pub struct Dashboard {
    dj: Instance,
    schemas: Vec<String>,
    address: SocketAddr,
    token: Option<String>,
    may_retry: bool,
}

impl Dashboard {
    /// Returns the page of all schemas with the prefix of the settings, at `127.0.0.1:8780`.
    pub fn of(dj: &Instance) -> Self {
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT);
        Self { dj: dj.clone(), schemas: Vec::new(), address, token: None, may_retry: false }
    }

    /// Shows these schemas alone, named as in `schema!`.
    pub fn schemas<S: Into<String>>(mut self, schemas: impl IntoIterator<Item = S>) -> Self {
        self.schemas = schemas.into_iter().map(Into::into).collect();
        self
    }

    /// Serves at this address; port 0 takes one that is free.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Asks all who look for this token, of at least 16 letters and digits. Without one, a token is made where others than
    /// this machine reach the page.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Lets those who look have failed jobs tried again, of the tables that are shown.
    pub fn allow_retry(mut self, allow: bool) -> Self {
        self.may_retry = allow;
        self
    }

    /// Takes the address, so that the page can be opened.
    ///
    /// Fails when another program has the port, or the address is none of this machine, and for a token that can be guessed.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn bind(self) -> Result<Serving, Error> {
        if self.token.as_deref().is_some_and(|token| !is_token(token)) {
            return Err(Error::Token);
        }
        let address = self.address;
        let refused = |source| Error::Address { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let token = self
            .token
            .or_else(|| (!address.ip().is_loopback()).then(|| uuid::Uuid::new_v4().simple().to_string()));
        let shared = Shared {
            dj: self.dj,
            schemas: self.schemas,
            access: Access { token, may_retry: self.may_retry },
            seen: Mutex::new(Seen::default()),
            #[cfg(feature = "metrics")]
            metrics: Mutex::new(None),
        };
        Ok(Serving { listener, address, shared: Arc::new(shared) })
    }
}

/// The least length of a token.
const TOKEN_LENGTH: usize = 16;

fn is_token(token: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    token.len() >= TOKEN_LENGTH && token.bytes().all(is_plain)
}

/// A page whose address is taken.
pub struct Serving {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Serving {
    /// Returns what opens the page in a browser, with its token where it has one. An address of all of this machine's stands
    /// in it as it was given.
    pub fn url(&self) -> String {
        match &self.shared.access.token {
            Some(token) => format!("http://{}/?token={token}", self.address),
            None => format!("http://{}/", self.address),
        }
    }

    /// Returns the address at which it is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the page until the future is dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it serves no longer. It reads; what somebody had tried again on the page stays so.
    pub async fn run(self) -> Result<(), Error> {
        let router = Router::new();
        #[cfg(feature = "metrics")]
        let router = router.route("/metrics", get(metrics));
        let router = router
            .route("/", get(|| async { ([(CONTENT_TYPE, "text/html; charset=utf-8")], page::HTML) }))
            .route("/page.css", get(|| async { ([(CONTENT_TYPE, "text/css; charset=utf-8")], page::CSS) }))
            .route(
                "/page.js",
                get(|| async { ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], page::SCRIPT) }),
            )
            .route("/state.json", get(state))
            .route("/graph.svg", get(graph))
            .route("/retry", post(retry))
            .with_state(Arc::clone(&self.shared))
            .layer(from_fn_with_state(self.shared, guarded));
        axum::serve(self.listener, router).await.map_err(Error::Serving)
    }
}

struct Shared {
    dj: Instance,
    schemas: Vec<String>,
    access: Access,
    seen: Mutex<Seen>,
    /// What was written for Prometheus last.
    #[cfg(feature = "metrics")]
    metrics: Mutex<Option<(Instant, String)>>,
}

/// What was read last, for all who look.
#[derive(Default)]
struct Seen {
    rates: Rates,
    state: Option<(Instant, Value)>,
}

impl Shared {
    /// The schemas that are shown. One that another project stamped, that may not be read, or that went meanwhile, is passed
    /// over.
    async fn shown(&self) -> Result<FoundSchemas, Error> {
        let mut shown = FoundSchemas::default();
        if self.schemas.is_empty() {
            shown = self.dj.find_schemas(&self.dj.settings().database.database_prefix).await?;
        }
        for name in &self.schemas {
            match self.dj.schema(&self.dj.schema_name(name)).await {
                Ok(schema) => shown.schemas.push(schema),
                Err(error) if error.is_gone() => {}
                Err(error) => return Err(error.into()),
            }
        }
        shown.schemas.retain(|schema| !schema.list_tables().is_empty());
        Ok(shown)
    }

    /// The table of this name, as the page writes it, among those that are shown.
    async fn table(&self, name: &str) -> Result<Option<DynamicTable>, Error> {
        let schemas = self.shown().await?.schemas;
        Ok(schemas.iter().flat_map(Schema::tables).find(|table| table.name().to_string() == name))
    }

    async fn look(&self, rates: &mut Rates) -> Result<Value, Error> {
        let FoundSchemas { schemas, findings, .. } = self.shown().await?;
        let mut overview = Overview::of(&self.dj, &schemas).await?;
        overview.findings.extend(findings);
        rates.note(&overview, Instant::now());
        let faults = failing::faults(&self.dj, &schemas).await?;
        let rate = |table| {
            json!({
                "per_second": rates.per_second(table),
                "seconds_left": rates.time_left(table).map(|time| time.as_secs()),
            })
        };
        let rates: serde_json::Map<String, Value> =
            overview.tables.iter().map(|table| (table.table.clone(), rate(table))).collect();
        Ok(json!({
            "title": schemas.iter().map(Schema::name).collect::<Vec<_>>().join(", "),
            "backend": self.dj.backend().to_string(),
            "tables": overview.tables,
            "rates": rates,
            "faults": faults,
            "findings": overview.findings,
            "may_retry": self.access.may_retry,
        }))
    }
}

/// Answers whom it may, with headers that keep others out.
async fn guarded(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let decision = shared.access.judge(request.method(), request.uri(), request.headers());
    let mut response = match decision {
        Decision::Answer => next.run(request).await,
        Decision::Refuse(status, why) => (status, why).into_response(),
        Decision::Keep(cookie) => {
            let mut headers = HeaderMap::new();
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                headers.insert(SET_COOKIE, cookie);
            }
            headers.insert(LOCATION, HeaderValue::from_static("/"));
            (StatusCode::SEE_OTHER, headers).into_response()
        }
    };
    let fixed: [(HeaderName, &'static str); 4] = [
        (CONTENT_SECURITY_POLICY, page::POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn state(State(shared): State<Arc<Shared>>) -> Response {
    // Who comes meanwhile waits for what is read, and is given the same.
    let mut seen = shared.seen.lock().await;
    if let Some((read, state)) = &seen.state
        && read.elapsed() < EVERY
    {
        return document(StatusCode::OK, state);
    }
    match shared.look(&mut seen.rates).await {
        Ok(state) => {
            let response = document(StatusCode::OK, &state);
            seen.state = Some((Instant::now(), state));
            response
        }
        Err(error) => failed(&error),
    }
}

/// The numbers of the page for Prometheus, which are read as seldom as those of the page, however many ask.
#[cfg(feature = "metrics")]
async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    // Who comes meanwhile waits for what is read; who looks at the page waits for neither.
    let mut seen = shared.metrics.lock().await;
    if let Some((read, document)) = &*seen
        && read.elapsed() < EVERY
    {
        return numbers(document.clone());
    }
    let read = async {
        let FoundSchemas { schemas, .. } = shared.shown().await?;
        let overview = Overview::of(&shared.dj, &schemas).await?;
        let mut durations = Vec::new();
        for table in schemas.iter().flat_map(Schema::tables) {
            durations.extend(crate::metrics::Durations::of(&shared.dj, &table).await?);
        }
        Ok::<_, Error>(crate::metrics::document(&overview, &durations, shared.dj.database().statements()))
    };
    match read.await {
        Ok(document) => {
            *seen = Some((Instant::now(), document.clone()));
            numbers(document)
        }
        Err(error) => failed(&error),
    }
}

#[cfg(feature = "metrics")]
fn numbers(document: String) -> Response {
    ([(CONTENT_TYPE, crate::metrics::CONTENT_TYPE)], document).into_response()
}

async fn graph(State(shared): State<Arc<Shared>>) -> Response {
    let drawn = async {
        let schemas = shared.shown().await?.schemas;
        let tables: Vec<_> =
            schemas.iter().flat_map(Schema::tables).map(|table| (**table.table()).clone()).collect();
        let graph = Graph::new(tables).map_err(datajoint_pipeline::Error::from)?;
        Ok::<_, Error>(Diagram::new(graph).svg())
    };
    match drawn.await {
        Ok(svg) => ([(CONTENT_TYPE, "image/svg+xml; charset=utf-8")], svg).into_response(),
        Err(error) => failed(&error),
    }
}

/// What is said of a table that the page does not show, whether it is there or not.
const NOT_SHOWN: &str = "no table of this name is on the page: name one as the page does";

/// Which failed jobs are to be tried again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    table: String,
    fingerprint: String,
}

async fn retry(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let asked: Retry = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => return document(StatusCode::BAD_REQUEST, &json!({"error": error.to_string()})),
    };
    let table = match shared.table(&asked.table).await {
        Ok(Some(table)) => table,
        Ok(None) => return document(StatusCode::NOT_FOUND, &json!({"error": NOT_SHOWN})),
        Err(error) => return failed(&error),
    };
    match failing::retry(&shared.dj, &table, &asked.fingerprint).await {
        Ok(changed) => {
            shared.seen.lock().await.state = None;
            document(StatusCode::OK, &json!({"changed": changed}))
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &Error) -> Response {
    tracing::warn!(%error, "the page can't be filled");
    document(StatusCode::SERVICE_UNAVAILABLE, &json!({"error": error.to_string()}))
}

fn document(status: StatusCode, value: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
