use datajoint_definition::Tier;
use datajoint_schema::describe;

use crate::pipeline::Pipeline;

fn lab() -> Pipeline {
    Pipeline::new()
        .with(
            Tier::Manual,
            "Subject",
            "# Subjects it's
            subject_id : int32   # the id
            ---
            name=\"\" : varchar(20)  # nm
            dob=null : date
            sex : enum('M','F','U') # the sex
            ok=1 : bool
            price=0.5 : decimal(6,2)
            t0=CURRENT_TIMESTAMP(3) : datetime(3)
            bl=null : <blob>
            ext=null : <blob@main>
            unique index (name, dob)
            index (ok)",
        )
        .with(Tier::Lookup, "Method", "method : varchar(10)\nver : int8")
}

#[test]
fn a_description_is_laid_out_as_in_python() {
    let pipeline = lab().with(
        Tier::Manual,
        "Session",
        "-> Subject\nsession : int16\n---\n-> [nullable] Method\n-> [unique, nullable] Subject.proj(other='subject_id')\nnote=\"\" : varchar(255)",
    );
    let described = |class| describe(pipeline.get(class), |name| pipeline.class_of(name)).unwrap();
    insta::assert_snapshot!("subject", described("Subject").replace(" \n", "·\n"));
    insta::assert_snapshot!("session", described("Session").replace(" \n", "·\n"));
}

#[test]
fn a_description_resolves_to_the_same_table() {
    let definitions = [
        "",
        "# nothing but a comment",
        "---\na : int32",
        "-> Subject",
        "subject_id : int32\nx : int8\n-> Subject",
        "-> Subject\n---\n-> Subject\n-> Method",
        "-> Method.proj(v='ver', m='method')\n-> Method",
        "-> Subject.proj(q='subject_id', r='(subject_id)')",
        "-> Subject.proj(r='(subject_id)')\n---\n-> [nullable] Method",
        "k : int8\n---\na : int8\nindex (a)\n-> [unique] Method\nunique index (a, k)\nb : int8",
        "k : int8\n---\n-> [nullable] Method\n-> Method",
        "k : int8\n---\n-> [nullable] Method\nver : int8",
        "k : int8\n---\nt='it''s' : varchar(8)\nu=\"a: b # c\" : varchar(20)\nv=-1.5 : float64  # (V) \"quoted\"",
        "k : int8\n---\ndoc : json\nindex (doc.name:char(20))\nindex (k(4))",
    ];
    for text in definitions {
        let (table, _) = lab().resolve("lab", Tier::Manual, "Tested", text);
        let described = describe(&table, |name| lab().class_of(name)).unwrap();
        let (again, _) = lab().resolve("lab", Tier::Manual, "Tested", &described);
        assert_eq!(again, table, "{text}\nis described as\n{described}");
    }
}
