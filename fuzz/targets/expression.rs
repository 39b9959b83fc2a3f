//! SQL of users is one expression or refused, and what is accepted is read again as the same.
#![no_main]

use datajoint_definition::{Backend, IndexItem, Tier, parse};
use datajoint_schema::{Declaration, Index, resolve};
use datajoint_sql::{create_table, is_one_statement, plain_expression};

libfuzzer_sys::fuzz_target!(|text: &str| {
    for backend in Backend::ALL {
        if let Ok(sql) = plain_expression(backend, text) {
            assert!(is_one_statement(backend, &format!("SELECT ({sql})")), "{backend}: {text:?} gives {sql:?}");
            // A backslash of a string is written twice for servers that take its meaning from what follows.
            if !text.contains('\\') {
                let again = plain_expression(backend, &sql);
                assert_eq!(again.as_deref(), Ok(sql.trim()), "{backend}: {text:?}");
            }
        }
        let _ = is_one_statement(backend, text);
    }
    // In a definition, and in an index as a catalog may give it.
    for definition in [format!("a : int32\n---\nindex ({text})"), format!("a : int32\n---\nb = {text} : varchar(9)")] {
        let (definition, faults) = parse(&definition);
        if faults.iter().any(datajoint_definition::Diagnostic::is_error) {
            continue;
        }
        let (mut table, _) = resolve(&Declaration {
            schema: "lab",
            class_name: "Mouse",
            tier: Tier::Manual,
            definition: &definition,
            parents: &[],
            master: None,
        });
        table.indexes.push(Index { items: vec![IndexItem::Expression(text.to_owned())], unique: true });
        for backend in Backend::ALL {
            for statement in create_table(backend, &table).unwrap_or_default() {
                assert!(is_one_statement(backend, &statement.sql), "{backend}: {text:?}: {}", statement.sql);
            }
        }
    }
});
