//! Single lines and what they mean.

use datajoint_definition::{AttributeType, CoreType, DefaultValue, IndexItem, Line, NativeCategory, parse};

fn attribute(text: &str) -> datajoint_definition::AttributeLine {
    let (definition, faults) = parse(&format!("---\n{text}"));
    assert!(faults.iter().all(|fault| !fault.is_error()), "{text}: {faults:?}");
    match definition.lines.into_iter().next() {
        Some(Line::Attribute(line)) => line,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn defaults_are_read_as_python_reads_them() {
    let value = |text: &str| DefaultValue::Value(text.to_owned());
    for (line, default) in [
        ("a : int32", DefaultValue::Required),
        ("a= : int32", DefaultValue::Required),
        ("a = Null : varchar(4)", DefaultValue::Null),
        ("a = CURRENT_TIMESTAMP : datetime", DefaultValue::CurrentTimestamp { precision: None }),
        ("a = current_timestamp(3) : datetime(3)", DefaultValue::CurrentTimestamp { precision: Some(3) }),
        ("a =5:int32", value("5")),
        ("a = -1 : int8", value("-1")),
        ("a = x y : varchar(9)", value("x y")),
        ("a=\"x\" : varchar(5)", value("x")),
        ("a='x' : varchar(5)", value("x")),
        ("a=\"it's\" : varchar(9)", value("it's")),
        ("a='it''s' : varchar(9)", value("it's")),
        ("a=\"\" : varchar(9)", value("")),
        ("a=\"p:q\" : varchar(9)", value("p:q")),
        ("a==5 : int32", value("=5")),
        ("a=\"x\", : varchar(3)", value("\"x\",")),
        ("a=\"100%\" : varchar(9) # 50% off", value("100%")),
    ] {
        assert_eq!(attribute(line).default, default, "{line}");
    }
}

#[test]
fn comments_end_with_the_line() {
    for (line, comment) in [
        ("a:int32", ""),
        ("a : int32 # a # b", "a # b"),
        ("a : int32 # x##", "x"),
        ("a : varchar(9) # has \"quotes\" and 'single'", "has \"quotes\" and 'single'"),
        ("a : varchar(9) # naïve µ", "naïve µ"),
        ("a : enum('#', 'b') # c", "c"),
    ] {
        assert_eq!(attribute(line).comment, comment, "{line}");
    }
}

#[test]
fn types_are_read_whatever_their_case_and_blanks() {
    let core = AttributeType::Core;
    for (line, expected) in [
        ("a : INT32", core(CoreType::Int32)),
        ("a : VARCHAR(20)", core(CoreType::Varchar(20))),
        ("a : varchar (20)", core(CoreType::Varchar(20))),
        ("a : datetime (3)", core(CoreType::DateTime { precision: Some(3) })),
        ("a : decimal( 5 , 2 )", core(CoreType::Decimal { precision: 5, scale: 2 })),
        ("a : jsonb", core(CoreType::Json)),
        ("a : enum(\"a\",\"b\")", core(CoreType::Enum(vec!["a".to_owned(), "b".to_owned()]))),
        ("a : enum ('a b','c,d')", core(CoreType::Enum(vec!["a b".to_owned(), "c,d".to_owned()]))),
    ] {
        assert_eq!(attribute(line).attribute_type, expected, "{line}");
    }
}

#[test]
fn native_types_pass_with_a_warning_that_names_the_core_type() {
    for (text, category, core) in [
        ("int unsigned", NativeCategory::Integer, Some("int64")),
        ("int(11)", NativeCategory::Integer, Some("int32")),
        ("decimal(5)", NativeCategory::Numeric, Some("decimal(5, 0)")),
        ("double", NativeCategory::Float, Some("float64")),
        ("real", NativeCategory::Float, Some("float64")),
        ("float(30)", NativeCategory::Float, Some("float64")),
        ("FLOAT unsigned", NativeCategory::Float, Some("float32")),
        ("tinyint(1)", NativeCategory::Integer, Some("bool")),
        ("bigint(20) unsigned", NativeCategory::Integer, Some("int64")),
        ("numeric(5,2)", NativeCategory::Numeric, Some("decimal(5, 2)")),
        ("timestamp(6)", NativeCategory::Temporal, Some("datetime(6)")),
        ("longblob", NativeCategory::Blob, Some("bytes")),
        ("time(3)", NativeCategory::Temporal, None),
        ("text", NativeCategory::Text, Some("varchar(2000)")),
    ] {
        let (definition, faults) = parse(&format!("---\na : {text}"));
        let Some(Line::Attribute(line)) = definition.lines.first() else { panic!("{text}") };
        let AttributeType::Native(native) = &line.attribute_type else { panic!("{text}") };
        assert_eq!((native.category, native.core_alternative().as_deref()), (category, core), "{text}");
        assert_eq!(faults.len(), 1, "{text}");
    }
}

#[test]
fn indexes_hold_attributes_paths_and_expressions() {
    let (definition, faults) =
        parse("a : json\nINDEX (a, b) # why\nunique index (a.b[0].c:char(20), (year(d)), e desc)");
    assert_eq!(faults.iter().filter(|fault| fault.span.start > 10).count(), 0);
    let Some(Line::Index(index)) = definition.lines.last() else { panic!() };
    assert!(index.unique);
    assert_eq!(
        index.items,
        [
            IndexItem::JsonPath {
                attribute: "a".to_owned(),
                path: "b[0].c".to_owned(),
                returning: Some(datajoint_definition::JsonType::Char(Some(20)))
            },
            IndexItem::Expression("(year(d))".to_owned()),
            IndexItem::Expression("e desc".to_owned()),
        ]
    );
}

#[test]
fn a_place_in_an_index_is_any_place_or_a_fault_where_it_stands() {
    let text = "doc : json\nindex (doc.\"b, c\":char(20), doc[0].é:signed)\nindex (doc.\"a\")";
    let (definition, faults) = parse(text);
    assert!(faults.iter().all(|fault| fault.span.start < 10), "{faults:?}");
    let lines: Vec<String> = definition.to_string().lines().map(str::to_owned).collect();
    assert_eq!(lines[lines.len() - 2..], ["index (doc.\"b, c\":char(20), doc[0].é:signed)", "index (doc.a)"]);
    for place in ["doc.names[*]:char(20)", "doc.a:regclass", "doc.\"-1\"", "doc[-1]"] {
        let text = format!("id : int32\n---\ndoc : json\nunique index (id, {place})");
        let (_, faults) = parse(&text);
        let [fault] = &faults[..] else { panic!("{place}: {faults:?}") };
        assert_eq!(&text[fault.span.start..fault.span.end], place);
        assert_eq!(fault.message, format!("`{place}` is no place in JSON"));
    }
}

#[test]
fn an_empty_definition_is_a_singleton() {
    assert_eq!(parse(""), Default::default());
    assert_eq!(parse("\n  \n---\n").1, []);
}
