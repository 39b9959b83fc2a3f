use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue, IndexItem, Store};

use crate::{Attribute, Error, Heading, Index, Lineage, Table, TableName};

/// The table `~~name` that keeps the jobs of an auto-populated table.
///
/// Its key is the part of the table's key that foreign keys supply, without the foreign keys themselves;
/// its comment names the table as quoted on `backend`, as DataJoint for Python writes it.
/// Fails when no attribute of the key comes from a parent.
pub fn jobs_table(table: &Table, backend: Backend) -> Result<Table, Error> {
    let name = TableName::new(&table.name.schema, format!("~~{}", table.name.table.trim_start_matches('_')));
    let own: Vec<&str> = table.own_key().map(|attribute| attribute.name.as_str()).collect();
    let mut attributes: Vec<Attribute> = table
        .heading
        .primary_key()
        .filter(|attribute| !attribute.is_hidden() && !own.contains(&attribute.name.as_str()))
        .map(|attribute| key_attribute(attribute, &name))
        .collect();
    if attributes.is_empty() {
        return Err(Error::NoKeySource { table: table.name.clone() });
    }
    attributes.extend(state_attributes());
    let quote = if backend.is_mysql_family() { '`' } else { '"' };
    let TableName { schema, table: target } = &table.name;
    let index = ["status", "priority", "scheduled_time"];
    Ok(Table {
        name,
        class_name: "Job".to_owned(),
        tier: None,
        master: None,
        comment: format!("Job queue for {quote}{schema}{quote}.{quote}{target}{quote}"),
        heading: Heading::new(attributes),
        foreign_keys: Vec::new(),
        indexes: vec![Index {
            items: index.map(|name| IndexItem::Attribute(name.to_owned())).to_vec(),
            unique: false,
        }],
    })
}

fn key_attribute(attribute: &Attribute, jobs: &TableName) -> Attribute {
    Attribute {
        nullable: false,
        default: DefaultValue::Required,
        comment: String::new(),
        lineage: Some(Lineage { table: jobs.clone(), attribute: attribute.name.clone() }),
        inherited: attribute.inherited && !reads_back_as_core(&attribute.attribute_type),
        ..attribute.clone()
    }
}

/// True for core types that databases report under their own name, so that DataJoint for Python,
/// which builds this table from what the database reports, writes their markers.
fn reads_back_as_core(attribute_type: &AttributeType) -> bool {
    use CoreType::{Char, Date, DateTime, Decimal, Enum, Uuid, Varchar};
    matches!(
        attribute_type,
        AttributeType::Core(Char(_) | Varchar(_) | Date | DateTime { .. } | Decimal { .. } | Enum(_) | Uuid)
    )
}

fn state_attributes() -> Vec<Attribute> {
    let states = ["pending", "reserved", "success", "error", "ignore"];
    let time = || (CoreType::DateTime { precision: Some(3) }, "datetime(3)");
    let now = || DefaultValue::CurrentTimestamp("CURRENT_TIMESTAMP(3)".to_owned());
    let text = |length, written| (CoreType::Varchar(length), written);
    let value = |value: &str| DefaultValue::Value(value.to_owned());
    let mut stack = state("error_stack", (CoreType::Bytes, "<blob>"), DefaultValue::Null);
    stack.attribute_type = AttributeType::Codec(datajoint_definition::CodecType {
        name: "blob".to_owned(),
        store: Store::Table,
    });
    vec![
        state(
            "status",
            (
                CoreType::Enum(states.map(str::to_owned).to_vec()),
                "enum('pending', 'reserved', 'success', 'error', 'ignore')",
            ),
            DefaultValue::Required,
        ),
        state("priority", (CoreType::Int8, "int8"), DefaultValue::Required),
        state("created_time", time(), now()),
        state("scheduled_time", time(), now()),
        state("reserved_time", time(), DefaultValue::Null),
        state("completed_time", time(), DefaultValue::Null),
        state("duration", (CoreType::Float64, "float64"), DefaultValue::Null),
        state("error_message", text(2047, "varchar(2047)"), value("")),
        stack,
        state("user", text(255, "varchar(255)"), value("")),
        state("host", text(255, "varchar(255)"), value("")),
        state("pid", (CoreType::Int32, "int32"), value("0")),
        state("connection_id", (CoreType::Int64, "int64"), value("0")),
        state("version", text(64, "varchar(64)"), value("")),
    ]
}

fn state(name: &str, (core, text): (CoreType, &str), default: DefaultValue) -> Attribute {
    Attribute {
        name: name.to_owned(),
        attribute_type: AttributeType::Core(core),
        type_text: text.to_owned(),
        in_key: false,
        nullable: default == DefaultValue::Null,
        default,
        comment: String::new(),
        lineage: None,
        inherited: false,
    }
}
