//! Every order in which two workers, a reaper, a refresher and a worker of Python can take their steps on one key.
//!
//! A step is a statement or a transaction, which nobody divides. Leases and sessions end at any moment at which they
//! may. What the steps decide by is what the library decides by; the rest is what the databases do.

use std::collections::HashMap;
use std::time::Duration;

use datajoint_jobs::state::{Next, Owner};
use datajoint_jobs::{Fence, Limits, Status};

const PYTHON: i64 = 100;
const LEASE: Duration = Duration::from_secs(30);
const LIMITS: Limits = Limits { attempts: 1, losses: 2 };

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Phase {
    #[default]
    Idle,
    Claimed,
    Computed,
    /// Its row was there already; the job is to be ended.
    Duplicate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Life {
    Running,
    /// By SIGSTOP, or cut off from the network.
    Stopped,
    Dead,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Worker {
    phase: Phase,
    life: Life,
    has_lease: bool,
    is_draining: bool,
}

const WORKER: Worker =
    Worker { phase: Phase::Idle, life: Life::Running, has_lease: true, is_draining: false };

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    job: Option<(Owner, Status)>,
    /// True when the table has the row.
    has_row: bool,
    losses: u32,
    workers: [Worker; 2],
    python: Phase,
    /// True when the server knows the session of Python's worker still.
    knows_python: bool,
    /// Whose job the reaper has seen to be lost.
    seen: Option<Owner>,
}

/// What the library may leave out, so that the model is seen to notice.
#[derive(Debug, Clone, Copy)]
struct Rules {
    /// The reservation is checked where the result is written.
    fences: bool,
    /// What was seen to be lost is looked at again where it is freed.
    looks_again: bool,
}

const RULES: Rules = Rules { fences: true, looks_again: true };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Refresh,
    /// Python frees what is reserved for long, whoever has it.
    PythonFrees,
    See,
    Free,
    Claim(usize),
    Compute(usize),
    Write(usize),
    Fail(usize),
    Finish(usize),
    Drain(usize),
    Stop(usize),
    LeaseEnds(usize),
    Continue(usize),
    Die(usize),
    PythonReserves,
    PythonWrites,
    PythonCompletes,
    PythonFails,
    PythonLeaves,
}

const STEPS: &[Step] = &[
    Step::Refresh,
    Step::PythonFrees,
    Step::See,
    Step::Free,
    Step::PythonReserves,
    Step::PythonWrites,
    Step::PythonCompletes,
    Step::PythonFails,
    Step::PythonLeaves,
];

fn steps() -> impl Iterator<Item = Step> {
    use Step::{Claim, Compute, Continue, Die, Drain, Fail, Finish, LeaseEnds, Stop, Write};
    let each = [Claim, Compute, Write, Fail, Finish, Drain, Stop, LeaseEnds, Continue, Die];
    STEPS.iter().copied().chain(each.into_iter().flat_map(|step| [step(0), step(1)]))
}

fn number(worker: usize) -> i64 {
    i64::try_from(worker).unwrap() + 1
}

impl State {
    fn new() -> Self {
        let (job, python) = (None, Phase::Idle);
        Self { job, has_row: false, losses: 0, workers: [WORKER; 2], python, knows_python: true, seen: None }
    }

    /// True when nobody works on what this owner has.
    fn is_lost(&self, owner: Owner) -> bool {
        let has_lease = matches!(owner, Owner::Worker(worker) if (0..2).any(|place| {
            number(place) == worker && self.workers[place].has_lease
        }));
        owner.is_lost(has_lease, Some(self.knows_python), LEASE * 2, LEASE)
    }

    fn has(&self, worker: usize) -> bool {
        self.job == Some((Owner::Worker(number(worker)), Status::Reserved))
    }

    /// The state after a step; `None` where it can't be taken. Fails where it does what must not be.
    fn after(&self, step: Step, rules: Rules) -> Result<Option<Self>, &'static str> {
        let mut next = self.clone();
        if let Step::Claim(w)
        | Step::Compute(w)
        | Step::Write(w)
        | Step::Fail(w)
        | Step::Finish(w)
        | Step::Drain(w)
        | Step::Stop(w) = step
            && self.workers[w].life != Life::Running
        {
            return Ok(None);
        }
        let can = match step {
            Step::Refresh => {
                next.job = Some((Owner::Nobody, Status::Pending));
                self.job.is_none() && !self.has_row
            }
            Step::PythonFrees => {
                next.job = Some((Owner::Nobody, Status::Pending));
                matches!(self.job, Some((_, Status::Reserved)))
            }
            Step::See => {
                let owner =
                    self.job.filter(|(_, status)| *status == Status::Reserved).map(|(owner, _)| owner);
                next.seen = owner.filter(|owner| self.is_lost(*owner));
                next.seen.is_some()
            }
            Step::Free => return self.free(rules),
            Step::Claim(w) => {
                next.job = Some((Owner::Worker(number(w)), Status::Reserved));
                next.workers[w].phase = Phase::Claimed;
                let Worker { phase, is_draining, .. } = self.workers[w];
                phase == Phase::Idle && !is_draining && matches!(self.job, Some((_, Status::Pending)))
            }
            Step::Compute(w) => {
                next.workers[w].phase = Phase::Computed;
                self.workers[w].phase == Phase::Claimed
            }
            Step::Write(w) => {
                if self.workers[w].phase != Phase::Computed {
                    return Ok(None);
                }
                return self.write(w, rules).map(Some);
            }
            Step::Fail(w) => {
                if self.has(w) {
                    next.job = Some((Owner::Worker(number(w)), Status::Error));
                }
                next.workers[w].phase = Phase::Idle;
                self.workers[w].phase == Phase::Computed
            }
            Step::Finish(w) => {
                if Fence::judge(number(w), self.job) == Fence::Held {
                    next.job = None;
                }
                next.workers[w].phase = Phase::Idle;
                self.workers[w].phase == Phase::Duplicate
            }
            Step::Drain(w) => {
                if self.has(w) && self.workers[w].phase == Phase::Claimed {
                    next.job = Some((Owner::Nobody, Status::Pending));
                    next.workers[w].phase = Phase::Idle;
                }
                next.workers[w].is_draining = true;
                !self.workers[w].is_draining
            }
            Step::Stop(w) => {
                next.workers[w].life = Life::Stopped;
                true
            }
            Step::LeaseEnds(w) => {
                next.workers[w].has_lease = false;
                self.workers[w].has_lease && self.workers[w].life != Life::Running
            }
            Step::Continue(w) => {
                (next.workers[w].life, next.workers[w].has_lease) = (Life::Running, true);
                self.workers[w].life == Life::Stopped
            }
            Step::Die(w) => {
                next.workers[w] = Worker { life: Life::Dead, phase: Phase::Idle, ..self.workers[w] };
                self.workers[w].life != Life::Dead
            }
            Step::PythonReserves => {
                next.job = Some((Owner::Session(PYTHON), Status::Reserved));
                next.python = Phase::Claimed;
                self.python == Phase::Idle && matches!(self.job, Some((_, Status::Pending)))
            }
            Step::PythonWrites => {
                next.has_row = true;
                next.python = Phase::Duplicate;
                self.python == Phase::Claimed
            }
            // By the key alone, whatever stands there.
            Step::PythonCompletes => {
                (next.job, next.python) = (None, Phase::Idle);
                self.python == Phase::Duplicate
            }
            Step::PythonFails => {
                next.job = self.job.map(|(owner, _)| (owner, Status::Error));
                next.python = Phase::Idle;
                self.python == Phase::Claimed
            }
            // It lives on, in another session.
            Step::PythonLeaves => {
                next.knows_python = false;
                self.knows_python
            }
        };
        Ok((can && next != *self).then_some(next))
    }

    fn free(&self, rules: Rules) -> Result<Option<Self>, &'static str> {
        let Some(seen) = self.seen else { return Ok(None) };
        let mut next = Self { seen: None, ..self.clone() };
        let owner = match self.job {
            Some((owner, Status::Reserved)) if !rules.looks_again || owner == seen => owner,
            _ => return Ok(Some(next)),
        };
        if rules.looks_again && !self.is_lost(owner) {
            return Ok(Some(next));
        }
        if let Owner::Worker(worker) = owner
            && (0..2).any(|place| number(place) == worker && self.workers[place].has_lease)
        {
            return Err("the job of a worker with a lease was freed");
        }
        let status = match LIMITS.after_loss(self.losses) {
            Next::Again(_) => Status::Pending,
            Next::Stop => Status::Error,
        };
        next.job = Some((Owner::Nobody, status));
        next.losses += 1;
        Ok(Some(next))
    }

    fn write(&self, worker: usize, rules: Rules) -> Result<Self, &'static str> {
        let mut next = self.clone();
        // The primary key of the table.
        if self.has_row {
            next.workers[worker].phase = Phase::Duplicate;
            return Ok(next);
        }
        next.workers[worker].phase = Phase::Idle;
        let fence = Fence::judge(number(worker), self.job);
        if rules.fences && !fence.lets_write() {
            return Ok(next);
        }
        let is_own = |owner| owner == Owner::Worker(number(worker));
        if matches!(self.job, Some((owner, Status::Reserved)) if !is_own(owner)) {
            return Err("a result was written whose job another has");
        }
        next.has_row = true;
        if fence == Fence::Held {
            next.job = None;
        }
        Ok(next)
    }
}

/// All states that can come to be, and for each the steps from it and the places of those that follow.
struct Explored {
    states: Vec<State>,
    following: Vec<Vec<(Step, usize)>>,
}

/// Fails with the steps to what must not be.
fn explore(rules: Rules) -> Result<Explored, (Vec<Step>, &'static str)> {
    let mut states = vec![State::new()];
    let mut places = HashMap::from([(State::new(), 0)]);
    let mut from = vec![(0, Step::Refresh)];
    let mut following = Vec::new();
    while following.len() < states.len() {
        let place = following.len();
        let mut next_places = Vec::new();
        for step in steps() {
            match states[place].after(step, rules) {
                Err(fault) => {
                    let mut way = vec![step];
                    let mut place = place;
                    while place > 0 {
                        way.insert(0, from[place].1);
                        place = from[place].0;
                    }
                    return Err((way, fault));
                }
                Ok(None) => {}
                Ok(Some(next)) => {
                    let known = places.get(&next).copied().unwrap_or_else(|| {
                        places.insert(next.clone(), states.len());
                        states.push(next);
                        from.push((place, step));
                        states.len() - 1
                    });
                    next_places.push((step, known));
                }
            }
        }
        following.push(next_places);
    }
    Ok(Explored { states, following })
}

/// Takes steps one after the other.
fn run(steps: &[Step]) -> State {
    steps.iter().fold(State::new(), |state, step| {
        state.after(*step, RULES).unwrap().unwrap_or_else(|| panic!("{step:?} can't follow {state:?}"))
    })
}

#[test]
fn no_order_of_steps_frees_what_is_held_writes_what_is_not_or_loses_the_key() {
    let explored = explore(RULES).unwrap_or_else(|(way, fault)| panic!("{fault}: {way:?}"));
    assert!(explored.states.len() > 5000, "{} states", explored.states.len());

    // From each of them a worker that lives comes to an end with the key.
    let Explored { states, following } = explored;
    // Backwards from the ends: the row is there, or the job stands as an error for somebody to look at.
    let is_end = |state: &State| state.has_row || matches!(state.job, Some((_, Status::Error)));
    let mut before = vec![Vec::new(); states.len()];
    for (place, following) in following.iter().enumerate() {
        for (step, next) in following {
            // Nobody needs to continue, to come back or to be mended for it, and Python needs to do nothing.
            let is_help = matches!(step, Step::Continue(_) | Step::Die(_) | Step::Drain(_) | Step::Stop(_));
            let is_python = matches!(step, Step::PythonFrees | Step::PythonReserves | Step::PythonWrites);
            if !is_help && !is_python {
                before[*next].push(place);
            }
        }
    }
    let mut ends: Vec<bool> = states.iter().map(is_end).collect();
    let mut waiting: Vec<usize> = (0..states.len()).filter(|place| ends[*place]).collect();
    while let Some(place) = waiting.pop() {
        for &earlier in &before[place] {
            if !std::mem::replace(&mut ends[earlier], true) {
                waiting.push(earlier);
            }
        }
    }
    let can_work = |state: &State| {
        state.workers.iter().any(|worker| worker.life == Life::Running && !worker.is_draining)
    };
    // A session of Python that the server knows may be at work as long as it likes.
    let is_pythons = |state: &State| {
        state.knows_python && matches!(state.job, Some((Owner::Session(_), Status::Reserved)))
    };
    let is_stuck = |(state, ends): &(&State, &bool)| can_work(state) && !is_pythons(state) && !**ends;
    assert_eq!(states.iter().zip(&ends).find(is_stuck), None);
}

#[test]
fn the_model_notices_when_the_fence_is_missing() {
    let (way, fault) = explore(Rules { fences: false, ..RULES }).err().unwrap();
    assert_eq!(fault, "a result was written whose job another has", "{way:?}");
}

#[test]
fn the_model_notices_when_lists_are_not_looked_at_again() {
    let (way, fault) = explore(Rules { looks_again: false, ..RULES }).err().unwrap();
    assert_eq!(fault, "the job of a worker with a lease was freed", "{way:?}");
}

#[test]
fn a_stale_list_of_dead_workers_frees_nothing() {
    use Step::{Claim, Free, LeaseEnds, PythonFrees, Refresh, See, Stop};
    let state = run(&[Refresh, Claim(0), Stop(0), LeaseEnds(0), See, PythonFrees, Claim(1), Free]);
    assert!(state.has(1), "{state:?}");
    let state = run(&[Refresh, Claim(0), Stop(0), LeaseEnds(0), See, Step::Continue(0), Free]);
    assert!(state.has(0), "{state:?}");
}

#[test]
fn a_reaper_that_is_broken_off_loses_no_job() {
    use Step::{Claim, Compute, Die, Free, LeaseEnds, Refresh, See, Write};
    // It saw, and never freed: another sees the same.
    let state = run(&[Refresh, Claim(0), Die(0), LeaseEnds(0), See]);
    let state = State { seen: None, ..state };
    let state = [See, Free, Claim(1), Compute(1), Write(1)]
        .into_iter()
        .fold(state, |state, step| state.after(step, RULES).unwrap().unwrap());
    assert!(state.has_row && state.job.is_none(), "{state:?}");
}

#[test]
fn a_draining_worker_takes_nothing_back() {
    use Step::{Claim, Drain, Refresh};
    let state = run(&[Refresh, Claim(0), Drain(0)]);
    assert_eq!(state.job, Some((Owner::Nobody, Status::Pending)));
    assert_eq!(state.after(Claim(0), RULES), Ok(None));
    assert!(run(&[Refresh, Claim(0), Drain(0), Claim(1)]).has(1));
}

#[test]
fn a_worker_that_starts_again_under_the_same_name_is_another() {
    use Step::{Claim, Die, Free, LeaseEnds, Refresh, See};
    // The second has the host and the process number of the first; its lease does not hold the first one's job.
    let state = run(&[Refresh, Claim(0), Die(0), LeaseEnds(0), See, Free]);
    assert!(state.workers[1].has_lease);
    assert_eq!(state.job, Some((Owner::Nobody, Status::Pending)), "{state:?}");
}

#[test]
fn a_late_worker_takes_no_success_for_a_row_of_another() {
    use Step::{Claim, Compute, Continue, Free, LeaseEnds, PythonCompletes, PythonReserves, PythonWrites};
    use Step::{Refresh, See, Stop, Write};
    let steps =
        [Refresh, Claim(0), Compute(0), Stop(0), LeaseEnds(0), See, Free, Claim(1), Continue(0), Write(0)];
    let state = run(&steps);
    assert!(!state.has_row && state.has(1), "{state:?}");
    // Python comes late, and removes the job of its successor: the row goes in once.
    let steps = [Refresh, PythonReserves, PythonWrites, PythonCompletes];
    assert!(run(&steps).has_row);
    let steps = [Refresh, PythonReserves, Step::PythonFrees, Claim(0), Compute(0), PythonWrites, Write(0)];
    assert_eq!(run(&steps).workers[0].phase, Phase::Duplicate);
}

#[test]
fn a_key_that_takes_its_workers_down_is_left_alone() {
    use Step::{Claim, Die, Free, LeaseEnds, Refresh, See};
    let once = [Refresh, Claim(0), Die(0), LeaseEnds(0), See, Free];
    let twice = [Claim(1), Die(1), LeaseEnds(1), See, Free];
    let state = run(&[once.as_slice(), twice.as_slice()].concat());
    assert_eq!(state.job, Some((Owner::Nobody, Status::Error)));
}
