use datajoint_deploy::{DesiredState, Error, OperationName};

#[test]
fn names_that_mean_nothing_are_errors_with_their_place() {
    for (text, place) in [
        ("provenence = true", "provenence"),
        ("[replica_identity]\nmode = \"half\"", "got 'half'"),
        ("[grants.members]\nboss = [\"ada\"]", "boss"),
        ("[maintenance]\nvacum = true", "vacum"),
        ("schemas = 3", "line 1"),
        ("[verify]\naccept = [\"no-prefix\", \"other-charst\"]", "did you mean `other-charset`?"),
    ] {
        let error = text.parse::<DesiredState>().unwrap_err();
        assert!(matches!(error, Error::DesiredState { .. }), "{error}");
        assert!(error.to_string().contains(place), "{text}: {error}");
    }
}

#[test]
fn the_guide_lists_every_operation_in_the_order_in_which_they_are_applied() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/src/deploying.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let line = |it: &OperationName| format!("| `{}` | `{}` | {} |", it.name(), it.section(), it.summary());
    let table = OperationName::ALL.iter().map(line).collect::<Vec<_>>().join("\n");
    assert!(guide.contains(&format!("|---|---|---|\n{table}\n\n")), "write there:\n{table}");
}

#[test]
fn one_operation_alone_keeps_what_the_file_says_of_it() {
    let text = "provenance = true\n[replica_identity]\nmode = \"nothing\"\n[maintenance]\nvacuum = false";
    let wanted: DesiredState = text.parse().unwrap();
    let only = wanted.clone().only(OperationName::ReplicaIdentity);
    assert!(!only.provenance && only.maintenance.is_none());
    assert_eq!(only.replica_identity, wanted.replica_identity);
    let grants = wanted.only(OperationName::Grants);
    assert!(grants.asks_for(OperationName::Grants) && !grants.asks_for(OperationName::Maintenance));
}
