//! Encrypted, or not at all.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use datajoint_adapters::{ConnectOptions, Database, Error, Tls};
use datajoint_definition::Backend;
use datajoint_sql::{Statement, Value};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What a client of PostgreSQL asks for encryption with.
const REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// An authority that signs certificates, and the file that names it.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    path: PathBuf,
}

fn authority(folder: &tempfile::TempDir, name: &str) -> Authority {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, issuer.pem()).unwrap();
    Authority { issuer, path }
}

impl Authority {
    /// What a server shows for a host name.
    fn server(&self, host: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = certificate.signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Puts encryption before a server that has none; gives the port.
async fn encrypted(server: &ConnectOptions, acceptor: TlsAcceptor) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (host, server) = (server.host.clone(), server.port);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (acceptor, host) = (acceptor.clone(), host.clone());
            tokio::spawn(async move {
                let mut request = [0; 8];
                client.read_exact(&mut request).await.unwrap();
                assert_eq!(request, REQUEST);
                client.write_all(b"S").await.unwrap();
                // A client that does not trust it hangs up.
                let Ok(mut client) = acceptor.accept(client).await else { return };
                let mut server = TcpStream::connect((host, server)).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    port
}

fn said(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

#[tokio::test]
async fn a_certificate_is_checked_with_its_authority_and_its_name() {
    let Some((_, server)) = super::servers().into_iter().find(|(backend, _)| *backend == Backend::Postgresql)
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (trusted, other) = (authority(&folder, "trusted.pem"), authority(&folder, "other.pem"));
    let options = |port, path: &PathBuf| ConnectOptions {
        host: "localhost".to_owned(),
        port,
        tls: Tls::Verified,
        certificate_authority: Some(path.clone()),
        acquire_timeout: Duration::from_secs(10),
        ..server.clone()
    };

    let port = encrypted(&server, trusted.server("localhost")).await;
    let database = Database::connect(&options(port, &trusted.path)).await.unwrap();
    let rows = database.acquire().await.unwrap().fetch(&Statement::plain("SELECT 7::int8")).await.unwrap();
    assert_eq!(rows, [[Value::Int(7)]]);

    let stranger = Database::connect(&options(port, &other.path)).await.unwrap_err();
    assert!(said(&stranger).contains("DJ_TLS_CA"), "{}", said(&stranger));
    let public = ConnectOptions { certificate_authority: None, ..options(port, &trusted.path) };
    let unknown = Database::connect(&public).await.unwrap_err();
    assert!(said(&unknown).contains("DJ_TLS_CA"), "{}", said(&unknown));

    let port = encrypted(&server, trusted.server("db.example.org")).await;
    let misnamed = Database::connect(&options(port, &trusted.path)).await.unwrap_err();
    assert!(said(&misnamed).contains("DJ_TLS_CA"), "{}", said(&misnamed));
}

/// A server that has no encryption, or says so: nothing is sent to it, least of all a password.
#[tokio::test]
async fn there_is_no_falling_back_to_clear_text() {
    // The address without a number of its own is this machine's too, but not the loopback one.
    let ways = [("127.0.0.1", Tls::Verified), ("0.0.0.0", Tls::ByHost)];
    for (backend, (host, tls)) in
        [Backend::Postgresql, Backend::Mysql].into_iter().flat_map(|backend| ways.map(|way| (backend, way)))
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            if backend == Backend::Postgresql {
                let mut request = [0; 8];
                client.read_exact(&mut request).await.unwrap();
                assert_eq!(request, REQUEST);
                client.write_all(b"N").await.unwrap();
            } else {
                client.write_all(&greeting()).await.unwrap();
            }
            let _ = tokio::time::timeout(Duration::from_secs(5), client.read_to_end(&mut heard)).await;
            heard
        });
        let options = ConnectOptions {
            backend,
            host: host.to_owned(),
            port,
            user: "ada".to_owned(),
            password: "planted".to_owned(),
            tls,
            acquire_timeout: Duration::from_secs(5),
            ..ConnectOptions::default()
        };
        assert!(Database::connect(&options).await.is_err());
        let heard = heard.await.unwrap();
        // PostgreSQL's clients may say good-bye, which holds nothing.
        assert!(heard.len() <= 5, "{backend} at {host}: {heard:?}");
    }
}

/// How a server of MySQL greets that has no encryption.
fn greeting() -> Vec<u8> {
    let mut body = vec![10];
    body.extend(b"8.0.0\0");
    body.extend([1, 0, 0, 0]);
    body.extend(b"12345678\0");
    // Protocol 4.1, secure connection, authentication by plugins; without the bit for encryption.
    body.extend(0x8200_u16.to_le_bytes());
    body.push(45);
    body.extend(2_u16.to_le_bytes());
    body.extend(0x0008_u16.to_le_bytes());
    body.push(21);
    body.extend([0; 10]);
    body.extend(b"123456789012\0");
    body.extend(b"mysql_native_password\0");
    let length = u8::try_from(body.len()).unwrap();
    [vec![length, 0, 0, 0], body].concat()
}
