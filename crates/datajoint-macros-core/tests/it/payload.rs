use datajoint_definition::{AttributeType, CoreType, DefaultValue, Tier};
use datajoint_macros_core::{KeyAttribute, Payload};
use datajoint_schema::{Attribute, Lineage, TableName};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn types() -> impl Strategy<Value = (AttributeType, String)> {
    let core = |core, text: &str| (AttributeType::Core(core), text.to_owned());
    prop_oneof![
        Just(core(CoreType::Int8, "int8")),
        Just(core(CoreType::Int64, "int64")),
        Just(core(CoreType::Uuid, "uuid")),
        Just(core(CoreType::DateTime { precision: Some(3) }, "datetime(3)")),
        (1_u32..60_000).prop_map(move |n| core(CoreType::Varchar(n), &format!("varchar({n})"))),
        proptest::collection::vec("[a-zA-Z0-9 #:,]{1,8}", 1..4).prop_map(move |mut members| {
            for member in &mut members {
                *member = member.trim().to_owned();
            }
            members.retain(|member| !member.is_empty());
            members.push("z".to_owned());
            members.sort();
            members.dedup();
            let list: Vec<String> = members.iter().map(|member| format!("'{member}'")).collect();
            core(CoreType::Enum(members), &format!("enum({})", list.join(", ")))
        }),
    ]
}

fn key_attributes() -> impl Strategy<Value = KeyAttribute> {
    let comment = "[a-zA-Z(][a-zA-Z0-9 .,()<>'µ]{0,20}".prop_map(|comment| comment.trim().to_owned());
    ("[a-z][a-z0-9_]{0,10}", types(), comment, any::<u64>(), any::<bool>()).prop_map(
        |(name, (attribute_type, type_text), comment, id, own_type)| KeyAttribute {
            attribute: Attribute {
                lineage: Some(Lineage {
                    table: TableName::new(id.to_string(), "#table__part"),
                    attribute: format!("{name}_there"),
                }),
                name,
                attribute_type,
                type_text,
                in_key: true,
                nullable: false,
                default: DefaultValue::Required,
                comment,
                inherited: false,
                column_type: None,
                missing_members: Vec::new(),
            },
            own_type,
        },
    )
}

fn payloads() -> impl Strategy<Value = Payload> {
    let tier = prop_oneof![Just(Tier::Manual), Just(Tier::Lookup), Just(Tier::Computed), Just(Tier::Part)];
    let key = proptest::collection::vec(key_attributes(), 0..5);
    let ancestors = proptest::collection::vec(any::<u64>(), 0..5);
    ("[A-Z][A-Za-z0-9]{0,10}", tier, key, ancestors, any::<[u64; 3]>()).prop_map(
        |(class_name, tier, key, ancestors, [id, group, key_id])| Payload {
            id,
            group,
            table_name: format!("#{}", class_name.to_lowercase()),
            class_name,
            tier,
            key_id,
            key,
            ancestors,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_answered_is_understood(payload in payloads()) {
        prop_assert_eq!(Payload::decode(&payload.encode()), Some(payload));
    }

    #[test]
    fn no_text_is_too_strange_to_refuse(text in ".*") {
        let _ = Payload::decode(&text);
        let _ = Payload::decode(&format!("datajoint 1\n{text}"));
    }
}

#[test]
fn another_version_is_not_understood() {
    assert_eq!(Payload::decode("datajoint 2\ntable 1 1 A Manual 1 a\n"), None);
}
