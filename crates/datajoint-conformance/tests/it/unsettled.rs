//! That nobody knows whether something lasts is seen through every error that may hold it.

use std::error::Error as AnyError;
use std::sync::Arc;

use datajoint::error::{DatabaseError, KeyValues, is_commit_unknown};
use datajoint::{Error, PopulateError, TableName, arrow, deploy, jobs};
use datajoint_transfer as transfer;

type Any = Box<dyn AnyError + Send + Sync>;

fn lost(is_unknown: bool) -> DatabaseError {
    let source = Box::new(DatabaseError::BrokenStream);
    if is_unknown { DatabaseError::CommitUnknown { source } } else { DatabaseError::BrokenStream }
}

fn table() -> TableName {
    TableName::new("lab", "subject")
}

/// The errors that a function of this crate's may give for what the database said.
fn of_pipeline(error: impl Fn() -> DatabaseError) -> Vec<Error> {
    let (table, source) = (table(), Box::new(error()));
    vec![
        error().into(),
        Error::Refused { verb: "inserting into", table, row: KeyValues::default(), too_long: None, source },
        Error::Query { query: "all".to_owned(), source: Box::new(error()) },
    ]
}

/// Every error of the library that may come of one of the pipeline's.
fn around(error: impl Fn() -> Error) -> Vec<Any> {
    let make = |source: Any| PopulateError::Make { table: table(), key: String::new(), source };
    let queue = || jobs::Error::from(error());
    let untold = |source: PopulateError, failure: PopulateError| PopulateError::Untold {
        source: Arc::new(source),
        failure: Box::new(failure),
    };
    let left = |source| transfer::Error::Left { tables: vec![table()], source: Box::new(source) };
    vec![
        error().into(),
        queue().into(),
        PopulateError::from(error()).into(),
        PopulateError::from(queue()).into(),
        make(error().into()).into(),
        make(queue().into()).into(),
        make(make(error().into()).into()).into(),
        untold(make(error().into()), harmless()).into(),
        untold(PopulateError::from(queue()), harmless()).into(),
        arrow::Error::from(error()).into(),
        deploy::Error::from(error()).into(),
        deploy::Error::from(deploy::PlanError::from(error())).into(),
        transfer::Error::from(error()).into(),
        left(transfer::Error::from(error())).into(),
        left(left(transfer::Error::from(error()))).into(),
        std::io::Error::other(error()).into(),
    ]
}

/// One of which everything is known.
fn harmless() -> PopulateError {
    Error::EmptyPrefix.into()
}

#[test]
fn what_is_not_known_is_seen_through_every_error() {
    for is_unknown in [true, false] {
        for number in 0..of_pipeline(|| lost(is_unknown)).len() {
            for error in around(|| of_pipeline(|| lost(is_unknown)).swap_remove(number)) {
                assert_eq!(is_commit_unknown(error.as_ref()), is_unknown, "{error}: {error:?}");
            }
        }
        let queue = jobs::Error::from(Error::from(lost(is_unknown)));
        assert_eq!(queue.is_commit_unknown(), is_unknown);
        let populate = PopulateError::from(queue);
        assert_eq!(populate.is_commit_unknown(), is_unknown, "{populate}");
    }
}

#[test]
fn an_error_is_told_once_however_many_hold_it() {
    let error = deploy::Error::from(deploy::PlanError::from(Error::from(lost(true))));
    assert_eq!(format!("{error:?}").matches("not known").count(), 1, "{error:?}");
}
