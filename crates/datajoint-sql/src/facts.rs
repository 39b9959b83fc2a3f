use datajoint_definition::Backend;

use crate::{Statement, Value};

/// The queries that tell what a server says of itself and of the user. Each row is a name and a text:
///
/// | name | text |
/// |---|---|
/// | `user` | the user, as the server knows it |
/// | `time` | the seconds since 1970 by its clock |
/// | `encrypted` | present where the connection is encrypted |
/// | `power` | something that the user may do beyond the pipeline, once for each |
/// | `lacks` | something that the user needs in schemas with the prefix and may not do, once for each |
/// | `change` | present where the user may create, alter or drop tables in schemas with the prefix |
///
/// The rows of `SHOW GRANTS` have the text alone; [`read_grant`] reads them.
pub fn fact_queries(backend: Backend, prefix: &str) -> Vec<Statement> {
    match backend {
        Backend::Sqlite => Vec::new(),
        Backend::Postgresql => vec![Statement {
            sql: "WITH me AS (SELECT * FROM pg_catalog.pg_roles WHERE rolname = current_user) \
                  SELECT 'user', current_user::text \
                  UNION ALL SELECT 'time', extract(epoch FROM clock_timestamp())::text \
                  UNION ALL SELECT 'encrypted', 'yes' FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl \
                  UNION ALL SELECT 'power', 'superuser' FROM me WHERE rolsuper \
                  UNION ALL SELECT 'power', 'create roles' FROM me WHERE rolcreaterole AND NOT rolsuper \
                  UNION ALL SELECT 'power', 'create databases' FROM me WHERE rolcreatedb AND NOT rolsuper \
                  UNION ALL SELECT 'power', 'bypass row security' FROM me WHERE rolbypassrls AND NOT rolsuper \
                  UNION ALL SELECT 'change', n.nspname::text FROM pg_catalog.pg_namespace n \
                  WHERE starts_with(n.nspname::text, $1) AND n.nspname <> 'information_schema' \
                  AND n.nspname !~ '^pg_' AND has_schema_privilege(n.oid, 'CREATE') \
                  UNION ALL SELECT 'lacks', need || ' on ' || n.nspname::text || '.' || c.relname::text \
                  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                  CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS need \
                  WHERE c.relkind = 'r' AND $1 <> '' AND starts_with(n.nspname::text, $1) \
                  AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, need))"
                .to_owned(),
            parameters: vec![Value::Text(prefix.to_owned())],
        }],
        Backend::Mysql | Backend::Mariadb => vec![
            Statement::plain(
                "SELECT 'user', CURRENT_USER() UNION ALL SELECT 'time', CAST(UNIX_TIMESTAMP(NOW(6)) AS CHAR)",
            ),
            Statement::plain("SHOW SESSION STATUS LIKE 'Ssl_cipher'"),
            Statement::plain("SHOW GRANTS"),
        ],
    }
}

/// What of the privileges that a pipeline needs lines of `SHOW GRANTS` do not give for a schema.
///
/// Those on single tables are not counted.
///
/// ```
/// use datajoint_sql::lacking_grants;
///
/// let grants = ["GRANT USAGE ON *.* TO `ada`@`%`", r"GRANT SELECT, INSERT, DELETE ON `lab\_%`.* TO `ada`@`%`"];
/// assert_eq!(lacking_grants(&grants, "lab_ephys"), ["UPDATE"]);
/// assert_eq!(lacking_grants(&grants, "laboratory").len(), 4);
/// ```
pub fn lacking_grants(lines: &[impl AsRef<str>], schema: &str) -> Vec<&'static str> {
    let mut lacking = vec!["SELECT", "INSERT", "UPDATE", "DELETE"];
    for line in lines {
        let Some((what, rest)) =
            line.as_ref().strip_prefix("GRANT ").and_then(|rest| rest.split_once(" ON "))
        else {
            continue;
        };
        let (place, _) = rest.split_once(" TO ").unwrap_or((rest, ""));
        let is_here = match place.strip_suffix(".*") {
            Some("*") => true,
            Some(pattern) => is_like(schema, pattern.trim_matches('`')),
            None => false,
        };
        if is_here {
            let given: Vec<&str> = what.split(", ").collect();
            lacking.retain(|need| !given.contains(need) && !given.contains(&"ALL PRIVILEGES"));
        }
    }
    lacking
}

/// True when a name is as a pattern says: `%` is any text, `_` any character, and a backslash takes that away.
///
/// ```
/// use datajoint_sql::is_like;
///
/// assert!(is_like("lab_ephys", r"lab\_%") && !is_like("laboratory", r"lab\_%"));
/// ```
pub fn is_like(name: &str, pattern: &str) -> bool {
    is_like_bytes(name.as_bytes(), pattern.as_bytes())
}

fn is_like_bytes(name: &[u8], pattern: &[u8]) -> bool {
    match (name, pattern) {
        (_, []) => name.is_empty(),
        (_, [b'%', rest @ ..]) => (0..=name.len()).any(|skipped| is_like_bytes(&name[skipped..], rest)),
        ([_, name @ ..], [b'_', rest @ ..]) => is_like_bytes(name, rest),
        ([first, name @ ..], [b'\\', wanted, rest @ ..] | [wanted, rest @ ..]) => {
            first == wanted && is_like_bytes(name, rest)
        }
        ([], _) => false,
    }
}

/// What a line of `SHOW GRANTS` gives beyond a pipeline's needs, and whether it lets tables be changed.
///
/// ```
/// use datajoint_sql::read_grant;
///
/// let (powers, changes) = read_grant("GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION");
/// assert_eq!(powers, ["ALL PRIVILEGES on *.*", "GRANT OPTION"]);
/// assert!(changes);
/// assert_eq!(read_grant("GRANT SELECT, INSERT ON `lab`.* TO `ada`@`%`"), (Vec::new(), false));
/// ```
pub fn read_grant(line: &str) -> (Vec<String>, bool) {
    let Some((what, rest)) = line.strip_prefix("GRANT ").and_then(|rest| rest.split_once(" ON ")) else {
        return (Vec::new(), false);
    };
    let (place, _) = rest.split_once(" TO ").unwrap_or((rest, ""));
    let privileges: Vec<&str> = what.split(", ").collect();
    let mut powers: Vec<String> = Vec::new();
    if place == "*.*" {
        powers
            .extend(privileges.iter().filter(|name| **name != "USAGE").map(|name| format!("{name} on *.*")));
    } else if privileges.contains(&"ALL PRIVILEGES") {
        powers.push(format!("ALL PRIVILEGES on {place}"));
    }
    if rest.ends_with("WITH GRANT OPTION") {
        powers.push("GRANT OPTION".to_owned());
    }
    let changing = ["ALL PRIVILEGES", "CREATE", "ALTER", "DROP", "INDEX"];
    (powers, privileges.iter().any(|name| changing.contains(name)))
}
