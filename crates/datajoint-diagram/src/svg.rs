//! Drawings as SVG documents.

use std::fmt::Write as _;

use crate::drawing::{Drawing, Node, Stroke};
use crate::layout;
use crate::layout::{Layout, Point, Rectangle, Segment};
use crate::palette::Theme;

mod shape;
mod style;

/// The document: style, frames, lines, and the nodes over them.
pub(crate) fn write(drawing: &Drawing, layout: &Layout, theme: Theme) -> String {
    let size = layout.size;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"datajoint\" width=\"{w}\" height=\"{h}\" \
         viewBox=\"0 0 {w} {h}\" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\">\n",
        w = number(size.x),
        h = number(size.y),
    );
    svg.push_str(&style::style(theme));
    if theme != Theme::Light {
        let _ = writeln!(
            svg,
            "<rect class=\"page\" width=\"{}\" height=\"{}\"/>",
            number(size.x),
            number(size.y)
        );
    }
    for (frame, place) in drawing.schemas.iter().zip(&layout.frames) {
        frame_text(&mut svg, &frame.label, *place);
    }
    for entity in &layout.entities {
        let _ = writeln!(svg, "<rect class=\"entity\" {} rx=\"10\"/>", sides(*entity));
    }
    svg.push_str("<g class=\"edges\">\n");
    for (stroke, curve) in drawing.strokes.iter().zip(&layout.curves) {
        edge(&mut svg, stroke, curve);
    }
    svg.push_str("</g>\n");
    for (node, place) in drawing.nodes.iter().zip(&layout.nodes) {
        node_text(&mut svg, node, *place);
    }
    svg.push_str("</svg>\n");
    svg
}

fn frame_text(svg: &mut String, label: &str, place: Rectangle) {
    let corner = Point::new(place.high().x - 12.0, place.low().y + 19.0);
    let _ = writeln!(svg, "<rect class=\"schema\" {} rx=\"12\"/>", sides(place));
    let _ = writeln!(
        svg,
        "<text class=\"schema-label\" x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"end\">{}</text>",
        number(corner.x),
        number(corner.y),
        number(layout::LABEL_SIZE),
        escaped(label)
    );
}

fn edge(svg: &mut String, stroke: &Stroke, curve: &[Segment]) {
    let mut class = "edge".to_owned();
    for (is_so, name) in
        [(stroke.thick, " thick"), (stroke.dashed, " secondary"), (stroke.renamed, " renamed")]
    {
        if is_so {
            class.push_str(name);
        }
    }
    let _ = writeln!(
        svg,
        "<path class=\"{class}\" d=\"{}\"><title>{}</title></path>",
        path(curve),
        escaped(&stroke.tooltip)
    );
}

fn node_text(svg: &mut String, node: &Node, place: Rectangle) {
    let size = layout::font_size(node.kind);
    // By which a page finds the node of a table.
    let table = node.table.as_ref().map(|table| format!(" data-table=\"{}\"", escaped(&table.to_string())));
    let _ = write!(
        svg,
        "<g class=\"node {}\"{}><title>{}</title>",
        node.kind.class(),
        table.unwrap_or_default(),
        escaped(node.tooltip.trim_end())
    );
    svg.push_str(&shape::outline(node.kind, place));
    let underline = if node.underlined { " text-decoration=\"underline\"" } else { "" };
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\"{underline}>{}</text></g>",
        number(place.middle.x),
        number(place.middle.y + size * 0.35),
        number(size),
        escaped(&node.text)
    );
}

fn path(curve: &[Segment]) -> String {
    let mut text = String::new();
    for segment in curve {
        text.push(match segment {
            Segment::Move(_) => 'M',
            Segment::Line(_) => 'L',
            Segment::Curve(..) => 'C',
        });
        let points: Vec<String> = segment
            .points()
            .into_iter()
            .map(|point| format!("{} {}", number(point.x), number(point.y)))
            .collect();
        text.push_str(&points.join(" "));
    }
    text
}

/// A box as attributes.
fn sides(place: Rectangle) -> String {
    let low = place.low();
    format!(
        "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
        number(low.x),
        number(low.y),
        number(place.size.x),
        number(place.size.y)
    )
}

/// A number with at most one digit after the point.
fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    // Not `-0`.
    format!("{}", rounded + 0.0)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(character),
            // XML has no place for other control characters.
            character if character.is_control() => escaped.push(' '),
            character => escaped.push(character),
        }
    }
    escaped
}
