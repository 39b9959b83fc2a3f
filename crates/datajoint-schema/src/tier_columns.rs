use datajoint_definition::{AttributeType, CoreType, DefaultValue, Tier};

use crate::{Attribute, Table};

/// Which hidden columns tables get beside their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TierColumns {
    /// Start, duration and version of the computation in Computed and Imported tables:
    /// the setting `jobs.add_job_metadata`.
    pub job_metadata: bool,
    /// The code and the inputs of the rows of Computed and Imported tables: the setting `jobs.record_makes`.
    pub make_records: bool,
    /// The origin of the rows of Manual tables: the setting `provenance.capture`.
    pub provenance: bool,
}

/// The hidden attributes that a table of this tier gets, in column order; parts and lookups get none.
///
/// ```
/// use datajoint_definition::Tier;
/// use datajoint_schema::{TierColumns, tier_attributes};
///
/// let columns = TierColumns { job_metadata: true, ..TierColumns::default() };
/// let names: Vec<_> = tier_attributes(Tier::Computed, columns).into_iter().map(|a| a.name).collect();
/// assert_eq!(names, ["_job_start_time", "_job_duration", "_job_version"]);
/// ```
pub fn tier_attributes(tier: Tier, columns: TierColumns) -> Vec<Attribute> {
    match tier {
        Tier::Computed | Tier::Imported => {
            let mut attributes = Vec::new();
            if columns.job_metadata {
                attributes.extend(job_metadata());
            }
            if columns.make_records {
                attributes.extend(make_record());
            }
            attributes
        }
        Tier::Manual if columns.provenance => vec![hidden(
            ORIGIN,
            (CoreType::Json, "json"),
            DefaultValue::Null,
            "extrinsic provenance for a row that entered from outside",
        )],
        _ => Vec::new(),
    }
}

fn job_metadata() -> [Attribute; 3] {
    [
        hidden(
            "_job_start_time",
            (CoreType::DateTime { precision: Some(3) }, "datetime(3)"),
            DefaultValue::Null,
            "when computation began",
        ),
        hidden(
            "_job_duration",
            (CoreType::Float32, "float32"),
            DefaultValue::Null,
            "computation duration in seconds",
        ),
        hidden(
            "_job_version",
            (CoreType::Varchar(64), "varchar(64)"),
            DefaultValue::Value(String::new()),
            "code version",
        ),
    ]
}

/// The column for where a row comes from that people or instruments insert.
pub const ORIGIN: &str = "_prov";

/// The column for the code that made a row.
pub const MADE_BY: &str = "_made_by";

/// The column for what a row was made from.
pub const MADE_FROM: &str = "_made_from";

/// Both are null in rows that others insert, who know nothing of them.
fn make_record() -> [Attribute; 2] {
    [
        hidden(MADE_BY, (CoreType::Varchar(64), "varchar(64)"), DefaultValue::Null, "code that made the row"),
        hidden(MADE_FROM, (CoreType::Json, "json"), DefaultValue::Null, "what the row was made from"),
    ]
}

/// Appends to a table the hidden attributes of its tier, those it has already left out.
pub fn add_tier_columns(table: &mut Table, columns: TierColumns) {
    let Some(tier) = table.tier else { return };
    for attribute in tier_attributes(tier, columns) {
        if table.heading.get(&attribute.name).is_none() {
            table.heading.push(attribute);
        }
    }
}

/// The name of the key of a table that declares none.
pub(crate) const SINGLETON: &str = "_singleton";

/// The key of a table that declares none, so that it holds one row at most.
pub(crate) fn singleton() -> Attribute {
    let mut attribute = hidden(
        SINGLETON,
        (CoreType::Bool, "bool"),
        DefaultValue::Value("1".to_owned()),
        "singleton primary key",
    );
    attribute.in_key = true;
    attribute
}

fn hidden(name: &str, (core, text): (CoreType, &str), default: DefaultValue, comment: &str) -> Attribute {
    Attribute {
        name: name.to_owned(),
        attribute_type: AttributeType::Core(core),
        type_text: text.to_owned(),
        in_key: false,
        nullable: default == DefaultValue::Null,
        default,
        comment: comment.to_owned(),
        lineage: None,
        inherited: false,
        column_type: None,
        missing_members: Vec::new(),
    }
}
