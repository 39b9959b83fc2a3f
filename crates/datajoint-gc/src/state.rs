//! What becomes of an object: the rules, and nothing else.

/// What is known of an object when a collection looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that the rules ask about by itself")]
pub struct Facts {
    /// Whether it is found by its content, and not by its row alone.
    pub by_content: bool,
    /// Whether a row refers to it.
    pub is_referenced: bool,
    /// Whether it lies where rows look for it.
    pub is_in_place: bool,
    /// Whether it lies aside.
    pub is_aside: bool,
    /// Whether what lies in place is older than any transaction or staged insert.
    pub is_old: bool,
    /// What was noted of it.
    pub note: Option<Note>,
}

/// What was noted of an object that is in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Note {
    /// Whether the grace is over.
    pub is_over: bool,
    /// Whether what lies in place was written since.
    pub is_changed: bool,
}

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It stays as it is.
    Keep,
    /// It is noted, and set aside where it goes by its content.
    Quarantine,
    /// It is in quarantine, and the grace is not over.
    Wait,
    /// It is put back where it is not in place, and the note is taken away.
    Return,
    /// It is deleted, and the note is taken away.
    Purge,
}

/// Says what becomes of an object.
///
/// ```
/// use datajoint_gc::{Facts, Note, Verdict, verdict};
///
/// let orphan = Facts { by_content: false, is_referenced: false, is_in_place: true, is_aside: false, is_old: true, note: None };
/// assert_eq!(verdict(orphan), Verdict::Quarantine);
/// let note = Some(Note { is_over: true, is_changed: false });
/// assert_eq!(verdict(Facts { note, ..orphan }), Verdict::Purge);
/// assert_eq!(verdict(Facts { note, is_referenced: true, ..orphan }), Verdict::Return);
/// ```
pub const fn verdict(facts: Facts) -> Verdict {
    let Facts { by_content, is_referenced, is_in_place, is_aside, is_old, note } = facts;
    let Some(note) = note else {
        return match (is_referenced, is_aside) {
            // Its note is lost, as where the database is an older one than the store.
            (true, true) => Verdict::Return,
            (false, true) => Verdict::Quarantine,
            (false, false) if is_in_place && is_old => Verdict::Quarantine,
            _ => Verdict::Keep,
        };
    };
    // What is purged is what was set aside, or what lies where it always lay.
    let is_as_noted = if by_content { is_aside } else { is_in_place && !note.is_changed };
    match (is_referenced, is_as_noted, note.is_over) {
        (true, ..) | (_, false, _) => Verdict::Return,
        (false, true, false) => Verdict::Wait,
        (false, true, true) => Verdict::Purge,
    }
}
