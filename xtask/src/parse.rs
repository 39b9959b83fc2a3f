//! `cargo xtask parse`: definitions as JSON, for editors and other tools.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::PathBuf;

use clap::Args;
use datajoint_definition::{
    AttributeLine, Backend, Context, Definition, Diagnostic, ForeignKeyLine, IndexLine, Position, Severity,
    Span, Tier, check, new_key, parse,
};
use serde_json::{Map, Value, json};

/// Parses definitions: one JSON object a line in, one a line out.
///
/// Of each comes what its text declares, without what parents bring in: `attributes`, `foreign_keys`,
/// `indexes`, `table_comment`, and every finding in `diagnostics`. A line that is no definition gives an
/// error in `diagnostics`, never an end.
#[derive(Args)]
pub(crate) struct Parse {
    /// A file of lines `{"class_name", "tier", "definition"}`; `-` is standard input.
    file: PathBuf,
    /// The database that the definitions are for: mysql, mariadb, postgresql or sqlite.
    #[arg(long, default_value = "mysql")]
    backend: Backend,
}

impl Parse {
    pub(crate) fn run(&self) -> Result<(), String> {
        let in_file = |error: io::Error| format!("{}: {error}", self.file.display());
        let mut input: BufReader<Box<dyn Read>> = BufReader::new(if self.file.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(&self.file).map_err(in_file)?)
        });
        if input.fill_buf().map_err(in_file)?.starts_with(&[0x1f, 0x8b]) {
            let file = self.file.display();
            return Err(format!("{file} is compressed: `gzip -dc {file} | cargo xtask parse -`"));
        }
        let mut output = io::BufWriter::new(io::stdout().lock());
        for line in input.split(b'\n') {
            let line = line.map_err(in_file)?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            match writeln!(output, "{}", answer(&line, self.backend)) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                outcome => outcome.map_err(|error| error.to_string())?,
            }
        }
        match output.flush() {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.to_string()),
            _ => Ok(()),
        }
    }
}

/// What is said of one line of the input, whatever it holds.
pub(crate) fn answer(line: &[u8], backend: Backend) -> Value {
    match Request::read(line) {
        Ok(request) => request.answer(backend),
        Err(message) => {
            let fault = Diagnostic::error(Span::default(), message)
                .with_help("a line is an object with `class_name`, `tier` and `definition`");
            body(&Definition::default(), "", &[fault])
        }
    }
}

struct Request {
    /// Without the name of the master; `None` where the line names no class.
    class_name: Option<String>,
    tier: Tier,
    text: String,
    faults: Vec<Diagnostic>,
}

impl Request {
    fn read(line: &[u8]) -> Result<Self, String> {
        let json: Value =
            serde_json::from_slice(line).map_err(|error| format!("the line is no JSON: {error}"))?;
        let text = |name: &str| json.get(name).and_then(Value::as_str);
        let definition = text("definition").ok_or("the line has no text `definition`")?;
        let mut faults = Vec::new();
        let named = text("tier").unwrap_or("Manual");
        let tier = tier(named).unwrap_or_else(|| {
            let message = format!("unknown tier `{named}`, read as Manual");
            let help = "the tiers are Manual, Lookup, Imported, Computed and Part";
            faults.push(Diagnostic::error(Span::default(), message).with_help(help));
            Tier::Manual
        });
        // The class of a part can stand as `Master.Part`.
        let class_name = text("class_name").and_then(|name| name.rsplit('.').next()).map(str::to_owned);
        Ok(Self { class_name, tier, text: definition.to_owned(), faults })
    }

    fn answer(mut self, backend: Backend) -> Value {
        let (definition, found) = parse(&self.text);
        self.faults.extend(found);
        let class_name = self.class_name.as_deref().unwrap_or("Table");
        let context = Context {
            class_name,
            tier: self.tier,
            master: None,
            backend: Some(backend),
            allow_new_key: true,
        };
        self.faults.extend(check(&definition, &context));
        // Whether a parent has the attribute too, and whether the table is allowed it, the text does not tell.
        self.faults.extend(new_key(&definition, &context).into_iter().map(|mut fault| {
            fault.severity = Severity::Warning;
            fault
        }));
        let errors: Vec<Span> =
            self.faults.iter().filter(|fault| fault.is_error()).map(|fault| fault.span).collect();
        self.faults.retain(|fault| fault.is_error() || !errors.contains(&fault.span));
        self.faults.sort_by_key(|fault| fault.span.start);
        body(&definition, &self.text, &self.faults)
    }
}

/// The tier of this name in Rust or Python.
fn tier(name: &str) -> Option<Tier> {
    match name {
        "Manual" | "Entry" => Some(Tier::Manual),
        "Lookup" => Some(Tier::Lookup),
        "Imported" | "Ingest" => Some(Tier::Imported),
        "Computed" | "Compute" => Some(Tier::Computed),
        "Part" => Some(Tier::Part),
        _ => None,
    }
}

fn body(definition: &Definition, text: &str, faults: &[Diagnostic]) -> Value {
    let attributes: Vec<Value> = definition.attributes().map(attribute).collect();
    let foreign_keys: Vec<Value> = definition.foreign_keys().map(|key| foreign_key(key, text)).collect();
    let indexes: Vec<Value> = definition.indexes().map(index).collect();
    let diagnostics: Vec<Value> = faults.iter().map(|fault| diagnostic(fault, text)).collect();
    json!({
        "table_comment": definition.comment,
        "attributes": attributes,
        "foreign_keys": foreign_keys,
        "indexes": indexes,
        "diagnostics": diagnostics,
    })
}

fn attribute(line: &AttributeLine) -> Value {
    json!({
        "name": line.name,
        "type": line.type_text,
        "in_key": line.in_key,
        "nullable": line.is_nullable(),
        "default": line.default_text,
        "comment": line.comment,
    })
}

fn foreign_key(line: &ForeignKeyLine, text: &str) -> Value {
    let mut options = Vec::new();
    options.extend(line.nullable.then_some("nullable"));
    options.extend(line.unique.then_some("unique"));
    // In the order of the text.
    let written = text.get(line.span.range()).unwrap_or_default().to_ascii_lowercase();
    options.sort_by_key(|option| written.find(option));
    let renames: Map<String, Value> =
        line.renames.iter().map(|rename| (rename.new.clone(), rename.old.clone().into())).collect();
    json!({"parent": line.parent, "options": options, "renames": renames, "in_key": line.in_key})
}

fn index(line: &IndexLine) -> Value {
    let columns: Vec<String> = line.items.iter().map(ToString::to_string).collect();
    json!({"unique": line.unique, "columns": columns})
}

fn diagnostic(found: &Diagnostic, text: &str) -> Value {
    let Position { line, column } = Position::of(text, found.span.start);
    json!({
        "severity": found.severity.to_string(),
        "message": found.message,
        "help": found.help,
        "line": line,
        "column": column,
    })
}
