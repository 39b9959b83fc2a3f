use datajoint_definition::Tier;
use datajoint_sql::Value;

/// Another table's [`TableSpec`], asked for when it is needed.
pub type SpecFn = fn() -> &'static TableSpec;

/// What `#[table]` knows of a table, as constants.
///
/// From it the run time resolves the same table as the macro did at compile time.
#[derive(Debug)]
pub struct TableSpec {
    /// The class: `Spikes`; of a part only its own name: `Unit`.
    pub class_name: &'static str,
    /// The Rust path of the struct: `lab::ephys::Spikes`.
    pub rust_path: &'static str,
    /// The schema as given to `schema!`, before any prefix.
    pub schema: &'static str,
    /// The tier.
    pub tier: Tier,
    /// The text of the definition.
    pub definition: &'static str,
    /// The parent of each foreign key line, in the order of the text; `-> master` is the master.
    pub parents: &'static [SpecFn],
    /// The master of a part.
    pub master: Option<SpecFn>,
    /// The contents of a lookup table.
    pub contents: Option<Contents>,
    /// True when the table may add attributes to its key although it is auto-populated.
    pub allow_new_key: bool,
    /// How the table has changed since it was locked, as far as it says so.
    pub change: DeclaredChange,
}

/// How a table says that it has changed since it was locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclaredChange {
    /// The class that it had.
    pub renamed_from: Option<&'static str>,
    /// The new name of each attribute that was renamed, and its old one.
    pub was: &'static [(&'static str, &'static str)],
    /// The hash of the locked definition that it departs from.
    pub changed_from: Option<&'static str>,
}

impl DeclaredChange {
    /// That of a table which says nothing of the kind.
    pub const NONE: Self = Self { renamed_from: None, was: &[], changed_from: None };
}

/// The rows that a lookup table is declared with.
#[derive(Debug, Clone, Copy)]
pub struct Contents {
    /// The attributes, in the order of the rows.
    pub attributes: &'static [&'static str],
    /// Makes the rows.
    pub rows: fn() -> Result<Vec<Vec<Value>>, crate::typed::ValueError>,
}

impl TableSpec {
    /// A spec; called by generated code.
    pub const fn new(
        class_name: &'static str,
        rust_path: &'static str,
        schema: &'static str,
        tier: Tier,
        definition: &'static str,
        parents: &'static [SpecFn],
    ) -> Self {
        Self {
            class_name,
            rust_path,
            schema,
            tier,
            definition,
            parents,
            master: None,
            contents: None,
            allow_new_key: false,
            change: DeclaredChange::NONE,
        }
    }

    /// The name of the struct without its modules.
    pub(crate) fn rust_name(&self) -> &'static str {
        self.rust_path.rsplit("::").next().unwrap_or(self.rust_path)
    }

    /// The same as a part of a master.
    #[must_use]
    pub const fn with_master(mut self, master: SpecFn) -> Self {
        self.master = Some(master);
        self
    }

    /// The same with contents.
    #[must_use]
    pub const fn with_contents(mut self, contents: Contents) -> Self {
        self.contents = Some(contents);
        self
    }

    /// The same with what it says of how it has changed.
    #[must_use]
    pub const fn with_change(mut self, change: DeclaredChange) -> Self {
        self.change = change;
        self
    }

    /// The same with leave to add attributes to the key.
    #[must_use]
    pub const fn with_new_key_allowed(mut self) -> Self {
        self.allow_new_key = true;
        self
    }
}
