//! The same on the servers that the environment names.

use datajoint_config::Settings;
use datajoint_pipeline::Instance;

use crate::dynamic::exercise;

#[expect(clippy::disallowed_methods, reason = "which servers there are is no setting of the library")]
async fn server(variable: &str) -> Option<Instance> {
    let url = std::env::var(variable).ok()?;
    Some(Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap())
}

async fn exercise_on(variable: &str) {
    let Some(dj) = server(variable).await else { return };
    let schema = format!("pipeline_it_{}", std::process::id());
    let _ = dj.drop_schema(&schema).await.unwrap();
    exercise(&dj, &schema).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn dynamic_tables_work_on_postgresql() {
    exercise_on("DJ_TEST_POSTGRES_URL").await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn dynamic_tables_work_on_mariadb() {
    exercise_on("DJ_TEST_MARIADB_URL").await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn dynamic_tables_work_on_mysql() {
    exercise_on("DJ_TEST_MYSQL_URL").await;
}
