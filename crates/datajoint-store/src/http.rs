//! How endpoints are spoken to: TLS by the authorities that the machine trusts, and time-outs.

use std::sync::Arc;
use std::time::Duration;

use object_store::ClientOptions;
use object_store::client::{HttpClient, HttpConnector};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::{Error, Result};

/// Connects with ring, so that no second library of ciphers comes in.
#[derive(Debug, Clone)]
pub(crate) struct Connector(reqwest::Client);

impl Connector {
    pub(crate) fn new(store: &str, proxy: Option<&str>) -> Result<Self> {
        let failed = |problem: String| Error::Tls { store: store.to_owned(), problem };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(rustls::ConfigBuilder::with_platform_verifier)
            .map_err(|error| failed(error.to_string()))?
            .with_no_client_auth();
        let mut client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_mins(1));
        if let Some(proxy) = proxy {
            let (address, login) = without_login(proxy);
            let mut proxy = reqwest::Proxy::all(address).map_err(|error| failed(error.to_string()))?;
            if let Some((user, password)) = login {
                proxy = proxy.basic_auth(&user, &password);
            }
            client = client.proxy(proxy);
        }
        client.build().map(Self).map_err(|error| failed(error.to_string()))
    }
}

/// The address of a proxy, and user and password apart from it, so that no error can show them.
fn without_login(proxy: &str) -> (String, Option<(String, String)>) {
    let (scheme, rest) = proxy.split_once("://").unwrap_or(("http", proxy));
    let Some((login, host)) = rest.rsplit_once('@') else { return (proxy.to_owned(), None) };
    let decoded = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        text.into_owned()
    };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    (format!("{scheme}://{host}"), Some((decoded(user), decoded(password))))
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}
