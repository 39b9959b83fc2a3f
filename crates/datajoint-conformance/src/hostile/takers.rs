//! Every public function that takes a string, and where that leads to. A test compares the list with the sources.

/// Where the strings of a function lead to.
#[derive(Debug, Clone, Copy)]
pub enum Leads {
    /// Into a statement: the road of this name is gone with hostile strings.
    Along(&'static str),
    /// Into the statements of a deployment, each of whose places is tried.
    ToDeployment,
    /// Into no statement, for this reason.
    Nowhere(&'static str),
}

use Leads::{Along, Nowhere, ToDeployment};

/// What it is looked up in, the client has read before.
const KNOWN: &str = "it is looked up among what the client has read, and sent nowhere";
/// A hash, a name of a code or the like, which the client compares.
const COMPARED: &str = "the client compares it with what it computes or was told";
/// Of the program, compiled with it.
const COMPILED: &str = "it comes from the macros, with what they have checked";
/// Part of an error.
const ERROR: &str = "it becomes the text of an error";
/// Bytes and other values.
const VALUE: &str = "it becomes a value, which is bound when the row is inserted";
/// A file or an object.
const STORED: &str = "it names an object in a store";

/// The functions by where they lead to.
pub(crate) const TAKERS: &[(Leads, &[&str])] = &[
    (
        Along("a condition"),
        &[
            "sql",
            "Condition::all",
            "Condition::and",
            "Condition::any",
            "Condition::or",
            "Relation::restrict",
            "Relation::antijoin",
            "Upstream::antijoin",
            "Upstream::restrict",
            "Stale::restrict",
            "Populate::restrict",
            "Jobs::clear",
            "Jobs::ignore",
            "Jobs::outlook",
            "Jobs::release",
            "Jobs::retry",
        ],
    ),
    (
        Along("a value compared"),
        &[
            "Attribute::eq",
            "Attribute::ge",
            "Attribute::gt",
            "Attribute::le",
            "Attribute::lt",
            "Attribute::ne",
            "Column::eq",
            "Column::ge",
            "Column::gt",
            "Column::le",
            "Column::lt",
            "Column::ne",
        ],
    ),
    (Along("a value between"), &["Attribute::between", "Column::between"]),
    (Along("one of many values"), &["Attribute::is_in", "Column::is_in"]),
    (Along("a pattern"), &["Attribute::like", "Column::like"]),
    (Along("an attribute compared"), &["attribute", "Column::new"]),
    (Along("a place in JSON"), &["Column::path"]),
    (
        Along("a value computed"),
        &["compute", "Proj::compute", "Proj::compute_with", "Relation::proj", "Upstream::proj"],
    ),
    (Along("a value computed of many"), &["Relation::aggr", "Relation::aggr_matching", "U::aggr"]),
    (Along("an attribute kept"), &["Proj::keep", "Proj::and_keep", "Proj::drop"]),
    (Along("an attribute renamed"), &["Proj::rename"]),
    (Along("an order"), &["Relation::order_by", "Upstream::order_by"]),
    (Along("an order of the first rows"), &["Top::by"]),
    (Along("a column"), &["Relation::column_as"]),
    (
        Along("a value of a row"),
        &[
            "DynamicRow::from_json_str",
            "DynamicRow::set",
            "DynamicRow::with",
            "DynamicTable::insert",
            "DynamicTable::insert_counted",
            "DynamicTable::insert_one",
            "DynamicTable::insert_stream",
            "DynamicTable::insert_with",
        ],
    ),
    (Along("a row of a JSON file"), &["DynamicRow::list_from_json_str"]),
    (Along("a value to update"), &["DynamicTable::update_one", "DynamicTable::update_one_with"]),
    (Along("a class"), &["Instance::declare_dynamic"]),
    (Along("the name of a table"), &["Instance::table", "ReadOnly::table"]),
    (
        Along("the name of a schema"),
        &[
            "Instance::schema",
            "ReadOnly::schema",
            "Collection::schemas",
            "Dashboard::schemas",
            "Fsck::schemas",
        ],
    ),
    (Along("a schema to drop"), &["Instance::drop_schema"]),
    (Along("schemas to drop"), &["Instance::drop_schemas"]),
    (Along("a schema of a graph"), &["Instance::graph"]),
    (Along("a schema of hidden tables"), &["Instance::audit", "Instance::hidden_tables"]),
    (
        Along("a schema whose stamp is read"),
        &["Instance::check_may_change", "Instance::found_stamps", "Transaction::check_may_change"],
    ),
    (Along("a schema to stamp"), &["Instance::stamp", "Instance::unstamp_regardless"]),
    (
        Along("a schema with a version"),
        &[
            "Instance::activate_at",
            "Instance::activate_specs_at",
            "Instance::check_later_versions",
            "Instance::check_versions",
        ],
    ),
    (
        Along("a version"),
        &["Instance::record_first_versions", "Instance::record_versions", "Instance::set_version"],
    ),
    (
        Along("a prefix"),
        &["Instance::schema_name", "Instance::with_create_tables", "Instance::with_schema_prefix"],
    ),
    (Along("a schema of an export"), &["Import::schema"]),
    (ToDeployment, &["doctor", "maintain", "set_replica_identity", "verify"]),
    (
        Nowhere(KNOWN),
        &[
            "DynamicRow::blob",
            "DynamicRow::get",
            "DynamicRow::value",
            "KeyValues::get",
            "MadeRows::new",
            "Rates::per_second",
            "Rates::time_left",
            "RowReader::blob",
            "RowReader::nullable_blob",
            "RowReader::value",
            "RowWriter::blob",
            "RowWriter::nullable_blob",
            "RowWriter::value",
            "Schema::table",
        ],
    ),
    (
        Nowhere(COMPARED),
        &[
            "Instance::find_schemas",
            "Code::version",
            "Collection::apply",
            "Dashboard::token",
            "Deletion::confirmed_plan",
            "Deployment::apply",
            "Dropping::confirmed_plan",
            "Erasure::carry_out",
            "Recompute::confirmed_plan",
            "Status::parse",
        ],
    ),
    (
        Nowhere(COMPILED),
        &[
            "Deployment::verified",
            "Instance::activate_specs",
            "Instance::ensure_active",
            "Instance::resolve",
            "TableSpec::new",
            "TableSpec::with_change",
            "TableSpec::with_contents",
            "Transaction::check_declared",
            "assert_as_locked",
            "assert_distinct",
            "tables",
        ],
    ),
    (Nowhere(ERROR), &["ValueError::at", "ValueError::new", "cut", "fingerprint", "unknown_member"]),
    (
        Nowhere(VALUE),
        &[
            "Attachment::new",
            "AuditEntry::detail",
            "AuditEntry::new",
            "AuditEntry::plan",
            "Maker::run",
            "Populate::version",
            "Run::orders",
            "Worker::begin",
        ],
    ),
    (Nowhere(STORED), &["DynamicTable::stage", "Insert::stage"]),
    (Nowhere("it names what the keys of a run share among themselves"), &["Run::resource"]),
    (Nowhere("it takes a query that was built before"), &["Erasure::of", "Jobs::refresh"]),
];
