use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue, IndexItem, Store};

use crate::{Attribute, Error, Heading, Index, Lineage, Table, TableName};

/// The table `~~name` that keeps the jobs of an auto-populated table.
///
/// Its key is the part of the table's key that foreign keys supply, without the foreign keys themselves;
/// its comment names the table as quoted on `backend`, as DataJoint for Python writes it.
/// Fails when no attribute of the key comes from a parent.
pub fn jobs_table(table: &Table, backend: Backend) -> Result<Table, Error> {
    let name = table.name.jobs();
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
    let quote = backend.capability().quote_in_comments;
    let TableName { schema, table: target } = &table.name;
    let index = ["status", "priority", "scheduled_time"];
    let items = index.map(|name| IndexItem::Attribute(name.to_owned())).to_vec();
    let comment = format!("Job queue for {quote}{schema}{quote}.{quote}{target}{quote}");
    Ok(Table { indexes: vec![Index { items, unique: false }], ..hidden(name, "Job", comment, attributes) })
}

/// The table `~~~name` beside a [`jobs_table`]: how often the jobs of a key failed and may be tried again, and how
/// often a worker was lost that had begun with it. DataJoint for Python passes over it.
pub fn trials_table(jobs: &Table) -> Table {
    let name = jobs.name.trials();
    let mut attributes: Vec<Attribute> = jobs.heading.primary_key().cloned().collect();
    for attribute in &mut attributes {
        attribute.lineage = Some(Lineage { table: name.clone(), attribute: attribute.name.clone() });
    }
    let count = |name| state(name, (CoreType::Int32, "int32"), DefaultValue::Value("0".to_owned()));
    attributes.extend(["failures", "losses"].map(count));
    hidden(name, "Trial", format!("Trials of the jobs in {}", jobs.name.table), attributes)
}

/// The table `~worker` of a schema: until when the lease of a worker runs, in milliseconds since 1970, and whether
/// the worker holds a lock of its session besides.
pub fn workers_table(schema: &str) -> Table {
    let name = TableName::workers(schema);
    let mut worker = state("worker", (CoreType::Int64, "int64"), DefaultValue::Required);
    worker.in_key = true;
    worker.lineage = Some(Lineage { table: name.clone(), attribute: worker.name.clone() });
    let attributes = vec![
        worker,
        state("expires", (CoreType::Int64, "int64"), DefaultValue::Required),
        state("is_locked", (CoreType::Int8, "int8"), DefaultValue::Value("0".to_owned())),
    ];
    hidden(name, "Worker", "Leases of those who work on jobs".to_owned(), attributes)
}

pub(crate) fn hidden(
    name: TableName,
    class_name: &str,
    comment: String,
    attributes: Vec<Attribute>,
) -> Table {
    Table {
        name,
        class_name: class_name.to_owned(),
        tier: None,
        master: None,
        comment,
        heading: Heading::new(attributes),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        unsaid: Vec::new(),
    }
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
    let now = || DefaultValue::CurrentTimestamp { precision: Some(3) };
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

pub(crate) fn state(name: &str, (core, text): (CoreType, &str), default: DefaultValue) -> Attribute {
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
        column_type: None,
        missing_members: Vec::new(),
    }
}
