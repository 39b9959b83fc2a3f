//! What each role does with the tool, done by somebody in it.

use datajoint::jobs::{Jobs, Status};
use datajoint::{
    Backend, Condition, Delete as _, DynamicDeclaration, DynamicRow, Instance, Relation as _, Tier,
};
use datajoint_adapters::Kind;
use datajoint_deploy::{Deployment, DesiredState, Role, doctor, verify};
use datajoint_guard::{Finding, FindingCode};
use datajoint_sql::Statement;

use crate::grants::{clean, client, create_user, text};
use crate::lab::{Lab, SERVERS, lab, settings, waiting};

const OWN: &str = "dj_deploy_verbs_own";

/// Looks at everything, the jobs too.
async fn look(lab: &Lab, dj: &Instance) {
    let schema = dj.schema(&lab.schema).await.unwrap();
    for class in ["Method", "Subject", "Session", "Spikes"] {
        schema.table(class).unwrap().query().count(dj).await.unwrap();
    }
    let queue = queue(lab, dj).await;
    queue.counts().await.unwrap();
    queue.holders().await.unwrap();
    queue.oldest().await.unwrap();
    queue.failures().await.unwrap();
}

async fn queue(lab: &Lab, dj: &Instance) -> Jobs {
    let schema = dj.schema(&lab.schema).await.unwrap();
    Jobs::find(dj, schema.table("Spikes").unwrap().table()).await.unwrap().unwrap()
}

/// Enters and takes away, and sees to the jobs.
async fn operate(lab: &Lab, dj: &Instance) {
    look(lab, dj).await;
    let schema = dj.schema(&lab.schema).await.unwrap();
    let subjects = schema.table("Subject").unwrap();
    let row = |name: &str| DynamicRow::new().with("subject", 77).unwrap().with("name", name).unwrap();
    subjects.insert_one(dj, row("eve")).await.unwrap();
    subjects.update_one(dj, row("eva")).await.unwrap();
    let condition = datajoint::attribute("subject").eq(77);
    let plan = subjects.query().restrict(condition.clone()).delete(dj).plan().await.unwrap();
    subjects.query().restrict(condition).delete(dj).confirmed_plan(plan.hash()).await.unwrap();
    let (queue, all) = (queue(lab, dj).await, || Condition::constant(true));
    queue.ignore(all()).await.unwrap();
    queue.retry(all()).await.unwrap();
    queue.release(all()).await.unwrap();
    queue.clear(all(), &[Status::Ignore]).await.unwrap();
}

/// Declares and drops, deploys and checks.
async fn deploy(lab: &Lab, dj: &Instance, wanted: &str) {
    let options: DesiredState = wanted.parse().unwrap();
    let wanted = DesiredState { schemas: Some(vec![lab.schema.clone()]), ..options };
    let deployment = || Deployment::new(dj, wanted.clone()).lock_policy(waiting());
    let plan = deployment().plan().await.unwrap();
    deployment().apply(Some(&plan.hash())).await.unwrap();
    doctor(dj, &wanted, &[]).await.unwrap();
    let found = verify(dj.settings(), Some(dj), &wanted, &[], &[]).await.unwrap().findings;
    assert!(found.iter().all(|finding| finding.code != FindingCode::MissingPrivileges), "{found:?}");
    // What it has not declared itself it can't drop on PostgreSQL, and elsewhere it declares where it deploys.
    let schema = if dj.backend() == Backend::Postgresql { OWN } else { lab.schema.as_str() };
    let (definition, tier, master) = ("id : int32", Tier::Manual, None);
    for class_name in ["One", "Other"] {
        let own = DynamicDeclaration { schema, class_name, tier, definition, master };
        dj.declare_dynamic(own).await.unwrap();
    }
    let other = dj.schema(schema).await.unwrap().table("Other").unwrap().clone();
    let plan = other.drop(dj).plan().await.unwrap();
    other.drop(dj).confirmed_plan(plan.hash()).await.unwrap();
    let plan = dj.drop_schema(schema).plan().await.unwrap();
    dj.drop_schema(schema).confirmed_plan(plan.hash()).await.unwrap();
}

#[tokio::test]
async fn whoever_is_in_a_role_can_use_each_of_its_verbs() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "verbs").await else { continue };
        let user = "dj_deploy_hal";
        clean(&lab, &[user]).await;
        create_user(&lab, user).await;
        let _ = lab.dj.drop_schema(OWN).confirmed().await;
        lab.fill(3).await;
        let schema = lab.dj.schema(&lab.schema).await.unwrap();
        Jobs::open(&lab.dj, schema.table("Spikes").unwrap().table()).await.unwrap();
        for role in ["viewer", "operator", "deployer"] {
            let wanted = text(&lab, &format!("{role} = [\"{user}\"]"));
            lab.converge(&wanted).await;
            let dj = client(&lab, user).await;
            println!("as {role}");
            match role {
                "viewer" => look(&lab, &dj).await,
                "operator" => operate(&lab, &dj).await,
                _ => deploy(&lab, &dj, &wanted).await,
            }
            dj.close().await;
        }
        clean(&lab, &[user]).await;
        lab.end().await;
    }
}

/// Whoever writes rows adds to the audit, and neither changes nor deletes what is in it.
#[tokio::test]
async fn who_writes_rows_adds_to_the_audit_and_takes_nothing_from_it() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "audited").await else { continue };
        let user = "dj_deploy_ann";
        clean(&lab, &[user]).await;
        create_user(&lab, user).await;
        lab.fill(1).await;
        let schema = lab.dj.schema(&lab.schema).await.unwrap();
        Jobs::open(&lab.dj, schema.table("Spikes").unwrap().table()).await.unwrap();
        let wanted = format!("audit = true\n{}", text(&lab, &format!("operator = [\"{user}\"]")));
        lab.converge(&wanted).await;
        let dj = client(&lab, user).await.with_settings(|settings| settings.guard.audit = true);
        operate(&lab, &dj).await;
        let audit = lab.dj.audit(&lab.schema).await.unwrap().unwrap();
        let own = audit.restrict(datajoint::attribute("user").like(&format!("{user}%")));
        assert!(own.count(&lab.dj).await.unwrap() >= 2, "{backend}");
        let table = lab.table("~audit");
        let verb = datajoint_sql::quote_identifier(backend, "verb");
        for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET {verb} = ''")] {
            let statement = Statement::plain(sql);
            let refused = dj.database().acquire().await.unwrap().execute(&statement).await.unwrap_err();
            assert_eq!(refused.kind(), Some(Kind::MissingPrivilege), "{backend}: {refused}");
        }
        dj.close().await;
        clean(&lab, &[user]).await;
        lab.end().await;
    }
}

/// A delete takes rows of another schema, too, and is noted in each. Who may not do that is told before anything goes.
#[tokio::test]
async fn who_deletes_adds_to_the_audit_of_each_schema() {
    for backend in SERVERS {
        let other = "dj_deploy_audited_below";
        if let Some(settings) = settings(backend) {
            // What an earlier run left stands in the way of its parents.
            let dj = Instance::connect(settings).await.unwrap();
            let _ = dj.drop_schema(other).confirmed().await;
            dj.close().await;
        }
        let Some(lab) = lab(backend, "audits").await else { continue };
        let user = "dj_deploy_ada";
        clean(&lab, &[user]).await;
        let kind = if backend == Backend::Postgresql { "SCHEMA" } else { "DATABASE" };
        lab.run(&format!(
            "CREATE {kind} {other}; CREATE TABLE {other}.child (subject integer PRIMARY KEY, FOREIGN KEY (subject) REFERENCES {{}}.subject (subject))"
        ))
        .await
        .unwrap();
        let lineage = datajoint_sql::create_lineage_table(backend, other);
        lab.dj.database().acquire().await.unwrap().script(&lineage).await.unwrap();
        lab.fill(0).await;
        lab.run(&format!("INSERT INTO {other}.child VALUES (1)")).await.unwrap();
        create_user(&lab, user).await;
        let wanted = format!("audit = true\n{}", text(&lab, &format!("operator = [\"{user}\"]")));
        lab.converge(&wanted).await;
        let owner = lab.dj.with_settings(|settings| settings.guard.audit = true);
        owner.prepare_audit(&[other.to_owned()]).await.unwrap();

        let dj = client(&lab, user).await.with_settings(|settings| settings.guard.audit = true);
        let subject = dj.schema(&lab.schema).await.unwrap().table("Subject").unwrap();
        let error = subject.delete(&dj).confirmed().await.unwrap_err();
        // Elsewhere who may do nothing with a table does not see it.
        if backend == Backend::Postgresql {
            assert!(matches!(error, datajoint::Error::AuditNotAllowed { .. }), "{error}");
            let error = error.to_string();
            assert!(error.contains(user) && error.contains("deploy apply grants"), "{error}");
        }
        assert_eq!(subject.query().count(&lab.dj).await.unwrap(), 1, "{backend}");

        lab.converge(&wanted).await;
        assert_eq!(subject.delete(&dj).confirmed().await.unwrap().total(), 2, "{backend}");
        for schema in [other, lab.schema.as_str()] {
            let audit = lab.dj.audit(schema).await.unwrap().unwrap();
            let deleted = audit.restrict([("verb", "delete")]).count(&lab.dj).await.unwrap();
            assert_eq!(deleted, 1, "{backend}: {schema}");
        }
        dj.close().await;
        lab.run(&format!("DROP TABLE {other}.child")).await.unwrap();
        let _ = lab.dj.drop_schema(other).confirmed().await;
        lab.converge(&text(&lab, "")).await;
        clean(&lab, &[user]).await;
        lab.end().await;
    }
}

/// What `verify` finds for a user, as a client of the lab's schemas alone.
async fn found(lab: &Lab, user: &str, wanted: &str) -> Vec<Finding> {
    let dj = client(lab, user).await;
    let of_lab = dj.with_settings(|settings| {
        settings.database.database_prefix.clone_from(&lab.schema);
        settings.database.create_tables = false;
    });
    let found =
        verify(of_lab.settings(), Some(&of_lab), &wanted.parse().unwrap(), &[], &[]).await.unwrap().findings;
    dj.close().await;
    found
}

#[tokio::test]
async fn who_may_do_more_on_the_server_than_their_role_is_found() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "powers").await else { continue };
        let (user, super_user) = ("dj_deploy_pau", "dj_deploy_sue");
        clean(&lab, &[user, super_user]).await;
        create_user(&lab, user).await;
        let wanted = text(&lab, &format!("operator = [\"{user}\"]"));
        lab.converge(&wanted).await;
        let powers = async || {
            let found = found(&lab, user, &wanted).await;
            let found = found.into_iter().filter(|finding| finding.code == FindingCode::TooManyPrivileges);
            found.map(|finding| finding.message).collect::<String>()
        };
        assert_eq!(powers().await, "", "{backend}");
        // What is granted, what takes it back, and what is told of it.
        let cases: Vec<(String, String, &str)> = if backend == Backend::Postgresql {
            let schema = &lab.schema;
            lab.run(&format!("CREATE ROLE {super_user} SUPERUSER")).await.unwrap();
            let database = lab.ask("SELECT current_database()").await;
            let attributes = [
                ("REPLICATION", "replication"),
                ("CREATEDB", "create databases"),
                ("CREATEROLE", "create roles"),
            ]
            .map(|(word, told)| {
                (format!("ALTER ROLE {user} {word}"), format!("ALTER ROLE {user} NO{word}"), told)
            });
            let predefined = [
                "pg_execute_server_program",
                "pg_read_server_files",
                "pg_write_server_files",
                "pg_signal_backend",
                "pg_read_all_data",
                "pg_write_all_data",
            ]
            .map(|role| (format!("GRANT {role} TO {user}"), format!("REVOKE {role} FROM {user}"), role));
            let more = [
                (format!("CREATE ON DATABASE {database}"), "CREATE on the database"),
                (format!("SELECT ON {schema}.subject"), "GRANT OPTION on dj_deploy_powers"),
                (super_user.to_owned(), "superuser, as dj_deploy_sue"),
            ];
            let more = more.map(|(what, told)| {
                let option = if told.contains("OPTION") { " WITH GRANT OPTION" } else { "" };
                (format!("GRANT {what} TO {user}{option}"), format!("REVOKE {what} FROM {user}"), told)
            });
            attributes.into_iter().chain(predefined).chain(more).collect()
        } else {
            let account = format!("'{user}'@'%'");
            let global =
                ["FILE", "SUPER", "SHUTDOWN", "CREATE USER", "RELOAD", "REPLICATION SLAVE"].into_iter();
            let dynamic = ["SYSTEM_USER", "BACKUP_ADMIN"].into_iter().filter(|_| backend == Backend::Mysql);
            let on = |what: String, told| {
                (format!("GRANT {what} TO {account}"), format!("REVOKE {what} FROM {account}"), told)
            };
            let global = global.chain(dynamic).map(|verb| on(format!("{verb} ON *.*"), verb));
            global.chain([on("SELECT ON mysql.*".to_owned(), "SELECT on `mysql`.*")]).collect()
        };
        for (grant, revoke, told) in cases {
            lab.run(&grant).await.unwrap();
            let found = powers().await;
            lab.run(&revoke).await.unwrap();
            assert!(found.contains(told), "{grant} on {backend}: {found}");
        }
        // What an operator needs to see whether workers are still there.
        let sees = match backend {
            Backend::Postgresql => format!("GRANT pg_monitor TO {user}"),
            _ => format!("GRANT PROCESS ON *.* TO '{user}'@'%'"),
        };
        lab.run(&sees).await.unwrap();
        assert_eq!(powers().await, "", "{backend}");
        clean(&lab, &[user, super_user]).await;
        lab.end().await;
    }
}

#[tokio::test]
async fn whoever_is_in_a_role_is_judged_by_it() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "judged").await else { continue };
        let user = "dj_deploy_jo";
        clean(&lab, &[user]).await;
        create_user(&lab, user).await;
        for role in Role::ALL {
            let wanted = text(&lab, &format!("{role} = [\"{user}\"]"));
            lab.converge(&wanted).await;
            let found = found(&lab, user, &wanted).await;
            let rights = [
                FindingCode::MissingPrivileges,
                FindingCode::TooManyPrivileges,
                FindingCode::MoreThanItsRole,
            ];
            let found: Vec<_> = found.iter().filter(|finding| rights.contains(&finding.code)).collect();
            assert!(found.is_empty(), "{role} on {backend}: {found:?}");
        }
        clean(&lab, &[user]).await;
        lab.end().await;
    }
}
