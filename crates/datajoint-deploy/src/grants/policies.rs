//! What the roles may do with the objects in S3 stores, as the policies of the store say it.

use std::collections::BTreeMap;

use datajoint_config::Settings;
use serde_json::{Value, json};

use super::Role;

/// The policy of each role for the stores of the settings that are in S3: readers list and get, who enters data puts
/// too, and admins delete. In the language of AWS policies, which MinIO and others take too.
///
/// ```
/// use datajoint_config::Settings;
///
/// // Without such a store there is nothing to allow.
/// assert!(datajoint_deploy::store_policies(&Settings::default()).is_empty());
/// ```
pub fn store_policies(settings: &Settings) -> BTreeMap<Role, Value> {
    let mut statements: BTreeMap<Role, Vec<Value>> = BTreeMap::new();
    for (name, store) in &settings.stores.named {
        let attribute = |key: &str| store.text(key).unwrap_or_default();
        if !matches!(attribute("protocol"), "s3" | "minio") {
            continue;
        }
        let bucket = attribute("bucket");
        let location = attribute("location").trim_matches('/');
        let folder = if location.is_empty() { String::new() } else { format!("{location}/") };
        for role in Role::ALL {
            let mut verbs = vec!["s3:GetObject"];
            if role >= Role::Operator {
                verbs.extend(["s3:PutObject", "s3:AbortMultipartUpload"]);
            }
            if role == Role::Admin {
                verbs.push("s3:DeleteObject");
            }
            let known = statements.entry(role).or_default();
            known.push(json!({
                "Sid": format!("{name}List"),
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [format!("arn:aws:s3:::{bucket}")],
                "Condition": {"StringLike": {"s3:prefix": [format!("{folder}*")]}},
            }));
            known.push(json!({
                "Sid": format!("{name}Objects"),
                "Effect": "Allow",
                "Action": verbs,
                "Resource": [format!("arn:aws:s3:::{bucket}/{folder}*")],
            }));
        }
    }
    statements
        .into_iter()
        .map(|(role, statements)| (role, json!({"Version": "2012-10-17", "Statement": statements})))
        .collect()
}
