//! One way for each protocol.

use std::path::PathBuf;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;

use crate::{Error, Protocol, Result, Spec};

type Opened = (Arc<dyn ObjectStore>, Path);

pub(crate) fn open(spec: &Spec) -> Result<Opened> {
    match spec.protocol {
        Protocol::File => folder(spec),
        #[cfg(feature = "s3")]
        Protocol::S3 => s3(spec),
        #[cfg(feature = "gcs")]
        Protocol::Gcs => gcs(spec),
        #[cfg(feature = "azure")]
        Protocol::Azure => azure(spec),
        #[cfg(not(all(feature = "s3", feature = "gcs", feature = "azure")))]
        other => Err(Error::NotBuilt { store: spec.name.clone(), protocol: other.name() }),
    }
}

fn folder(spec: &Spec) -> Result<Opened> {
    let folder = PathBuf::from(&spec.location);
    if !folder.is_dir() {
        return Err(Error::NoFolder { store: spec.name.clone(), location: spec.location.clone() });
    }
    let opened = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(spec, error))?;
    Ok((Arc::new(opened), Path::default()))
}

fn failed(spec: &Spec, source: object_store::Error) -> Error {
    let (store, url) = (spec.name.clone(), spec.url());
    Error::Failed { store, url, action: "open", source: Box::new(source) }
}

#[cfg(feature = "cloud")]
fn finish<S: ObjectStore>(spec: &Spec, built: object_store::Result<S>) -> Result<Opened> {
    let built = built.map_err(|error| failed(spec, error))?;
    let root = Path::parse(spec.location.trim_matches('/')).map_err(|error| failed(spec, error.into()))?;
    Ok((Arc::new(built), root))
}

#[cfg(feature = "cloud")]
fn secret<'a>(spec: &'a Spec, attribute: &str) -> Option<&'a str> {
    spec.attributes.secret(attribute).map(datajoint_config::ExposeSecret::expose_secret)
}

#[cfg(feature = "cloud")]
fn connector(spec: &Spec) -> Result<crate::http::Connector> {
    crate::http::Connector::new(&spec.name, spec.attributes.text("proxy_server"))
}

/// Few attempts: who waits for a store that is away wants to know.
#[cfg(feature = "cloud")]
fn retry() -> object_store::RetryConfig {
    object_store::RetryConfig {
        max_retries: 4,
        retry_timeout: std::time::Duration::from_secs(30),
        ..Default::default()
    }
}

/// With keys or, without, as the environment says: variables, a web identity, and at Amazon a role of the machine.
///
/// Elsewhere nobody asks the machine, which is a cloud's or not: it would wait for an address that is not there, or send
/// the keys of one cloud to another.
#[cfg(feature = "s3")]
fn s3(spec: &Spec) -> Result<Opened> {
    use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

    let text = |attribute| spec.attributes.text(attribute).unwrap_or_default();
    let is_secure = spec.attributes.flag("secure").unwrap_or(true);
    let endpoint = match text("endpoint") {
        endpoint if endpoint.contains("://") => endpoint.to_owned(),
        endpoint if is_secure => format!("https://{endpoint}"),
        endpoint => format!("http://{endpoint}"),
    };
    let builder = if let (Some(key), Some(secret)) = (secret(spec, "access_key"), secret(spec, "secret_key"))
    {
        // A session token of the environment belongs to other keys.
        AmazonS3Builder::new().with_access_key_id(key).with_secret_access_key(secret)
    } else {
        let builder = AmazonS3Builder::from_env();
        let has = |key| builder.get_config_value(&key).is_some_and(|value| !value.is_empty());
        let is_told = has(AmazonS3ConfigKey::AccessKeyId)
            || has(AmazonS3ConfigKey::WebIdentityTokenFile)
            || has(AmazonS3ConfigKey::ContainerCredentialsFullUri)
            || has(AmazonS3ConfigKey::ContainerCredentialsRelativeUri)
            || builder.get_config_value(&AmazonS3ConfigKey::SkipSignature).as_deref() == Some("true");
        if !is_told && !is_of_amazon(&endpoint) {
            return Err(Error::NoKeys { store: spec.name.clone(), endpoint });
        }
        builder
    };
    let builder = builder
        .with_allow_http(endpoint.starts_with("http://"))
        .with_endpoint(endpoint)
        .with_bucket_name(text("bucket"))
        .with_retry(retry())
        .with_http_connector(connector(spec)?);
    finish(spec, builder.build())
}

/// True for an endpoint of Amazon's.
#[cfg(feature = "s3")]
fn is_of_amazon(endpoint: &str) -> bool {
    let host = endpoint.split("://").last().unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|end| host.ends_with(end))
}

/// With the key of a service account or the path of its file, or, without, as the environment says.
#[cfg(feature = "gcs")]
fn gcs(spec: &Spec) -> Result<Opened> {
    use object_store::gcp::GoogleCloudStorageBuilder;

    let builder = match secret(spec, "token") {
        Some(key) if key.trim_start().starts_with('{') => {
            GoogleCloudStorageBuilder::new().with_service_account_key(key)
        }
        Some(path) => GoogleCloudStorageBuilder::new().with_service_account_path(path),
        None => GoogleCloudStorageBuilder::from_env(),
    };
    let builder = builder
        .with_bucket_name(spec.attributes.text("bucket").unwrap_or_default())
        .with_retry(retry())
        .with_http_connector(connector(spec)?);
    finish(spec, builder.build())
}

/// With the key of the account, alone or in a connection string, or, without, as the environment says.
#[cfg(feature = "azure")]
fn azure(spec: &Spec) -> Result<Opened> {
    use object_store::azure::MicrosoftAzureBuilder;

    let connection = secret(spec, "connection_string").unwrap_or_default();
    let part = |name: &str| {
        let mut parts = connection.split(';').filter_map(|part| part.split_once('='));
        parts.find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let mut builder = match secret(spec, "account_key").or_else(|| part("AccountKey")) {
        Some(key) => MicrosoftAzureBuilder::new().with_access_key(key),
        None => MicrosoftAzureBuilder::from_env(),
    };
    if let Some(account) = spec.attributes.text("account_name").or_else(|| part("AccountName")) {
        builder = builder.with_account(account);
    }
    if let Some(endpoint) = part("BlobEndpoint") {
        builder = builder.with_allow_http(endpoint.starts_with("http://")).with_endpoint(endpoint.to_owned());
    }
    let builder = builder
        .with_container_name(spec.attributes.text("container").unwrap_or_default())
        .with_retry(retry())
        .with_http_connector(connector(spec)?);
    finish(spec, builder.build())
}
