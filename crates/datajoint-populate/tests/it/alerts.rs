//! Who is told when too many keys fail.

use std::time::{Duration, Instant};

use datajoint_config::Settings;
use datajoint_pipeline::{Instance, Relation as _};
use datajoint_populate::PopulateTable as _;
use serde_json::Value;

use crate::lab::{Product, lab};

/// Two of six keys are made, and then four fail.
async fn failing(change: impl FnOnce(&mut Settings)) -> Instance {
    let dj = lab(&[(1, 1.0), (2, -1.0), (3, -1.0)]).await;
    dj.with_settings(|settings| {
        settings.alerts.failures = 2;
        change(settings);
    })
}

async fn populate(dj: &Instance) {
    let report = Product.populate(dj).suppress_errors(true).run().await.unwrap();
    assert_eq!((report.success_count, report.errors.len()), (2, 4));
    assert_eq!(Product.count(dj).await.unwrap(), 2);
}

fn check(document: &Value) {
    assert_eq!((&document["version"], &document["event"]), (&1.into(), &"error-rate".into()));
    assert_eq!(
        (&document["table"], &document["failed"], &document["done"]),
        (&"Product".into(), &2.into(), &2.into())
    );
    assert_eq!((&document["kind"], document["fingerprint"].as_str().unwrap().len()), (&"make".into(), 16));
    assert_eq!(document["pid"], std::process::id());
}

/// A program is run with its arguments as they are, once in a period, and reads what happened.
#[cfg(unix)]
#[tokio::test]
async fn a_command_is_told_once_without_a_shell() {
    let folder = tempfile::tempdir().unwrap();
    // A shell would make two files of it.
    let told = folder.path().join("told $HOME; touch other");
    let command = ["tee", "-a", told.to_str().unwrap()].map(str::to_owned).to_vec();
    let dj = failing(|settings| settings.alerts.command = Some(command.clone())).await;
    populate(&dj).await;
    let document: Value = serde_json::from_str(&std::fs::read_to_string(&told).unwrap()).unwrap();
    check(&document);
    assert!(!document.to_string().contains("negative"), "{document}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    // The text of the error is told where the settings say so.
    let full = folder.path().join("full");
    let with_error = ["tee", full.to_str().unwrap()].map(str::to_owned).to_vec();
    let dj = failing(|settings| {
        settings.alerts.command = Some(with_error);
        settings.alerts.include_error = true;
    });
    populate(&dj.await).await;
    let document: Value = serde_json::from_str(&std::fs::read_to_string(&full).unwrap()).unwrap();
    assert!(document["error"].as_str().unwrap().contains("a negative weight"), "{document}");

    // What reaches neither the share nor the number is told nobody.
    let quiet: [fn(&mut Settings); 2] =
        [|settings| settings.alerts.percent = 70, |settings| settings.alerts.failures = 5];
    for change in quiet {
        let silent = folder.path().join("silent");
        let command = ["tee", silent.to_str().unwrap()].map(str::to_owned).to_vec();
        let dj = failing(|settings| {
            settings.alerts.command = Some(command);
            change(settings);
        });
        populate(&dj.await).await;
        assert!(!silent.exists());
    }
}

/// A document is posted as JSON.
#[cfg(feature = "webhook")]
#[tokio::test]
async fn a_webhook_is_told() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hook?key=s3cret", listener.local_addr().unwrap());
    let hook = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut request, mut piece) = (Vec::new(), [0; 4096]);
        loop {
            let length = stream.read(&mut piece).await.unwrap();
            request.extend_from_slice(&piece[..length]);
            let text = String::from_utf8_lossy(&request).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned)
                });
                if body.len() >= length.unwrap().parse().unwrap() {
                    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.unwrap();
                    return (head.to_owned(), body.to_owned());
                }
            }
        }
    });
    let dj = failing(|settings| settings.alerts.webhook = Some(address)).await;
    populate(&dj).await;
    let (head, body) = hook.await.unwrap();
    assert!(head.starts_with("POST /hook?key=s3cret HTTP/1.1"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: application/json"), "{head}");
    check(&serde_json::from_str(&body).unwrap());
}

/// What can't be told anybody keeps no key from being made.
#[tokio::test]
async fn an_alert_that_fails_fails_nothing_else() {
    let begin = Instant::now();
    let commands = [&["/no/such/program"][..], &["false"], &["cat", "/no/such/file"]];
    for command in commands {
        let command = command.iter().map(|word| (*word).to_owned()).collect();
        let dj = failing(|settings| {
            settings.alerts.command = Some(command);
            // Nobody listens there.
            settings.alerts.webhook = Some("http://127.0.0.1:1/".to_owned());
        });
        populate(&dj.await).await;
    }
    assert!(begin.elapsed() < Duration::from_secs(20));
}
