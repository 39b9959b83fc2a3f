//! Why an object of a plan could not be put in order, in a word that stays the same.

use crate::code::codes;

codes! {
    /// Why an object of a plan could not be put in order, where no server said so by a code of its own.
    ///
    /// Documents write it as a word in lower case with hyphens, which stays the same from release to release.
    ///
    /// ```
    /// use datajoint_guard::FailureCode;
    ///
    /// assert_eq!(FailureCode::NotOwner.to_string(), "not-owner");
    /// assert_eq!(FailureCode::NotOwner.meaning(), "The user does not own what is to be changed.");
    /// ```
    FailureCode:
    AllTables "all-tables" "A publication has all tables of the database, which can't be taken back."
    ColumnsWithFull "columns-with-full" "A list of columns is published of a table whose replica identity is the whole row."
    ColumnsWithoutIdentity "columns-without-identity" "A list of columns leaves out some of the replica identity."
    Connection "connection" "The connection was lost or could not be used."
    FilterOutsideIdentity "filter-outside-identity" "A condition reads what is not in the replica identity."
    LockLost "lock-lost" "The lock that lets one deployment at a time work was lost."
    Locked "locked" "Another client changes the schema."
    MissingPrivilege "missing-privilege" "The user may not do what is to be done."
    NoCondition "no-condition" "What should restrict the rows of a publication is no condition."
    NoIdentity "no-identity" "A table to be published has no replica identity."
    NoSuchColumn "no-such-column" "A table has no column of that name."
    NoSuchIndex "no-such-index" "A table has no index that could be its replica identity."
    NoSuchPolicy "no-such-policy" "Tables that are declared later can't have that replica identity."
    NoSuchUser "no-such-user" "The server does not know a user."
    NotARole "not-a-role" "The name of a role is that of somebody's account."
    NotAsWanted "not-as-wanted" "All was done, and the object is not as wanted."
    NotInstant "not-instant" "A column can't be added in a moment."
    NotOwner "not-owner" "The user does not own what is to be changed."
    NotPermitted "not-permitted" "The stamp of a schema forbids it."
    OldServer "old-server" "The server is too old for it."
    OtherDefaultRole "other-default-role" "The default role of a user is one of somebody else."
    PartialRevokes "partial-revokes" "The server takes patterns of schemas for names."
    Store "store" "A store refused, or can't be reached."
}

#[cfg(test)]
mod tests {
    use super::FailureCode;

    #[test]
    fn the_words_of_failures_are_in_order_and_no_two_are_the_same() {
        let words: Vec<&str> = FailureCode::ALL.iter().map(|code| code.word()).collect();
        assert!(words.is_sorted_by(|one, other| one < other), "{words:?}");
    }
}
