use std::fmt::{self, Write as _};

use datajoint_definition::{AttributeType, Store, printable};
use datajoint_schema::Heading;
use datajoint_sql::{Expression, Part, Value};

use super::Query;
use crate::typed::describe;
use crate::{Result, Target};

/// The first rows of a query as a table for people: its text has DataJoint's look, [`html`](Self::html) is for notebooks
/// and reports.
///
/// Attributes of the primary key are marked, blobs are `=BLOB=`. How many rows and how wide columns are is for
/// `display.limit` and `display.width` of the settings to say, and `display.show_tuple_count` whether all rows are
/// counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The names of the attributes, each with whether it belongs to the primary key.
    pub names: Vec<(String, bool)>,
    /// The rows as text.
    pub rows: Vec<Vec<String>>,
    /// True when there are more rows.
    pub has_more: bool,
    /// How many rows there are in all, when they were counted.
    pub total: Option<u64>,
    /// The widest that a column is as text.
    width: usize,
}

impl<R> Query<R> {
    pub(crate) async fn run_preview(&self, mut on: Target<'_>) -> Result<Preview> {
        let display = on.instance().settings().display.clone();
        let lowered = self.lower(&mut on).await?;
        let limit = display.limit as u64;
        let first = Expression::Top {
            from: Part::new(lowered.expression.clone()),
            order: Vec::new(),
            limit: Some(limit + 1),
            offset: 0,
        };
        let is_ordered = matches!(lowered.expression, Expression::Top { .. });
        // An order of its own is kept, and any other rows will do.
        let first = if is_ordered { cut(lowered.expression.clone(), limit + 1) } else { first };
        let select = datajoint_sql::select(on.backend(), &first)?;
        let blobs = blobs(&select.heading);
        let mut rows: Vec<Vec<String>> = Vec::new();
        on.each(&select, &mut |values| {
            let cells = values.iter().zip(&blobs).map(|(value, blob)| cell(value, *blob));
            rows.push(cells.collect());
            Ok(())
        })
        .await
        .map_err(|error| self.refused(&on, error))?;
        let names = select.heading.visible().map(|attribute| (attribute.name.clone(), attribute.in_key));
        let has_more = rows.len() as u64 > limit;
        rows.truncate(display.limit);
        let total = match (display.show_tuple_count, has_more) {
            (false, _) => None,
            (true, false) => Some(rows.len() as u64),
            (true, true) => {
                let counted = on.count(&lowered.expression).await;
                Some(counted.map_err(|error| self.refused(&on, error))?)
            }
        };
        Ok(Preview { names: names.collect(), rows, has_more, total, width: display.width })
    }
}

/// An ordered query with fewer rows.
fn cut(expression: Expression, most: u64) -> Expression {
    match expression {
        Expression::Top { from, order, limit, offset } => {
            let limit = Some(limit.map_or(most, |limit| limit.min(most)));
            Expression::Top { from, order, limit, offset }
        }
        other => other,
    }
}

/// What is shown in place of a value.
fn blobs(heading: &Heading) -> Vec<Option<&'static str>> {
    let shown = |attribute_type: &AttributeType| match attribute_type {
        AttributeType::Codec(codec) if codec.store == Store::Table => Some("=BLOB="),
        AttributeType::Codec(_) => Some("=OBJECT="),
        _ => None,
    };
    heading.visible().map(|attribute| shown(&attribute.attribute_type)).collect()
}

fn cell(value: &Value, blob: Option<&str>) -> String {
    match (value, blob) {
        (Value::Null, _) => "NULL".to_owned(),
        (_, Some(blob)) => blob.to_owned(),
        (Value::Bytes(_), None) => "=BLOB=".to_owned(),
        (Value::Text(text), None) => text.clone(),
        (Value::Json(document), None) => document.to_string(),
        (value, None) => describe(value),
    }
}

impl Preview {
    /// The table as HTML, for notebooks and reports. It needs no style sheet, and text in it is escaped.
    pub fn html(&self) -> String {
        let mut html = String::from("<table class=\"datajoint\">\n<thead><tr>");
        for (name, in_key) in &self.names {
            let name = escaped(name);
            let name = if *in_key { format!("<b>{name}</b>") } else { name };
            let _ = write!(html, "<th>{name}</th>");
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            html.push_str("<tr>");
            for cell in row {
                let _ = write!(html, "<td>{}</td>", escaped(cell));
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody>\n</table>\n");
        if self.has_more {
            html.push_str("<p>…</p>\n");
        }
        if let Some(total) = self.total {
            let _ = writeln!(html, "<p>Total: {total}</p>");
        }
        html
    }

    /// Shows the table in a notebook of evcxr, which calls this by itself.
    #[expect(clippy::print_stdout, reason = "a notebook reads what is printed")]
    pub fn evcxr_display(&self) {
        println!("EVCXR_BEGIN_CONTENT text/html\n{}EVCXR_END_CONTENT", self.html());
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Text as one line that does nothing to a terminal.
fn one_line(text: &str) -> String {
    printable(&text.replace(['\n', '\r', '\t'], " ")).into_owned()
}

/// A line cut to a width, with blanks behind it.
fn padded(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return format!("{line:<width$}");
    }
    let kept: String = line.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

impl fmt::Display for Preview {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles: Vec<String> = self
            .names
            .iter()
            .map(|(name, in_key)| if *in_key { format!("*{name}") } else { name.clone() })
            .collect();
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
        let widths = titles.iter().enumerate().map(|(place, title)| {
            let cells = rows.iter().map(|row| row[place].chars().count());
            let widest = cells.chain([title.chars().count()]).max().unwrap_or_default();
            // A name is never cut.
            widest.clamp(title.chars().count().max(2), self.width.max(title.chars().count()).max(2))
        });
        let widths: Vec<usize> = widths.collect();
        let line = |cells: Vec<String>| cells.join(" ").trim_end().to_owned();
        let header = titles.iter().zip(&widths).map(|(title, width)| padded(title, *width)).collect();
        writeln!(formatter, "{}", line(header))?;
        let rule = widths.iter().map(|width| format!("+{}+", "-".repeat(width.saturating_sub(2)))).collect();
        writeln!(formatter, "{}", line(rule))?;
        for row in &rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| padded(cell, *width)).collect();
            writeln!(formatter, "{}", line(cells))?;
        }
        if self.has_more {
            writeln!(formatter, "{}", line(widths.iter().map(|width| padded("...", *width)).collect()))?;
        }
        match self.total {
            Some(total) => write!(formatter, " (Total: {total})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Preview;

    #[test]
    fn what_would_do_something_to_a_terminal_is_shown_as_an_escape() {
        let cell = "\u{1b}[31mred\u{1b}]0;t\u{7}\u{202e}\u{9b}\r\n\tü".to_owned();
        let names = vec![("id".to_owned(), true)];
        let preview = Preview { names, rows: vec![vec![cell]], has_more: false, total: None, width: 80 };
        let shown = preview.to_string();
        assert!(shown.contains(r"\u{1b}[31mred\u{1b}]0;t\u{7}\u{202e}\u{9b}   ü"), "{shown}");
    }
}
