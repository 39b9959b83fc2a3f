//! Servers that are not what was meant, and the words that say so.

use std::time::Duration;

use datajoint_adapters::{ConnectOptions, Database, Error, Kind, Tls};
use datajoint_definition::Backend;
use datajoint_sql::Statement;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const fn speaks_as_mysql(backend: Backend) -> bool {
    matches!(backend, Backend::Mysql | Backend::Mariadb)
}

const fn other(backend: Backend) -> Backend {
    if speaks_as_mysql(backend) { Backend::Postgresql } else { Backend::Mysql }
}

#[tokio::test]
async fn a_server_of_another_kind_is_told() {
    for (backend, options) in super::servers() {
        let mut wrong = ConnectOptions { backend: other(backend), ..options };
        let error = Database::connect(&wrong).await.unwrap_err();
        let Error::OtherServer { found, wanted, .. } = &error else { panic!("{backend}: {error}") };
        assert_eq!((found.capability().protocol, *wanted), (backend.capability().protocol, wrong.backend));
        let text = error.to_string();
        assert!(
            text.contains("DJ_BACKEND") && text.contains(&format!("{}:{}", wrong.host, wrong.port)),
            "{text}"
        );

        // Of several, too.
        wrong.others = vec![("127.0.0.1".to_owned(), 1)];
        let text = Database::connect(&wrong).await.unwrap_err().to_string();
        assert!(text.contains("DJ_BACKEND") && text.contains("127.0.0.1:1"), "{text}");
    }
}

/// A server that takes connections and answers to what it hears with this; gives its port.
async fn stub(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut heard = [0; 64];
                while client.read(&mut heard).await.is_ok_and(|length| length > 0) {
                    client.write_all(answer).await.unwrap();
                }
            });
        }
    });
    port
}

/// A server that says this at once and ends the connection; gives its port.
async fn speaker(words: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let words = words.clone();
            tokio::spawn(async move {
                let _ = client.write_all(&words).await;
                let _ = client.shutdown().await;
            });
        }
    });
    port
}

#[tokio::test]
async fn no_answer_of_a_server_makes_the_program_panic() {
    let message = |letter: u8, content: &[u8]| {
        let length = u32::try_from(content.len() + 4).unwrap();
        [&[letter][..], &length.to_be_bytes(), content].concat()
    };
    let mut answers = vec![
        // What MySQL 9.7 says first, whose length is a letter of PostgreSQL.
        [b"\x4b\x00\x00\x00\x0a9.7.1\x00".as_slice(), &[7; 66]].concat(),
        // A packet of MySQL that holds nothing, and one that ends within its version.
        vec![0, 0, 0, 0],
        vec![3, 0, 0, 0, 10, b'9', b'.'],
    ];
    for letter in *b"RKSENZvCDTtGHWAI123sn" {
        for content in [&b""[..], b"\0", b"ab", b"\0\0\0\x0a", b"\0\0\0\x0bab", b"Sab", &[255; 9]] {
            answers.push(message(letter, content));
            answers.push([message(b'R', &[0; 4]), message(letter, content)].concat());
        }
    }
    for answer in answers {
        let port = speaker(answer.clone()).await;
        for backend in [Backend::Mysql, Backend::Postgresql] {
            let acquire_timeout = Duration::from_millis(200);
            let (host, user) = ("127.0.0.1".to_owned(), "dj".to_owned());
            let mut options =
                ConnectOptions { backend, host, port, user, acquire_timeout, ..ConnectOptions::default() };
            let error = Database::connect(&options).await.unwrap_err();
            assert!(error.to_string().contains(&port.to_string()), "{backend} {answer:?}: {error}");
            options.others = vec![("127.0.0.1".to_owned(), 1)];
            assert!(Database::connect(&options).await.is_err(), "{backend} {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_named() {
    for backend in [Backend::Mysql, Backend::Postgresql] {
        let port = stub(b"").await;
        let acquire_timeout = Duration::from_secs(1);
        let options = ConnectOptions {
            backend,
            host: "127.0.0.1".to_owned(),
            port,
            acquire_timeout,
            ..ConnectOptions::default()
        };
        let text = Database::connect(&options).await.unwrap_err().to_string();
        assert!(text.contains("did not answer") && text.contains(&format!("127.0.0.1:{port}")), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_is_named() {
    let no = stub(b"N").await;
    let options = ConnectOptions {
        backend: Backend::Postgresql,
        host: "127.0.0.1".to_owned(),
        port: no,
        tls: Tls::Verified,
        ..ConnectOptions::default()
    };
    let error = Database::connect(&options).await.unwrap_err();
    assert!(matches!(error, Error::NotEncrypted { .. }), "{error}");
    assert!(error.to_string().contains("DJ_USE_TLS=false"), "{error}");
}

#[tokio::test]
async fn a_database_that_is_missing_is_told() {
    for (backend, options) in super::servers() {
        if backend == Backend::Postgresql {
            let options = ConnectOptions { database: Some("dj_nosuch".to_owned()), ..options };
            let error = Database::connect(&options).await.unwrap_err();
            assert_eq!(error.kind(), Some(Kind::MissingDatabase), "{error}");
            assert!(error.to_string().contains("DJ_DATABASE_NAME"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_user_who_must_encrypt_is_told() {
    for (backend, options) in super::servers() {
        if !speaks_as_mysql(backend) {
            continue;
        }
        let user = format!("dj_must_encrypt_{}", std::process::id());
        let database = Database::connect(&options).await.unwrap();
        let mut connection = database.acquire().await.unwrap();
        let make = format!("CREATE USER '{user}'@'%' IDENTIFIED BY 'right word' REQUIRE SSL");
        connection.script(&[Statement::plain(make)]).await.unwrap();
        let guest = ConnectOptions {
            user: user.clone(),
            password: "right word".to_owned(),
            tls: Tls::Off,
            ..options
        };
        let error = Database::connect(&guest).await.unwrap_err();
        connection.script(&[Statement::plain(format!("DROP USER '{user}'@'%'"))]).await.unwrap();
        assert!(error.to_string().contains("DJ_USE_TLS=true"), "{backend}: {error}");
    }
}
