use datajoint::{DynamicDeclaration, Instance, Stamp, TableName, Tier};
use datajoint_deploy::{DesiredState, Verified, verify};
use datajoint_guard::FindingCode;

use crate::lab::{EVERY, Lab, labs};

const OURS: &str = "dj_deploy_neighbour";
const THEIRS: &str = "djtheirs_ephys";

/// The check of the schemas with a prefix.
async fn verified(lab: &Lab, prefix: &str) -> Verified {
    let dj = of_project(lab, prefix);
    verify(dj.settings(), Some(&dj), &DesiredState::default(), &[], &[]).await.unwrap()
}

fn of_project(lab: &Lab, prefix: &str) -> Instance {
    lab.dj.with_settings(|settings| {
        prefix.clone_into(&mut settings.database.database_prefix);
        settings.environment = Some("staging".to_owned());
    })
}

async fn drop_theirs(lab: &Lab) {
    let theirs = lab.dj.with_settings(|settings| settings.environment = Some("production".to_owned()));
    // It is not there on a first run.
    let _ = theirs.unstamp_regardless(&[THEIRS]).await;
    let _ = theirs.drop_schema(THEIRS).confirmed().await;
}

#[tokio::test]
async fn the_stamp_of_a_project_with_another_prefix_neither_stops_the_check_nor_appears_in_it() {
    for lab in labs(&EVERY, "neighbour").await {
        drop_theirs(&lab).await;
        let alone = verified(&lab, OURS).await;
        let not_stamped =
            alone.findings.iter().filter(|it| it.code == FindingCode::NotStamped).collect::<Vec<_>>();
        assert!(matches!(&*not_stamped, [it] if it.message.contains(OURS)), "{alone:?}");
        let declaration = DynamicDeclaration {
            schema: THEIRS,
            class_name: "Unit",
            tier: Tier::Manual,
            definition: "unit : int32",
            master: None,
        };
        lab.dj.declare_dynamic(declaration).await.unwrap();
        lab.dj.stamp(&[THEIRS], Some(&Stamp::new("production"))).await.unwrap();
        let table = TableName::new(THEIRS, "~environment");
        for comment in [
            r#"{"environment":"production","version":"9.9.9"}"#,
            r#"{"environment":"production","minimum_client":"99.0.0"}"#,
            r#"{"enviroment":"production"}"#,
            "no stamp",
        ] {
            let script = datajoint_sql::write_stamp(lab.dj.backend(), &table, comment);
            lab.dj.database().acquire().await.unwrap().script(&script).await.unwrap();
            assert_eq!(verified(&lab, OURS).await, alone, "{comment} on {}", lab.dj.backend());
            let stamps = of_project(&lab, OURS).found_stamps(None).await.unwrap();
            assert!(stamps.is_empty(), "{stamps:?}");
        }
        let theirs = verified(&lab, "djtheirs_").await;
        assert!(theirs.findings.iter().any(|it| it.code == FindingCode::UnreadableStamp), "{theirs:?}");
        drop_theirs(&lab).await;
        lab.end().await;
    }
}
