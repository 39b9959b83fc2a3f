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
            client = client.proxy(reqwest::Proxy::all(proxy).map_err(|error| failed(error.to_string()))?);
        }
        client.build().map(Self).map_err(|error| failed(error.to_string()))
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}
