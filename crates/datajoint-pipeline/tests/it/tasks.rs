use datajoint_pipeline::{Error, Relation, Transaction};

use crate::lab::{self, Subject};

/// A server of web pages handles each request in a task.
#[tokio::test]
async fn a_task_may_run_transactions_of_each_kind() {
    let dj = lab::filled().await;
    let client = dj.clone();
    let once = tokio::spawn(async move {
        client.transaction(async |transaction: &mut Transaction| Subject.count(&mut *transaction).await).await
    });
    let client = dj.clone();
    let parts = tokio::spawn(async move {
        let mut transaction = client.begin().await?;
        let count =
            transaction.savepoint(async |part: &mut Transaction| Subject.count(&mut *part).await).await?;
        transaction.commit().await?;
        Ok::<_, Error>(count)
    });
    let all = Subject.count(&dj).await.unwrap();
    for task in [once, parts] {
        assert_eq!(task.await.unwrap().unwrap(), all);
    }
}
