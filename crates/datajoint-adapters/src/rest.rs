//! The rows of an answer that nobody wants any more.

use std::time::Duration;

use futures_util::{Stream, TryStreamExt as _};

/// So many rows that nobody wants are read rather than the connection closed.
const FEW_ROWS: usize = 1024;

/// For so long at most.
pub(crate) const A_MOMENT: Duration = Duration::from_millis(20);

/// So many are read rather than a transaction lost: a second or less of most answers.
const MOST_ROWS: usize = 1 << 16;

/// So many bytes of them at most, of rows that are large.
const MOST_BYTES: usize = 1 << 24;

/// What becomes of the rows that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// All are read: a statement that changes something may not have come to its end before.
    Whole,
    /// Many are read, so that a transaction can go on; none where the driver ends a query at once.
    OfTransaction,
    /// A few are read: another connection is cheaper than many.
    Few,
}

impl Rest {
    /// Reads what is left; true when that was all, so that another statement can follow.
    pub(crate) async fn read<T, E>(
        self,
        mut answer: impl Stream<Item = Result<T, E>> + Unpin,
        size: impl Fn(&T) -> usize,
    ) -> Result<bool, E> {
        match self {
            Self::Whole => {
                while answer.try_next().await?.is_some() {}
                Ok(true)
            }
            Self::OfTransaction => {
                let mut bytes = 0;
                for _ in 0..MOST_ROWS {
                    let Some(row) = answer.try_next().await? else { return Ok(true) };
                    bytes += size(&row);
                    if bytes > MOST_BYTES {
                        break;
                    }
                }
                Ok(false)
            }
            Self::Few => {
                let few = async {
                    for _ in 0..FEW_ROWS {
                        if answer.try_next().await?.is_none() {
                            return Ok::<_, E>(true);
                        }
                    }
                    Ok(false)
                };
                Ok(matches!(tokio::time::timeout(A_MOMENT, few).await, Ok(Ok(true))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::{StreamExt as _, stream};

    use super::*;

    /// How many rows of an answer of this many are read, each of so many bytes, and whether these were all.
    async fn read(rest: Rest, rows: usize, bytes: usize) -> (usize, bool) {
        let read = Cell::new(0);
        let answer = stream::iter(0..rows).map(|_| {
            read.set(read.get() + 1);
            Ok::<_, ()>(bytes)
        });
        let is_whole = rest.read(answer, |bytes| *bytes).await.unwrap();
        (read.get(), is_whole)
    }

    #[tokio::test]
    async fn a_transaction_reads_no_more_in_vain_than_so_many_rows_and_bytes() {
        assert_eq!(read(Rest::OfTransaction, 0, 8).await, (0, true));
        assert_eq!(read(Rest::OfTransaction, MOST_ROWS - 1, 8).await, (MOST_ROWS - 1, true));
        for rows in [MOST_ROWS + 1, 10_000_000] {
            assert_eq!(read(Rest::OfTransaction, rows, 8).await, (MOST_ROWS, false));
        }
        assert_eq!(read(Rest::OfTransaction, 10_000_000, MOST_BYTES / 4).await, (5, false));
        assert_eq!(read(Rest::OfTransaction, 10_000_000, usize::MAX / 2).await, (1, false));
    }

    #[tokio::test]
    async fn what_changes_something_is_read_to_its_end_and_a_query_of_its_own_is_not() {
        assert_eq!(read(Rest::Whole, 10 * MOST_ROWS, 8).await, (10 * MOST_ROWS, true));
        let (rows, is_whole) = read(Rest::Few, 10 * MOST_ROWS, 8).await;
        assert!(rows <= FEW_ROWS && !is_whole, "{rows}");
    }

    #[tokio::test]
    async fn a_connection_that_is_lost_meanwhile_is_told() {
        let answer = || stream::iter([Ok(()), Err("lost")]);
        assert_eq!(Rest::OfTransaction.read(answer(), |()| 0).await, Err("lost"));
        assert_eq!(Rest::Whole.read(answer(), |()| 0).await, Err("lost"));
        assert_eq!(Rest::Few.read(answer(), |()| 0).await, Ok(false));
    }
}
