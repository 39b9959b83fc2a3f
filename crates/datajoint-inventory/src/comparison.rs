//! Both lists, gone through together.

use std::fmt;
use std::iter::Peekable;

use crate::{Listed, Place, Referred, Result, Sorted};

/// What rows refer to and what stores hold, in one order.
pub struct Comparison {
    listed: Peekable<Sorted<Listed>>,
    referred: Peekable<Sorted<Referred>>,
    /// The folders that are referred to and hold the place that is looked at, from the outermost.
    folders: Vec<Place>,
    /// The last place that was referred to.
    last: Option<Place>,
    /// The last object that was listed: a location with two names is looked at once.
    seen: Option<Place>,
}

/// One step through both lists.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An object that lies in a store.
    Listed {
        /// Where.
        place: Place,
        /// What is known of it.
        object: Listed,
        /// Whether a row refers to it, or to a folder above it.
        is_referred: bool,
    },
    /// A reference of a row. Those to an object come before it, and those to a folder before all that lies in it.
    Referred {
        /// Where to.
        place: Place,
        /// What the row says.
        reference: Referred,
        /// What was listed there.
        presence: Presence,
    },
}

/// What was listed where a row refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// An object of this size.
    Object(u64),
    /// A folder with objects.
    Folder,
    /// Nothing. It may have been written since, or lies in no section.
    Absent,
}

impl Comparison {
    /// Both lists, from their beginnings.
    pub fn new(listed: Sorted<Listed>, referred: Sorted<Referred>) -> Self {
        let (listed, referred) = (listed.peekable(), referred.peekable());
        Self { listed, referred, folders: Vec::new(), last: None, seen: None }
    }

    /// The next step; `None` after the last.
    ///
    /// Fails when the files of the lists can't be read.
    #[expect(clippy::should_implement_trait, reason = "an iterator has no error of its own")]
    pub fn next(&mut self) -> Result<Option<Step>> {
        // What is listed through another name of its location as well.
        while let (Some(Ok((listed, _))), Some(seen)) = (self.listed.peek(), &self.seen)
            && listed == seen
        {
            self.listed.next();
        }
        let is_reference = match (self.referred.peek(), self.listed.peek()) {
            (Some(Ok((referred, _))), Some(Ok((listed, _)))) => referred <= listed,
            (None, _) => false,
            (Some(_), _) => true,
        };
        if is_reference {
            return self
                .referred
                .next()
                .map(|next| next.map(|(place, it)| self.reference(place, it)))
                .transpose();
        }
        let Some(next) = self.listed.next() else { return Ok(None) };
        let (place, object) = next?;
        self.seen = Some(place.clone());
        self.leave_folders(&place);
        let is_referred = !self.folders.is_empty() || self.last.as_ref() == Some(&place);
        Ok(Some(Step::Listed { place, object, is_referred }))
    }

    fn reference(&mut self, place: Place, reference: Referred) -> Step {
        self.leave_folders(&place);
        let presence = match self.listed.peek() {
            Some(Ok((listed, object))) if *listed == place && !reference.is_folder => {
                Presence::Object(object.size)
            }
            Some(Ok((listed, _))) if *listed != place && listed.is_in(&place) && reference.is_folder => {
                Presence::Folder
            }
            _ => Presence::Absent,
        };
        if reference.is_folder && self.folders.last() != Some(&place) {
            self.folders.push(place.clone());
        }
        self.last = Some(place.clone());
        Step::Referred { place, reference, presence }
    }

    fn leave_folders(&mut self, place: &Place) {
        while self.folders.last().is_some_and(|folder| !place.is_in(folder)) {
            self.folders.pop();
        }
    }
}

impl fmt::Debug for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Comparison(in {} folders)", self.folders.len())
    }
}
