use datajoint_definition::{AttributeType, DefaultValue, NativeCategory, NativeType};
use datajoint_schema::Attribute;

use super::build::{Builder, Column, Select};
use crate::fragment::Fragment;
use crate::{Error, Projected, Result};

impl Builder {
    /// Other attributes of the same rows. The primary key stays unless it is renamed.
    pub(super) fn project(&mut self, query: Select, wanted: &[Projected]) -> Result<Select> {
        let computes = wanted.iter().any(|part| matches!(part, Projected::Compute { .. }));
        let mut query = if computes && (!query.plain || query.is_cut()) { self.wrap(query) } else { query };
        check(&query, wanted)?;
        let all = wanted.iter().any(|part| matches!(part, Projected::All));
        let mut columns = Vec::new();
        for column in &query.columns {
            let name = &column.attribute.name;
            let renames: Vec<&String> = wanted
                .iter()
                .filter_map(|part| match part {
                    Projected::Rename { new, old } if old == name => Some(new),
                    _ => None,
                })
                .collect();
            let kept = wanted.iter().any(|part| matches!(part, Projected::Keep(kept) if kept == name));
            let dropped = wanted.iter().any(|part| matches!(part, Projected::Drop(dropped) if dropped == name));
            let stays = renames.is_empty() && (column.attribute.in_key || all) && !dropped;
            if kept || stays {
                columns.push(column.clone());
            }
            for new in renames {
                let mut renamed = column.clone();
                new.clone_into(&mut renamed.attribute.name);
                columns.push(renamed);
            }
        }
        for part in wanted {
            if let Projected::Compute { new, text, parameters } = part {
                columns.push(Column { attribute: computed(new), sql: Fragment::of_user(text, parameters)?.grouped() });
            }
        }
        for (number, column) in columns.iter().enumerate() {
            let name = &column.attribute.name;
            if columns.iter().take(number).any(|other| &other.attribute.name == name) {
                return Err(Error::DuplicateAttribute { attribute: name.clone() });
            }
        }
        let changes = wanted.iter().any(|part| matches!(part, Projected::Rename { .. } | Projected::Compute { .. }));
        query.plain = query.plain && !changes;
        query.columns = columns;
        Ok(query)
    }
}

/// Every attribute named is there, and no attribute of the key is dropped.
fn check(query: &Select, wanted: &[Projected]) -> Result<()> {
    for part in wanted {
        match part {
            Projected::Keep(name) | Projected::Rename { old: name, .. } => {
                query.column(name)?;
            }
            Projected::Drop(name) => {
                if query.column(name)?.attribute.in_key {
                    let message = "is in the primary key and can't be dropped; rename it, or aggregate".to_owned();
                    return Err(Error::Value { attribute: name.clone(), message });
                }
            }
            Projected::All | Projected::Compute { .. } => {}
        }
    }
    Ok(())
}

/// A value computed by the database: of a type that only the database knows.
fn computed(name: &str) -> Attribute {
    let text = "expression".to_owned();
    Attribute {
        name: name.to_owned(),
        attribute_type: AttributeType::Native(NativeType { text: text.clone(), category: NativeCategory::Text }),
        type_text: text,
        in_key: false,
        nullable: true,
        default: DefaultValue::Null,
        comment: String::new(),
        lineage: None,
        inherited: false,
    }
}
