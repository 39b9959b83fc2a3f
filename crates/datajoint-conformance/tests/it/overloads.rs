//! Functions and aggregates that somebody made in `public`, with types that fit better than those of the
//! server's own: none of them is called.

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{Backend, DynamicDeclaration, DynamicTable, Tier, attribute, deploy, guard};
use datajoint_sql::{Statement, Value, listed_functions};

const DATABASE: &str = "dj_conformance_overloads";
const SCHEMA: &str = "dj_conformance_overloads";

/// Overloads of each listed function that has arguments: where it takes a `text`, one takes a `varchar`, and so on; each
/// raises an error. `{names}` are the functions.
const TRAPS: &str = "DO $traps$ DECLARE one record; BEGIN \
    FOR one IN SELECT DISTINCT p.proname, p.prokind, map.kind, (SELECT string_agg(CASE \
        WHEN t.typname IN ('text', 'bpchar', 'name') THEN CASE WHEN map.kind = 1 THEN 'varchar' ELSE 'text' END \
        WHEN t.typname IN ('numeric', 'float8') THEN CASE map.kind WHEN 1 THEN 'int4' WHEN 2 THEN 'numeric' ELSE 'int8' END \
        WHEN t.typname IN ('any', 'anyelement', 'anynonarray', 'anycompatible') THEN \
            CASE map.kind WHEN 1 THEN 'varchar' WHEN 2 THEN 'int4' WHEN 3 THEN 'text' ELSE 'jsonb' END \
        WHEN t.typname IN ('anyarray', 'anycompatiblearray') THEN \
            CASE map.kind WHEN 1 THEN 'varchar[]' WHEN 2 THEN 'int4[]' ELSE 'text[]' END \
        WHEN t.typname = 'timestamptz' THEN 'timestamp' \
        ELSE format_type(t.oid, NULL) END, ', ' ORDER BY u.place) \
        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u (kind, place) JOIN pg_type t ON t.oid = u.kind) AS taken \
        FROM pg_proc p CROSS JOIN generate_series(1, 4) AS map (kind) \
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY (string_to_array('{names}', ',')) \
        AND p.prokind IN ('f', 'a') AND p.pronargs > 0 AND p.provariadic = 0 \
    LOOP BEGIN \
        IF one.prokind = 'f' THEN EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS text LANGUAGE plpgsql IMMUTABLE AS \
            $trap$ BEGIN RAISE EXCEPTION ''a trap was called''; END $trap$', one.proname, one.taken); \
        ELSE \
            EXECUTE format('CREATE FUNCTION public.trap_of(text, %s) RETURNS text LANGUAGE plpgsql IMMUTABLE AS \
            $trap$ BEGIN RAISE EXCEPTION ''a trap was called''; END $trap$', one.taken); \
        END IF; EXCEPTION WHEN OTHERS THEN NULL; END; \
        IF one.prokind = 'a' THEN BEGIN \
            EXECUTE format('CREATE AGGREGATE public.%I(%s) (SFUNC = public.trap_of, STYPE = text, INITCOND = '''')', \
            one.proname, one.taken); \
        EXCEPTION WHEN OTHERS THEN NULL; END; END IF; \
    END LOOP; END $traps$";

/// Functions that this library calls besides.
const OTHERS: [&str; 6] =
    ["aclexplode", "concat", "format", "has_table_privilege", "obj_description", "current_setting"];

async fn run(dj: &Instance, sql: &str) -> Result<Vec<Vec<Value>>, String> {
    let statement = Statement::plain(sql);
    let mut connection = dj.database().acquire().await.map_err(|error| error.to_string())?;
    connection.fetch(&statement).await.map_err(|error| format!("{error:?}"))
}

async fn declared(dj: &Instance, class_name: &str, definition: &str) -> DynamicTable {
    let (schema, tier) = (SCHEMA, Tier::Manual);
    let declared = DynamicDeclaration { schema, class_name, tier, definition, master: None };
    dj.declare_dynamic(declared).await.unwrap()
}

/// What each road that SQL takes gives.
async fn answers(dj: &Instance) -> Vec<String> {
    let note = declared(
        dj,
        "Note",
        "n : int32\n---\nname : varchar(20)\nsmall : int16\nprice : decimal(6,2)\nsex : enum('F','M')\nborn : date\n\
         made : datetime\ndoc : json\ncode : uuid\nok : bool\nraw = null : bytes\nindex (lower(name))\nindex (name(3))\n\
         index ((n + length(name)))\nindex (doc.place.name:char(9))",
    )
    .await;
    let reading =
        declared(dj, "Reading", "-> Note\nk : int32\n---\nvalue : float64\nlabel : varchar(9)").await;
    let notes = (1..4).map(|n| {
        json!({"n": n, "name": format!("Note {n}"), "small": n, "price": "1.25", "sex": "F", "born": "2020-12-03",
               "made": "2020-12-03 10:00:00", "doc": {"place": {"name": "here"}, "a": [n], "b": n}, "ok": true,
               "code": "7c9e6679-7425-40de-944b-e07fc1f90ae7"})
    });
    note.insert(dj, notes).await.unwrap();
    let readings = (1..4).map(|n| json!({"n": n, "k": 1, "value": 0.5, "label": "it"}));
    reading.insert(dj, readings).await.unwrap();
    let mut answers = Vec::new();
    for condition in [
        "upper(name) = 'NOTE 1'",
        "left(name, 2) = 'No' and right(name, 1) = '1'",
        "round(n) = 1 and sqrt(n) = 1 and abs(small) = 1 and ceil(n) = 1 and power(n, n) = 1",
        "substring(name, 1, 2) = substr(name, 1, 2) and substring(name from 1 for 1) = 'N'",
        "length(trim(name)) = char_length(name) and position('N' in name) = 1 and strpos(name, 'N') = 1",
        "replace(name, 'Note', 'x') = 'x 1' and concat(name, '!') like 'N%' and reverse(name) <> name",
        "md5(name) <> '' and to_char(made, 'YYYY') = '2020' and date_trunc('year', made) < made",
        "coalesce(nullif(name, 'x'), 'y') = 'Note 1' and greatest(n, small) = least(n, small)",
        "n = (select count(*) from generate_series(1, n) as s(i)) and extract(year from born) = 2020",
        "jsonb_typeof(doc) = 'object' and jsonb_array_length(doc -> 'a') = 1 and cardinality(array[n]) = 1",
        "mod(n, 2) = 1 and format('%s', n) = '1' and name ~ 'N' and starts_with(name, 'N') and n in (select max(1))",
    ] {
        let found = (&note & sql(format!("{condition} and n < ?"), (3,))).fetch(dj).await;
        answers.push(format!(
            "{condition}: {}",
            found.unwrap_or_else(|error| panic!("{condition}: {error}")).len()
        ));
    }
    for condition in
        [attribute("doc.place.name").eq("here"), attribute("doc.b").lt(3), attribute("doc.a[0]").eq(2)]
    {
        answers.push(format!("{}", (&note & condition).count(dj).await.unwrap()));
    }
    for computed in [
        "upper(name)",
        "year(born)",
        "second(made)",
        "timestampdiff(day, born, made)",
        "timestampdiff(month, born, made)",
        "if(n > 1, 'a', 'b')",
        "ifnull(name, 'a')",
        "doc.b:unsigned",
        "doc.place.name",
        "to_jsonb(name)",
        "row_number() over (order by name)",
        "lag(name) over (order by n)",
    ] {
        let rows = note.proj(Proj::key().compute("v", computed)).order_by("v DESC, n").fetch(dj).await;
        let rows = rows.unwrap_or_else(|error| panic!("{computed}: {error}"));
        answers.push(format!("{computed}: {}", rows[0]));
    }
    for aggregate in [
        "count(*)",
        "count(label)",
        "sum(value)",
        "avg(k)",
        "min(label)",
        "max(label)",
        "sum(k > 0)",
        "stddev_samp(value)",
        "group_concat(label order by label separator '-')",
        "group_concat(distinct label)",
        "string_agg(label, ',')",
        "count(distinct k) filter (where k > 0)",
        "jsonb_agg(label)",
        "array_to_string(array_agg(label), ',')",
    ] {
        let rows = note.aggr(&reading, compute("v", aggregate)).order_by("n").fetch(dj).await;
        let rows = rows.unwrap_or_else(|error| panic!("{aggregate}: {error}"));
        answers.push(format!("{aggregate}: {}", rows[0]));
    }
    let all = note.aggr(&reading, Proj::key().compute("least", "min(label)")).fetch(dj).await.unwrap();
    answers.push(all[0].to_string());
    answers.push(format!("{}", note.order_by("name DESC").fetch(dj).await.unwrap().len()));
    answers.push(format!("{}", (&reading & attribute("n").is_in(1..60)).count(dj).await.unwrap()));
    answers.push(note.describe().unwrap());
    answers.push(format!("{:?}", (&note & sql("n = 3", ())).delete(dj).confirmed().await.unwrap()));
    answers
}

/// What `doctor` and `verify` say of the search path.
async fn told(dj: &Instance) -> [Option<guard::Finding>; 2] {
    let wanted = deploy::DesiredState::default();
    let doctor = deploy::doctor(dj, &wanted, &[]).await.unwrap();
    let verified = deploy::verify(dj.settings(), Some(dj), &wanted, &[], &[]).await.unwrap();
    let of_path = |finding: &guard::Finding| finding.code == guard::FindingCode::OpenSearchPath;
    [doctor, verified.findings].map(|findings| findings.into_iter().find(of_path))
}

/// Words that SQL may have before a bracket, and that are no function of the server's own.
const WORDS: [&str; 34] = [
    "against",
    "binary",
    "by",
    "columns",
    "content",
    "div",
    "document",
    "escape",
    "filter",
    "glob",
    "groups",
    "ilike",
    "match",
    "materialized",
    "mine",
    "next",
    "of",
    "over",
    "passing",
    "precision",
    "range",
    "ref",
    "regexp",
    "returning",
    "rlike",
    "rows",
    "separator",
    "sets",
    "step",
    "value",
    "varying",
    "within",
    "xor",
    "zone",
];

/// Where a value may begin. `{f}` is a call.
const POSITIONS: [&str; 37] = [
    "{f}",
    "not {f}",
    "not not {f}",
    "not ({f})",
    "name is not null and {f}",
    "name is null or {f}",
    "name is null or not {f}",
    "true = {f}",
    "true <> not {f}",
    "name || {f} = 'a'",
    "-1 < length({f}::text)",
    "case {f} when true then true end",
    "case when {f} then true end",
    "case when true then {f} end",
    "case when false then false else {f} end",
    "case when not {f} then true end",
    "{f} between false and true",
    "true between {f} and true",
    "true between false and {f}",
    "true between symmetric {f} and true",
    "true in ({f})",
    "true in (false, {f})",
    "true in (false, not {f})",
    "name like {f}::text",
    "name not like {f}::text",
    "name like 'a' escape {f}::text",
    "coalesce({f}, true)",
    "coalesce(null, {f})",
    "(select {f})",
    "(select distinct {f})",
    "(select true where {f})",
    "(select true group by {f} limit 1)",
    "(select true order by {f} limit 1)",
    "exists (select 1 from {f})",
    "exists (select 1 from unnest(array[1]) u cross join {f})",
    "row_number() over (order by {f}) > 0",
    "now() at time zone {f}::text < now()",
];

/// Ways to write a part of a row. `{table}` is a table, `{f}` the name.
const PARTS: [&str; 17] = [
    "(select q.{f} from {table} q limit 1)",
    "(select q.{f} from {table} as q limit 1)",
    "(select q . {f} from {table} q limit 1)",
    "(select q.\"{f}\" from {table} q limit 1)",
    "(select {table}.{f} from {table} limit 1)",
    "(select note.{f} from {table} limit 1)",
    "(with q as (select * from {table}) select q.{f} from q limit 1)",
    "(select x.{f} from (select * from {table}) x limit 1)",
    "exists (select 1 from {table} q where q.{f})",
    "exists (select 1 from {table} q where not q.{f})",
    "exists (select 1 from {table} q group by q.{f})",
    "exists (select 1 from {table} q order by q.{f})",
    "exists (select 1 from {table} q join {table} r on r.{f})",
    "exists (select 1 from {table} q where upper(q.{f}::text) = 'A')",
    "n in (select q.n from {table} q where q.{f} = true)",
    "note.{f}",
    "(note).{f}",
];

/// Every word at every place, and every way to write a part of a row, with functions of that name that write a row.
async fn call_nothing(dj: &Instance, note: &DynamicTable) {
    run(dj, "CREATE TABLE public.canary (called text)").await.unwrap();
    let traps = WORDS
        .into_iter()
        .map(|word| (word, "text"))
        .chain(["anyelement", "record"].into_iter().map(|kind| ("evil", kind)));
    let of_table = format!("\"{SCHEMA}\".\"note\"");
    for (name, kind) in traps.chain([("evil", of_table.as_str())]) {
        let trap = format!(
            "CREATE FUNCTION public.\"{name}\"({kind}) RETURNS boolean LANGUAGE plpgsql AS $trap$ BEGIN \
             INSERT INTO public.canary VALUES ('{name}'); RETURN true; END $trap$"
        );
        run(dj, &trap).await.unwrap_or_else(|error| panic!("{trap}: {error}"));
    }
    // It would be called.
    run(dj, "SELECT q.evil FROM dj_conformance_overloads.note q").await.unwrap();
    run(dj, "SELECT not within(name::text) FROM dj_conformance_overloads.note").await.unwrap();
    let called = run(dj, "DELETE FROM public.canary RETURNING called").await.unwrap();
    assert_eq!(called.len(), 6);
    let calls = WORDS.into_iter().flat_map(|word| {
        let calls = [
            format!("{word}(name::text)"),
            format!("{word} (name::text)"),
            format!("\"{word}\"(name::text)"),
        ];
        calls.into_iter().flat_map(|call| POSITIONS.map(|position| position.replace("{f}", &call)))
    });
    let table = format!("{SCHEMA}.note");
    let parts = PARTS.into_iter().map(|part| part.replace("{table}", &table).replace("{f}", "evil"));
    let mut tried = 0;
    let skipping = InsertOptions::new().skip_duplicates();
    for condition in calls.chain(parts) {
        let found = (note & sql(&condition, ())).count(dj).await;
        assert!(found.is_err(), "{condition}: {found:?}");
        let computed = note.proj(compute("v", &condition)).fetch(dj).await;
        assert!(computed.is_err(), "{condition}: {computed:?}");
        let inserted = note.insert_query(dj, &note.restrict(sql(&condition, ())), skipping).await;
        assert!(inserted.is_err(), "{condition}: {inserted:?}");
        tried += 3;
    }
    let canary = run(dj, "SELECT called FROM public.canary").await.unwrap();
    assert!(canary.is_empty(), "{canary:?}");
    assert!(tried > 10_000, "{tried}");
    // What is a column is found, with others' functions of other kinds and names there.
    for (condition, rows) in [
        ("exists (select 1 from {table} q where q.n = note.n and q.name like ('Note%'))", 3),
        ("n in (select q.n from {table} as q where q.ok and q.sex in ('F'))", 3),
        ("name not like ('x%') and name like ('Note%')", 3),
        ("n = (with q as not materialized (select 1 as n) select q.n from q)", 1),
    ] {
        let condition = condition.replace("{table}", &table);
        let found = (note & sql(&condition, ())).count(dj).await;
        assert_eq!(found.unwrap_or_else(|error| panic!("{condition}: {error}")), rows, "{condition}");
    }
    run(dj, "DROP TABLE public.canary").await.unwrap();
}

#[tokio::test]
async fn no_word_and_no_point_calls_what_somebody_made() {
    let Some(url) = super::processes::named("DJ_TEST_POSTGRES_URL") else { return };
    let admin = Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap();
    let database = format!("{DATABASE}_words");
    let clean = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    run(&admin, &clean).await.unwrap();
    run(&admin, &format!("CREATE DATABASE {database}")).await.unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    let dj = Instance::connect(Settings::from_url(&format!("{server}/{database}")).unwrap()).await.unwrap();
    let definition = "n : int32\n---\nname : varchar(20)\nsex : enum('F','M')\nok : bool";
    let note = declared(&dj, "Note", definition).await;
    let notes = (1..4).map(|n| json!({"n": n, "name": format!("Note {n}"), "sex": "F", "ok": true}));
    note.insert(&dj, notes).await.unwrap();
    call_nothing(&dj, &note).await;
    drop(dj);
    run(&admin, &clean).await.unwrap();
}

#[tokio::test]
async fn nothing_that_somebody_made_in_the_search_path_is_called() {
    let Some(url) = super::processes::named("DJ_TEST_POSTGRES_URL") else { return };
    let admin = Instance::connect(Settings::from_url(&url).unwrap()).await.unwrap();
    let clean = format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)");
    run(&admin, &clean).await.unwrap();
    run(&admin, &format!("CREATE DATABASE {DATABASE}")).await.unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    let dj = Instance::connect(Settings::from_url(&format!("{server}/{DATABASE}")).unwrap()).await.unwrap();
    let meant = answers(&dj).await;
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
    // The driver asks for the members of an enum by an `array_agg` without a schema.
    let is_ours = |name: &&str| *name != "array_agg";
    let names: Vec<&str> = listed_functions(Backend::Postgresql).chain(OTHERS).filter(is_ours).collect();
    run(&dj, &TRAPS.replace("{names}", &names.join(","))).await.unwrap();
    // They are such as would be called.
    for call in
        ["upper('a'::varchar)", "round(1)", "min('a'::varchar)", "count(1)", "substring('a'::varchar, 1)"]
    {
        let error = run(&dj, &format!("SELECT {call}")).await.unwrap_err();
        assert!(error.contains("a trap was called"), "{call}: {error}");
    }
    assert_eq!(answers(&dj).await, meant);
    // The deployment looks about with all of them there.
    assert_eq!(told(&dj).await, [None, None]);
    run(&dj, "GRANT CREATE ON SCHEMA public TO PUBLIC").await.unwrap();
    let [doctor, verify] = told(&dj).await;
    assert_eq!(doctor, verify);
    let finding = doctor.unwrap();
    assert!(finding.message.starts_with("PUBLIC may create in `public`"), "{finding}");
    assert_eq!(finding.help, "REVOKE CREATE ON SCHEMA \"public\" FROM PUBLIC");
    run(&dj, &finding.help).await.unwrap();
    assert_eq!(told(&dj).await, [None, None]);
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
    drop(dj);
    run(&admin, &clean).await.unwrap();
}
