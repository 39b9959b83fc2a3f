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
        let says = ["changes more than the value", "none of the functions of"]
            .iter()
            .any(|text| error.contains(text));
        assert!(says, "{backend}: {error}");
    }
}

#[test]
fn a_name_that_is_not_called_may_be_any() {
    for text in ["setval > 3", "get_lock = 'x'", "coalesce(set_config) = 'a'"] {
        for backend in Backend::ALL {
            assert_eq!(plain_expression(backend, text).unwrap(), text);
        }
    }
}

#[test]
fn what_nobody_listed_is_refused() {
    for (backend, text) in [
        (Backend::Postgresql, "pg_read_file('/etc/passwd') is null"),
        (Backend::Postgresql, "('/etc/passwd'::text).pg_read_file is null"),
        (Backend::Postgresql, "('/etc/passwd' :: text) . \"pg_read_file\" is null"),
        (Backend::Postgresql, "(name).a.pg_read_file is null"),
        (Backend::Postgresql, "lo_import('/etc/passwd') > 0"),
        (Backend::Postgresql, "dblink('host=x', 'drop table t') is null"),
        (Backend::Postgresql, "query_to_xml('select 1', true, true, '') is null"),
        (Backend::Postgresql, "nextval('s') > 0"),
        (Backend::Postgresql, "currval('s') > 0"),
        (Backend::Postgresql, "current_setting('data_directory') = ''"),
        (Backend::Postgresql, "pg_sleep(9) is null"),
        (Backend::Postgresql, "pg_stat_get_activity(null) is null"),
        (Backend::Postgresql, "lab.lower(name) = 'a'"),
        (Backend::Postgresql, "\"LOWER\"(name) = 'a'"),
        (Backend::Postgresql, "\"in\"(name)"),
        (Backend::Postgresql, "pg_catalog.pg_ls_dir('.') is null"),
        (Backend::Postgresql, "name like mine(name)"),
        (Backend::Postgresql, "n in (over(1), 2)"),
        (Backend::Mysql, "load_file('/etc/passwd') is null"),
        (Backend::Mariadb, "sys_exec('ls') = 0"),
        (Backend::Mariadb, "sys . format_path(name) = ''"),
        (Backend::Mysql, "sleep(9) = 0"),
        (Backend::Mysql, "benchmark(9, 9) = 0"),
        (Backend::Mariadb, "lastval(s) > 0"),
        (Backend::Sqlite, "readfile('/etc/passwd') is null"),
        (Backend::Sqlite, "writefile('x', 'y') > 0"),
        (Backend::Sqlite, "fts3_tokenizer('simple') is null"),
    ] {
        let error = plain_expression(backend, text).unwrap_err().to_string();
        assert!(error.contains("none of the functions of"), "{backend}: {text}: {error}");
        assert!(error.contains("in a statement of your own"), "{backend}: {error}");
    }
}

#[test]
fn a_function_that_is_misspelt_is_told_with_the_nearest() {
    for (text, nearest) in
        [("lowr(name) = 'a'", "lower"), ("jsn_object() = 1", "json_object"), ("cuont(a)", "count")]
    {
        for backend in Backend::ALL {
            let error = plain_expression(backend, text).unwrap_err().to_string();
            assert!(error.contains(&format!("did you mean `{nearest}`?")), "{backend}: {error}");
        }
    }
}

#[test]
fn what_only_gives_a_value_passes() {
    for text in [
        "abs(a) + ceil(a) + floor(a) + round(a) > 0",
        "coalesce(a, 1) = nullif(b, 2)",
        "lower(trim(name)) in ('a', 'b') and (a = 1) or not (b = 2)",
        "case when (a = 1) then (2) else (3) end between (1) and (4)",
        "name like ('a%') and name not like (concat('b', '%'))",
        "cast(a as decimal(9, 2)) > year(d) - timestampdiff(day, d, e)",
        "sum(a) over (partition by b order by (c)) > 0",
        "row_number() over (order by a) = group_concat(name)",
        "a <= substr(name, 1, length(name)) and count (*) > 0 and if(a > 1, b, ifnull(c, curdate())) = now()",
    ] {
        for backend in Backend::ALL {
            plain_expression(backend, text).unwrap_or_else(|error| panic!("{backend}: {error}"));
        }
    }
    for (backend, text) in [
        (Backend::Postgresql, "a::numeric(9, 2) > cast(b as character varying(3))::int"),
        (Backend::Postgresql, "pg_catalog.lower(name) = 'a' and \"pg_catalog\" . \"upper\"(name) = 'B'"),
        (Backend::Postgresql, "a = any (array[1, 2]) and a = all (b) and extract(year from (d)) > 1"),
        (Backend::Postgresql, "count(*) filter (where (a > 1)) > 0 and d at time zone ('UTC') < e"),
        (Backend::Postgresql, "percentile_cont(0.5) within group (order by a) > random()"),
        (
            Backend::Postgresql,
            "(json_each_text(doc)).value = 'a' and name similar to ('a') and a is distinct from (b)",
        ),
        (
            Backend::Mariadb,
            "name regexp ('a') and a div (2) = 1 xor (b) and json_value(doc, '$.a') = date_add(d, interval (1) day)",
        ),
        (
            Backend::Mysql,
            "regexp_like(name, 'a') and match (name) against ('b') and any_value(a) > 1 and binary (a) = 1",
        ),
        (Backend::Sqlite, "name glob ('a') and json_extract(doc, '$.a') = strftime('%Y', d)"),
    ] {
        plain_expression(backend, text).unwrap_or_else(|error| panic!("{backend}: {error}"));
    }
}

#[test]
fn what_is_written_is_read_again_as_the_same() {
    for backend in Backend::ALL {
        for text in ["x''", "a = x'00ff'", "X'27' = b or X'5c' = c", "b`.`", "a in (b`c`)"] {
            let written = plain_expression(backend, text).unwrap();
            assert_eq!(plain_expression(backend, &written).unwrap(), written, "{backend}: {text}");
        }
    }
    for backend in [Backend::Mysql, Backend::Mariadb] {
        assert_eq!(plain_expression(backend, "a = _BINARY  x'00'").unwrap(), "a = _binary X'00'");
    }
}
