use datajoint::codegen::{RowReader, RowWriter, Value};
use datajoint::{AttributeValue, FromRow, IntoRow};

#[derive(Debug, Clone, Copy, PartialEq, AttributeValue)]
struct Depth {
    millimetres: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, AttributeValue)]
enum Side {
    #[datajoint(rename = "l")]
    Left,
    #[datajoint(rename = "r")]
    Right,
}

#[derive(Debug, Clone, PartialEq, FromRow, IntoRow)]
struct Electrode {
    depth: Depth,
    #[datajoint(rename = "type")]
    kind: String,
    side: Option<Side>,
    #[datajoint(blob)]
    trace: Vec<f64>,
    #[datajoint(blob)]
    mask: Option<Vec<f64>>,
}

#[test]
fn a_struct_of_the_user_is_a_row() {
    let electrode = Electrode {
        depth: Depth { millimetres: 1.5 },
        kind: "wire".into(),
        side: Some(Side::Right),
        trace: vec![1.0],
        mask: None,
    };
    let mut values = Vec::new();
    electrode.clone().into_row(&mut RowWriter::new(&mut values)).unwrap();
    assert_eq!(<Electrode as FromRow>::ATTRIBUTES, ["depth", "type", "side", "trace", "mask"]);
    assert_eq!(values[2], Value::Text("r".into()));
    assert_eq!(Electrode::from_row(&mut RowReader::new(&mut values)).unwrap(), electrode);
}

#[test]
fn an_unknown_text_is_refused() {
    let error = Side::from_value(Value::Text("up".into())).unwrap_err();
    assert_eq!(error.to_string(), "`up` is none of `l`, `r`");
    assert_eq!(Side::from_value(Value::Text("l".into())), Ok(Side::Left));
}
