//! Users who may read some schemas of a project, and not all.

use datajoint::{DynamicDeclaration, Instance, Settings, Tier};
use datajoint_sql::Statement;

use crate::run;

const USER: &str = "dj_cli_unread_user";
const OPEN: &str = "dj_cli_unread_open";
const SHUT: &str = "dj_cli_unread_shut";

#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
fn servers() -> Vec<String> {
    let names = ["DJ_TEST_POSTGRES_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_MYSQL_URL"];
    names.into_iter().filter_map(|name| std::env::var(name).ok()).collect()
}

async fn send(dj: &Instance, statements: &[&str]) {
    let mut connection = dj.database().acquire().await.unwrap();
    for sql in statements {
        connection.execute(&Statement::plain(*sql)).await.unwrap();
    }
}

/// One schema with a table that fills itself, a queue, and nothing that a user who is not told of it may read.
async fn declared(dj: &Instance, schema: &str) {
    let _ = dj.drop_schema(schema).confirmed().await;
    for (class_name, tier, definition) in
        [("Session", Tier::Manual, "session : int32"), ("Spikes", Tier::Computed, "-> Session")]
    {
        let declaration = DynamicDeclaration { schema, class_name, tier, definition, master: None };
        dj.declare_dynamic(declaration).await.unwrap();
    }
}

/// Each command that looks at all schemas tells of those that may be read, and of one that may not be, as far as the server
/// shows that there is one.
#[tokio::test]
async fn a_schema_that_may_not_be_read_ends_no_command() {
    for url in servers() {
        let mut settings = Settings::from_url(&url).unwrap();
        settings.database.database_prefix = "dj_cli_unread_".to_owned();
        let dj = Instance::connect(settings).await.unwrap();
        println!("on {} {}", dj.backend(), dj.database().server_version());
        for schema in [OPEN, SHUT] {
            declared(&dj, schema).await;
        }
        let is_postgresql = url.starts_with("postgres");
        if is_postgresql {
            send(&dj, &["DROP ROLE IF EXISTS dj_cli_unread_user"]).await;
            send(
                &dj,
                &[
                    "CREATE ROLE dj_cli_unread_user LOGIN PASSWORD 'planted'",
                    "GRANT USAGE ON SCHEMA dj_cli_unread_open TO dj_cli_unread_user",
                    "GRANT SELECT ON ALL TABLES IN SCHEMA dj_cli_unread_open TO dj_cli_unread_user",
                ],
            )
            .await;
        } else {
            send(
                &dj,
                &[
                    "DROP USER IF EXISTS dj_cli_unread_user",
                    "CREATE USER dj_cli_unread_user IDENTIFIED BY 'planted'",
                    "GRANT SELECT ON dj_cli_unread_open.* TO dj_cli_unread_user",
                ],
            )
            .await;
        }
        let folder = tempfile::tempdir().unwrap();
        let server = &dj.settings().database;
        let backend = server.backend.clone().unwrap_or_else(|| dj.backend().to_string());
        let host = server.host.clone().unwrap_or_default();
        let port = server.port.map(|port| port.to_string()).unwrap_or_default();
        let name = server.name.clone().unwrap_or_default();
        let variables = [
            ("DJ_BACKEND", backend.as_str()),
            ("DJ_HOST", host.as_str()),
            ("DJ_PORT", port.as_str()),
            ("DJ_DATABASE_NAME", name.as_str()),
            ("DJ_USER", USER),
            ("DJ_PASS", "planted"),
            ("DJ_DATABASE_PREFIX", "dj_cli_unread_"),
        ];
        // Of each its exit status, and whether it has a line for each table that may be read.
        let commands: [(&[&str], i32, bool); 13] = [
            (&["status"], 0, true),
            (&["status", "--json"], 0, true),
            (&["jobs"], 0, false),
            (&["jobs", "--json"], 0, false),
            (&["jobs", "errors"], 0, false),
            (&["jobs", "errors", "--json"], 0, false),
            (&["stale"], 0, true),
            (&["stale", "--json"], 0, true),
            (&["schemas", "list"], 0, true),
            (&["schemas", "list", "--json"], 0, true),
            (&["diagram"], 0, true),
            (&["doctor"], 0, false),
            (&["audit"], 0, true),
        ];
        for (arguments, status, shows_tables) in commands {
            let (found, said) = run(folder.path(), &variables, arguments);
            assert_eq!(found, status, "{arguments:?}: {said}");
            assert_eq!(said.contains(OPEN), shows_tables, "{arguments:?}: {said}");
            // Elsewhere nobody is shown what it may not read.
            assert_eq!(said.contains(SHUT), is_postgresql, "{arguments:?}: {said}");
            assert_eq!(said.contains("schema-not-read"), is_postgresql, "{arguments:?}: {said}");
        }
        // What names the schema is refused, by its name.
        for arguments in [&["status", "shut"][..], &["pull", "rust", "shut"], &["diagram", "shut"]] {
            let (found, said) = run(folder.path(), &variables, arguments);
            assert!(found == 1 && said.contains(SHUT), "{arguments:?}: {said}");
        }
        send(
            &dj,
            &[if is_postgresql {
                "DROP OWNED BY dj_cli_unread_user"
            } else {
                "DROP USER dj_cli_unread_user"
            }],
        )
        .await;
        if is_postgresql {
            send(&dj, &["DROP ROLE dj_cli_unread_user"]).await;
        }
        for schema in [OPEN, SHUT] {
            dj.drop_schema(schema).confirmed().await.unwrap();
        }
        dj.close().await;
    }
}
