//! Writers and collectors, in every order of their steps: whatever a row refers to is there, or comes back.
//!
//! The time that ages and the grace stand for is a step of its own, `Wait`: it comes only when whoever began before has ended, which is what
//! the age and the grace are chosen for.

use std::collections::HashSet;

use datajoint_gc::{Facts, Note, Verdict, verdict};

/// What a client does with the one object of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Writer {
    /// DataJoint for Python: looks whether the object is there, writes it if not, inserts its row.
    Python(Insert),
    /// This library: the same, and writes the object again when it finds an old one.
    Rust(Insert),
    /// Writes the object first, and its row much later.
    Staged(Insert),
    /// Deletes a row.
    Delete(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Insert {
    Waiting,
    /// It looked, and found it or not.
    Looked(bool),
    /// The object is there, as far as it knows.
    Ready,
    Done,
}

/// What a collection is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Collector {
    Idle,
    /// It scanned, and will carry this out.
    Scanned(Verdict, Seen),
    /// It read the rows and found none, and will set the object aside if it is still the one that it saw.
    Moving(Seen),
    /// It set it aside, and will read the rows again, and note it if there are none.
    SetAside,
    /// It read the rows in its transaction, and found none.
    Purging(Seen),
}

/// What a scan saw: how often the object had been written.
type Seen = u8;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    by_content: bool,
    rows: u8,
    in_place: Option<(Seen, Age)>,
    aside: bool,
    /// How often it had been written when it was noted, and whether the grace is over.
    note: Option<(Seen, bool)>,
    written: Seen,
    writers: Vec<Writer>,
    collectors: Vec<Collector>,
    /// Collections that may still begin.
    left: u8,
    /// Times that may still pass.
    waits: u8,
    /// Who holds the lock of collections.
    lock: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Age {
    Young,
    Old,
}

impl World {
    fn new(by_content: bool, rows: u8, writers: Vec<Writer>) -> Self {
        let in_place = (rows > 0 || !writers.iter().any(|writer| matches!(writer, Writer::Staged(_))))
            .then_some((0, Age::Old));
        let collectors = vec![Collector::Idle; 2];
        Self {
            by_content,
            rows,
            in_place,
            aside: false,
            note: None,
            written: 0,
            writers,
            collectors,
            left: 4,
            waits: 2,
            lock: None,
        }
    }

    fn write(&mut self) {
        self.written += 1;
        self.in_place = Some((self.written, Age::Young));
    }

    fn is_busy(&self) -> bool {
        self.writers.iter().any(|writer| match writer {
            Writer::Python(insert) | Writer::Rust(insert) | Writer::Staged(insert) => {
                !matches!(insert, Insert::Waiting | Insert::Done)
            }
            Writer::Delete(_) => false,
        })
    }

    /// What one writer does next; `None` when it has ended.
    fn write_step(&self, who: usize) -> Option<Self> {
        let mut next = self.clone();
        let is_there = self.in_place.is_some();
        let is_old = self.in_place.is_some_and(|(_, age)| age == Age::Old);
        let (renews, insert) = match self.writers[who] {
            Writer::Python(insert) => (false, insert),
            Writer::Rust(insert) => (true, insert),
            Writer::Staged(insert) => {
                let after = match insert {
                    Insert::Waiting => {
                        next.write();
                        Insert::Ready
                    }
                    Insert::Looked(_) | Insert::Ready => {
                        next.rows += 1;
                        Insert::Done
                    }
                    Insert::Done => return None,
                };
                next.writers[who] = Writer::Staged(after);
                return Some(next);
            }
            Writer::Delete(is_done) => {
                if is_done || self.rows == 0 {
                    return None;
                }
                next.rows -= 1;
                next.writers[who] = Writer::Delete(true);
                return Some(next);
            }
        };
        let after = match insert {
            Insert::Waiting => Insert::Looked(is_there),
            Insert::Looked(found) => {
                if !found || (renews && (is_old || !is_there)) {
                    next.write();
                }
                Insert::Ready
            }
            Insert::Ready => {
                next.rows += 1;
                Insert::Done
            }
            Insert::Done => return None,
        };
        next.writers[who] = if renews { Writer::Rust(after) } else { Writer::Python(after) };
        Some(next)
    }

    fn facts(&self) -> Facts {
        let note = self.note.map(|(seen, is_over)| Note {
            is_over,
            is_changed: self.in_place.is_some_and(|(written, _)| written != seen),
        });
        Facts {
            by_content: self.by_content,
            is_referenced: self.rows > 0,
            is_in_place: self.in_place.is_some(),
            is_aside: self.aside,
            is_old: self.in_place.is_some_and(|(_, age)| age == Age::Old),
            note,
        }
    }

    fn put_back(&mut self) {
        if self.aside && self.in_place.is_none() {
            // Its time is the one that it had.
            self.in_place = Some((self.written, Age::Old));
        }
        self.aside = false;
        self.note = None;
    }

    /// What one collector does next. Only one has the lock, from its scan on; a scan before the lock is none.
    fn collect_step(&self, who: usize) -> Option<Self> {
        let mut next = self.clone();
        let seen = self.in_place.map_or(0, |(written, _)| written);
        let after = match self.collectors[who] {
            Collector::Idle => {
                if self.left == 0 || self.lock.is_some() {
                    return None;
                }
                next.left -= 1;
                next.lock = Some(who);
                Collector::Scanned(verdict(self.facts()), seen)
            }
            Collector::Scanned(Verdict::Keep | Verdict::Wait, _) => Collector::Idle,
            Collector::Scanned(Verdict::Return, _) => {
                next.put_back();
                Collector::Idle
            }
            Collector::Scanned(Verdict::Quarantine, seen) => {
                if self.rows > 0 {
                    Collector::Idle
                } else if self.by_content && !self.aside {
                    Collector::Moving(seen)
                } else {
                    next.note = Some((seen, false));
                    Collector::Idle
                }
            }
            Collector::Moving(seen) => match self.in_place {
                Some((written, _)) if written == seen => {
                    next.in_place = None;
                    next.aside = true;
                    Collector::SetAside
                }
                _ => Collector::Idle,
            },
            Collector::SetAside => {
                if self.rows > 0 {
                    next.put_back();
                } else {
                    next.note = Some((0, false));
                }
                Collector::Idle
            }
            Collector::Scanned(Verdict::Purge, seen) => {
                if self.rows == 0 {
                    Collector::Purging(seen)
                } else {
                    next.put_back();
                    Collector::Idle
                }
            }
            Collector::Purging(seen) => {
                next.note = None;
                if self.by_content {
                    next.aside = false;
                } else if self.in_place.is_some_and(|(written, _)| written == seen) {
                    next.in_place = None;
                }
                Collector::Idle
            }
        };
        if after == Collector::Idle {
            next.lock = None;
        }
        next.collectors[who] = after;
        Some(next)
    }

    /// A collector that is killed: what it did stays.
    fn killed(&self, who: usize) -> Option<Self> {
        if self.collectors[who] == Collector::Idle {
            return None;
        }
        let mut next = self.clone();
        next.collectors[who] = Collector::Idle;
        next.lock = None;
        Some(next)
    }

    /// Longer than anything takes that has begun.
    fn wait(&self) -> Option<Self> {
        if self.waits == 0 || self.is_busy() {
            return None;
        }
        let mut next = self.clone();
        next.waits -= 1;
        next.in_place = self.in_place.map(|(written, _)| (written, Age::Old));
        next.note = self.note.map(|(seen, _)| (seen, true));
        Some(next)
    }

    fn steps(&self) -> Vec<Self> {
        let writers = (0..self.writers.len()).filter_map(|who| self.write_step(who));
        let collectors =
            (0..self.collectors.len()).flat_map(|who| [self.collect_step(who), self.killed(who)]).flatten();
        writers.chain(collectors).chain(self.wait()).collect()
    }

    /// What must hold whatever happens: nothing is gone that a row refers to.
    fn check(&self) {
        assert!(self.rows == 0 || self.in_place.is_some() || self.aside, "a row refers to nothing: {self:?}");
        if self.rows > 0 && self.in_place.is_none() {
            // It comes back with the next collection.
            let mut after = Self { left: 1, lock: None, collectors: vec![Collector::Idle], ..self.clone() };
            while let Some(next) = after.collect_step(0) {
                after = next;
            }
            assert!(after.in_place.is_some(), "it does not come back: {self:?}");
        }
    }
}

/// How many worlds there are, each in which nothing is lost.
fn explore(start: World) -> usize {
    let (mut known, mut open) = (HashSet::new(), vec![start]);
    while let Some(world) = open.pop() {
        if known.contains(&world) {
            continue;
        }
        world.check();
        open.extend(world.steps());
        known.insert(world);
    }
    known.len()
}

#[test]
fn no_order_of_inserts_deletes_and_collections_loses_what_goes_by_content() {
    let python = Writer::Python(Insert::Waiting);
    let rust = Writer::Rust(Insert::Waiting);
    let delete = Writer::Delete(false);
    let mut worlds = 0;
    for rows in 0..=1 {
        for writers in
            [vec![python, python, delete], vec![rust, rust, delete], vec![python, rust, delete, delete]]
        {
            worlds += explore(World::new(true, rows, writers));
        }
    }
    eprintln!("{worlds} worlds");
    assert!(worlds > 10_000, "{worlds}");
}

#[test]
fn no_order_of_staged_inserts_deletes_and_collections_loses_what_goes_by_its_row() {
    let staged = Writer::Staged(Insert::Waiting);
    let mut worlds = 0;
    for writers in [vec![staged, Writer::Delete(false)], vec![staged], vec![Writer::Delete(false)]] {
        let rows = u8::from(!writers.contains(&staged));
        worlds += explore(World::new(false, rows, writers));
    }
    assert!(worlds > 100, "{worlds}");
}

#[test]
fn without_setting_aside_a_row_that_is_on_its_way_would_lose_its_object() {
    // The same client, of an object that would be purged where it lies: the reason for all this.
    let mut world = World::new(false, 0, vec![Writer::Python(Insert::Waiting)]);
    world.note = Some((0, true));
    let lost = std::panic::catch_unwind(|| explore(world));
    assert!(lost.is_err());
}
