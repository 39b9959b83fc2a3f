//! The tables that the tests are about.

use datajoint_definition::{Backend, Tier, parse};
use datajoint_schema::{Declaration, Parent, Table, TierColumns, add_tier_columns, jobs_table, resolve};

pub(crate) fn declare(
    schema: &str,
    class_name: &str,
    tier: Tier,
    definition: &str,
    parents: &[&Table],
) -> Table {
    declare_part(schema, class_name, tier, definition, parents, None)
}

fn declare_part(
    schema: &str,
    class_name: &str,
    tier: Tier,
    definition: &str,
    parents: &[&Table],
    master: Option<&Table>,
) -> Table {
    let (definition, faults) = parse(definition);
    assert!(faults.iter().all(|fault| !fault.is_error()), "{faults:?}");
    let parents: Vec<Parent> = parents.iter().map(|parent| parent.as_parent()).collect();
    let master = master.map(Table::as_parent);
    let (table, faults) = resolve(&Declaration {
        schema,
        class_name,
        tier,
        definition: &definition,
        parents: &parents,
        master: master.as_ref(),
    });
    assert!(faults.iter().all(|fault| !fault.is_error()), "{faults:?}");
    table
}

fn with_hidden(mut table: Table) -> Table {
    add_tier_columns(
        &mut table,
        TierColumns { job_metadata: true, provenance: true, ..TierColumns::default() },
    );
    table
}

pub(crate) fn subject() -> Table {
    with_hidden(declare(
        "ddl_a",
        "Subject",
        Tier::Manual,
        r#"# Subjects it's
        subject_id : int32   # the id
        ---
        name="" : varchar(20)  # nm
        dob=null : date
        sex : enum('M','F','U') # the sex
        uid : uuid
        ok=1 : bool
        w=null : float32
        price=0.5 : decimal(6,2)
        t0=CURRENT_TIMESTAMP(3) : datetime(3)
        doc=null : json
        raw=null : bytes
        bl=null : <blob>
        ext=null : <blob@main>
        unique index (name, dob)
        index (w)"#,
        &[],
    ))
}

pub(crate) fn part() -> Table {
    let definition = "-> master\nk : int16\n---\nv : float64";
    declare_part("ddl_a", "Part1", Tier::Part, definition, &[], Some(&subject()))
}

pub(crate) fn method() -> Table {
    declare("ddl_a", "Method", Tier::Lookup, "method : varchar(10)\nver : int8", &[])
}

pub(crate) fn session() -> Table {
    let subject = subject();
    with_hidden(declare(
        "ddl_b",
        "Session",
        Tier::Manual,
        "-> Subject
        session : int16
        ---
        -> [nullable] Method
        -> [unique, nullable] Subject.proj(other='subject_id')
        note=\"\" : varchar(255)",
        &[&subject, &method(), &subject],
    ))
}

pub(crate) fn singleton() -> Table {
    declare("ddl_b", "Cfg", Tier::Lookup, "---\na : int32", &[])
}

pub(crate) fn analysis() -> Table {
    let definition = "-> Session\n-> Method\n---\nres : float64";
    with_hidden(declare("ddl_b", "Analysis", Tier::Computed, definition, &[&session(), &method()]))
}

pub(crate) fn jobs(backend: Backend) -> Table {
    jobs_table(&analysis(), backend).expect("Analysis has jobs")
}

pub(crate) fn many_types() -> Table {
    let definition = "u : uuid # uu\ne : enum('x','y')\nd : datetime(3)\ndd : decimal(5,0)\nc : char(3)\nb : bool\n\
                      n : int8\nf : float32";
    declare("ddl_a", "UU", Tier::Manual, definition, &[])
}

pub(crate) fn child() -> Table {
    let definition = "-> UU\n---\nx=null : int32";
    with_hidden(declare("ddl_b", "Child", Tier::Manual, definition, &[&many_types()]))
}

/// A table with everything that needs care: quotes, long names, defaults.
pub(crate) fn odd() -> Table {
    declare(
        "ddl_a",
        "Odd",
        Tier::Manual,
        r#"# a "table" \ comment % ü
        k : int32 # has "quotes" and 'single' back\slash
        code : varchar(9) # c
        ---
        flag=true : bool
        off=false : bool
        s="it's a \\ b" : varchar(20)
        n=null : decimal(5,2)
        t=CURRENT_TIMESTAMP : datetime
        e="b" : enum('b','a','it''s')
        long_name_of_something_one : int32
        long_name_of_something_two : int32
        long_name_of_something_three : int32
        nat : bigint
        index (long_name_of_something_one, long_name_of_something_two)
        index (long_name_of_something_one, long_name_of_something_three)
        index (s(5))"#,
        &[],
    )
}

pub(crate) fn odd_child() -> Table {
    declare("ddl_b", "OddChild", Tier::Manual, "-> Odd\n---\nv=1 : float64", &[&odd()])
}

/// All of them, parents first.
pub(crate) fn all(backend: Backend) -> Vec<Table> {
    vec![
        subject(),
        part(),
        method(),
        session(),
        singleton(),
        analysis(),
        many_types(),
        child(),
        odd(),
        odd_child(),
        jobs(backend),
    ]
}
