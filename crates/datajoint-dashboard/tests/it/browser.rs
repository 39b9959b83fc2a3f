//! The page in a real browser, where `DJ_TEST_CHROMIUM` names one.

use std::path::PathBuf;
use std::process::Command;

use datajoint_dashboard::Dashboard;

use crate::lab::Lab;

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
async fn a_browser_shows_the_graph_the_counts_and_the_failures() {
    let Ok(chromium) = std::env::var("DJ_TEST_CHROMIUM") else { return };
    let pictures = std::env::var("DJ_TEST_PICTURES").map(PathBuf::from).ok();
    let lab = Lab::new(|dj| Dashboard::of(dj).token("0123456789abcdef").allow_retry(true)).await;
    for (name, size, look) in [
        ("wide", "1280,1600", "--blink-settings=preferredColorScheme=1"),
        ("narrow", "390,1600", "--blink-settings=preferredColorScheme=1"),
        ("dark", "1280,1600", "--blink-settings=preferredColorScheme=0"),
    ] {
        let (chromium, url, pictures) = (chromium.clone(), lab.url.clone(), pictures.clone());
        let browse = move |more: &[String]| {
            let profile = tempfile::tempdir().unwrap();
            let mut command = Command::new(&chromium);
            command.args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--virtual-time-budget=3000",
                look,
            ]);
            command.arg(format!("--user-data-dir={}", profile.path().display()));
            command.arg(format!("--window-size={size}")).args(more).arg(&url);
            let output = command.output().unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let shown = tokio::task::spawn_blocking(move || {
            if let Some(folder) = &pictures {
                browse(&[format!("--screenshot={}", folder.join(format!("{name}.png")).display())]);
            }
            browse(&["--dump-dom".to_owned()])
        });
        let shown = shown.await.unwrap();
        for part in [
            "<h1 id=\"title\">dj_dashboard</h1>",
            // Drawn, with the counts below the node.
            ">0 / 6 · 3 failed</text>",
            "3 failed</span>",
            "the file &lt;b&gt;3&lt;/b&gt; is broken",
            ">Try again</button>",
            "sqlite, read at",
        ] {
            assert!(shown.contains(part), "{name}: {part} is not in {shown}");
        }
        assert!(!shown.contains("the file <b>"), "what the database says is no markup");
    }
}
