use datajoint::codegen::{Pipeline, Table, Tier, Value};
use datajoint_tests_lab::Lab;
use datajoint_tests_lab::colony::{Species, Subject, SubjectWeight};
use datajoint_tests_lab::rig::Calibration;

#[test]
fn a_spec_says_what_the_macro_knows() {
    let spec = SubjectWeight::spec();
    assert_eq!(spec.class_name, "Weight");
    assert_eq!(spec.rust_path, "datajoint_tests_lab::colony::SubjectWeight");
    assert_eq!(spec.schema, "colony");
    assert_eq!(spec.tier, Tier::Part);
    assert_eq!(spec.definition.trim().lines().next().map(str::trim), Some("-> master"));
    assert_eq!(spec.master.map(|master| master().class_name), Some("Subject"));
    let parents: Vec<_> = Subject::spec().parents.iter().map(|parent| parent().class_name).collect();
    assert_eq!(parents, ["Species", "Species"]);
    let parents: Vec<_> = Calibration::spec().parents.iter().map(|parent| parent().rust_path).collect();
    assert_eq!(parents, ["datajoint_tests_lab::rig::Rig", "datajoint_tests_lab::colony::Subject"]);
}

#[test]
fn contents_are_made_when_asked_for() {
    let contents = Species::spec().contents.unwrap();
    assert_eq!(contents.attributes, ["species", "adult_weight", "is_nocturnal"]);
    let rows = (contents.rows)().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1][0], Value::Text("finch".into()));
}

#[test]
fn a_pipeline_lists_its_tables_in_order() {
    let classes: Vec<_> = Lab::specs().into_iter().map(|spec| spec.class_name).collect();
    assert_eq!(classes, ["Species", "Subject", "Weight", "Rig", "Calibration"]);
}
