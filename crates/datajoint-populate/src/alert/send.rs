//! An alert on its way: to a command, to a webhook, or to both.

use std::process::Stdio;
use std::time::Duration;

use datajoint_config::Alerts as Settings;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// How long an alert may take.
const LONGEST: Duration = Duration::from_secs(10);

/// Sends a document wherever the settings say. What fails is logged, without arguments and addresses, which may be secret.
pub(super) async fn send(settings: Settings, document: String) {
    let command = async {
        if let Some(arguments) = &settings.command {
            log("alerts.command", tokio::time::timeout(LONGEST, run(arguments, &document)).await);
        }
    };
    let webhook = async {
        if let Some(address) = &settings.webhook {
            log("alerts.webhook", tokio::time::timeout(LONGEST, post(address, document.clone())).await);
        }
    };
    tokio::join!(command, webhook);
}

fn log(setting: &str, outcome: Result<Result<(), String>, tokio::time::error::Elapsed>) {
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => tracing::warn!(setting, reason, "an alert could not be sent"),
        Err(_) => tracing::warn!(
            setting,
            "an alert took longer than {} seconds and was given up",
            LONGEST.as_secs()
        ),
    }
}

/// True for a variable that may hold a secret of the database or of a store, which whoever is told has no use for.
fn is_of_the_pipeline(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_secret = ["DJ_", "AWS_", "GOOGLE_", "AZURE_"].iter().any(|prefix| name.starts_with(prefix));
    is_secret || datajoint_config::variables().any(|known| known == name)
}

/// Runs a program with its arguments, without the variables of the pipeline, and gives it the document on its standard input. No shell sees either.
async fn run(arguments: &[String], document: &str) -> Result<(), String> {
    let [program, arguments @ ..] = arguments else { return Err("it names no program".to_owned()) };
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_the_pipeline(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    // A signal that a terminal sends to the population is not for it.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("it can't be run: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        // One that does not read is told all the same.
        let _ = input.write_all(document.as_bytes()).await;
    }
    match child.wait().await {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("it failed ({status})")),
        Err(error) => Err(format!("it can't be waited for: {error}")),
    }
}

#[cfg(feature = "webhook")]
async fn post(address: &str, document: String) -> Result<(), String> {
    use rustls_platform_verifier::BuilderVerifierExt as _;

    // What is told of an error must not have the address in it.
    let told = |error: reqwest::Error| error.without_url().to_string();
    // As stores are spoken to: with ring, so that no second library of ciphers comes in.
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(rustls::ConfigBuilder::with_platform_verifier)
        .map_err(|error| error.to_string())?
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls);
    let client = client.redirect(reqwest::redirect::Policy::none()).build().map_err(told)?;
    let request = client.post(address).header("content-type", "application/json").body(document);
    let response = request.send().await.map_err(told)?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!("it was answered with {status}")),
    }
}

#[cfg(not(feature = "webhook"))]
#[expect(clippy::unused_async, reason = "it is as the one that sends")]
async fn post(_: &str, _: String) -> Result<(), String> {
    Err("this program was built without the feature `webhook` of the library".to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_of_the_pipeline;

    #[test]
    fn what_may_be_secret_is_kept_from_the_program() {
        for name in ["DJ_PASS", "dj_stores__raw__secret_key", "AWS_SECRET_ACCESS_KEY", "GOOGLE_X", "AZURE_X"]
        {
            assert!(is_of_the_pipeline(name), "{name}");
        }
        assert!(datajoint_config::variables().all(is_of_the_pipeline));
        for name in ["PATH", "HOME", "LANG", "DJANGO_SETTINGS_MODULE"] {
            assert!(!is_of_the_pipeline(name), "{name}");
        }
    }
}
