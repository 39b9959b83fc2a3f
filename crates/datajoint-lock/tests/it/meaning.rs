use datajoint_definition::Tier;
use datajoint_lock::{JSON_SCHEMA, Lock, LockedTable};

use crate::tables::{lab, table};

#[test]
fn a_lock_has_one_thing_a_line_and_reads_as_it_was() {
    let lock = Lock::new(&lab());
    let text = lock.to_string();
    insta::assert_snapshot!(text);
    assert_eq!(Lock::parse(&text).unwrap(), lock);
    assert_eq!(Lock::parse(&Lock::default().to_string()).unwrap(), Lock::default());
}

#[test]
fn the_hash_is_of_meaning_alone() {
    let hash = |text: &str| LockedTable::new(&table(Tier::Manual, "Tested", text, &lab())).hash();
    let base = "-> Subject\nk : int8\n---\na = 0.5 : float64\nb : varchar(4)\nindex (a)\nindex (b)";
    for same in [
        "# Named\n-> Subject\n# a remark\nk:INT8 # one\n---\na=.50:float64\n\nb : varchar( 4 )  # two\nindex (a)\nindex (b)",
        "-> Subject\nk : tinyint\n---\nb : VARCHAR(4)\na = '0.5' : double\nINDEX(b)\nindex ( a )",
    ] {
        assert_eq!(hash(base), hash(same), "{same}");
    }
    for other in [
        "k : int8\n-> Subject\n---\na = 0.5 : float64\nb : varchar(4)\nindex (a)\nindex (b)",
        "-> Subject\nk : int16\n---\na = 0.5 : float64\nb : varchar(4)\nindex (a)\nindex (b)",
        "-> Subject\nk : int8\n---\na = 0.6 : float64\nb : varchar(4)\nindex (a)\nindex (b)",
        "-> Subject\nk : int8\n---\na = null : float64\nb : varchar(4)\nindex (a)\nindex (b)",
        "-> Subject\nk : int8\n---\na = 0.5 : float64\nb : varchar(5)\nindex (a)\nindex (b)",
        "-> Subject\nk : int8\n---\na = 0.5 : float64\nb : varchar(4)\nindex (a)",
        "-> Subject\nk : int8\n---\na = 0.5 : float64\nb : varchar(4)\nunique index (a)\nindex (b)",
        "-> Subject.proj(s='subject_id')\nk : int8\n---\na = 0.5 : float64\nb : varchar(4)\nindex (a)\nindex (b)",
        "subject_id : int32\nk : int8\n---\na = 0.5 : float64\nb : varchar(4)\nindex (a)\nindex (b)",
    ] {
        assert_ne!(hash(base), hash(other), "{other}");
    }
}

/// A release that made other hashes would refuse every lock there is.
#[test]
fn the_hash_stays_from_release_to_release() {
    let tables = lab();
    let hashes: Vec<String> = tables.iter().map(|table| LockedTable::new(table).hash().to_string()).collect();
    insta::assert_snapshot!(hashes.join("\n"));
}

/// What is written is what the schema describes, and the other way round.
#[test]
fn the_json_schema_names_every_field() {
    let schema: serde_json::Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let written: serde_json::Value = serde_json::from_str(&Lock::new(&lab()).to_string()).unwrap();
    let mut seen: [Vec<String>; 3] = Default::default();
    let mut note = |place: usize, value: &serde_json::Value| {
        seen[place].extend(value.as_object().unwrap().keys().cloned());
    };
    for table in written["tables"].as_object().unwrap().values() {
        note(0, table);
        table["attributes"].as_array().unwrap().iter().for_each(|one| note(1, one));
        table["foreign_keys"].as_array().into_iter().flatten().for_each(|one| note(2, one));
    }
    for (name, mut seen) in ["table", "attribute", "foreign_key"].into_iter().zip(seen) {
        seen.sort();
        seen.dedup();
        let described = &schema["$defs"][name];
        let mut known: Vec<String> = described["properties"].as_object().unwrap().keys().cloned().collect();
        known.sort();
        assert_eq!(seen, known, "{name}");
        assert_eq!(described["additionalProperties"], false);
    }
}
