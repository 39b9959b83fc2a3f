//! `cargo xtask parse`: definitions as JSON, for editors and other tools.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;

use clap::Args;
use datajoint_definition::{
    AttributeLine, Backend, Context, DefaultValue, Definition, Diagnostic, ForeignKeyLine, IndexLine, Line,
    Position, Span, Tier,
};
use serde_json::{Map, Value, json};

/// Parses definitions: one JSON object a line in, one a line out.
#[derive(Args)]
pub(crate) struct Parse {
    /// A file of lines `{"class_name", "tier", "definition"}`; `-` is standard input.
    file: PathBuf,
    /// The database that the definitions are for.
    #[arg(long, default_value = "mysql")]
    backend: Backend,
}

impl Parse {
    pub(crate) fn run(&self) -> Result<(), String> {
        let input: Box<dyn Read> = if self.file.as_os_str() == "-" {
            Box::new(std::io::stdin())
        } else {
            let file = std::fs::File::open(&self.file);
            Box::new(file.map_err(|error| format!("{}: {error}", self.file.display()))?)
        };
        let mut output = std::io::stdout().lock();
        for line in BufReader::new(input).split(b'\n') {
            let line = line.map_err(|error| format!("{}: {error}", self.file.display()))?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            match writeln!(output, "{}", answer(&line, self.backend)) {
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                outcome => outcome.map_err(|error| error.to_string())?,
            }
        }
        Ok(())
    }
}

/// What is said of one line of the input, whatever it holds.
pub(crate) fn answer(line: &[u8], backend: Backend) -> Value {
    match Request::read(line) {
        Ok(request) => request.answer(backend),
        Err(message) => {
            let fault = Diagnostic::error(Span::default(), message)
                .with_help("a line is an object with `class_name`, `tier` and `definition`");
            json!({"attributes": [], "foreign_keys": [], "indexes": [], "diagnostics": [diagnostic(&fault, "")]})
        }
    }
}

struct Request {
    class_name: String,
    tier: Tier,
    text: String,
}

impl Request {
    fn read(line: &[u8]) -> Result<Self, String> {
        let json: Value =
            serde_json::from_slice(line).map_err(|error| format!("the line is no JSON: {error}"))?;
        let text = |name: &str| json.get(name).and_then(Value::as_str);
        let definition = text("definition").ok_or("the line has no text `definition`")?;
        let tier = match text("tier") {
            None | Some("Manual" | "Entry") => Tier::Manual,
            Some("Lookup") => Tier::Lookup,
            Some("Imported" | "Ingest") => Tier::Imported,
            Some("Computed" | "Compute") => Tier::Computed,
            Some("Part") => Tier::Part,
            Some(other) => {
                return Err(format!("unknown tier `{other}`: Manual, Lookup, Imported, Computed or Part"));
            }
        };
        Ok(Self {
            class_name: text("class_name").unwrap_or("Table").to_owned(),
            tier,
            text: definition.to_owned(),
        })
    }

    fn answer(&self, backend: Backend) -> Value {
        let (definition, mut diagnostics) = datajoint_definition::parse(&self.text);
        // The class of a part can stand as `Master.Part`.
        let class_name = self.class_name.rsplit('.').next().unwrap_or_default();
        diagnostics.extend(datajoint_definition::check(
            &definition,
            &Context {
                class_name,
                tier: self.tier,
                master: None,
                backend: Some(backend),
                allow_new_key: false,
            },
        ));
        diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
        let diagnostics: Vec<Value> = diagnostics.iter().map(|found| diagnostic(found, &self.text)).collect();
        let mut answer = body(&definition);
        answer.insert("diagnostics".to_owned(), diagnostics.into());
        Value::Object(answer)
    }
}

fn body(definition: &Definition) -> Map<String, Value> {
    let (mut attributes, mut foreign_keys, mut indexes) = (Vec::new(), Vec::new(), Vec::new());
    for line in &definition.lines {
        match line {
            Line::Attribute(line) => attributes.push(attribute(line)),
            Line::ForeignKey(line) => foreign_keys.push(foreign_key(line)),
            Line::Index(line) => indexes.push(index(line)),
        }
    }
    let mut body = Map::new();
    body.insert("attributes".to_owned(), attributes.into());
    body.insert("foreign_keys".to_owned(), foreign_keys.into());
    body.insert("indexes".to_owned(), indexes.into());
    body
}

fn attribute(line: &AttributeLine) -> Value {
    let default = match &line.default {
        DefaultValue::Required => None,
        DefaultValue::Null => Some("null".to_owned()),
        DefaultValue::CurrentTimestamp(text) | DefaultValue::Value(text) => Some(text.clone()),
    };
    json!({
        "name": line.name,
        "type": line.type_text,
        "in_key": line.in_key,
        "nullable": line.is_nullable(),
        "default": default,
        "comment": line.comment,
    })
}

fn foreign_key(line: &ForeignKeyLine) -> Value {
    let options = [("nullable", line.nullable), ("unique", line.unique)];
    let options: Vec<&str> = options.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
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
