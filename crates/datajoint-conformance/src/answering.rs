//! Every answer of the server may be lost, come late, or never: each verb is run behind a proxy that breaks off at each of
//! its messages, or holds it back.

use std::time::Duration;

use datajoint::Backend;
use datajoint::error::is_commit_unknown;
use datajoint::prelude::*;

use crate::Capabilities;
use crate::cancelling::TURN;
use crate::proxy::{Fault, Proxy, stand_before};
use crate::verbs::{self, Account, AccountRow, Leaves, Rows, Tables, Verb, Wish, World};

/// How long a verb may take whose connection is cut, and a client to be of use again.
const PATIENCE: Duration = Duration::from_secs(40);

/// How long a caller waits for a server that says nothing.
const SILENCE: Duration = Duration::from_millis(400);

/// In the short form some verbs, whose messages are broken off here and there.
const SOME: [&str; 9] = [
    "Relation::fetch",
    "RowStream::next",
    "Insert::insert",
    "Instance::transaction",
    "Transaction::commit",
    "Instance::declare_dynamic",
    "Populate::run",
    "Jobs::retry",
    "Worker::fail",
];

/// Whatever message is lost, a verb has done what it says, or nothing, or says that it is not known; when one is only late,
/// it has done it.
///
/// For some verbs and messages; `DATAJOINT_ANSWERS=all` for every one, or another share or name.
#[expect(clippy::print_stdout, reason = "who asks for all of them wants to know what was done")]
pub async fn any_answer_may_be_lost(dj: &Instance, _: Capabilities) {
    let Some((proxy, port)) = stand_before(dj).await else { return };
    let turn = TURN.take(dj).await;
    let wish = Wish::of("DATAJOINT_ANSWERS");
    let mut settings = dj.settings().clone();
    settings.safemode = false;
    settings.environment = Some(verbs::ENVIRONMENT.to_owned());
    // A deployment has one for its lock and one for its work.
    settings.database.max_connections = 2;
    let observer = Instance::connect(settings.clone()).await.unwrap();
    verbs::begin(&observer).await.unwrap();
    settings.database.host = Some("127.0.0.1".to_owned());
    settings.database.port = Some(port);
    let behind = Instance::connect(settings).await.unwrap();
    behind.activate::<Tables>().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut proof = Proof {
        world: World::new(behind, folder.path().to_owned()),
        before: Rows::new(),
        told: Vec::new(),
        observer,
        proxy,
        counts: Counts::default(),
        is_long: wish.is_long(),
    };
    // What is cut within another verb, the proof of dropped futures does.
    let verbs = wish.verbs(
        |verb| !verb.name.ends_with(" within"),
        |verb| SOME.iter().any(|name| verb.name.starts_with(name)),
    );
    for verb in &verbs {
        proof.run(verb).await;
    }
    println!("{}: {} verbs, {:?}", dj.backend(), verbs.len(), proof.counts);
    // Of the others some ask nothing a second time.
    assert!(
        proof.is_long || proof.counts.untouched == 0,
        "nothing was lost of some verbs: {:?}",
        proof.counts
    );
    assert!(proof.is_long || proof.counts.not_known > 0, "no commit was lost: {:?}", proof.counts);
    turn.end(dj).await;
}

/// To declare a table takes as many messages, rows of the catalog among them, where many tables are there as where few are.
pub async fn declaring_takes_no_more_where_much_is_there(dj: &Instance, _: Capabilities) {
    const TABLES: usize = 60;
    let Some((proxy, port)) = stand_before(dj).await else { return };
    let schema = "dj_conformance_one_by_one";
    let _ = dj.drop_schema(schema).confirmed().await;
    let mut settings = dj.settings().clone();
    settings.database.host = Some("127.0.0.1".to_owned());
    settings.database.port = Some(port);
    let behind = Instance::connect(settings).await.unwrap();
    let declare = async |class_name: &str, definition| {
        let tier = datajoint::Tier::Manual;
        let declaration =
            datajoint::DynamicDeclaration { schema, class_name, tier, definition, master: None };
        let _ = behind.declare_dynamic(declaration).await.unwrap();
    };
    declare("First", "first : int32").await;
    let mut messages = Vec::new();
    for number in 0..TABLES {
        proxy.arm(u32::MAX, Fault::Late);
        declare(&format!("Table{number}"), "-> First\nid : int32\n---\nname : varchar(20)").await;
        messages.push(proxy.disarm().0);
    }
    let of = |some: &[u32]| some.iter().sum::<u32>();
    let (few, many) = (of(&messages[5..15]), of(&messages[TABLES - 10..]));
    assert!(few > 0 && many <= few + few / 10, "{messages:?}");
    behind.close().await;
    dj.drop_schema(schema).confirmed().await.unwrap();
}

/// What came of messages that were lost.
#[derive(Debug, Default)]
struct Counts {
    messages: u32,
    done: u32,
    failed: u32,
    not_known: u32,
    given_up: u32,
    /// How often no message of a verb could be lost in some way.
    untouched: u32,
}

/// What a verb said.
enum Said {
    Done,
    Failed,
    NotKnown,
    /// Nothing: the caller gave up.
    Nothing,
}

struct Proof {
    world: World,
    /// Another client, which sees what lasts.
    observer: Instance,
    proxy: Proxy,
    before: Rows,
    /// What the verb returns.
    told: Vec<String>,
    counts: Counts,
    is_long: bool,
}

impl Proof {
    async fn run(&mut self, verb: &Verb) {
        self.prepare(verb).await;
        self.before = verbs::rows(&self.observer).await.unwrap();
        self.proxy.arm(u32::MAX, Fault::Cut);
        (verb.run)(self.world.clone()).await.unwrap_or_else(|error| panic!("{}: {error}", verb.name));
        let (messages, _) = self.proxy.disarm();
        self.told = self.world.told();
        verb.assert_told(&self.told);
        let after = verbs::rows(&self.observer).await.unwrap();
        if after != self.before {
            verbs::reset(&self.observer).await.unwrap();
        }
        let mut faults = vec![Fault::Cut, Fault::Silence, Fault::Late];
        if self.observer.backend() == Backend::Postgresql {
            faults.push(Fault::Fatal);
        }
        for fault in faults {
            let step = if self.is_long { 1 } else { (messages / 2).max(1) };
            // From the last one on, which answers a commit in many.
            let lost = self.counts.messages;
            for number in (1..=messages).rev().step_by(step as usize) {
                let last = self.lose(verb, number, fault, &after).await;
                // A second time there may be fewer, since its statements are prepared.
                if !self.is_long && (1..number).contains(&last) {
                    self.lose(verb, last, fault, &after).await;
                }
            }
            self.counts.untouched += u32::from(lost == self.counts.messages);
        }
    }

    /// Loses a message of a verb, or delays it, and looks at what came of it. Gives how many there were until then.
    async fn lose(&mut self, verb: &Verb, number: u32, fault: Fault, after: &Rows) -> u32 {
        let place = format!("{} at its message {number} ({fault:?})", verb.name);
        self.prepare(verb).await;
        self.proxy.arm(number, fault);
        let work = (verb.run)(self.world.clone());
        let patience = if fault == Fault::Silence { SILENCE } else { PATIENCE };
        let said = match tokio::time::timeout(patience, work).await {
            Ok(Ok(())) => Said::Done,
            Ok(Err(error)) if fault == Fault::Late => {
                panic!("{place}: nothing is lost, and it failed: {error}")
            }
            Ok(Err(error)) if is_commit_unknown(error.as_ref()) => {
                names_what_is_not_known(&place, error.as_ref());
                Said::NotKnown
            }
            Ok(Err(_)) => Said::Failed,
            Err(_) => {
                assert!(fault == Fault::Silence, "{place}: it hangs");
                Said::Nothing
            }
        };
        let (messages, happened) = self.proxy.disarm();
        let told = self.world.told();
        if happened {
            self.counts.messages += 1;
            match said {
                Said::Done => self.counts.done += 1,
                Said::Failed => self.counts.failed += 1,
                Said::NotKnown => self.counts.not_known += 1,
                Said::Nothing => self.counts.given_up += 1,
            }
        }
        self.goes_on(&place).await;
        let rows = self.settled(after).await;
        match said {
            Said::Done => {
                assert_eq!(rows, *after, "{place}: it gave Ok, and is not there");
                assert_eq!(told, self.told, "{place}: it returned something else");
            }
            Said::Failed if verb.leaves != Leaves::Steps => {
                assert_eq!(rows, self.before, "{place}: it failed, and is there");
            }
            Said::NotKnown | Said::Nothing if verb.leaves != Leaves::Steps => {
                assert!(rows == self.before || rows == *after, "{place}: half of it is there: {rows:#?}");
            }
            _ if rows != self.before && rows != *after => {
                let again = (verb.run)(self.world.clone()).await;
                again.unwrap_or_else(|error| panic!("{place}: it can't be taken up again: {error}"));
                let rows = verbs::rows(&self.observer).await.unwrap();
                assert_eq!(rows, *after, "{place}: taken up again, it leaves something else");
            }
            _ => {}
        }
        if rows != self.before {
            verbs::reset(&self.observer).await.unwrap();
        }
        messages
    }

    /// What stands before a verb but for the rows of users.
    async fn prepare(&self, verb: &Verb) {
        verbs::prepare(&self.observer, verb).await.unwrap();
        self.world.told();
    }

    /// The same client goes on, and what it is told is there for others.
    async fn goes_on(&self, place: &str) {
        let probe = async {
            // What stood idle may be found to be gone but when it is used.
            for _ in 0..4 {
                if Account.count(&self.world.dj).await.is_ok() {
                    break;
                }
            }
            Account.insert_one(&self.world.dj, AccountRow { id: 1_000_000, n: 0 }).await
        };
        let Ok(outcome) = tokio::time::timeout(PATIENCE, probe).await else {
            panic!("{place}: the client hangs")
        };
        outcome.unwrap_or_else(|error| panic!("{place}: the client is of no use: {error}"));
        let probe = Account & [("id", 1_000_000)];
        assert_eq!(
            probe.count(&self.observer).await.unwrap(),
            1,
            "{place}: an insert that gave Ok is not there"
        );
        probe.delete_quick(&self.observer).confirmed().await.unwrap();
    }

    /// The rows, once the server has heard that the connection is gone.
    async fn settled(&self, after: &Rows) -> Rows {
        let mut rows = verbs::rows(&self.observer).await.unwrap();
        for _ in 0..20 {
            if rows == self.before || rows == *after {
                tokio::time::sleep(Duration::from_millis(10)).await;
                let again = verbs::rows(&self.observer).await.unwrap();
                if again == rows {
                    return rows;
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            rows = verbs::rows(&self.observer).await.unwrap();
        }
        rows
    }
}

/// Whoever is told that nobody knows whether something lasts is told what it was; what the connection alone says, of a
/// statement of one's own, names no table.
fn names_what_is_not_known(place: &str, error: &(dyn std::error::Error + 'static)) {
    let text = error.to_string();
    let is_of_connection = error.is::<datajoint_adapters::Error>();
    assert!(is_of_connection || text.contains("`dj_conformance_"), "{place}: it names no table: {text}");
}
