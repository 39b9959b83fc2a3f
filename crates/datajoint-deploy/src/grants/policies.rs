//! What the roles may do with the objects in S3 stores, as the policies of the store say it.

use std::collections::BTreeMap;

use datajoint_config::{Settings, Store};
use serde_json::{Value, json};

use crate::{DesiredState, Role};

/// Returns the policy of each role for the stores of the settings that are in S3, by the paths of schemas: readers list
/// and get what is of the deployed schemas, who enters data puts too, in the schemas that the role writes, and admins
/// delete. In the language of AWS policies, which MinIO and others take too.
///
/// ```
/// use datajoint_config::Settings;
/// use datajoint_deploy::DesiredState;
///
/// // Without such a store there is nothing to allow.
/// assert!(datajoint_deploy::store_policies(&Settings::default(), &DesiredState::default()).is_empty());
/// ```
pub fn store_policies(settings: &Settings, wanted: &DesiredState) -> BTreeMap<Role, Value> {
    let prefix = settings.database.database_prefix.as_str();
    let named = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| datajoint_config::schema_name(prefix, name)).collect()
    };
    let all = wanted.schemas.as_deref().map_or_else(|| vec![format!("{prefix}*")], named);
    let writes = |role: Role| -> Vec<String> {
        match wanted.grants.as_ref().and_then(|grants| grants.writes.get(&role)) {
            Some(schemas) => named(schemas),
            None if role >= Role::Operator => all.clone(),
            None => Vec::new(),
        }
    };
    let mut statements: BTreeMap<Role, Vec<Value>> = BTreeMap::new();
    for (name, store) in &settings.stores.named {
        let attribute = |key: &str| store.text(key).unwrap_or_default();
        if !matches!(attribute("protocol"), "s3" | "minio") {
            continue;
        }
        let bucket = attribute("bucket");
        let objects = |schemas: &[String]| -> Vec<String> {
            let paths = schemas.iter().flat_map(|schema| paths(store, schema));
            paths.map(|path| format!("arn:aws:s3:::{bucket}/{path}")).collect()
        };
        for role in Role::ALL {
            let known = statements.entry(role).or_default();
            let prefixes: Vec<String> = all.iter().flat_map(|schema| paths(store, schema)).collect();
            known.push(json!({
                "Sid": format!("{name}List"),
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [format!("arn:aws:s3:::{bucket}")],
                "Condition": {"StringLike": {"s3:prefix": prefixes}},
            }));
            known.push(json!({
                "Sid": format!("{name}Read"),
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": objects(&all),
            }));
            let written = writes(role);
            if written.is_empty() {
                continue;
            }
            let mut verbs = vec!["s3:PutObject", "s3:AbortMultipartUpload"];
            if role == Role::Admin {
                verbs.push("s3:DeleteObject");
            }
            known.push(json!({
                "Sid": format!("{name}Write"),
                "Effect": "Allow",
                "Action": verbs,
                "Resource": objects(&written),
            }));
        }
    }
    statements
        .into_iter()
        .map(|(role, statements)| (role, json!({"Version": "2012-10-17", "Statement": statements})))
        .collect()
}

/// Where the objects of a schema are: by their hash, by their row, and files that users put there.
fn paths(store: &Store, schema: &str) -> Vec<String> {
    let text = |key: &str, usual: &'static str| store.text(key).unwrap_or(usual).trim_matches('/').to_owned();
    let within = |parts: &[&str]| {
        let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        parts.join("/")
    };
    let location = text("location", "");
    let by_row = text("schema_prefix", "_schema");
    let mut paths = vec![
        within(&[&location, &text("hash_prefix", "_hash"), schema, "*"]),
        within(&[&location, &by_row, schema, "*"]),
        within(&[&location, &text("filepath_prefix", ""), schema, "*"]),
    ];
    if store.text("partition_pattern").is_some_and(|pattern| !pattern.is_empty()) {
        // What rows are parted by stands before the schema.
        paths.push(within(&[&location, &by_row, "*", schema, "*"]));
    }
    paths
}
