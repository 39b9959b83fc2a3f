//! The page as a browser, and as somebody who may not see it, gets it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod browser;
mod http;
mod lab;
#[cfg(feature = "metrics")]
mod metrics;

use datajoint_dashboard::Dashboard;
use datajoint_jobs::Jobs;
use datajoint_pipeline::Instance;
use serde_json::{Value, json};

use http::{Answer, ask};
use lab::Lab;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_what_it_shows_are_served() {
    let lab = Lab::new(Dashboard::of).await;
    let page = lab.get("/").await;
    assert!(page.body.contains("<h1 id=\"title\">") && page.header("content-type").starts_with("text/html"));
    // Nothing comes from elsewhere, and nothing may.
    for path in ["/", "/page.css", "/page.js"] {
        let answer = lab.get(path).await;
        assert_eq!(answer.status, 200);
        let other = answer.body.replace("http://www.w3.org/2000/svg", "");
        assert!(
            !other.contains("http://") && !other.contains("https://") && !other.contains("@import"),
            "{path}"
        );
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let state = lab.state().await;
    assert_eq!(state["title"], "dj_dashboard");
    let table = |name: &str| {
        let tables = state["tables"].as_array().unwrap();
        tables
            .iter()
            .find(|table| table["table"] == name)
            .cloned()
            .unwrap_or_else(|| panic!("{name}: {state}"))
    };
    assert_eq!(table("dj_dashboard.subject")["rows"], 6);
    let spikes = table("dj_dashboard.__spikes");
    assert_eq!((&spikes["total"], &spikes["remaining"]), (&json!(6), &json!(6)));
    let jobs = &spikes["jobs"];
    assert_eq!((&jobs["pending"], &jobs["reserved"], &jobs["error"]), (&json!(2), &json!(1), &json!(3)));
    assert_eq!(jobs["reserved_by"][0]["jobs"], 1);
    let faults = state["faults"].as_array().unwrap();
    assert_eq!(faults.iter().map(|fault| &fault["count"]).collect::<Vec<_>>(), [&json!(2), &json!(1)]);
    let graph = lab.get("/graph.svg").await;
    assert!(graph.body.contains("data-table=\"dj_dashboard.__spikes\""), "{}", graph.body);
    assert!(graph.header("content-type").starts_with("image/svg+xml"));
    for path in ["/other", "/../Cargo.toml", "/%2e%2e/secrets"] {
        assert_eq!(lab.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_tried_again_by_their_fault_where_that_is_allowed() {
    let lab = Lab::new(|dj| Dashboard::of(dj).allow_retry(true)).await;
    let state = lab.state().await;
    let fault = &state["faults"][0];
    let body = json!({"table": fault["table"], "fingerprint": fault["fingerprint"]}).to_string();
    let answer = lab.post("/retry", &[("content-type", "application/json")], &body).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"changed": 2})));
    let state = lab.state().await;
    assert_eq!(state["faults"].as_array().unwrap().len(), 1, "the other fault stays: {state}");
    for (body, status) in
        [("{}", 400), ("no json", 400), ("{\"table\": \"lab.none\", \"fingerprint\": \"x\"}", 404)]
    {
        let answer = lab.post("/retry", &[("content-type", "application/json")], body).await;
        assert_eq!(answer.status, status, "{body}");
        assert!(answer.json()["error"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_table_that_is_not_shown_nothing_is_tried_again() {
    let away =
        |dj: &Instance| dj.with_settings(|settings| settings.database.database_prefix = "rig_".to_owned());
    let pages: [&dyn Fn(&Instance) -> Dashboard; 3] = [
        // One that was chosen, and is not there; one of several; those with a prefix.
        &|dj| Dashboard::of(dj).schemas(["dj_elsewhere"]),
        &|dj| Dashboard::of(dj).schemas(["dj_elsewhere", "dj_other"]),
        &|dj| Dashboard::of(&away(dj)),
    ];
    for page in pages {
        let lab = Lab::new(|dj| page(dj).allow_retry(true)).await;
        let spikes = lab.dj.table("dj_dashboard.Spikes").await.unwrap();
        let jobs = Jobs::of(&lab.dj, &spikes).await.unwrap().unwrap();
        let failures = jobs.failures().await.unwrap();
        let fingerprint = &failures[0].fingerprint;
        let mut answers = Vec::new();
        for name in [
            "dj_dashboard.__spikes",
            "dj_dashboard.Spikes",
            "dj_dashboard.none",
            "none.none",
            "`dj_dashboard`.`__spikes`",
            "__spikes",
            "",
        ] {
            let body = json!({"table": name, "fingerprint": fingerprint}).to_string();
            let answer = lab.post("/retry", &[("content-type", "application/json")], &body).await;
            assert_eq!(answer.status, 404, "{name}: {}", answer.body);
            answers.push(answer.body);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "nobody is told what is there: {answers:?}");
        assert_eq!(jobs.failures().await.unwrap().len(), failures.len());
        assert_eq!(jobs.counts().await.unwrap().error, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_changes_nothing_unless_it_was_asked_for() {
    let lab = Lab::new(Dashboard::of).await;
    let fault = lab.state().await["faults"][0].clone();
    let body = json!({"table": fault["table"], "fingerprint": fault["fingerprint"]}).to_string();
    let answer = lab.post("/retry", &[("content-type", "application/json")], &body).await;
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert_eq!(lab.state().await["faults"][0], fault);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lacks_the_token_sees_nothing() {
    let token = "0123456789abcdef";
    let lab = Lab::new(|dj| Dashboard::of(dj).token(token)).await;
    assert!(lab.url.ends_with("/?token=0123456789abcdef"), "{}", lab.url);
    for path in ["/", "/page.js", "/state.json", "/graph.svg", "/?token=", "/?token=0123456789abcdeg"] {
        let answer = lab.get(path).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(!answer.body.contains("dj_dashboard") && !answer.body.contains(token), "{path}");
    }
    let answer = lab.get(&format!("/?token={token}")).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let answer = lab.ask("GET", "/state.json", &[("cookie", &cookie)], "").await;
    assert_eq!((answer.status, &answer.json()["title"]), (200, &json!("dj_dashboard")));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_others_reach_the_page_a_token_is_made_and_a_weak_one_is_refused() {
    let dj = lab::connect().await;
    let any = || Dashboard::of(&dj).address("0.0.0.0:0".parse().unwrap());
    let serving = any().bind().await.unwrap();
    let (_, token) =
        serving.url().split_once("?token=").map(|(url, token)| (url.to_owned(), token.to_owned())).unwrap();
    assert_eq!(token.len(), 32);
    for weak in ["", "short", "spaces are not kept by a browser", "semicolons;semicolons"] {
        assert!(any().token(weak).bind().await.is_err(), "{weak}");
    }
    let taken = Dashboard::of(&dj).address(serving.address()).bind().await.err().unwrap().to_string();
    assert!(taken.contains("choose another port"), "{taken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_dropped_gives_its_address_back() {
    let dj = lab::connect().await;
    for _ in 0..3 {
        let serving = Dashboard::of(&dj).address("127.0.0.1:0".parse().unwrap()).bind().await.unwrap();
        let address = serving.address();
        let served = {
            let mut run = std::pin::pin!(serving.run());
            let host = address.to_string();
            let headers = [("host", host.as_str())];
            let asked = ask(address, "GET", "/", &headers, "");
            tokio::select! {
                ended = &mut run => panic!("{ended:?}"),
                answer = asked => answer,
            }
        };
        assert_eq!(served.status, 200);
        let again = Dashboard::of(&dj).address(address).bind().await.unwrap();
        assert_eq!(again.address(), address);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_whose_name_leads_here_is_not_answered() {
    let lab = Lab::new(Dashboard::of).await;
    let answer = ask(lab.address, "GET", "/state.json", &[("host", "attacker.example")], "").await;
    assert_eq!(answer.status, 403);
    assert!(!answer.body.contains("dj_dashboard"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_look_at_once_ask_the_database_once() {
    let lab = Lab::new(Dashboard::of).await;
    let first = lab.state().await;
    lab.insert_subject(7).await;
    let asked = (0..20).map(|_| lab.get("/state.json"));
    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(answer.json()["tables"], first["tables"], "what was read a moment ago is shown");
    }
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    let state = lab.state().await;
    assert!(rows(&state, "dj_dashboard.subject") > rows(&first, "dj_dashboard.subject"), "{state}");
}

fn rows(state: &Value, name: &str) -> u64 {
    let tables = state["tables"].as_array().unwrap();
    tables.iter().find(|table| table["table"] == name).unwrap()["rows"].as_u64().unwrap()
}

impl Lab {
    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.ask("POST", path, headers, body).await
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let host = self.address.to_string();
        let mut all = vec![("host", host.as_str())];
        all.extend(headers);
        ask(self.address, method, path, &all, body).await
    }

    async fn state(&self) -> Value {
        let answer = self.get("/state.json").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}
