use datajoint::{Backend, Delete as _, Instance};
use datajoint_deploy::{DesiredState, Error, Role, State, matrix, store_policies};

use crate::lab::{Lab, SERVERS, lab, settings};

/// Takes away what a test granted.
pub(crate) async fn clean(lab: &Lab, users: &[&str]) {
    let roles = Role::ALL.map(|role| format!("{}_{role}", lab.schema));
    for role in roles.iter().map(String::as_str).chain(users.iter().copied()) {
        let _ = match lab.dj.backend() {
            Backend::Postgresql => lab.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await,
            _ if users.contains(&role) => lab.run(&format!("DROP USER {role}@'%'")).await,
            _ => lab.run(&format!("DROP ROLE {role}")).await,
        };
    }
}

pub(crate) async fn create_user(lab: &Lab, user: &str) {
    let sql = match lab.dj.backend() {
        Backend::Postgresql => format!("CREATE ROLE {user} LOGIN PASSWORD 'secret'"),
        _ => format!("CREATE USER {user}@'%' IDENTIFIED BY 'secret'"),
    };
    lab.run(&sql).await.unwrap();
}

pub(crate) async fn client(lab: &Lab, user: &str) -> Instance {
    let mut settings = settings(lab.dj.backend()).unwrap();
    settings.database.user = Some(user.to_owned());
    settings.database.password = Some("secret".into());
    settings.safemode = false;
    Instance::connect(settings).await.unwrap()
}

pub(crate) fn text(lab: &Lab, members: &str) -> String {
    format!("[grants]\nprefix = \"{}_\"\n[grants.members]\n{members}", lab.schema)
}

/// What a user may do, tried.
async fn tries(lab: &Lab, user: &str) -> String {
    let dj = client(lab, user).await;
    let mut may = Vec::new();
    let tries = [
        ("read", format!("SELECT * FROM {}", lab.table("subject"))),
        ("manual", format!("INSERT INTO {} VALUES (77, 'new')", lab.table("subject"))),
        ("computed", format!("DELETE FROM {}", lab.table("__spikes"))),
        ("part", format!("DELETE FROM {}", lab.table("__spikes__unit"))),
        ("lookup", format!("INSERT INTO {} VALUES ('m', 1)", lab.table("#method"))),
        ("declare", format!("CREATE TABLE {} (id integer primary key)", lab.table("mine"))),
    ];
    for (what, sql) in tries {
        let mut connection = dj.database().acquire().await.unwrap();
        if connection.script(&[datajoint_sql::Statement::plain(sql)]).await.is_ok() {
            may.push(what);
        }
    }
    dj.close().await;
    for sql in [
        format!("DELETE FROM {} WHERE subject = 77", lab.table("subject")),
        format!("DELETE FROM {}", lab.table("#method")),
        format!("DROP TABLE IF EXISTS {}", lab.table("mine")),
    ] {
        lab.run(&sql).await.unwrap();
    }
    may.join(" ")
}

#[tokio::test]
async fn each_role_may_do_what_its_name_says_and_no_more() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "roles").await else { continue };
        let user = "dj_deploy_ada";
        clean(&lab, &[user]).await;
        create_user(&lab, user).await;
        for (role, may) in [
            ("viewer", "read"),
            ("analyst", "read"),
            ("operator", "read manual computed part"),
            ("developer", "read manual computed part lookup declare"),
            ("deployer", "read manual computed part lookup declare"),
            ("admin", "read manual computed part lookup declare"),
            ("viewer", "read"),
        ] {
            let applied = lab.converge(&text(&lab, &format!("{role} = [\"{user}\"]"))).await;
            assert!(!applied.to_string().contains("secret"));
            assert_eq!(tries(&lab, user).await, may, "{role} on {backend}");
        }
        let shown = matrix(&lab.dj, &lab.wanted("")).await.unwrap();
        let who = if backend == Backend::Postgresql { user.to_owned() } else { format!("{user}@%") };
        let row = shown.rows.iter().find(|row| row.who == who).unwrap();
        assert!(row.can["SELECT"] >= 5 && row.can["INSERT"] == 0 && !row.declares, "{shown}");
        lab.converge(&text(&lab, "")).await;
        clean(&lab, &[user]).await;
        lab.end().await;
    }
}

#[tokio::test]
async fn what_others_granted_or_took_is_put_right() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "drift").await else { continue };
        clean(&lab, &[]).await;
        lab.converge(&text(&lab, "")).await;
        let viewer = match backend {
            Backend::Mysql => format!("'{}_viewer'@'%'", lab.schema),
            _ => format!("{}_viewer", lab.schema),
        };
        let drift = match backend {
            Backend::Postgresql => vec![
                format!("GRANT INSERT ON {{}}.subject TO {viewer}"),
                format!("REVOKE SELECT ON {{}}.session FROM {viewer}"),
                format!("REVOKE USAGE ON SCHEMA {{}} FROM {viewer}"),
                format!("GRANT UPDATE (name) ON {{}}.subject TO {viewer}"),
                format!("GRANT SELECT ON {{}}.subject TO {viewer} WITH GRANT OPTION"),
                format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {{}} GRANT DELETE ON TABLES TO {viewer}"),
            ],
            // Without the backslashes the pattern fits other schemas too, and the first that fits is taken.
            _ => vec![
                format!("GRANT INSERT ON {{}}.subject TO {viewer} WITH GRANT OPTION"),
                format!("GRANT UPDATE (name) ON {{}}.subject TO {viewer}"),
                format!("REVOKE SELECT ON `dj\\_deploy\\_drift`.* FROM {viewer}"),
                format!("GRANT SELECT, DELETE ON `dj_deploy_drift`.* TO {viewer}"),
            ],
        };
        for sql in drift {
            lab.run(&sql).await.unwrap();
            let plan = lab.deployment(&text(&lab, "")).plan().await.unwrap();
            assert_eq!(plan.exit_status(), 2, "{sql}: {plan}");
            lab.converge(&text(&lab, "")).await;
        }
        clean(&lab, &[]).await;
        lab.end().await;
    }
}

#[tokio::test]
async fn tables_that_are_declared_later_are_read_at_once() {
    let Some(lab) = lab(Backend::Postgresql, "later").await else { return };
    clean(&lab, &[]).await;
    lab.converge(&text(&lab, "")).await;
    lab.declare("Later", datajoint::Tier::Manual, "id : int32", None).await;
    let may = format!("SELECT has_table_privilege('{}_viewer', '{{}}.later', 'SELECT')", lab.schema);
    assert_eq!(lab.ask(&may).await, "true");
    clean(&lab, &[]).await;
    lab.end().await;
}

#[tokio::test]
async fn who_deletes_may_delete_what_depends_on_it_in_other_schemas() {
    for backend in SERVERS {
        let other = "dj_deploy_cascade_below";
        if let Some(settings) = settings(backend) {
            // What an earlier run left stands in the way of its parents.
            let dj = Instance::connect(settings).await.unwrap();
            let _ = dj.drop_schema(other).confirmed().await;
            dj.close().await;
        }
        let Some(lab) = lab(backend, "cascade").await else { continue };
        let user = "dj_deploy_eve";
        clean(&lab, &[user]).await;
        let sql = match backend {
            Backend::Postgresql => format!(
                "CREATE SCHEMA {other}; CREATE TABLE {other}.child (subject integer PRIMARY KEY REFERENCES {{}}.subject (subject))"
            ),
            _ => format!(
                "CREATE DATABASE {other}; CREATE TABLE {other}.child (subject integer PRIMARY KEY, FOREIGN KEY (subject) REFERENCES {{}}.subject (subject))"
            ),
        };
        lab.run(&sql).await.unwrap();
        // As of a schema whose tables the library declared.
        let lineage = datajoint_sql::create_lineage_table(backend, other);
        lab.dj.database().acquire().await.unwrap().script(&lineage).await.unwrap();
        lab.fill(0).await;
        lab.run(&format!("INSERT INTO {other}.child VALUES (1)")).await.unwrap();
        create_user(&lab, user).await;
        lab.converge(&text(&lab, &format!("operator = [\"{user}\"]"))).await;
        let dj = client(&lab, user).await;
        let subject = dj.schema(&lab.schema).await.unwrap().table("Subject").unwrap();
        assert_eq!(subject.delete(&dj).confirmed().await.unwrap().total(), 2);
        dj.close().await;
        lab.run(&format!("DROP TABLE {other}.child")).await.unwrap();
        let _ = lab.dj.drop_schema(other).confirmed().await;
        lab.converge(&text(&lab, "")).await;
        clean(&lab, &[user]).await;
        lab.end().await;
    }
}

#[tokio::test]
async fn nobody_is_made_and_nobody_is_in_two_roles() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "nobody").await else { continue };
        clean(&lab, &[]).await;
        let applied =
            lab.deployment(&text(&lab, "viewer = [\"dj_deploy_nobody_knows\"]")).apply(None).await.unwrap();
        let failed = applied.failed().next().unwrap();
        assert!(
            matches!(&failed.state, State::Failed { code, hint, .. } if code.as_str() == "no-such-user" && hint.contains("password")),
            "{applied}"
        );
        let error =
            lab.deployment(&text(&lab, "viewer = [\"a\"]\nadmin = [\"a\"]")).plan().await.unwrap_err();
        assert!(matches!(error, Error::TwoRoles { .. }), "{error}");
        clean(&lab, &[]).await;
        lab.end().await;
    }
}

#[test]
fn stores_in_s3_have_a_policy_for_each_role() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("datajoint.json");
    let json = r#"{"stores": {"main": {"protocol": "s3", "endpoint": "s3.amazonaws.com", "bucket": "lab", "location": "dj",
        "access_key": "key", "secret_key": "planted-9c2"}}}"#;
    std::fs::write(&path, json).unwrap();
    let settings = datajoint::Settings::load_from(&path).unwrap();
    let policies = store_policies(&settings, &DesiredState::default());
    assert_eq!(policies.len(), 6);
    let text = |role| policies[&role].to_string();
    assert!(
        text(Role::Viewer).contains("arn:aws:s3:::lab/dj/*") && !text(Role::Viewer).contains("PutObject")
    );
    assert!(text(Role::Operator).contains("PutObject") && !text(Role::Operator).contains("DeleteObject"));
    assert!(text(Role::Admin).contains("DeleteObject") && !text(Role::Admin).contains("planted-9c2"));

    // By schema: everything of the project is read, and what an analyst writes is of one schema.
    let mut settings = settings;
    settings.database.database_prefix = "lab_".to_owned();
    let wanted =
        "schemas = [\"ephys\", \"analysis\"]\n[grants.writes]\nanalyst = [\"analysis\"]".parse().unwrap();
    let policies = store_policies(&settings, &wanted);
    let analyst = &policies[&Role::Analyst]["Statement"];
    assert_eq!(analyst[1]["Resource"].as_array().unwrap().len(), 6);
    assert_eq!(
        analyst[2]["Resource"],
        serde_json::json!([
            "arn:aws:s3:::lab/dj/_hash/lab_analysis/*",
            "arn:aws:s3:::lab/dj/_schema/lab_analysis/*",
            "arn:aws:s3:::lab/dj/lab_analysis/*"
        ])
    );
}

#[tokio::test]
async fn a_deploy_of_one_schema_leaves_rights_on_another_be() {
    for backend in SERVERS {
        let Some(above) = lab(backend, "above").await else { continue };
        let Some(below) = lab(backend, "below").await else { continue };
        let reference = match backend {
            Backend::Postgresql => "REFERENCES dj_deploy_above.subject (subject)",
            _ => ", FOREIGN KEY (subject) REFERENCES dj_deploy_above.subject (subject)",
        };
        below
            .run(&format!("CREATE TABLE {{}}.child (subject integer PRIMARY KEY {reference})"))
            .await
            .unwrap();
        clean(&above, &[]).await;
        let both = text(&above, "");
        let both = format!("schemas = [\"{}\", \"{}\"]\n{both}", above.schema, below.schema);
        let deployment = |schemas: &str| {
            let wanted: datajoint_deploy::DesiredState =
                both.replacen(&both[..both.find('\n').unwrap()], schemas, 1).parse().unwrap();
            datajoint_deploy::Deployment::new(&above.dj, wanted).lock_policy(crate::lab::waiting())
        };
        let all = format!("schemas = [\"{}\", \"{}\"]", above.schema, below.schema);
        let applied = deployment(&all).apply(None).await.unwrap();
        assert_eq!(applied.exit_status(), 0, "{applied}");
        for schema in [&above.schema, &below.schema] {
            let applied = deployment(&format!("schemas = [\"{schema}\"]")).apply(None).await.unwrap();
            let revoked: Vec<String> =
                applied.ddl().into_iter().filter(|sql| sql.starts_with("REVOKE")).collect();
            assert_eq!(revoked, Vec::<String>::new(), "{applied}");
        }
        let left = deployment(&all).plan().await.unwrap();
        assert_eq!(left.exit_status(), 0, "{left}");
        below.run("DROP TABLE {}.child").await.unwrap();
        clean(&above, &[]).await;
        below.end().await;
        above.end().await;
    }
}

#[tokio::test]
async fn somebodys_account_is_no_role() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "taken").await else { continue };
        clean(&lab, &[]).await;
        let user = format!("{}_viewer", lab.schema);
        let _ = match backend {
            Backend::Postgresql => lab.run(&format!("DROP ROLE {user}")).await,
            _ => lab.run(&format!("DROP USER {user}@'%'")).await,
        };
        create_user(&lab, &user).await;
        let applied = lab.deployment(&text(&lab, "")).apply(None).await.unwrap();
        let failed: Vec<&str> = applied.failed().map(|item| item.object.as_str()).collect();
        assert_eq!(failed, [format!("role {user}")], "{applied}");
        assert!(!applied.ddl().iter().any(|sql| sql.contains(&user)), "{applied}");
        let _ = match backend {
            Backend::Postgresql => lab.run(&format!("DROP ROLE {user}")).await,
            _ => lab.run(&format!("DROP USER {user}@'%'")).await,
        };
        clean(&lab, &[]).await;
        lab.end().await;
    }
}

#[tokio::test]
async fn a_default_role_of_others_stays() {
    for backend in [Backend::Mysql, Backend::Mariadb] {
        let Some(lab) = lab(backend, "odef").await else { continue };
        let (user, other) = ("dj_deploy_max", "dj_deploy_dba");
        clean(&lab, &[user]).await;
        let _ = lab.run(&format!("DROP ROLE {other}")).await;
        create_user(&lab, user).await;
        lab.run(&format!("CREATE ROLE {other}")).await.unwrap();
        lab.run(&format!("GRANT {other} TO {user}@'%'")).await.unwrap();
        let by = if backend == Backend::Mysql { "TO" } else { "FOR" };
        lab.run(&format!("SET DEFAULT ROLE {other} {by} {user}@'%'")).await.unwrap();
        let applied =
            lab.deployment(&text(&lab, &format!("viewer = [\"{user}\"]"))).apply(None).await.unwrap();
        if backend == Backend::Mysql {
            assert_eq!(applied.exit_status(), 0, "{applied}");
            assert_eq!(
                lab.ask(&format!("SELECT count(*) FROM mysql.default_roles WHERE user = '{user}'")).await,
                "2"
            );
        } else {
            let failed = applied.failed().next().unwrap();
            assert!(
                matches!(&failed.state, State::Failed { code, .. } if code.as_str() == "other-default-role"),
                "{applied}"
            );
        }
        clean(&lab, &[user]).await;
        lab.run(&format!("DROP ROLE {other}")).await.unwrap();
        lab.end().await;
    }
}

#[tokio::test]
async fn who_may_not_create_roles_is_told_so_once_for_each_and_nothing_is_tried() {
    for backend in SERVERS {
        let Some(lab) = lab(backend, "noroles").await else { continue };
        let user = "dj_deploy_guest_role";
        clean(&lab, &[user]).await;
        create_user(&lab, user).await;
        let dj = client(&lab, user).await;
        let sql = match backend {
            Backend::Postgresql => format!("GRANT USAGE ON SCHEMA {{}} TO {user}"),
            _ => format!("GRANT SELECT ON `{{}}`.* TO {user}@'%'"),
        };
        lab.run(&sql).await.unwrap();
        let wanted: DesiredState = lab.wanted(&text(&lab, ""));
        let plan = datajoint_deploy::Deployment::new(&dj, wanted).plan().await.unwrap();
        assert_eq!(plan.pending().count(), 0, "{plan}");
        if backend == Backend::Postgresql {
            assert_eq!(plan.failed().count(), 6, "{plan}");
            assert!(plan.failed().all(|item| item.object.starts_with("role ")), "{plan}");
        } else {
            assert!(matches!(plan.items[0].state, State::Skipped { .. }), "{plan}");
        }
        dj.close().await;
        clean(&lab, &[user]).await;
        lab.end().await;
    }
}
