use datajoint::codegen::{IntoRow, NaiveDate, RowReader, RowWriter, TableRow, Value};
use datajoint::{FromRow, OrDefault};
use datajoint_tests_lab::colony::{
    EarTag, SpeciesKey, SpeciesRow, Subject, SubjectKey, SubjectRow, SubjectSex, SubjectStrain,
    SubjectWeightRow,
};

fn subject() -> SubjectRow {
    SubjectRow::new("mouse", EarTag(7), SubjectStrain::WildType, vec![1.0, 2.5])
}

#[test]
fn new_asks_only_for_what_has_no_default() {
    let row = SubjectRow { note: "calm".into(), ..subject() };
    assert_eq!(row.sex, SubjectSex::U);
    assert_eq!(row.fostered_by, None);
    assert_eq!(row.note, "calm");
    assert_eq!(row.r#type, None);
    assert_eq!(row.created, OrDefault::Default);
    assert!(SpeciesRow::new("cat", 4000.0).is_nocturnal);
}

#[test]
fn a_row_knows_its_key() {
    let key = SubjectKey { species: "mouse".into(), ear_tag: EarTag(7), strain: SubjectStrain::WildType };
    assert_eq!(subject().key(), key);
    assert_eq!(SubjectKey::from(&subject()), key);
    let later = SubjectKey { ear_tag: EarTag(8), ..key.clone() };
    assert!(key < later);
}

#[test]
fn values_stand_in_the_order_of_the_heading() {
    assert_eq!(
        <SubjectRow as IntoRow>::ATTRIBUTES,
        [
            "species",
            "ear_tag",
            "strain",
            "fostered_by",
            "sex",
            "born",
            "note",
            "type",
            "photo",
            "scan",
            "created"
        ]
    );
    assert_eq!(<SubjectKey as FromRow>::ATTRIBUTES, ["species", "ear_tag", "strain"]);
}

#[test]
fn what_is_written_is_read() {
    let row = SubjectRow {
        born: NaiveDate::from_ymd_opt(2024, 2, 29),
        r#type: Some(serde_json::json!({"a": 1})),
        created: OrDefault::Value(NaiveDate::MIN.into()),
        ..subject()
    };
    let mut values = Vec::new();
    row.clone().into_row(&mut RowWriter::new(&mut values)).unwrap();
    assert_eq!(values[0], Value::Text("mouse".into()));
    assert_eq!(values[2], Value::Text("wild type".into()));
    assert_eq!(values[3], Value::Null);
    assert_eq!(SubjectRow::from_row(&mut RowReader::new(&mut values)).unwrap(), row);
}

#[test]
fn a_default_is_left_to_the_database() {
    let mut values = Vec::new();
    subject().into_row(&mut RowWriter::new(&mut values)).unwrap();
    assert_eq!(values.last(), Some(&Value::Default));
}

#[test]
fn a_value_that_does_not_fit_names_its_attribute() {
    let mut values = vec![Value::Text("mouse".into()), Value::Int(1), Value::Text("tabby".into())];
    let error = SubjectKey::from_row(&mut RowReader::new(&mut values)).unwrap_err();
    assert_eq!(error.to_string(), "attribute `strain`: `tabby` is none of `wild type`, `C57BL/6`, `5xFAD`");
    let error = SpeciesKey::from_row(&mut RowReader::new(&mut [])).unwrap_err();
    assert_eq!(error.attribute.as_deref(), Some("species"));
}

#[test]
fn enums_are_texts() {
    assert_eq!(SubjectStrain::ALL.map_texts(), ["wild type", "C57BL/6", "5xFAD"]);
    assert_eq!("5xFAD".parse(), Ok(SubjectStrain::V5xFAD));
    assert_eq!(format!("{:>4}|", SubjectSex::M), "   M|");
}

trait Texts {
    fn map_texts(&self) -> Vec<&'static str>;
}

impl Texts for &[SubjectStrain] {
    fn map_texts(&self) -> Vec<&'static str> {
        self.iter().map(|strain| strain.as_str()).collect()
    }
}

#[test]
fn columns_are_constants() {
    assert_eq!(Subject::ear_tag.name(), "ear_tag");
    assert_eq!(Subject::r#type.name(), "type");
}

#[test]
fn a_part_has_the_key_of_its_master() {
    let day = NaiveDate::MIN;
    let row = SubjectWeightRow::new("mouse", EarTag(7), SubjectStrain::WildType, day, 21.5);
    assert_eq!(row.ear_tag, subject().ear_tag);
}
