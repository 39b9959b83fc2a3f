//! Drawings as Mermaid flowcharts.

use crate::Direction;
use crate::drawing::{Drawing, Kind, Node};
use crate::palette::LIGHT;

/// The flowchart, without a line end after its last line.
pub(crate) fn write(drawing: &Drawing, direction: Direction) -> String {
    let direction = match direction {
        Direction::TopToBottom => "TB",
        Direction::LeftToRight => "LR",
    };
    let mut lines = vec![format!("flowchart {direction}"), String::new()];
    for kind in Kind::ALL {
        let (fill, stroke, text) = (LIGHT.node)(kind);
        lines.push(format!("    classDef {} fill:{fill},stroke:{stroke},color:{text}", kind.class()));
    }
    lines.push(String::new());
    for schema in 0..drawing.schemas.len() {
        schema_lines(drawing, schema, &mut lines);
    }
    lines.push(String::new());
    for stroke in &drawing.strokes {
        let [parent, child] = [stroke.parent, stroke.child].map(|node| node_id(&drawing.nodes[node]));
        let arrow = if stroke.dashed { "-.->" } else { "-->" };
        lines.push(format!("    {parent} {arrow} {child}"));
    }
    for (place, stroke) in drawing.strokes.iter().enumerate() {
        let colour = if stroke.renamed { LIGHT.renamed_edge } else { LIGHT.edge };
        let width = if stroke.thick { 2 } else { 1 };
        lines.push(format!("    linkStyle {place} stroke:{colour},stroke-width:{width}px"));
    }
    lines.join("\n")
}

fn schema_lines(drawing: &Drawing, schema: usize, lines: &mut Vec<String>) {
    let frame = &drawing.schemas[schema];
    lines.push(format!("    subgraph {}[\"{}\"]", id(&frame.schema), frame.label));
    let of_schema = |node: &usize| drawing.nodes[*node].schema == schema;
    let own: Vec<usize> = (0..drawing.nodes.len()).filter(of_schema).collect();
    let mut alone = Vec::new();
    for &node in &own {
        let parts: Vec<usize> = drawing.parts(node).collect();
        if !parts.is_empty() {
            lines.push(format!("        subgraph entity_{}[\" \"]", id(&drawing.nodes[node].name)));
            lines.extend(
                std::iter::once(node)
                    .chain(parts)
                    .map(|node| format!("            {}", node_text(&drawing.nodes[node]))),
            );
            lines.push("        end".to_owned());
        } else if drawing.nodes[node].master.is_none() {
            alone.push(format!("        {}", node_text(&drawing.nodes[node])));
        }
    }
    lines.extend(alone);
    lines.push("    end".to_owned());
}

fn node_text(node: &Node) -> String {
    let (left, right) = match node.kind {
        Kind::Manual | Kind::Lookup | Kind::Part => ("[", "]"),
        Kind::Computed | Kind::Imported => ("([", "])"),
        Kind::Other => ("((", "))"),
        Kind::Collapsed => ("[[", "]]"),
    };
    let is_plain = |character: char| character.is_alphanumeric() || character == '_' || character == '.';
    let text = if node.text.chars().all(is_plain) { node.text.clone() } else { format!("\"{}\"", node.text) };
    format!("{}{left}{text}{right}:::{}", node_id(node), node.kind.class())
}

/// The id of a node; a collapsed schema's must not be that of the subgraph it stands in.
fn node_id(node: &Node) -> String {
    match node.kind {
        Kind::Collapsed => format!("collapsed_{}", id(&node.name)),
        _ => id(&node.name),
    }
}

/// A name as Mermaid takes it for an id.
fn id(name: &str) -> String {
    name.chars().map(|character| if character.is_alphanumeric() { character } else { '_' }).collect()
}
