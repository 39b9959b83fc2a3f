//! Every fault of the language, as a person sees it.

use datajoint_definition::{Context, Tier, check, parse};

const FAULTY: &str = r"
x
A : int32
1a : int32
a b : int32
a int32
_hidden : int32
a : int33
a : 
a : <blob
a : <npy>
a : <>
a : uint8
a : varchar
a : datetime(9)
a : decimal(2,5)
a : enum(a, b)
a : enum('a', 'a')
a : enum('a)
a : int32(4)
a : blob@store
a = null : int32
a = 'it's : varchar(9)
b : json
a : int32 # :bad
--> Parent
-> Parent(id)
(id) -> Parent
->
-> [nullable] Parent
-> [nulable] Parent
-> [nullable Parent
-> Parent.proj(a=b)
-> Parent.proj(a='b+1')
-> Parent.proj(a='b'
-> Parent & 'a=1'
index ()
double_precision : double precision
";

#[test]
fn every_faulty_line_is_located_and_explained() {
    let drawn: Vec<String> = FAULTY
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (_, faults) = parse(line);
            assert!(faults.iter().any(datajoint_definition::Diagnostic::is_error), "{line}");
            let drawn: Vec<String> = faults.iter().map(|fault| fault.draw(line, None)).collect();
            drawn.join("\n")
        })
        .collect();
    insta::assert_snapshot!(drawn.join("\n\n"));
}

#[test]
fn all_faults_of_a_definition_are_found_in_one_pass() {
    let text = "# :no\na : int33\na : int32\na : int64\n---\n-> [x] P\nb = \"\" : <blob>\n";
    let (_, faults) = parse(text);
    let messages: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(messages.len(), 5, "{messages:#?}");
}

#[test]
fn class_and_tier_have_faults_of_their_own() {
    let drawn: Vec<String> = [
        ("spikes", Tier::Manual, "a : int32"),
        ("Spikes", Tier::Computed, "-> Recording\nunit : int32"),
        ("Spikes", Tier::Manual, "-> master\nunit : int32"),
        ("AVeryLongNameOfATableThatNoDatabaseWouldTakeBecauseItIsTooLongForIt", Tier::Manual, "a : int32"),
    ]
    .map(|(class_name, tier, text)| {
        let (definition, _) = parse(text);
        let context = Context { class_name, tier, master: None, backend: None, allow_new_key: false };
        let faults = check(&definition, &context);
        assert_eq!(faults.len(), 1, "{class_name}: {faults:?}");
        faults[0].draw(text, None)
    })
    .into();
    insta::assert_snapshot!(drawn.join("\n\n"));
}

#[test]
fn a_nul_is_a_fault_wherever_it_stands() {
    for line in [
        "a\0b : int32",
        "a : int32  # no\0te",
        "# a t\0able",
        "x = 'a\0b' : varchar(9)",
        "-> Par\0ent",
        "index (a\0)",
    ] {
        let (definition, faults) = parse(&format!("{line}\nz : int32"));
        assert!(faults.iter().any(|fault| fault.message.contains("NUL")), "{line:?}: {faults:?}");
        assert_eq!((definition.lines.len(), definition.comment), (1, None), "{line:?}");
    }
}
