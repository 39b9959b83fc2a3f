use super::Mysql;
use crate::concatenation::Concatenation;
use crate::dialect::Functions;
use crate::fragment::Fragment;
use crate::select::translate::{translate, written};
use crate::token::Call;

impl Functions for Mysql {
    fn function(&self, _: &str, _: &Call<'_>) -> Option<Fragment> {
        None
    }

    fn concatenation(&self, of: &Concatenation<'_>) -> Fragment {
        let distinct = if of.is_distinct { "DISTINCT " } else { "" };
        let mut sql = written(&format!("group_concat({distinct}"), [translate(self, of.of)], "", "");
        if !of.order.is_empty() {
            sql.push(" ORDER BY ");
            sql.append(translate(self, of.order));
        }
        if !of.separator.is_empty() {
            sql.push(" SEPARATOR ");
            sql.append(translate(self, of.separator));
        }
        sql.push(")");
        sql
    }

    fn outlasts_query(&self, name: &str) -> bool {
        name.starts_with("release_")
            || matches!(
                name,
                "get_lock"
                    | "load_file"
                    | "setval"
                    | "nextval"
                    | "last_insert_id"
                    | "master_pos_wait"
                    | "source_pos_wait"
                    | "sys_exec"
                    | "sys_eval"
            )
    }
}
