use datajoint_deploy::{Error, Operation, Wanted};

#[test]
fn names_that_mean_nothing_are_errors_with_their_place() {
    for (text, place) in [
        ("provenence = true", "provenence"),
        ("[replica_identity]\nmode = \"half\"", "got 'half'"),
        ("[grants.members]\nboss = [\"ada\"]", "boss"),
        ("[maintenance]\nvacum = true", "vacum"),
        ("schemas = 3", "line 1"),
    ] {
        let error = text.parse::<Wanted>().unwrap_err();
        assert!(matches!(error, Error::Wanted { .. }), "{error}");
        assert!(error.to_string().contains(place), "{text}: {error}");
    }
}

#[test]
fn one_operation_alone_keeps_what_the_file_says_of_it() {
    let text = "provenance = true\n[replica_identity]\nmode = \"nothing\"\n[maintenance]\nvacuum = false";
    let wanted: Wanted = text.parse().unwrap();
    let only = wanted.clone().only(Operation::ReplicaIdentity);
    assert!(!only.provenance && only.maintenance.is_none());
    assert_eq!(only.replica_identity, wanted.replica_identity);
    let grants = wanted.only(Operation::Grants);
    assert!(grants.asks_for(Operation::Grants) && !grants.asks_for(Operation::Maintenance));
}
