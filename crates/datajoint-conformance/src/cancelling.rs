//! Any await may be the last: every verb is dropped after each of its polls.

use std::collections::BTreeSet;
use std::time::{Duration, Instant as Clock};

use datajoint::prelude::*;

use crate::proxy::stand_before;
use crate::verbs::{self, Account, AccountRow, Cut, Leaves, Rows, Tables, Verb, Wish, World};
use crate::{Capabilities, Turn};

mod sessions;

use sessions::Sessions;

/// Of all that works on the tables of the verbs.
pub(crate) static TURN: Turn = Turn::new("dj_conformance_verbs");

/// How long anything may take that has to go on.
const PATIENCE: Duration = Duration::from_secs(40);

/// After how many polls a verb is dropped.
struct Polls {
    /// True for every number of polls.
    all: bool,
}

impl Polls {
    /// The numbers for a verb that takes so many: in the short form half of them, where it changes rows a third and two.
    fn of(&self, polls: u32, leaves: Leaves) -> Vec<u32> {
        let parts = match (self.all, leaves) {
            (true, _) => polls,
            (false, Leaves::Nothing) => 2,
            (false, _) => 3,
        };
        let numbers: BTreeSet<u32> = (1..parts).map(|part| polls * part / parts).collect();
        numbers.into_iter().filter(|number| *number > 0).collect()
    }
}

/// A verb that is dropped leaves nothing open, nothing held, nothing half done, and a client that goes on.
///
/// After a few of its polls each; `DATAJOINT_CANCEL=all` after every one, and once more when the answer is there already. What
/// the server says comes by way of a task of the same runtime, so that none is there before the verb has waited for it.
#[expect(clippy::print_stdout, reason = "who asks for all of them wants to know what was done")]
pub async fn a_verb_may_be_dropped_at_any_await(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let wish = Wish::of("DATAJOINT_CANCEL");
    let polls = Polls { all: wish.is_long() };
    let mut settings = dj.settings().clone();
    settings.database.max_connections = 3;
    settings.safemode = false;
    settings.environment = Some(verbs::ENVIRONMENT.to_owned());
    let observer = Instance::connect(settings.clone()).await.unwrap();
    verbs::begin(&observer).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    if let Some((_, port)) = stand_before(dj).await {
        settings.database.host = Some("127.0.0.1".to_owned());
        settings.database.port = Some(port);
    }
    let cancelled = Instance::connect(settings).await.unwrap();
    cancelled.activate::<Tables>().await.unwrap();
    let mut proof = Proof {
        world: World::new(cancelled, folder.path().to_owned()),
        before: Rows::new(),
        told: Vec::new(),
        sessions: Sessions::of(&observer).await,
        observer,
        idle: Vec::new(),
        drops: 0,
        probes: 0,
    };
    let verbs = wish.verbs(|_| true, |_| true);
    for verb in &verbs {
        proof.cancel(verb, &polls).await;
    }
    println!("{}: {} verbs, dropped {} times", dj.backend(), verbs.len(), proof.drops);
    assert!(
        proof.idle.is_empty(),
        "these ask the server nothing, or nothing to be cancelled in: {:?}",
        proof.idle
    );
    turn.end(dj).await;
}

struct Proof {
    world: World,
    /// Another client, which sees what lasts.
    observer: Instance,
    /// The rows that stand before each verb.
    before: Rows,
    /// What the verb returns.
    told: Vec<String>,
    sessions: Sessions,
    /// The verbs that asked the server nothing, or were dropped nowhere.
    idle: Vec<&'static str>,
    drops: u32,
    probes: i32,
}

impl Proof {
    /// Drops a verb after each of its polls.
    async fn cancel(&mut self, verb: &Verb, polls: &Polls) {
        let is_within = verb.name.ends_with(" within");
        self.prepare(verb).await;
        self.before = verbs::rows(&self.observer).await.unwrap();
        self.world.was_idle();
        let (outcome, of) = self.run(verb, u32::MAX, is_within, false).await;
        // Within a transaction a statement waits for nothing else: that these verbs ask is seen of the same ones without.
        if !is_within && is_idle(&self.world, verb, of) {
            self.idle.push(verb.name);
        }
        outcome.unwrap().unwrap_or_else(|error| panic!("{}: {error}", verb.name));
        self.told = self.world.told();
        verb.assert_told(&self.told);
        let after = verbs::rows(&self.observer).await.unwrap();
        assert!(verb.leaves != Leaves::Nothing || after == self.before, "{} changes rows", verb.name);
        if polls.all {
            self.look(verb, 0, &after, true).await;
        } else if after != self.before {
            verbs::reset(&self.observer).await.unwrap();
        }
        let drops = self.drops;
        for is_late in [false, true] {
            for left in polls.of(of, verb.leaves) {
                self.prepare(verb).await;
                let (outcome, _) = self.run(verb, left, is_within, is_late).await;
                let told = self.world.told();
                // A part of it was cut, or it came to its end with fewer polls than before.
                let is_done = match outcome {
                    Some(Err(error)) if !is_within => panic!("{} is kept from its work: {error}", verb.name),
                    outcome => matches!(outcome, Some(Ok(()))),
                };
                assert!(!is_done || is_within || told == self.told, "{} returned {told:?}", verb.name);
                self.drops += 1;
                self.look(verb, left, &after, is_done).await;
            }
            if !polls.all {
                break;
            }
        }
        if drops == self.drops && asks(&self.world, verb) && !self.idle.contains(&verb.name) {
            self.idle.push(verb.name);
        }
    }

    /// What stands before a verb but for the rows of users.
    async fn prepare(&self, verb: &Verb) {
        verbs::prepare(&self.observer, verb).await.unwrap();
        self.world.told();
    }

    /// Runs a verb, or what is cut in it, for so many polls. Gives its outcome, and how many there were.
    async fn run(
        &self,
        verb: &Verb,
        left: u32,
        is_within: bool,
        is_late: bool,
    ) -> (Option<Result<(), Box<dyn std::error::Error + Send + Sync>>>, u32) {
        self.world.inner.set(is_within.then_some(left));
        let work = (verb.run)(self.world.clone());
        if is_within {
            let outcome = within(verb, work).await;
            let polls = left - self.world.inner.take().unwrap_or_default();
            return (Some(outcome), polls);
        }
        let mut cut = Cut::new(work, left);
        if is_late {
            cut = cut.late();
        }
        within(verb, cut).await
    }

    /// Looks at what a verb has left.
    async fn look(&mut self, verb: &Verb, polls: u32, after: &Rows, is_done: bool) {
        let name = verb.name;
        let place = format!("{name} after {polls} polls");
        // The same client goes on, and what it is told is there for others.
        self.probes += 1;
        let id = 1_000_000 + self.probes;
        let probe = Account.insert_one(&self.world.dj, AccountRow { id, n: 0 });
        within(verb, probe).await.unwrap_or_else(|error| panic!("{place}: the client is of no use: {error}"));
        let seen = (Account & [("id", id)]).count(&self.observer).await.unwrap();
        assert_eq!(seen, 1, "{place}: an insert that gave Ok is not there");
        let gone = (Account & [("id", id)]).delete_quick(&self.observer).confirmed();
        within(verb, gone.into_future()).await.unwrap_or_else(|error| panic!("{place}: {error}"));
        self.sessions
            .look(&self.world.dj, &self.observer)
            .await
            .unwrap_or_else(|fault| panic!("{place}: {fault}"));
        sessions::nothing_is_locked(&self.observer).await.unwrap_or_else(|fault| panic!("{place}: {fault}"));
        let rows = self.settled(&place, after).await;
        let is_whole = rows == self.before || rows == *after;
        if verb.leaves == Leaves::Steps && !is_whole {
            let (outcome, _) = self.run(verb, u32::MAX, false, false).await;
            outcome.unwrap().unwrap_or_else(|error| panic!("{place}: it can't be taken up again: {error}"));
            assert_eq!(verbs::rows(&self.observer).await.unwrap(), *after, "{place}: taken up again");
        } else {
            assert!(is_whole, "{place}: half of it is there: {rows:#?}");
            assert!(!is_done || rows == *after, "{place}: it gave Ok, and is not there");
        }
        if rows != self.before {
            verbs::reset(&self.observer).await.unwrap();
        }
    }

    /// The rows, once what was on its way has come to an end.
    async fn settled(&self, place: &str, after: &Rows) -> Rows {
        let start = Clock::now();
        loop {
            let rows = verbs::rows(&self.observer).await.unwrap();
            if rows == self.before || rows == *after || start.elapsed() > Duration::from_millis(200) {
                // What arrives late must not come between this look and the next verb.
                return if self.sessions.is_quiet(&self.observer).await {
                    verbs::rows(&self.observer).await.unwrap()
                } else {
                    panic!("{place}: a transaction was left open")
                };
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// True for a verb that waited for no answer of the server though it is one that asks.
fn is_idle(world: &World, verb: &Verb, polls: u32) -> bool {
    let was_idle = world.was_idle() || polls < 2;
    asks(world, verb) && was_idle
}

/// True for a verb that has to wait for an answer of the server.
fn asks(world: &World, verb: &Verb) -> bool {
    let is_at_once = verbs::AT_ONCE.iter().any(|(name, _)| *name == verb.name);
    !is_at_once && !world.dj.backend().capability().is_embedded
}

/// What has to come to its end.
async fn within<F: Future>(verb: &Verb, work: F) -> F::Output {
    let Ok(output) = tokio::time::timeout(PATIENCE, work).await else { panic!("{} hangs", verb.name) };
    output
}
