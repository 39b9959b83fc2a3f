//! What layers that export spans see. A program of its own: `tracing` keeps for all threads of one which spans anybody asks
//! for, and others ask for none.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a test that meets an error has failed"
)]

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use datajoint::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

schema!("lab");

#[table(Manual)]
/// subject : int32
pub struct Subject;

#[table(Computed)]
/// -> Subject
pub struct Seen;

impl PlainMake for Seen {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let subject = cx.key().subject;
        cx.insert(SeenRow { subject }).await
    }
}

/// The spans that began: the name of each, what it lies in, and its fields.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<(String, String, String)>>>);

impl<S: tracing::Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields(String::new());
        attributes.record(&mut fields);
        let parent = context.span(id).and_then(|span| span.parent().map(|parent| parent.name().to_owned()));
        let name = attributes.metadata().name().to_owned();
        self.0.lock().unwrap().push((name, parent.unwrap_or_default(), fields.0));
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, "{}={value:?};", field.name());
    }
}

#[tokio::test]
async fn spans_name_the_table_and_the_key() {
    let seen = Spans::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(seen.clone()));
    let dj = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    Subject.insert(&dj, [1, 2].map(|subject| SubjectRow { subject })).await.unwrap();
    let made = Seen.populate(&dj).reserve_jobs(true).run().await.unwrap();
    assert_eq!(made.success_count, 2);
    let spans = seen.0.lock().unwrap().clone();
    let of = |name: &str| -> Vec<(String, String)> {
        let own = spans.iter().filter(|(own, ..)| own == name);
        own.map(|(_, parent, fields)| (parent.clone(), fields.clone())).collect()
    };
    assert_eq!(of("populate"), [(String::new(), "table=lab.Seen;".to_owned())]);
    for (parent, fields) in of("claim") {
        assert_eq!(parent, "populate");
        assert!(fields.starts_with("table=lab.__seen;worker="), "{fields}");
    }
    assert!(!of("claim").is_empty());
    let mut made = of("make");
    made.sort();
    let key = |subject: i32| format!("table=lab.__seen;key=\"{{subject: {subject}}}\";");
    assert_eq!(made, [1, 2].map(|subject| ("populate".to_owned(), key(subject))));
}
