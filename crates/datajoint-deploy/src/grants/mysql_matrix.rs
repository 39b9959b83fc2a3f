use std::collections::{BTreeMap, BTreeSet};

use datajoint_definition::Backend;
use datajoint_plan::Snapshot;
use datajoint_sql::is_like;

use super::matrix::{MatrixRow, VERBS};
use super::mysql::COLUMNS;
use crate::Result;

/// An account: user and host.
type Account = (String, String);

pub(super) async fn rows(snapshot: &mut Snapshot) -> Result<Vec<MatrixRow>> {
    let columns: Vec<&str> = COLUMNS.iter().map(|(_, column)| *column).collect();
    let columns = columns.join(", ");
    let verbs = |row: &datajoint_plan::Row, first: usize| -> BTreeSet<&'static str> {
        let granted = COLUMNS.iter().enumerate().filter(|(place, _)| row.text(first + place) == "Y");
        granted.map(|(_, (verb, _))| *verb).collect()
    };
    let mut everywhere: BTreeMap<Account, BTreeSet<&'static str>> = BTreeMap::new();
    for row in snapshot.rows(&format!("SELECT User, Host, {columns} FROM mysql.user"), Vec::new()).await? {
        everywhere.insert((row.text(0), row.text(1)), verbs(&row, 2));
    }
    let mut schemas: Vec<(Account, String, BTreeSet<&'static str>)> = Vec::new();
    for row in snapshot.rows(&format!("SELECT User, Host, Db, {columns} FROM mysql.db"), Vec::new()).await? {
        schemas.push(((row.text(0), row.text(1)), row.text(2), verbs(&row, 3)));
    }
    let mut tables: Vec<(Account, String, String, String)> = Vec::new();
    let sql = "SELECT User, Host, Db, Table_name, Table_priv FROM mysql.tables_priv";
    for row in snapshot.rows(sql, Vec::new()).await? {
        let verbs = row.text(4).to_ascii_uppercase();
        tables.push(((row.text(0), row.text(1)), row.text(2), row.text(3), verbs));
    }
    let sql = if snapshot.backend == Backend::Mariadb {
        "SELECT User, Host, Role, '' FROM mysql.roles_mapping"
    } else {
        "SELECT TO_USER, TO_HOST, FROM_USER, FROM_HOST FROM mysql.role_edges"
    };
    let mut roles: BTreeMap<Account, Vec<Account>> = BTreeMap::new();
    for row in snapshot.rows(sql, Vec::new()).await? {
        roles.entry((row.text(0), row.text(1))).or_default().push((row.text(2), row.text(3)));
    }
    let mut rows = Vec::new();
    for account in everywhere.keys() {
        let mut identities = vec![account.clone()];
        let mut next = 0;
        while let Some(identity) = identities.get(next).cloned() {
            for role in roles.get(&identity).into_iter().flatten() {
                if !identities.contains(role) {
                    identities.push(role.clone());
                }
            }
            next += 1;
        }
        for schema in &snapshot.schemas {
            let mut all: BTreeSet<&str> = BTreeSet::new();
            for identity in &identities {
                all.extend(everywhere.get(identity).into_iter().flatten());
                let here =
                    schemas.iter().find(|(who, pattern, _)| who == identity && is_like(schema, pattern));
                all.extend(here.into_iter().flat_map(|(_, _, verbs)| verbs));
            }
            let names =
                snapshot.all.iter().chain(&snapshot.hidden).filter(|table| table.name.schema == *schema);
            let names: Vec<&str> = names.map(|table| table.name.table.as_str()).collect();
            let can_on = |verb: &str| {
                let can = |name: &&&str| {
                    all.contains(verb)
                        || tables.iter().any(|(who, db, table, verbs)| {
                            identities.contains(who)
                                && db == schema
                                && table == **name
                                && verbs.split(',').any(|it| it == verb)
                        })
                };
                names.iter().filter(can).count() as u64
            };
            let can = VERBS.iter().map(|verb| ((*verb).to_owned(), can_on(verb))).collect();
            let who = match account.1.as_str() {
                "" => account.0.clone(),
                host => format!("{}@{host}", account.0),
            };
            let declares = all.contains("CREATE");
            rows.push(MatrixRow { who, schema: schema.clone(), tables: names.len() as u64, can, declares });
        }
    }
    rows.retain(MatrixRow::says_something);
    Ok(rows)
}
