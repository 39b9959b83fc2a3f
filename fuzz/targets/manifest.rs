//! A manifest from somebody else declares tables with one statement each, or is refused.
#![no_main]

use datajoint_definition::{Backend, Tier, parse};
use datajoint_schema::{Declaration, resolve};
use datajoint_sql::{create_table, is_one_statement};
use datajoint_transfer::Manifest;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = serde_json::from_slice::<Manifest>(bytes) else { return };
    for table in &manifest.tables {
        let (definition, _) = parse(&table.definition);
        let (table, _) = resolve(&Declaration {
            schema: &table.schema,
            class_name: &table.class,
            tier: Tier::Manual,
            definition: &definition,
            parents: &[],
            master: None,
        });
        for backend in Backend::ALL {
            for statement in create_table(backend, &table).unwrap_or_default() {
                assert!(is_one_statement(backend, &statement.sql), "{backend}: {}", statement.sql);
            }
        }
    }
});
