//! The tables that the verbs work on.

use datajoint::prelude::*;

schema!("dj_conformance_verbs");

#[table(Manual)]
/// id : int32
/// ---
/// n : int32
pub struct Account;

#[table(Manual)]
/// -> Account
/// entry : int32
/// ---
/// amount = 0 : int32
pub struct Entry;

#[table(Computed)]
/// -> Account
/// ---
/// n : int32
pub struct Total;

#[part(Total)]
/// -> master
/// step : int32
pub struct TotalStep;

#[table(Computed)]
/// -> Account
/// ---
/// n : int32
pub struct Double;

#[table(Lookup, contents = [(1, "one"), (2, "two")])]
/// kind : int32
/// ---
/// name : varchar(8)
pub struct Late;

#[table(Manual)]
/// -> Late
/// later : int32
pub struct Later;

pipeline! {
    pub struct Tables { Account, Entry, Total, TotalStep, Double }
}

pipeline! {
    pub struct LateTables { Late, Later }
}

impl PlainMake for Total {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let id = cx.key().id;
        let n = cx.upstream::<Account>().fetch_one().await?.n;
        let rows = cx.upstream::<Account>().count().await?;
        let columns: Vec<i32> = cx.upstream::<Account>().column(Account::n).await?;
        assert_eq!((rows, columns.as_slice()), (1, [n].as_slice()));
        cx.insert(TotalRow { id, n }).await?;
        cx.insert_many((1..=2).map(|step| TotalStepRow { id, step })).await
    }
}

impl Make for Double {
    type Fetched = i32;
    type Computed = i32;

    const CODE: Code = Code::version("1");

    async fn fetch(cx: &FetchContext<'_, Self>) -> MakeResult<i32> {
        let rows = cx.upstream::<Account>().fetch().await?;
        let again: Option<AccountRow> = cx.upstream::<Account>().fetch_optional().await?;
        let third: AccountRow = cx.upstream::<Account>().fetch_one_as().await?;
        assert_eq!(again.as_ref(), rows.first());
        Ok(third.n)
    }

    fn compute(_: &DoubleKey, n: i32) -> MakeResult<i32> {
        Ok(2 * n)
    }

    async fn insert(cx: &mut InsertContext<'_, Self>, n: i32) -> MakeResult<()> {
        let id = cx.key().id;
        cx.insert_many([DoubleRow { id, n }]).await
    }
}
