use datajoint_deploy::{DesiredState, Error, OperationName};

#[test]
fn names_that_mean_nothing_are_errors_with_their_place() {
    for (text, place) in [
        ("provenence = true", "provenence"),
        ("[replica_identity]\nmode = \"half\"", "got 'half'"),
        ("[grants.members]\nboss = [\"ada\"]", "boss"),
        ("[maintenance]\nvacum = true", "vacum"),
        ("[grants.writes]\nanalist = [\"ephys\"]", "analist"),
        ("schemas = 3", "line 1"),
        ("[publication.cdc]\ntiers = [\"manual\", \"maunal\"]", "`maunal`; did you mean `manual`?"),
        ("[publication.cdc]\ntiers = [\"big\"]", "`big`; write manual, lookup"),
        ("[publication.cdc]\npublish = [\"insrt\"]", "did you mean `insert`?"),
        ("[publication.cdc]\npublish = [\"upsert\"]", "write insert, update, delete or truncate"),
        (
            "schemas = [\"ephys\", \"session\"]\n[publication.cdc]\nschemas = [\"ehpys\"]",
            "[publication.cdc] schemas: `ehpys` is not among the schemas that are deployed; did you mean `ephys`?",
        ),
        (
            "[publication.cdc]\ncolumns = { \"fn.Note\" = [] }",
            "[publication.cdc] columns: `fn.Note` has an empty list; name the columns to publish, or leave",
        ),
        ("[verify]\naccept = [\"no-prefix\", \"other-charst\"]", "did you mean `other-charset`?"),
    ] {
        let error = text.parse::<DesiredState>().unwrap_err();
        assert!(matches!(error, Error::DesiredState { .. }), "{error}");
        assert!(error.to_string().starts_with("deploy.toml: "), "{text}: {error}");
        assert!(error.to_string().contains(place), "{text}: {error}");
    }
}

#[test]
fn words_in_letters_of_any_case_mean_the_same_and_are_written_in_small_ones() {
    let text = |tiers, publish| format!("[publication.cdc]\ntiers = [{tiers}]\npublish = [{publish}]");
    let one: DesiredState = text("\"MANUAL\", \"Part\"", "\"INSERT\"").parse().unwrap();
    assert_eq!(one, text("\"manual\", \"part\"", "\"insert\"").parse().unwrap());
    let written = serde_json::to_value(&one).unwrap();
    assert_eq!(written["publication"]["cdc"]["tiers"], serde_json::json!(["manual", "part"]));
    assert_eq!(written["publication"]["cdc"]["publish"], serde_json::json!(["insert"]));
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

#[test]
fn a_file_without_a_mode_asks_for_the_named_tables_alone_and_a_command_without_a_file_for_all() {
    let mode = |wanted: DesiredState| {
        wanted
            .only(OperationName::ReplicaIdentity)
            .replica_identity
            .unwrap()
            .mode
            .map(|mode| mode.to_string())
    };
    for section in ["", "tables = { \"ephys.Scan\" = \"nothing\" }", "new_tables = true"] {
        let text = format!("[replica_identity]\n{section}");
        assert_eq!(mode(text.parse().unwrap()), None, "{text}");
    }
    assert_eq!(mode(DesiredState::default()).as_deref(), Some("full"));
}
