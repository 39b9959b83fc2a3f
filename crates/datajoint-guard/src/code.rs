//! What a finding is, in a word that stays the same.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// A table of codes: of each its variant, its word, and what it means.
macro_rules! codes {
    ($(#[$about:meta])* $name:ident: $($variant:ident $word:literal $meaning:literal)*) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            /// All of them, in the order of their words.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns its word.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Returns what it means, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}

pub(crate) use codes;

codes! {
    /// What a [`Finding`](crate::Finding) is.
    ///
    /// Documents and commands write it as a word in lower case with hyphens, which stays the same from release to
    /// release.
    ///
    /// ```
    /// use datajoint_guard::FindingCode;
    ///
    /// let code: FindingCode = "other-charset".parse()?;
    /// assert_eq!(code, FindingCode::OtherCharset);
    /// assert_eq!(
    ///     "other-charst".parse::<FindingCode>().unwrap_err().to_string(),
    ///     "no finding has the code `other-charst`; did you mean `other-charset`?",
    /// );
    /// # Ok::<(), datajoint_guard::UnknownCode>(())
    /// ```
    FindingCode:
    AuditNotRead "audit-not-read" "The user may not read who did what to a schema."
    AuditNotWritten "audit-not-written" "The settings ask for changes to be noted, and the table for that is missing or can't be written."
    Binlog "binlog" "The binary log does not hold whole rows, so that readers of it miss changes."
    Bloat "bloat" "A table takes more than twice the pages that its rows need."
    BlobWithoutMarker "blob-without-marker" "Nothing says what a column of bytes holds."
    BrokenIdentity "broken-identity" "The replica identity of a table is an index that was dropped."
    CarriedDelete "carried-delete" "A foreign key has the database itself delete or change rows when those that they refer to are deleted."
    ClearText "clear-text" "The connection is not encrypted."
    ClockSkew "clock-skew" "The clock of the server and the one of this machine differ."
    CollationVersion "collation-version" "Indexes were made with another version of the collation than the server now has."
    CommittedSecret "committed-secret" "A secret stands in a file that git keeps."
    CreateTablesOn "create-tables-on" "The program would declare tables that are missing."
    DamagedFile "damaged-file" "The file of the database is damaged."
    DeadRows "dead-rows" "A table has more dead rows than living ones."
    DeadWorker "dead-worker" "Jobs are reserved by sessions that are gone."
    DebugLog "debug-log" "The log is as verbose as for debugging."
    EmbeddedDatabase "embedded-database" "The database is a file instead of a server."
    EverybodyCreates "everybody-creates" "Everybody may create tables in a schema."
    FullWithBlobs "full-with-blobs" "Each update of a table writes its old blobs into the log of the server."
    InterruptedCollection "interrupted-collection" "An earlier collection of objects did not say how it ended."
    InterruptedDeploy "interrupted-deploy" "An earlier deploy did not say how it ended."
    InvalidIndex "invalid-index" "An index costs at each write and serves no query, since it was never completed."
    JobsNotRead "jobs-not-read" "The user may not read a table of jobs, so that it was not checked."
    JournalNotRead "journal-not-read" "The journal of a schema can't be read, so that it was not checked."
    LocalHost "local-host" "The server is this machine."
    LongTransaction "long-transaction" "A session with an old snapshot keeps dead rows from being taken away."
    LooseCollation "loose-collation" "Keys that differ only in case, accents or blanks at the end are equal in a schema."
    LostJobs "lost-jobs" "Jobs have been reserved without a lease for three lease times, and no worker has freed them."
    MayChangeTables "may-change-tables" "The user may create, alter or drop tables, though the program must not."
    MissingIndex "missing-index" "A foreign key has no index, so that each delete of a parent reads the whole child."
    MissingPrivileges "missing-privileges" "The user lacks privileges that its role needs."
    MissingTable "missing-table" "The program declares a table that the database does not have."
    MoreThanItsRole "more-than-its-role" "The user has privileges on tables that its role does not have."
    NoConnection "no-connection" "There was no connection to the server, so that nothing of it was checked."
    NoEnvironment "no-environment" "The settings don't name an environment."
    NoPipeline "no-pipeline" "Schemas with the prefix were left out, since they are no pipelines."
    NoPrefix "no-prefix" "No prefix tells the schemas of this project from those of others."
    NotReadAgain "not-read-again" "What was applied could not be read again."
    NotStamped "not-stamped" "A schema is not stamped with an environment."
    OldServer "old-server" "The server is older than any version that is supported."
    OpenSearchPath "open-search-path" "Others may create functions and operators in a schema where PostgreSQL looks for those it calls."
    Orphan "orphan" "Rows refer to rows that are not there."
    OtherCharset "other-charset" "A table has strings of a character set that can't hold every character."
    OtherDefinition "other-definition" "A table is not as the program declares it."
    OtherEngine "other-engine" "A table is of a storage engine without transactions and foreign keys."
    OtherEnvironment "other-environment" "A schema is stamped for another environment than the settings name."
    OtherVersion "other-version" "The recorded version of a schema is not the one that the program is for."
    OutdatedContents "outdated-contents" "Rows of a lookup table differ from the contents of its definition."
    OverlappingGrant "overlapping-grant" "Privileges on a pattern of names are in the way of those on single schemas."
    PasswordAlone "password-alone" "The settings have a password and don't say which server it is for."
    PreparedTransaction "prepared-transaction" "A prepared transaction waits with all its locks."
    ReadableSecret "readable-secret" "Others than its owner can read a file of secrets."
    RoleRights "role-rights" "A role may do more or less than is described of it."
    SafemodeOff "safemode-off" "Nobody is asked before something is deleted or dropped."
    SchemaNotRead "schema-not-read" "A schema can't be read by this user or this client, so that it was left out."
    Settings "settings" "The settings have something in them that works and should be changed."
    SlotInactive "slot-inactive" "Nobody reads a replication slot, for which the server keeps its log."
    SlotLost "slot-lost" "The reader of a replication slot has missed changes."
    StaleLineage "stale-lineage" "The hidden table `~lineage` does not say what the foreign keys say."
    StatisticsNotSeen "statistics-not-seen" "The user can't see how old statistics are, so that no table is analyzed."
    StoreNotChecked "store-not-checked" "The program was built without what the protocol of a store needs."
    StoreNotWritable "store-not-writable" "Nothing can be written to a store."
    Tables "tables" "The tables of the program could not be compared with those of the database."
    TlsOff "tls-off" "The settings turn encryption off."
    TooManyPrivileges "too-many-privileges" "The user may do more on the server than a pipeline needs."
    UnfinishedUpload "unfinished-upload" "Programs that ended while they wrote left files in a store."
    UnknownSchema "unknown-schema" "The declared file names a schema that is not deployed."
    UnreadableStamp "unreadable-stamp" "The stamp of a schema can't be read."
    UserFromAnywhere "user-from-anywhere" "A user may connect from any machine."
    WalLevel "wal-level" "The server does not log what replication row by row needs."
    Wraparound "wraparound" "The oldest transaction number is so far back that the server will stop writing."
}

/// A word that is the code of no finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no finding has the code `{word}`; {}",
    .nearest.map_or_else(
        || "the page `Findings` of the guide lists all codes".to_owned(),
        |nearest| format!("did you mean `{nearest}`?")
    )
)]
pub struct UnknownCode {
    /// The word.
    pub word: String,
    /// The code that is nearest to it, if one is near enough to be meant.
    pub nearest: Option<FindingCode>,
}

impl FromStr for FindingCode {
    type Err = UnknownCode;

    fn from_str(word: &str) -> Result<Self, UnknownCode> {
        let of = |word: &str| Self::ALL.iter().copied().find(|code| code.word() == word);
        of(word).ok_or_else(|| {
            let words = Self::ALL.iter().map(|code| code.word());
            UnknownCode {
                word: word.to_owned(),
                nearest: datajoint_definition::suggest(word, words).and_then(of),
            }
        })
    }
}

impl<'de> Deserialize<'de> for FindingCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}
