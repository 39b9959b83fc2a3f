//! Schemas as the foreign keys of a definition name them.

use std::collections::HashMap;

use datajoint_definition::parse;

use crate::Transferred;

/// The definition of a table with the schemas that its parents are in here. All else of the text stays as it is.
///
/// A parent in the schema of the table itself is named without it, as a schema may have a name that no definition can write.
pub(crate) fn renamed(
    definition: &str,
    transferred: &Transferred,
    schemas: &HashMap<String, String>,
) -> String {
    let here = |schema: &str| schemas.get(schema).map_or_else(|| schema.to_owned(), String::clone);
    let own = here(&transferred.schema);
    let (parsed, _) = parse(definition);
    let mut text = definition.to_owned();
    // From the end, as what stands before a place keeps its own.
    for key in parsed.foreign_keys().collect::<Vec<_>>().into_iter().rev() {
        let named = key.parent.replace("::", ".");
        let (exported, class) = match named.split_once('.') {
            Some((schema, class)) if !schema.starts_with(char::is_uppercase) => (schema, class),
            _ => (transferred.schema.as_str(), named.as_str()),
        };
        let is_own = exported == transferred.schema;
        let schema = here(exported);
        let parent = if is_own && key.renames.is_empty() && transferred.master.as_deref() == Some(class) {
            "master".to_owned()
        } else if schema == own {
            class.to_owned()
        } else {
            format!("{schema}.{class}")
        };
        text.replace_range(key.parent_span.start..key.parent_span.end, &parent);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::renamed;
    use crate::Transferred;

    fn of(master: Option<&str>, definition: &str, schemas: &[(&str, &str)]) -> String {
        let transferred = Transferred {
            schema: "lab".to_owned(),
            table: String::new(),
            class: String::new(),
            tier: String::new(),
            master: master.map(str::to_owned),
            definition: definition.to_owned(),
            attributes: Vec::new(),
            rows: 0,
            hash: String::new(),
            file: String::new(),
        };
        let schemas: HashMap<_, _> =
            schemas.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect();
        renamed(definition, &transferred, &schemas)
    }

    #[test]
    fn parents_alone_are_renamed_wherever_else_the_name_stands() {
        let definition = "# rows of lab.Session, not of rig.Session\n\
                          -> rig.Session.proj(lab='session')  # -> rig.Session of lab\n\
                          ->\tlab.Subject\n\
                          ---\n\
                          ->[nullable]  rig . Camera\n\
                          rig = 'rig.Session -> rig.X' : varchar(40)  # see rig.Session\n\
                          kind : enum('lab.a','-> rig.b')\n\
                          unique index (rig, lab)\n";
        let expected = "# rows of lab.Session, not of rig.Session\n\
                        -> set_up.Session.proj(lab='session')  # -> rig.Session of lab\n\
                        ->\tSubject\n\
                        ---\n\
                        ->[nullable]  set_up.Camera\n\
                        rig = 'rig.Session -> rig.X' : varchar(40)  # see rig.Session\n\
                        kind : enum('lab.a','-> rig.b')\n\
                        unique index (rig, lab)\n";
        assert_eq!(of(None, definition, &[("rig", "set_up"), ("lab", "lab_copy")]), expected);
    }

    #[test]
    fn schemas_that_change_places_are_each_looked_up_once() {
        let definition = "-> lab.A\n-> rig.B\n-> lab.A.Part\n";
        assert_eq!(of(None, definition, &[("rig", "lab"), ("lab", "rig")]), "-> A\n-> lab.B\n-> A.Part\n");
        assert_eq!(of(None, definition, &[("rig", "lab")]), "-> A\n-> B\n-> A.Part\n");
    }

    #[test]
    fn the_master_of_a_part_is_named_as_such() {
        let definition = "-> lab.Scan\nunit : int32\n---\n-> lab.Scan.proj(other='scan')\n-> rig.Scan\n";
        let expected = "-> master\nunit : int32\n---\n-> Scan.proj(other='scan')\n-> rig.Scan\n";
        assert_eq!(of(Some("Scan"), definition, &[]), expected);
        assert_eq!(
            of(Some("Scan"), "-> rig.Scan\n", &[("rig", "lab")]),
            "-> Scan\n",
            "another one of this name"
        );
    }
}
