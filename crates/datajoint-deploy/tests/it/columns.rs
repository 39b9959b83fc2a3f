use datajoint::Backend;
use datajoint_deploy::{OperationName, State};

use crate::lab::{EVERY, lab, labs};

#[tokio::test]
async fn columns_are_added_where_they_are_missing_and_found_as_declared() {
    for lab in labs(&EVERY, "columns").await {
        let plan = lab.deployment("provenance = true\njob_metadata = true").plan().await.unwrap();
        let touched: Vec<&str> = plan.pending().map(|item| item.object.as_str()).collect();
        let name = |table: &str| format!("{}.{table}", lab.schema);
        assert_eq!(touched, [name("session"), name("subject"), name("__spikes")], "{plan}");
        assert_eq!(plan.tables_modified(), 0);

        let applied = lab.converge("provenance = true\njob_metadata = true").await;
        assert_eq!(applied.tables_modified(), 3);
        // What declaring makes, where the settings ask for it, is the same.
        let asks = lab.dj.with_settings(|settings| {
            settings.jobs.add_job_metadata = true;
        });
        let declaration = |class, tier, definition| datajoint::DynamicDeclaration {
            schema: &lab.schema,
            class_name: class,
            tier,
            definition,
            master: None,
        };
        asks.declare_dynamic(declaration("Computed", datajoint::Tier::Computed, "-> Subject")).await.unwrap();
        let fresh = lab.dj.with_settings(|_| {});
        let schema = fresh.schema(&lab.schema).await.unwrap();
        let hidden = |class: &str| {
            let table = schema.table(class).unwrap();
            let all = table.table().heading.all().to_vec();
            all.into_iter().filter(|attribute| attribute.is_hidden()).collect::<Vec<_>>()
        };
        assert_eq!(hidden("Spikes").len(), 3);
        assert_eq!(hidden("Spikes"), hidden("Computed"), "on {}", lab.dj.backend());
        let provenance = datajoint_schema::TierColumns { provenance: true, ..Default::default() };
        let declared = datajoint_schema::tier_attributes(datajoint::Tier::Manual, provenance);
        assert_eq!(*hidden("Subject")[0], declared[0], "on {}", lab.dj.backend());
        lab.end().await;
    }
}

#[tokio::test]
async fn one_table_alone_is_deployed() {
    for lab in labs(&EVERY, "one_table").await {
        let text = format!("table = \"{}.Subject\"\nprovenance = true", lab.schema);
        let applied = lab.converge(&text).await;
        assert_eq!(applied.tables_modified(), 1);
        let rest = lab.deployment("provenance = true").plan().await.unwrap();
        assert_eq!(rest.pending().count(), 1);
        let state = &rest.item(OperationName::Provenance, &format!("{}.subject", lab.schema)).unwrap().state;
        assert_eq!(*state, State::Unchanged);
        lab.end().await;
    }
}

#[tokio::test]
async fn tables_to_which_no_column_is_added_in_a_moment_are_told_and_the_rest_is_done() {
    for backend in [Backend::Mysql, Backend::Mariadb] {
        let Some(lab) = lab(backend, "slow").await else { continue };
        lab.run("ALTER TABLE {}.subject ROW_FORMAT=COMPRESSED").await.unwrap();
        lab.run("ALTER TABLE {}.session ADD FULLTEXT INDEX words (note)").await.unwrap();
        lab.run("CREATE TABLE {}.other (id int PRIMARY KEY) ENGINE=MyISAM").await.unwrap();
        lab.declare("Later", datajoint::Tier::Manual, "id : int32", None).await;
        let deployment = lab.deployment("provenance = true");
        let plan = deployment.plan().await.unwrap();
        let told = |table: &str| {
            let item = plan.item(OperationName::Provenance, &format!("{}.{table}", lab.schema)).unwrap();
            matches!(&item.state, datajoint_deploy::State::Failed { code, .. } if code.as_str() == "not-instant")
        };
        assert!(told("subject") && told("session") && told("other") && !told("later"), "{plan}");
        let applied = deployment.apply(None).await.unwrap();
        assert_eq!((applied.tables_modified(), applied.failed().count()), (1, 3), "{applied}");
        lab.end().await;
    }
}

#[tokio::test]
async fn queues_of_jobs_are_declared_for_workers_that_may_create_no_table() {
    for lab in labs(&EVERY, "queues").await {
        lab.declare("Later", datajoint::Tier::Computed, "-> Subject", None).await;
        let workers = lab.dj.with_settings(|settings| settings.database.create_tables = false);
        let open = async |class: &str| {
            let table = workers.table(&format!("{}.{class}", lab.schema)).await.unwrap();
            datajoint::jobs::Jobs::open(&workers, table.table()).await
        };
        let refused = open("Spikes").await.unwrap_err().to_string();
        assert!(refused.contains("a deployment with `job_queues = true` declares"), "{refused}");
        let plan = lab.deployment("job_queues = true").plan().await.unwrap();
        let touched: Vec<&str> = plan.pending().map(|item| item.object.as_str()).collect();
        let name = |table: &str| format!("{}.{table}", lab.schema);
        assert_eq!(touched, [name("__later"), name("__spikes")], "{plan}");
        // Nothing is left to do then, and nothing is found amiss.
        lab.converge("job_queues = true").await;
        for class in ["Spikes", "Later"] {
            assert_eq!(open(class).await.unwrap().counts().await.unwrap().total(), 0);
        }
        lab.end().await;
    }
}
