use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use datajoint::{Backend, Instance, Settings};
use datajoint_deploy::{
    Deployment, DesiredState, Error, LockPolicy, OperationName, Plan, PlanError, Role, State,
};
use datajoint_guard::FindingCode;
use datajoint_sql::Access;

use crate::lab::{EVERY, Lab, SERVERS, lab, lab_with, labs, settings, url};

#[tokio::test]
async fn a_plan_is_applied_while_it_is_the_one_that_was_approved() {
    for lab in labs(&EVERY, "approved").await {
        let deployment = lab.deployment("provenance = true");
        let plan = deployment.plan().await.unwrap();
        assert_eq!(plan.exit_status(), 2);
        lab.declare("Later", datajoint::Tier::Manual, "id : int32", None).await;
        let error = deployment.apply(Some(&plan.hash())).await.unwrap_err();
        assert!(matches!(error, Error::Plan(PlanError::OtherPlan { .. })), "{error}");
        let plan = deployment.plan().await.unwrap();
        let applied = deployment.apply(Some(&plan.hash())).await.unwrap();
        assert_eq!((applied.exit_status(), applied.tables_modified()), (0, 3), "{applied}");
        lab.end().await;
    }
}

#[tokio::test]
async fn what_is_accepted_of_the_check_is_no_part_of_a_plan_and_what_can_not_be_done_is() {
    for lab in labs(&SERVERS, "hashed").await {
        let text = |more: &str| format!("provenance = true\n[verify]\naccept = [{more}]");
        let plan = lab.deployment(&text("")).plan().await.unwrap();
        assert_eq!(plan.hash(), lab.deployment(&text("\"local-host\"")).plan().await.unwrap().hash());
        let mut other = plan.clone();
        other.items[0].state = State::Failed {
            code: datajoint_guard::FailureCode::NotOwner.into(),
            message: String::new(),
            hint: String::new(),
            after_others: false,
        };
        assert_ne!(plan.hash(), other.hash());
        lab.end().await;
    }
}

#[tokio::test]
async fn eight_deploys_at_once_all_end_as_one() {
    for lab in labs(&EVERY, "eight").await {
        let text = "provenance = true\njob_metadata = true\nmaintenance = { }";
        let deploys = (0..8).map(|_| {
            let deployment = lab.deployment(text);
            tokio::spawn(async move { deployment.apply(None).await })
        });
        let mut changed = 0;
        for deploy in deploys.collect::<Vec<_>>() {
            let plan = deploy.await.unwrap().unwrap();
            assert_eq!(plan.exit_status(), 0, "{plan}");
            changed += plan
                .items
                .iter()
                .filter(|item| {
                    item.state == State::Changed && item.statements[0].task.to_string().starts_with("ALTER")
                })
                .count();
        }
        assert_eq!(changed, 3, "each is done once");
        let left = lab.deployment(text).plan().await.unwrap();
        assert_eq!(left.exit_status(), 0, "{left}");
        lab.end().await;
    }
}

#[tokio::test]
async fn whoever_deploys_is_named_to_others() {
    for lab in labs(&EVERY, "busy").await {
        let lock = lab.dj.database().lock("datajoint deploy", &[], Duration::from_mins(2)).await.unwrap();
        let policy = LockPolicy { busy: Duration::ZERO, ..LockPolicy::default() };
        let deployment = Deployment::new(&lab.dj, lab.wanted("provenance = true")).lock_policy(policy);
        let error = deployment.apply(None).await.unwrap_err();
        assert!(
            matches!(&error, Error::Plan(PlanError::Busy { holder, .. }) if holder.contains("session") || holder.contains("process")),
            "{error}"
        );
        lock.release().await.unwrap();
        lab.end().await;
    }
}

/// The state of the item of a table.
fn state(plan: &Plan, lab: &Lab, table: &str) -> State {
    let object = format!("{}.{table}", lab.schema);
    plan.items.iter().find(|item| item.object == object).unwrap().state.clone()
}

#[tokio::test]
async fn who_is_in_the_way_is_named_and_the_rest_is_done() {
    for lab in labs(&SERVERS, "in_the_way").await {
        lab.fill(1).await;
        for sql in ["SELECT * FROM {}", "UPDATE {} SET name = 'bob'"] {
            // A reader, then a writer, who takes long.
            let mut other = lab.dj.database().begin(Access::Write).await.unwrap();
            let statement = datajoint_sql::Statement::plain(sql.replace("{}", &lab.table("subject")));
            if sql.starts_with("SELECT") {
                other.fetch(&statement).await.unwrap();
            } else {
                other.execute(&statement).await.unwrap();
            }
            let applied = lab.deployment("provenance = true").apply(None).await.unwrap();
            let State::Failed { message, hint, .. } = state(&applied, &lab, "subject") else {
                panic!("{applied}")
            };
            assert!(message.contains("in 2 tries: held by session"), "{message}");
            assert!(hint.contains("apply again"), "{hint}");
            assert_eq!(applied.exit_status(), 1);
            assert!(
                matches!(state(&applied, &lab, "session"), State::Changed | State::Unchanged),
                "{applied}"
            );
            other.rollback().await.unwrap();
        }
        lab.converge("provenance = true").await;
        lab.end().await;
    }
}

const BOTH: &str = "provenance = true\njob_metadata = true";

const URL: &str = "DJ_DEPLOY_VICTIM_URL";

/// The other side of the next test: a deploy that is killed.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
async fn one_that_is_killed() {
    let Ok(url) = std::env::var(URL) else { return };
    let dj = Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap();
    let wanted: DesiredState =
        "schemas = [\"dj_deploy_killed\"]\nprovenance = true\njob_metadata = true".parse().unwrap();
    let policy = LockPolicy { lock_timeout: Duration::from_mins(1), ..crate::lab::waiting() };
    let _ = Deployment::new(&dj, wanted).lock_policy(policy).apply(None).await;
}

#[tokio::test]
async fn a_deploy_that_was_killed_is_gone_on_with() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "killed").await else { continue };
        lab.fill(1).await;
        let mut other = lab.dj.database().begin(Access::Write).await.unwrap();
        let sql = format!("UPDATE {} SET trace = NULL", lab.table("__spikes"));
        other.execute(&datajoint_sql::Statement::plain(sql)).await.unwrap();
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "engine::one_that_is_killed"])
            .env(URL, url(backend).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // It stands before a table that is held; on MySQL that is its parent, which the writer holds as well.
        let quote = |name| datajoint_sql::quote_identifier(backend, name);
        let begun =
            format!("SELECT count(*) FROM {} WHERE {} = 'begun'", lab.table("~deploy"), quote("state"));
        let mut seen = 0;
        for _ in 0..2400 {
            let statement = datajoint_sql::Statement::plain(begun.clone());
            let rows = lab.dj.database().acquire().await.unwrap().fetch(&statement).await;
            let is_begun = rows.is_ok_and(|rows| rows[0][0] == datajoint_sql::Value::Int(1));
            seen = if is_begun { seen + 1 } else { 0 };
            if seen == 20 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(seen, 20, "it has begun, and waits");
        victim.kill().unwrap();
        victim.wait().unwrap();
        other.rollback().await.unwrap();

        let plan = lab.deployment(BOTH).plan().await.unwrap();
        let found =
            plan.findings.iter().find(|finding| finding.code == FindingCode::InterruptedDeploy).unwrap();
        assert!(found.message.contains("ADD COLUMN"), "{}", found.message);
        if backend == Backend::Postgresql {
            assert!(found.message.contains(&format!("{}.__spikes", lab.schema)), "{}", found.message);
            assert_eq!(state(&plan, &lab, "session"), State::Unchanged, "what was done stays: {plan}");
        }
        let applied = lab.deployment(BOTH).apply(None).await.unwrap();
        assert_eq!(applied.exit_status(), 0, "{applied}");
        let plan = lab.deployment(BOTH).plan().await.unwrap();
        assert!(plan.findings.is_empty() && plan.exit_status() == 0, "{plan}");
        let states =
            format!("SELECT count(*) FROM {} WHERE {} = 'interrupted'", lab.table("~deploy"), quote("state"));
        assert_eq!(lab.ask(&states).await, "1");
        lab.end().await;
    }
}

#[tokio::test]
async fn every_operation_of_a_backend_is_applied_with_two_connections() {
    for backend in EVERY {
        let Some(mut settings) = settings(backend) else { continue };
        settings.database.max_connections = 2;
        let lab = lab_with(settings, "two").await;
        crate::grants::clean(&lab, &[]).await;
        lab.fill(1).await;
        lab.settle().await;
        let text = "provenance = true\njob_metadata = true\nmaintenance = { }\n[replica_identity]\nmode = \"full\"\n\
                    [publication.dj_deploy_two]\n[grants]\nprefix = \"dj_deploy_two_\"";
        // The first that is applied makes the journal, which roles are to read: there is a second round.
        for operation in OperationName::ALL.iter().rev() {
            let deployment = Deployment::new(&lab.dj, lab.wanted(text).only(*operation));
            let plan = match deployment.lock_policy(crate::lab::waiting()).apply(None).await {
                Err(Error::Unsupported { .. }) if backend != Backend::Postgresql => continue,
                applied => applied.unwrap(),
            };
            assert_eq!(plan.exit_status(), 0, "{operation}: {plan}");
            let is_everywhere = matches!(operation, OperationName::Provenance | OperationName::JobMetadata);
            let is_done = plan.items.iter().any(|item| item.state == State::Changed);
            assert!(is_done || (!is_everywhere && backend != Backend::Postgresql), "{operation}: {plan}");
        }
        if backend == Backend::Postgresql {
            lab.run("DROP PUBLICATION dj_deploy_two").await.unwrap();
        }
        crate::grants::clean(&lab, &[]).await;
        lab.end().await;
    }
}

#[tokio::test]
async fn with_one_connection_a_deployment_says_at_once_that_it_needs_two_and_is_planned_all_the_same() {
    for backend in EVERY {
        let Some(mut settings) = settings(backend) else { continue };
        settings.database.max_connections = 1;
        let lab = lab_with(settings, "one").await;
        let deployment = lab.deployment("provenance = true");
        let start = Instant::now();
        let error = deployment.apply(None).await.unwrap_err();
        assert!(matches!(error, Error::Plan(PlanError::FewConnections { most: 1, .. })), "{error}");
        assert!(start.elapsed() < Duration::from_secs(20), "it waits for no connection");
        assert_eq!(deployment.plan().await.unwrap().exit_status(), 2);
        // Who has nothing to do needs no lock.
        assert_eq!(lab.deployment("").apply(None).await.unwrap().exit_status(), 0);
        lab.end().await;
    }
}

#[tokio::test]
async fn a_second_deploy_writes_nothing_so_that_it_can_be_read_only() {
    let Some(lab) = lab(Backend::Postgresql, "read_only").await else { return };
    lab.fill(10).await;
    let text = "provenance = true\njob_metadata = true\nmaintenance = { }\n[replica_identity]\nnew_tables = true\n\
                [publication.dj_deploy_read_only]\n[grants]\nprefix = \"dj_deploy_read_only_\"";
    lab.converge(text).await;
    let _ = lab.run("CREATE ROLE dj_deploy_reader SUPERUSER LOGIN").await;
    lab.run("ALTER ROLE dj_deploy_reader SET default_transaction_read_only = on").await.unwrap();
    let mut settings = crate::lab::settings(Backend::Postgresql).unwrap();
    settings.database.user = Some("dj_deploy_reader".to_owned());
    let reader = Instance::connect(settings).await.unwrap();
    // Tables that are declared later would be this user's.
    let text = text.replace("_read_only_\"", "_read_only_\"\ncreators = [\"postgres\"]");
    let owner = lab.ask("SELECT current_user::text").await;
    let wanted = lab.wanted(&text.replace("\"postgres\"", &format!("{owner:?}")));
    let applied = Deployment::new(&reader, wanted).lock_policy(crate::lab::waiting());
    let applied = applied.apply(None).await.unwrap();
    assert_eq!((applied.exit_status(), applied.tables_modified()), (0, 0), "{applied}");
    reader.close().await;
    lab.run("DROP PUBLICATION dj_deploy_read_only").await.unwrap();
    for role in Role::ALL {
        let role = format!("dj_deploy_read_only_{role}");
        lab.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
    }
    lab.run("DROP ROLE dj_deploy_reader").await.unwrap();
    lab.end().await;
}

#[tokio::test]
async fn errors_of_the_check_keep_a_deploy_from_production() {
    for lab in labs(&EVERY, "production").await {
        let production =
            lab.dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
        let deployment =
            |text: &str| Deployment::new(&production, lab.wanted(text)).lock_policy(crate::lab::waiting());
        let error = deployment("provenance = true").apply(None).await.unwrap_err();
        let Error::Verify { findings } = &error else { panic!("{error}") };
        let codes: Vec<String> = findings.iter().map(|finding| format!("\"{}\"", finding.code)).collect();
        let accepted = format!("provenance = true\n[verify]\naccept = [{}]", codes.join(", "));
        let applied = deployment(&accepted).apply(None).await.unwrap();
        assert_eq!(applied.exit_status(), 0, "{applied}");
        lab.end().await;
    }
}

#[tokio::test]
async fn a_stamped_schema_is_deployed_to_in_its_environment_alone() {
    for lab in labs(&EVERY, "stamped").await {
        lab.dj.stamp(&[&lab.schema], Some(&datajoint::Stamp::new("staging"))).await.unwrap();
        let error = lab.deployment("provenance = true").apply(None).await.unwrap_err();
        assert!(error.to_string().contains("stamped `staging`"), "{error}");
        let home = lab.dj.with_settings(|settings| settings.environment = Some("staging".to_owned()));
        let wanted = lab.wanted("provenance = true");
        let policy = crate::lab::waiting();
        let applied = Deployment::new(&home, wanted).lock_policy(policy).apply(None).await.unwrap();
        assert_eq!(applied.exit_status(), 0, "{applied}");
        home.stamp(&[&lab.schema], None).await.unwrap();
        lab.end().await;
    }
}
