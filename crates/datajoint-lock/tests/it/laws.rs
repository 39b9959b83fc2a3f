use datajoint_definition::Tier;
use datajoint_lock::{Lock, LockedTable};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::tables::{lab, understood};

const TYPES: [&str; 12] = [
    "int8",
    "INT",
    "float",
    "varchar( 7 )",
    "decimal(8,2)",
    "enum('x', 'it''s', 'a,b')",
    "datetime(0)",
    "longblob",
    "bigint unsigned",
    "<npy@>",
    "uuid",
    "timestamp(3)",
];

/// Any definition of these lines, as far as it is one.
fn lines() -> impl Strategy<Value = String> {
    let attribute = |place: usize| {
        (any::<prop::sample::Index>(), 0..4_usize).prop_map(move |(kind, default)| {
            let default = ["", "= null ", "= '7' ", "= '' "][if place == 0 { 0 } else { default }];
            format!("a{place} {default}: {}  # remark {place}\n", kind.get(&TYPES))
        })
    };
    let reference = prop::sample::select(vec![
        "",
        "-> Subject\n",
        "-> [nullable] Subject.proj(other='subject_id')\n",
        "-> [unique] Session\n",
        "index (a0)\n",
        "unique index (a0, key)\n",
        "index ((lower(a0)))\n",
    ]);
    (attribute(0), attribute(1), attribute(2), reference).prop_map(|(first, second, third, reference)| {
        format!("key : int32\n---\n{first}{second}{third}{reference}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_lock_reads_as_it_was_written(text in lines()) {
        let mut tables = lab();
        let (tested, _) = understood(Tier::Imported, "Tested", &text, &tables);
        tables.push(tested);
        let lock = Lock::new(&tables);
        let written = lock.to_string();
        let again = Lock::parse(&written);
        prop_assert_eq!(again.as_ref(), Ok(&lock), "{}", written);
        prop_assert_eq!(again.unwrap().to_string(), written);
    }

    /// What was cut, or had bytes changed, is refused or is the same lock; it never ends the program.
    #[test]
    fn any_damage_is_told(place in any::<prop::sample::Index>(), length in 0..9_usize, with in "[\\PC\\n]{0,5}") {
        let lock = Lock::new(&lab());
        let whole: Vec<char> = lock.to_string().chars().collect();
        let start = place.index(whole.len());
        let end = (start + length).min(whole.len());
        let broken: String = whole[..start].iter().copied().chain(with.chars()).chain(whole[end..].iter().copied()).collect();
        if let Ok(read) = Lock::parse(&broken) {
            // The class and white space are no part of what the hash is of.
            let hashes = |lock: &Lock| lock.tables().map(LockedTable::hash).collect::<Vec<_>>();
            prop_assert_eq!(hashes(&read), hashes(&lock));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = Lock::parse(&text);
    }
}
