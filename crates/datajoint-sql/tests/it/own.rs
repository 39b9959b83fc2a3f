//! Calls, types and parts of rows, which are PostgreSQL's own whatever others made in its `search_path`.

use datajoint_definition::Backend;
use datajoint_sql::{plain_expression, select};

use crate::qa::{a, restrict, sql};

#[test]
fn a_call_is_one_of_the_servers_own_whatever_others_made() {
    for (text, sent) in [
        ("UPPER(name) = 'A'", "pg_catalog.UPPER(name) = 'A'"),
        ("left(name, 2) = \"right\" (name, 2)", "pg_catalog.left(name, 2) = pg_catalog.\"right\" (name, 2)"),
        ("\"char\"(n) = 'a'", "pg_catalog.\"char\"(n) = 'a'"),
        ("\"coalesce\"(n, 1) = 1", "pg_catalog.\"coalesce\"(n, 1) = 1"),
        ("pg_catalog.lower(name) = 'a'", "pg_catalog.lower(name) = 'a'"),
        ("crc32(b) > 1", "pg_catalog.crc32(b) > 1"),
        (
            "sum(distinct n) filter (where (n > 1)) over (partition by a order by (b)) > 0",
            "pg_catalog.sum(distinct n) filter (where (n > 1)) over (partition by a order by (b) NULLS FIRST) > 0",
        ),
        (
            "percentile_cont(0.5) within group (order by abs(a)) > 0",
            "pg_catalog.percentile_cont(0.5) within group (order by pg_catalog.abs(a)) > 0",
        ),
        (
            "n in (select lower(x) from unnest(a) as t(x) where t.x like (upper('b')))",
            "n in (select pg_catalog.lower(x) from pg_catalog.unnest(a) as t(x) where t.x like (pg_catalog.upper('b')))",
        ),
        (
            "exists (select 1 from unnest(a, b) as t(c, d) where unnest(c) = 1)",
            "exists (select 1 from unnest(a, b) as t(c, d) where pg_catalog.unnest(c) = 1)",
        ),
        ("overlaps(a, b, c, d)", "pg_catalog.overlaps(a, b, c, d)"),
        ("(a, b) overlaps (c, d)", "(a, b) overlaps (c, d)"),
        ("substring(name, 1, 2) = 'a'", "pg_catalog.substring(name, 1, 2) = 'a'"),
        ("substring(name from (1)) = 'a'", "substring(name from (1)) = 'a'"),
        ("overlay(name placing 'x' from 1) = 'a'", "overlay(name placing 'x' from 1) = 'a'"),
        (
            "coalesce(trim(both ' ' from name), cast(n as text), nullif(b, greatest(1, 2))) = 'a'",
            "coalesce(trim(both ' ' from name), cast(n as text), nullif(b, greatest(1, 2))) = 'a'",
        ),
        ("extract(year from d) > position('a' in name)", "extract(year from d) > position('a' in name)"),
        ("json_array(value, 1) is null", "json_array(value, 1 RETURNING json) is null"),
        (
            "json_array(case when not value then 1 end) is null",
            "json_array(case when not value then 1 end RETURNING json) is null",
        ),
        ("json_array(a returning jsonb) is null", "json_array(a returning jsonb) is null"),
        ("json_object('a' value n) is null", "json_object('a' value n) is null"),
        ("json_object(value) is null", "pg_catalog.json_object(value) is null"),
        ("json(name) is null", "json(name WITHOUT UNIQUE KEYS) is null"),
    ] {
        assert_eq!(sent_for(text).as_deref(), Ok(sent));
        assert_eq!(sent_for(sent).as_deref(), Ok(sent), "it is read as the same");
    }
}

/// What is sent for a condition, which may have a query of its own.
fn sent_for(text: &str) -> Result<String, String> {
    let query = restrict(a(), sql(text, &[]));
    let statement = select(Backend::Postgresql, &query).map_err(|error| error.to_string())?.statement;
    let (_, condition) = statement.sql.split_once(" WHERE (").expect("it is a condition");
    Ok(condition.strip_suffix(')').unwrap_or(condition).to_owned())
}

#[test]
fn a_type_of_somebodys_own_is_refused() {
    for text in [
        "name::mood = 'a'",
        "cast(name as lab.mood) = 'a'",
        "mood 'a' = name",
        "public.int4 '4' = n",
        "n = (4)::public.int4",
        "name::\"Text\" = 'a'",
        "treat(name as mood) = 'a'",
        "xmlserialize(content name as mood) = 'a'",
        "json_value(doc, '$.a' returning mood) = 'a'",
        "exists (select 1 from json_to_record(doc) as x(a lab.mood))",
        "exists (select 1 from json_to_record(doc) as x(a int, \"b\" mood))",
        "exists (select 1 from jsonb_to_recordset(doc) as (a numeric(9, 2), b mood[]))",
        "exists (select 1 from rows from (json_to_record(doc) as (a mood)) as x)",
        "exists (select 1 from jsonb_to_recordset(doc) with ordinality as x(a mood))",
    ] {
        let error = plain_expression(Backend::Postgresql, text).unwrap_err().to_string();
        assert!(error.contains("none of the types that postgresql has of its own"), "{text}: {error}");
    }
    for text in [
        "pg_catalog.int4 '4' = n and name::\"char\" = 'a' and name::pg_catalog.text = 'b'",
        "date '2020-01-01' < d and d > timestamp with time zone '2020-01-01' - interval '1' day",
        "a::text[] = '{}' and cast(n as double precision) > double precision '1.5'",
        "name like 'a!%' escape '!' and d at time zone 'UTC' is distinct from 'x'",
        "inet '10.0.0.1' = a and name::character varying(3) = 'a'",
    ] {
        plain_expression(Backend::Postgresql, text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    for text in [
        "exists (select x.a from json_to_record(doc) as x(a double precision, b pg_catalog.int4, c numeric(9, 2)[]))",
        "exists (select 1 from rows from (json_to_record(doc) as (a int)) as x(b))",
        "exists (with q(a) as (select 1), p as materialized (select 2) select 1 from q as x(y) where y > 0)",
        "exists (select sum(n) over w from unnest(a) as r(n) window w as (partition by n order by n))",
    ] {
        sent_for(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn a_name_behind_a_bracket_and_a_point_is_a_call_and_refused() {
    for text in [
        "(name).upper = 'x'",
        "( ( name ) ) . \"upper\" = 'x'",
        "(1).round = 1",
        "(array[name])[1].upper = 'x'",
        "exists (select 1 from b as q where (q).upper = 'x')",
        "exists (select 1 from b as q where (q).value is null)",
        "exists (select 1 from b as q where (q.d).\"value\" is null)",
        "(select (json_each(doc), 1).value limit 1) is null",
        "(json_each(doc) || (name)).key is null",
        "(jsonb_to_record(doc)).value is null",
    ] {
        for error in [
            sent_for(text).unwrap_err(),
            plain_expression(Backend::Postgresql, text).unwrap_err().to_string(),
        ] {
            let says = ["anybody may have made", "none of the functions of", "`select` can't stand"];
            assert!(says.iter().any(|say| error.contains(say)), "{text}: {error}");
        }
    }
    for text in ["(json_each(doc)).key = 'a'", "((pg_catalog.jsonb_each_text(doc))).value = 'a'"] {
        plain_expression(Backend::Postgresql, text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn a_part_of_a_row_that_is_none_is_a_call_and_refused() {
    for text in [
        "a.lower = 'x'",
        "a.ctid is not null",
        "qa.a.\"lower\" = 'x'",
        "exists (select 1 from unnest(array['/etc/passwd']) as r where r.pg_read_file is not null)",
        "exists (select r.pg_read_file from unnest(array['/etc/passwd']) r)",
        "exists (select unnest.pg_read_file from unnest(array['/etc/passwd']))",
        "exists (select 1 from b as c cross join lateral unnest(c.d) with ordinality as r where r.pg_sleep is null)",
        "exists (select r.pg_sleep from rows from (generate_series(1, 2)) as r)",
        "exists (select r.mine from unnest(a) as r(v))",
    ] {
        let error = sent_for(text).unwrap_err();
        let says =
            ["there is no attribute", "none of the functions of"].iter().any(|say| error.contains(say));
        assert!(says, "{text}: {error}");
    }
    for text in [
        "a.x = f and qa.a.f = 1",
        "exists (select 1 from b as c where c.d = f and c.lower = 1)",
        "exists (select r.v + r.n from unnest(f) with ordinality as r(v, n) where r.v = 1)",
        "exists (select r.value from json_each(doc) as r where r.key = 'a')",
        "exists (select r.r from generate_series(1, 2) r)",
        "exists (select m.d from (select max(c.d) as d from b as c) as m where m.d > 1)",
    ] {
        sent_for(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    // A place in a document is none.
    assert!(select(Backend::Sqlite, &restrict(a(), sql("a.lower = 1", &[]))).is_ok());
}
