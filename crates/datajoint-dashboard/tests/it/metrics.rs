//! The metrics, read as Prometheus reads them.

use std::collections::{BTreeMap, BTreeSet};

use datajoint_dashboard::Dashboard;

use crate::lab::Lab;

/// A sample: its labels, and its value.
type Samples = BTreeMap<String, Vec<(BTreeMap<String, String>, f64)>>;

fn is_name(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || "_:".contains(letter);
    name.starts_with(is_letter) && name.chars().all(|letter| is_letter(letter) || letter.is_ascii_digit())
}

/// Reads the labels behind `{`; gives them, and what comes after `}`.
fn labels(mut text: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    loop {
        if let Some(rest) = text.strip_prefix('}') {
            return (labels, rest);
        }
        let (name, rest) = text.split_once("=\"").unwrap();
        assert!(is_name(name) && !name.contains(':'), "{name}");
        let (mut value, mut letters) = (String::new(), rest.char_indices());
        let end = loop {
            match letters.next().unwrap() {
                (place, '"') => break place,
                (_, '\\') => match letters.next().unwrap().1 {
                    'n' => value.push('\n'),
                    escaped @ ('\\' | '"') => value.push(escaped),
                    other => panic!("\\{other} is none of the format"),
                },
                (_, letter) => value.push(letter),
            }
        };
        assert!(labels.insert(name.to_owned(), value).is_none(), "{name} twice");
        text = rest[end + 1..].strip_prefix(',').unwrap_or(&rest[end + 1..]);
    }
}

/// Reads a document by the rules of the text format 0.0.4, and fails where it breaks one.
fn read(document: &str) -> Samples {
    assert!(document.ends_with('\n'), "the last line ends with a line feed");
    let (mut samples, mut types) = (Samples::new(), BTreeMap::new());
    let (mut family, mut closed, mut seen) = (String::new(), BTreeSet::new(), BTreeSet::new());
    for line in document.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(
                is_name(name) && ["counter", "gauge", "histogram", "summary", "untyped"].contains(&kind),
                "{line}"
            );
            assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}: twice");
            assert!(!samples.contains_key(name), "{line}: behind its samples");
            continue;
        }
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(is_name(name) && !help.is_empty(), "{line}");
            continue;
        }
        assert!(!line.starts_with('#') && !line.is_empty(), "{line}");
        let end = line.find(['{', ' ']).unwrap();
        let name = &line[..end];
        assert!(is_name(name), "{line}");
        let (labels, value) = match line[end..].strip_prefix('{') {
            Some(rest) => labels(rest),
            None => (BTreeMap::new(), &line[end..]),
        };
        let value: f64 = value.strip_prefix(' ').unwrap().parse().unwrap();
        let of = |suffix: &str| {
            name.strip_suffix(suffix).filter(|name| types.get(*name).is_some_and(|kind| kind == "summary"))
        };
        let of_family = of("_sum").or_else(|| of("_count")).unwrap_or(name);
        let kind = types.get(of_family).unwrap_or_else(|| panic!("{line} has no type"));
        if of_family != family {
            assert!(closed.insert(of_family.to_owned()), "{line}: the lines of a family stand together");
            of_family.clone_into(&mut family);
        }
        assert!(seen.insert((name.to_owned(), labels.clone())), "{line}: twice");
        assert!(kind != "counter" || (name.ends_with("_total") && value >= 0.0), "{line}");
        samples.entry(name.to_owned()).or_default().push((labels, value));
    }
    samples
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_of_the_format_and_say_what_the_page_says() {
    let lab = Lab::new(Dashboard::of).await;
    let answer = lab.get("/metrics").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let samples = read(&answer.body);
    let of = |name: &str, table: &str| {
        let samples = samples.get(name).unwrap_or_else(|| panic!("{name}: {}", answer.body));
        samples.iter().find(|(labels, _)| labels["table"] == table).map(|(_, value)| *value)
    };
    let spikes = "dj_dashboard.__spikes";
    assert_eq!(of("datajoint_rows", "dj_dashboard.subject"), Some(6.0));
    assert_eq!(
        (of("datajoint_keys_done", spikes), of("datajoint_keys_remaining", spikes)),
        (Some(0.0), Some(6.0))
    );
    let jobs = ["pending", "reserved", "failed"]
        .map(|state| of(&format!("datajoint_keys_{state}"), spikes).unwrap());
    assert!(jobs.iter().zip([2.0, 1.0, 3.0]).all(|(found, wanted)| (found - wanted).abs() < 0.1), "{jobs:?}");
    assert_eq!(of("datajoint_keys_pending", "dj_dashboard.subject"), None);
    let sent = samples["datajoint_statements_total"][0].1;
    assert!(sent > 10.0, "{sent}");
    // They count on.
    let later = read(&lab.get("/metrics").await.body)["datajoint_statements_total"][0].1;
    assert!(later >= sent, "{later}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_for_those_who_may_see_the_page() {
    let token = "0123456789abcdef";
    let lab = Lab::new(|dj| Dashboard::of(dj).token(token)).await;
    assert_eq!(lab.get("/metrics").await.status, 401);
    let bearer = format!("Bearer {token}");
    let shown = lab.ask("GET", "/metrics", &[("authorization", &bearer)], "").await;
    assert_eq!(shown.status, 200);
}
