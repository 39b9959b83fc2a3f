//! Functions that do more than give a value.

use datajoint_definition::Backend;
use datajoint_sql::plain_expression;

#[test]
fn a_function_that_outlasts_its_query_is_refused_by_name() {
    for (backend, text) in [
        (Backend::Postgresql, "set_config('default_transaction_read_only', 'off', false) = 'off'"),
        (Backend::Postgresql, "pg_catalog . \"set_config\" ('TimeZone', 'UTC', false) <> ''"),
        (Backend::Postgresql, "PG_TRY_ADVISORY_LOCK(4711)"),
        (Backend::Postgresql, "lo_creat(-1) > 0"),
        (Backend::Postgresql, "pg_backup_start('x') is null"),
        (Backend::Postgresql, "pg_import_system_collations('lab') > 0"),
        (Backend::Postgresql, "ts_rewrite('a'::tsquery, 'b') is null"),
        (Backend::Postgresql, "schema_to_xml_and_xmlschema('s', true, true, '') is null"),
        (Backend::Postgresql, "pg_stat_statements_reset() is null"),
        (Backend::Postgresql, "brin_desummarize_range('i', 0) is null"),
        (Backend::Postgresql, "pg_copy_physical_replication_slot('a', 'b') is null"),
        (Backend::Postgresql, "a in (b for no key update)"),
        (Backend::Mariadb, "next value for lab.s > 0"),
        (Backend::Mysql, "get_lock('x', 0)"),
        (Backend::Mariadb, "Release_All_Locks () > 0"),
        (Backend::Sqlite, "load_extension('x')"),
    ] {
        let error = plain_expression(backend, text).unwrap_err().to_string();
        assert!(error.contains("changes more than the value"), "{backend}: {error}");
    }
}

#[test]
fn a_name_that_is_not_called_may_be_any() {
    for text in ["setval > 3", "get_lock = 'x'", "lower(set_config) = 'a'"] {
        for backend in Backend::ALL {
            assert_eq!(plain_expression(backend, text).unwrap(), text);
        }
    }
}
