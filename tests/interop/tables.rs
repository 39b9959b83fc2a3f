//! Tables that both sides declare from the same text.

use datajoint::{DynamicDeclaration, DynamicTable, Instance, Result};
use datajoint_definition::Tier;
use serde_json::{Value as Json, json};

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Rust,
    Python,
}

/// A table to be declared; a part stands after its master, as `Master.Part`.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) tier: Tier,
    pub(crate) class: String,
    pub(crate) definition: String,
    /// The function `make` in Python.
    pub(crate) make: Option<&'static str>,
    /// The contents that Python declares a lookup with.
    pub(crate) contents: Option<Json>,
}

impl Spec {
    pub(crate) fn new(tier: Tier, class: &str, definition: &str) -> Self {
        Self { tier, class: class.to_owned(), definition: definition.to_owned(), make: None, contents: None }
    }

    /// A table that was found, with its description for a definition.
    pub(crate) fn of(found: &DynamicTable) -> Self {
        let table = found.table();
        let class = match &table.master {
            Some(master) => {
                format!("{}.{}", datajoint_definition::camel_case(&master.table), table.class_name)
            }
            None => table.class_name.clone(),
        };
        Self::new(table.tier.unwrap(), &class, &found.describe().unwrap())
    }

    fn master(&self) -> Option<(&str, &str)> {
        self.class.split_once('.')
    }
}

/// Declares tables from Rust.
pub(crate) async fn declare_in_rust(instance: &Instance, schema: &str, tables: &[Spec]) -> Result<()> {
    for table in tables {
        let (master, class_name) = match table.master() {
            Some((master, part)) => (Some(master), part),
            None => (None, table.class.as_str()),
        };
        let Spec { tier, definition, .. } = table;
        let declaration = DynamicDeclaration { schema, class_name, tier: *tier, master, definition };
        let _ = instance.declare_copy(declaration).await?;
    }
    Ok(())
}

/// The same tables as Python is told of them.
pub(crate) fn for_python(tables: &[Spec]) -> Json {
    let masters = tables.iter().filter(|table| table.master().is_none()).map(|table| {
        let parts = tables.iter().filter_map(|part| {
            let (master, class) = part.master()?;
            (master == table.class).then(|| json!({"class": class, "definition": part.definition}))
        });
        json!({
            "class": table.class,
            "tier": table.tier.name(),
            "definition": table.definition,
            "make": table.make,
            "contents": table.contents,
            "parts": parts.collect::<Vec<_>>(),
        })
    });
    masters.collect()
}
