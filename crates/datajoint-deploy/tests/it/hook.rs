//! From an empty server to a release: an administrator applies a declared file, and then the hook of the example passes
//! for the operator and the deployer whom that made, in staging and in production, with nothing accepted.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use datajoint::{Backend, DynamicDeclaration, Instance, Settings, Tier};

use crate::cargo::cargo;
use crate::lab::statements;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const PASSWORD: &str = "planted-7d1";

/// Who has which role, by hand; in each environment somebody else, as accounts of MariaDB have one default role at a time.
const USERS: [(&str, &str); 6] = [
    ("viewer", "djhook_vera"),
    ("analyst", "djhook_anna"),
    ("operator", "djhook_otto"),
    ("developer", "djhook_dora"),
    ("deployer", "djhook_dirk"),
    ("admin", "djhook_adam"),
];

/// A server as its administrator sees it.
struct Server {
    dj: Instance,
    settings: Settings,
    backend: Backend,
    folder: tempfile::TempDir,
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
    async fn of(variable: &str) -> Option<Self> {
        let settings = Settings::from_url(&std::env::var(variable).ok()?).unwrap();
        let dj = Instance::connect(settings.clone()).await.unwrap();
        let backend = dj.backend();
        Some(Self { dj, settings, backend, folder: tempfile::tempdir().unwrap() })
    }

    async fn run(&self, sql: &str) -> Result<(), String> {
        run_as(&self.dj, sql).await
    }

    /// Nothing of this test is on the server.
    async fn empty(&self) {
        // A stamped schema is dropped by a client of its environment alone.
        for environment in ["staging", "production"] {
            let of_it = self.dj.with_settings(|settings| settings.environment = Some(environment.to_owned()));
            let _ = of_it.drop_schemas("djhook_").confirmed().await;
        }
        let _ = self.dj.drop_schemas("djhook_").confirmed().await;
        for prefix in ["djhook_stag_", "djhook_prod_"] {
            for (role, _) in USERS {
                let _ = match self.backend {
                    Backend::Postgresql => {
                        self.run(&format!("DROP OWNED BY {prefix}{role}; DROP ROLE {prefix}{role}")).await
                    }
                    _ => self.run(&format!("DROP ROLE {prefix}{role}")).await,
                };
            }
        }
        for user in ["staging", "production"].iter().flat_map(|environment| users(environment)) {
            let user = user.1;
            let _ = match self.backend {
                Backend::Postgresql => {
                    self.run(&format!("DROP OWNED BY {user} CASCADE; DROP ROLE {user}")).await
                }
                _ => self.run(&format!("DROP USER {user}@'%'")).await,
            };
        }
    }

    async fn create_users(&self) {
        for user in ["staging", "production"].iter().flat_map(|environment| users(environment)) {
            let user = user.1;
            let sql = match self.backend {
                Backend::Postgresql => format!("CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'"),
                _ => format!("CREATE USER {user}@'%' IDENTIFIED BY '{PASSWORD}'"),
            };
            self.run(&sql).await.unwrap();
        }
    }

    async fn client(&self, user: &str) -> Instance {
        let mut settings = self.settings.clone();
        settings.database.user = Some(user.to_owned());
        settings.database.password = Some(PASSWORD.into());
        Instance::connect(settings).await.unwrap()
    }

    /// A program of the example, with the settings of an environment and nothing else of this one.
    fn command(&self, program: &str, environment: &str, user: Option<&str>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DJ_")) {
            command.env_remove(name);
        }
        let database = &self.settings.database;
        let backend = self.backend.to_string();
        let variables = [
            ("DJ_BACKEND", backend.as_str()),
            ("DJ_HOST", "127.0.0.1"),
            ("DJ_PORT", &database.port.unwrap().to_string()),
            ("DJ_USER", user.or(database.user.as_deref()).unwrap()),
            ("DJ_DATABASE_PREFIX", prefix(environment)),
            ("DJ_ENVIRONMENT", environment),
            ("DJ_CREATE_TABLES", if environment == "production" { "false" } else { "true" }),
        ];
        command.envs(variables);
        if let Some(name) = &database.name {
            command.env("DJ_DATABASE_NAME", name);
        }
        if user.is_some() {
            command.env("DJ_PASS", PASSWORD);
        }
        command.current_dir(Path::new(ROOT).join("examples/pipeline")).stdin(Stdio::null());
        command
    }

    /// What a command says; it has to end well.
    fn said(mut command: Command) -> String {
        let output = command.output().unwrap();
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(output.status.success(), "{command:?}:\n{said}");
        assert!(!said.contains(PASSWORD));
        said
    }

    /// The same of a command that has to fail.
    fn refused(mut command: Command) -> String {
        let output = command.output().unwrap();
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!output.status.success(), "{command:?}:\n{said}");
        assert!(!said.contains(PASSWORD));
        said
    }

    fn hook(&self, environment: &str, user: &str) -> String {
        let mut hook = self.command("deploy/hook.sh", environment, Some(user));
        hook.env("XTASK", built("pipeline-xtask")).env("WANTED", self.folder.path().join("server.toml"));
        hook.env("WORKER", format!("{} --demo {}", built("worker"), self.folder.path().join(user).display()));
        Self::said(hook)
    }

    fn xtask(&self, environment: &str, user: Option<&str>, arguments: &[&str]) -> String {
        let mut command = self.command(&built("pipeline-xtask"), environment, user);
        command.args(arguments);
        Self::said(command)
    }
}

async fn run_as(dj: &Instance, sql: &str) -> Result<(), String> {
    let mut connection = dj.database().acquire().await.map_err(|error| error.to_string())?;
    connection.script(&statements(sql)).await.map_err(|error| error.to_string())
}

fn built(program: &str) -> String {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../debug").join(program).display().to_string()
}

fn prefix(environment: &str) -> &'static str {
    if environment == "production" { "djhook_prod_" } else { "djhook_stag_" }
}

fn users(environment: &str) -> Vec<(&'static str, String)> {
    USERS.iter().map(|(role, user)| (*role, format!("{user}_{}", &environment[..4]))).collect()
}

fn user(environment: &str, role: &str) -> String {
    users(environment).into_iter().find(|(it, _)| *it == role).unwrap().1
}

async fn from_nothing(server: &Server) {
    server.empty().await;
    server.create_users().await;
    let example =
        std::fs::read_to_string(Path::new(ROOT).join("examples/pipeline/deploy/server.toml")).unwrap();
    let (before, _) = example.split_once("[grants.members]").unwrap();
    let file = server.folder.path().join("server.toml");
    let apply = ["deploy", "apply", "--file", file.to_str().unwrap(), "--wait", "600"];
    for environment in ["staging", "production"] {
        let members: Vec<String> =
            users(environment).iter().map(|(role, user)| format!("{role} = [\"{user}\"]")).collect();
        let members = members.join("\n") + "\n";
        let wanted =
            format!("{before}[grants.members]\n{members}[grants.writes]\nanalyst = [\"analysis\"]\n");
        std::fs::write(&file, &wanted).unwrap();
        let (deployer, operator) = (&*user(environment, "deployer"), &*user(environment, "operator"));
        server.xtask(environment, None, &apply);
        if environment == "production" {
            // Declared once, by somebody who may.
            let mut declare = server.command(&built("worker"), environment, Some(deployer));
            declare.env("DJ_CREATE_TABLES", "true");
            Server::said(declare);
            let stamp = ["guard", "stamp", "--prefix", "djhook_prod_", "--environment", "production"];
            server.xtask(environment, Some(deployer), &stamp);
        } else {
            // The worker declares.
            server.hook(environment, deployer);
        }
        server.xtask(environment, None, &apply);
        for who in [deployer, operator] {
            if server.backend.is_mysql_family() {
                // As `analyze` and the page on jobs advise it.
                server.run(&format!("GRANT PROCESS ON *.* TO '{who}'@'%'")).await.unwrap();
            }
            let said = server.hook(environment, who);
            assert!(said.contains("\n0 changed") && said.contains(" 0 failed"), "{who}: {said}");
        }
        each_may_what_its_role_may(server, environment).await;
        a_deployer_deploys_grants_itself(server, environment, &wanted).await;
        an_older_program_leaves_a_later_version_alone(server, environment);
        what_an_admin_adds_is_in_no_deployers_way(server, environment, &apply).await;
        a_new_schema_of_a_developer_is_for_all_roles_at_once(server, environment, &apply).await;
    }
    server.empty().await;
}

/// A deployer brings the roles to another file and back, and passes the check of the hook meanwhile. On PostgreSQL it has
/// CREATEROLE, by which it also makes a role that is gone and puts users into it; elsewhere it has what the file gives it.
async fn a_deployer_deploys_grants_itself(server: &Server, environment: &str, wanted: &str) {
    let prefix = prefix(environment);
    let (deployer, analyst) = (&*user(environment, "deployer"), &*user(environment, "analyst"));
    let creates_roles = server.backend == Backend::Postgresql;
    if creates_roles {
        let role = format!("{prefix}analyst");
        let drop = format!("DROP OWNED BY {role}; DROP ROLE {role}; ALTER ROLE {deployer} CREATEROLE");
        server.run(&drop).await.unwrap();
    }
    let name = datajoint::TableName::new(format!("{prefix}session"), "session");
    let session = datajoint_sql::table_reference(server.backend, &name);
    let insert = format!("INSERT INTO {session} SELECT * FROM {session} WHERE 1 = 0");
    let more = wanted.replace("analyst = [\"analysis\"]", "analyst = [\"analysis\", \"session\"]");
    assert_ne!(more, wanted);
    for (text, may_insert) in [(&*more, true), (wanted, false)] {
        std::fs::write(server.folder.path().join("server.toml"), text).unwrap();
        let said = server.hook(environment, deployer);
        assert!(!said.contains("\n0 changed") && said.contains(" 0 failed"), "{said}");
        let said = server.hook(environment, deployer);
        assert!(said.contains("\n0 changed") && said.contains(" 0 failed"), "{said}");
        let client = server.client(analyst).await;
        let tried = run_as(&client, &insert).await;
        assert_eq!(tried.is_ok(), may_insert, "{tried:?}");
        run_as(&client, &format!("SELECT * FROM {session}")).await.unwrap();
        client.close().await;
    }
    if creates_roles {
        server.run(&format!("ALTER ROLE {deployer} NOCREATEROLE")).await.unwrap();
    }
}

/// What an administrator makes in a schema that others deploy, the hidden table of a stamp for one, keeps no deploy of theirs
/// from its end.
async fn what_an_admin_adds_is_in_no_deployers_way(server: &Server, environment: &str, apply: &[&str]) {
    let deployer = &*user(environment, "deployer");
    let schema = format!("{}session", prefix(environment));
    let reference = |table: &str| {
        datajoint_sql::table_reference(server.backend, &datajoint::TableName::new(&schema, table))
    };
    let make = async |tables: &[&str]| {
        for table in tables {
            let sql = format!("CREATE TABLE {} (id integer PRIMARY KEY)", reference(table));
            server.run(&sql).await.unwrap();
        }
    };
    make(&["~sooner"]).await;
    // From now on its tables are for the roles, as far as nobody knows what they will be.
    server.xtask(environment, None, apply);
    let later = ["~later", "~~later", "later", "#later"];
    make(&later).await;
    let said = server.hook(environment, deployer);
    assert!(said.contains(" 0 failed"), "{said}");
    let said = server.hook(environment, deployer);
    assert!(said.contains("\n0 changed") && said.contains(" 0 failed"), "{said}");
    for table in later.iter().chain(&["~sooner"]) {
        server.run(&format!("DROP TABLE {}", reference(table))).await.unwrap();
    }
}

/// A developer declares in a schema of the prefix that was not there: it is read at once, it keeps no release from its end,
/// and who deploys gives the others their rights on it.
async fn a_new_schema_of_a_developer_is_for_all_roles_at_once(
    server: &Server,
    environment: &str,
    apply: &[&str],
) {
    let names: BTreeMap<&str, String> = users(environment).into_iter().collect();
    for (fresh, deploys) in [("fresh", "deployer"), ("latest", "admin")] {
        let schema = format!("{}{fresh}", prefix(environment));
        let developer = server.client(&names["developer"]).await;
        // As the settings of the project say: on PostgreSQL nobody but the owner adds the columns later.
        let declaring = developer.with_settings(|settings| settings.jobs.add_job_metadata = true);
        let tables = [
            ("Note", Tier::Manual, "id : int32"),
            ("Kind", Tier::Lookup, "id : int32"),
            ("Count", Tier::Computed, "-> Note\n---\nn : int32"),
        ];
        for (class_name, tier, definition) in tables {
            let declaration =
                DynamicDeclaration { schema: &schema, class_name, tier, definition, master: None };
            declaring.declare_dynamic(declaration).await.unwrap();
        }
        let note =
            datajoint_sql::table_reference(server.backend, &datajoint::TableName::new(&schema, "note"));
        for role in ["viewer", "analyst", "operator", "deployer", "admin"] {
            let client = server.client(&names[role]).await;
            run_as(&client, &format!("SELECT * FROM {note}"))
                .await
                .unwrap_or_else(|said| panic!("{role}: {said}"));
            client.close().await;
        }
        for role in ["operator", "deployer", "operator"] {
            let said = server.hook(environment, &names[role]);
            assert!(said.contains(" 0 failed"), "{role}: {said}");
        }
        let said = server.xtask(environment, Some(&names[deploys]), apply);
        assert!(said.contains("\n0 changed") && said.contains(" 0 failed"), "{deploys}: {said}");
        let operator = server.client(&names["operator"]).await;
        run_as(&operator, &format!("INSERT INTO {note} VALUES (1)")).await.unwrap();
        operator.close().await;
        developer.drop_schema(&schema).confirmed().await.unwrap();
        developer.close().await;
    }
}

/// A program that is older than the recorded version of a schema does nothing; the version stays.
fn an_older_program_leaves_a_later_version_alone(server: &Server, environment: &str) {
    let (deployer, operator) = (&*user(environment, "deployer"), &*user(environment, "operator"));
    let schema = format!("{}ephys", prefix(environment));
    let record = |version: &str| {
        server.xtask(environment, Some(deployer), &["guard", "version", "--schema", &schema, version])
    };
    record("9.9.9");
    let list = || server.xtask(environment, Some(operator), &["guard", "list"]);
    let before = list();
    assert!(before.contains("version 9.9.9"), "{before}");
    for who in [deployer, operator] {
        for create_tables in ["true", "false"] {
            let mut worker = server.command(&built("worker"), environment, Some(who));
            worker.env("DJ_CREATE_TABLES", create_tables);
            let said = Server::refused(worker);
            let told = format!("`{schema}` is of version 9.9.9, and this program is for version 1.0.0");
            assert!(said.contains(&told), "{who}: {said}");
            assert_eq!(list(), before);
        }
    }
    record("1.0.0");
}

/// Tried with the clients of those users.
async fn each_may_what_its_role_may(server: &Server, environment: &str) {
    let prefix = prefix(environment);
    let backend = server.backend;
    let table = |schema: &str, table: &str| {
        let name = datajoint::TableName::new(format!("{prefix}{schema}"), table);
        datajoint_sql::table_reference(backend, &name)
    };
    let denied = |outcome: &Result<(), String>| outcome.as_ref().is_err_and(|said| said.contains("denied"));
    let viewer = server.client(&user(environment, "viewer")).await;
    run_as(&viewer, &format!("SELECT * FROM {}", table("ephys", "__spikes"))).await.unwrap();
    assert!(denied(&run_as(&viewer, &format!("DELETE FROM {}", table("analysis", "__correlation"))).await));

    // An analyst reads everything, and adds results to one schema.
    let analyst = server.client(&user(environment, "analyst")).await;
    run_as(&analyst, &format!("SELECT * FROM {}", table("session", "session"))).await.unwrap();
    let insert = |table: &str| format!("INSERT INTO {table} SELECT * FROM {table} WHERE 1 = 0");
    run_as(&analyst, &insert(&table("analysis", "__correlation"))).await.unwrap();
    assert!(denied(&run_as(&analyst, &insert(&table("session", "session"))).await));
    assert!(denied(&run_as(&analyst, &format!("DELETE FROM {}", table("analysis", "__correlation"))).await));

    // A developer makes a schema of the prefix, and a table that the others read at once.
    let developer = server.client(&user(environment, "developer")).await;
    let create = if backend == Backend::Postgresql { "SCHEMA" } else { "DATABASE" };
    run_as(&developer, &format!("CREATE {create} {prefix}sandbox")).await.unwrap();
    run_as(&developer, &format!("DROP {create} {prefix}sandbox")).await.unwrap();
    let new = table("analysis", "later");
    run_as(&developer, &format!("CREATE TABLE {new} (id integer PRIMARY KEY)")).await.unwrap();
    run_as(&viewer, &format!("SELECT * FROM {new}")).await.unwrap();
    run_as(&developer, &format!("DROP TABLE {new}")).await.unwrap();
    let may_create = run_as(&analyst, &format!("CREATE TABLE {new} (id integer PRIMARY KEY)")).await;
    assert!(denied(&may_create), "{may_create:?}");

    // An admin hands on what it has.
    let admin = server.client(&user(environment, "admin")).await;
    let who = if backend == Backend::Postgresql {
        user(environment, "viewer")
    } else {
        format!("{}@'%'", user(environment, "viewer"))
    };
    let on = table("analysis", "__correlation");
    run_as(&admin, &format!("GRANT INSERT ON {on} TO {who}")).await.unwrap();
    run_as(&admin, &format!("REVOKE INSERT ON {on} FROM {who}")).await.unwrap();
    for dj in [viewer, analyst, developer, admin] {
        dj.close().await;
    }
}

#[tokio::test]
async fn the_hook_passes_for_an_operator_and_a_deployer_whom_a_declared_file_made() {
    let mut build = cargo();
    // With a test, what the tests depend on has the features that it was built with for them.
    build.args([
        "build",
        "--quiet",
        "--workspace",
        "--bin",
        "worker",
        "--bin",
        "pipeline-xtask",
        "--test",
        "it",
    ]);
    assert!(build.current_dir(ROOT).status().unwrap().success());
    for variable in ["DJ_TEST_POSTGRES_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_MYSQL_URL"] {
        let Some(server) = Server::of(variable).await else { continue };
        println!("on {} {}", server.backend, server.dj.database().server_version());
        from_nothing(&server).await;
        server.dj.close().await;
    }
}
