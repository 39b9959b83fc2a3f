use datajoint_definition::{Backend, Tier};
use datajoint_schema::{Error, TierColumns, add_tier_columns, jobs_table, support_indexes};

use crate::pipeline::{Pipeline, columns};

fn lab() -> Pipeline {
    Pipeline::new()
        .with(Tier::Manual, "Subject", "subject_id : int32\nkind : varchar(8)")
        .with(Tier::Computed, "Analysis", "-> Subject\nwindow : int8\n---\nscore : float64")
        .with(Tier::Imported, "Alone", "k : int8")
}

#[test]
fn tiers_get_their_hidden_columns_once() {
    let all = TierColumns { job_metadata: true, make_records: true, provenance: true };
    let hidden = |class: &str, tier_columns| -> Vec<String> {
        let mut table = lab().get(class).clone();
        add_tier_columns(&mut table, tier_columns);
        add_tier_columns(&mut table, tier_columns);
        table.heading.all().iter().filter(|attribute| attribute.is_hidden()).map(|a| a.name.clone()).collect()
    };
    assert_eq!(hidden("Subject", all), ["_prov"]);
    assert_eq!(
        hidden("Analysis", all),
        ["_job_start_time", "_job_duration", "_job_version", "_made_by", "_made_from"]
    );
    assert!(hidden("Subject", TierColumns::default()).is_empty());
    assert!(hidden("Analysis", TierColumns { provenance: true, ..TierColumns::default() }).is_empty());
}

#[test]
fn jobs_have_the_inherited_key_and_no_references() {
    let jobs = jobs_table(lab().get("Analysis"), Backend::Mysql).unwrap();
    assert_eq!(jobs.name.to_string(), "lab.~~analysis");
    assert_eq!(jobs.comment, "Job queue for `lab`.`__analysis`");
    assert!(jobs.foreign_keys.is_empty() && support_indexes(&jobs).is_empty());
    // a marker stands where the database's own name of the type is the core type
    assert_eq!(
        columns(&jobs)[..4],
        [
            "*<subject_id:int32",
            "*kind:varchar(8)",
            "status:enum('pending', 'reserved', 'success', 'error', 'ignore')",
            "priority:int8"
        ]
    );
    assert_eq!(jobs.heading.all().len(), 16);
    let lineage = jobs.heading.get("subject_id").unwrap().lineage.clone().unwrap();
    assert_eq!(lineage.to_string(), "lab.~~analysis.subject_id");

    let jobs = jobs_table(lab().get("Analysis"), Backend::Postgresql).unwrap();
    assert_eq!(jobs.comment, "Job queue for \"lab\".\"__analysis\"");
}

#[test]
fn a_table_without_parents_has_no_jobs() {
    let error = jobs_table(lab().get("Alone"), Backend::Sqlite).unwrap_err();
    assert!(matches!(&error, Error::NoKeySource { table } if table.table == "_alone"));
    assert!(error.to_string().contains("-> Parent"), "{error}");
}
