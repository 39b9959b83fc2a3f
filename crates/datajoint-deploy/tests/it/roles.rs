//! What each role does with the tool, done by somebody in it.

use datajoint::jobs::{Jobs, Status};
use datajoint::{
    Backend, Condition, Delete as _, DynamicDeclaration, DynamicRow, Instance, Relation as _, Tier,
};
use datajoint_deploy::{Deployment, DesiredState, doctor, verify};
use datajoint_guard::FindingCode;

use crate::grants::{clean, client, create_user, text};
use crate::lab::{Lab, SERVERS, lab, waiting};

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
