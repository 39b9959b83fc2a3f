//! Reads everything again after it was carried out, and judges by what is there.

use datajoint_guard::FailureCode;

use super::Engine;
use super::session::Session;
use crate::{Atomicity, Item, Plan, Purpose, State, Undertaking};

impl<U: Undertaking> Engine<'_, U> {
    /// Reads everything again, does once more what is not as wanted yet, and says what is not as wanted even then.
    ///
    /// What came to be on the way, such as tables that roles may now read, is done too, unless a plan was approved.
    pub(super) async fn look_again(
        &self,
        plan: &mut Plan,
        mut session: Session<'_>,
        is_approved: bool,
    ) -> Result<(), U::Error> {
        // What is read may wait for longer than what is done, and there may be no connection for both.
        drop(session.connection);
        if !self.undertaking.is_visible() {
            return Ok(());
        }
        let mut again = Vec::new();
        for item in self.look().await? {
            if item.state != State::WouldChange {
                continue;
            }
            match plan.items.iter().position(|known| known.is(&item)) {
                Some(place) if deserves_another_round(&plan.items[place]) => again.push((Some(place), item)),
                // It was as wanted, and what was done on the way, such as a journal, changed that.
                Some(place) if plan.items[place].state == State::Unchanged => {
                    if is_approved || is_concurrent(&item) {
                        plan.items[place] = item;
                    } else {
                        again.push((Some(place), item));
                    }
                }
                Some(_) => {}
                // What could not be made while others write left something, which the next one takes up.
                None if is_approved || is_concurrent(&item) => plan.items.push(item),
                None => again.push((None, item)),
            }
        }
        if !again.is_empty() {
            session.connection = self.connect().await?;
            for (place, item) in again {
                match place.and_then(|place| plan.items.get_mut(place)) {
                    // Who has no session any more does nothing, and says how it was found.
                    Some(known) if session.is_lost => judge(known, &item),
                    None if session.is_lost => plan.items.push(item),
                    Some(known) => {
                        known.state = session.carry_out(&item).await;
                        known.statements.extend(item.statements);
                    }
                    None => {
                        let state = session.carry_out(&item).await;
                        plan.items.push(Item { state, ..item });
                    }
                }
            }
            if session.is_lost {
                return Ok(());
            }
            drop(session.connection);
        }
        let after = self.look().await?;
        for item in &mut plan.items {
            if let Some(now) = after.iter().find(|now| now.is(item)) {
                judge(item, now);
            }
        }
        Ok(())
    }

    /// How everything is now.
    async fn look(&self) -> Result<Vec<Item>, U::Error> {
        let mut snapshot = self.snapshot().await?;
        Ok(self.plan_of(&mut snapshot).await?.items)
    }
}

/// True for what was changed and is not as wanted, and for what only something else stood in the way of.
fn deserves_another_round(item: &Item) -> bool {
    match &item.state {
        State::Changed => !is_upkeep(item),
        State::Failed { after_others, .. } => *after_others,
        State::Unchanged | State::WouldChange | State::Skipped { .. } => false,
    }
}

/// True for what the server counts itself, and tells in a moment or when nobody sees dead rows any more.
fn is_upkeep(item: &Item) -> bool {
    item.statements.iter().any(|step| step.purpose.is_upkeep())
}

/// True for what waits for older transactions, and leaves something behind where it fails.
fn is_concurrent(item: &Item) -> bool {
    item.statements.iter().any(|step| step.atomicity == Atomicity::Concurrent)
}

fn judge(item: &mut Item, now: &Item) {
    match (&item.state, &now.state) {
        // Somebody else did it meanwhile, or what had failed lasts all the same.
        (State::Failed { .. }, State::Unchanged) if !is_concurrent(item) => item.state = State::Changed,
        (State::Changed, State::Skipped { .. } | State::Failed { .. }) => item.state = now.state.clone(),
        // Before PostgreSQL 15 what was analyzed is counted a moment later.
        (State::Changed, State::WouldChange)
            if is_upkeep(item) && now.statements.iter().all(|step| step.purpose == Purpose::Statistics) => {}
        (State::Changed, State::WouldChange) if is_upkeep(item) => {
            item.state = State::Skipped {
                reason: "it was vacuumed; its dead rows are still seen by a session, a replication slot or a prepared \
                         transaction"
                    .to_owned(),
            };
        }
        (State::Changed, State::WouldChange) => {
            item.state = State::failed(
                FailureCode::NotAsWanted,
                format!("all statements went through, and it is: {}", now.found),
                "somebody else may have changed it: plan again",
            );
        }
        _ => {}
    }
}
