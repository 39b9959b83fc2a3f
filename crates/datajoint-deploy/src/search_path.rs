//! Where PostgreSQL looks for what a statement names without a schema.

use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::Snapshot;

use crate::Result;

/// The schemas of the connection's search path in which others than their owners and superusers may create: an operator or a
/// cast of theirs with types that fit better is taken in place of the server's own.
pub(crate) async fn open(snapshot: &mut Snapshot) -> Result<Vec<Finding>> {
    let sql = "SELECT n.nspname::text, coalesce(g.rolname::text, '') FROM pg_namespace n CROSS JOIN LATERAL \
               pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a \
               LEFT JOIN pg_roles g ON g.oid = a.grantee WHERE n.nspname = ANY (pg_catalog.current_schemas(false)) \
               AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner AND NOT coalesce(g.rolsuper, false) \
               AND g.rolname IS DISTINCT FROM current_user GROUP BY 1, 2 ORDER BY 1, 2";
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for row in snapshot.rows(sql, Vec::new()).await? {
        let (schema, role) = (row.text(0), row.text(1));
        let role = if role.is_empty() { "PUBLIC".to_owned() } else { snapshot.quote(&role) };
        match found.last_mut() {
            Some((last, roles)) if *last == schema => roles.push(role),
            _ => found.push((schema, vec![role])),
        }
    }
    let finding = |(schema, roles): (String, Vec<String>)| {
        let roles = roles.join(", ");
        Finding::warning(
            FindingCode::OpenSearchPath,
            format!(
                "{roles} may create in `{schema}`, where PostgreSQL looks for the operators and types of statements: one of \
                 theirs could be taken for its own"
            ),
            format!("REVOKE CREATE ON SCHEMA {} FROM {roles}", snapshot.quote(&schema)),
        )
    };
    Ok(found.into_iter().map(finding).collect())
}
