use datajoint_definition::Tier;
use datajoint_diagram::{Diagram, Direction, Theme};
use datajoint_schema::TableName;

use crate::pipeline::{EPHYS, Written, graph, sixty};

const GOLDEN: &[Written<'_>] = &[
    ("da", Tier::Lookup, "L", "l : int32"),
    ("da", Tier::Manual, "M", "m : int32\n---\n-> L"),
    ("da", Tier::Part, "M.P", "-> master\np : int32"),
    ("db2", Tier::Computed, "C", "-> M\n---\n-> M.proj(m2='m')"),
    ("db2", Tier::Imported, "I", "-> M\n-> L"),
];

#[test]
fn mermaid_is_what_python_writes_with_secondary_foreign_keys_dashed() {
    let diagram = Diagram::new(graph(GOLDEN))
        .direction(Direction::LeftToRight)
        .label("da", "__main__")
        .label("db2", "__main__");
    insta::assert_snapshot!(diagram.mermaid());
}

#[test]
fn a_pipeline_over_three_schemas_as_svg() {
    insta::assert_snapshot!("ephys_top_to_bottom", Diagram::new(graph(EPHYS)).svg());
    let sideways = Diagram::new(graph(EPHYS)).direction(Direction::LeftToRight).theme(Theme::Dark);
    insta::assert_snapshot!("ephys_left_to_right", sideways.svg());
}

#[test]
fn collapsed_schemas_are_one_node_each() {
    let diagram = Diagram::new(graph(EPHYS)).collapse("lab").collapse("session");
    insta::assert_snapshot!("ephys_collapsed", diagram.mermaid());
    let svg = diagram.svg();
    assert!(svg.contains("(4 tables)") && svg.contains("(3 tables)"), "{svg}");
}

#[test]
fn a_diagram_around_a_table_shows_its_neighbours() {
    let spikes = TableName::new("ephys", "__spikes");
    let shown = |up, down| {
        let diagram = Diagram::new(graph(EPHYS)).around(&spikes, up, down).unwrap();
        diagram.graph().tables().map(|table| table.class_name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(shown(0, 0), ["Spikes"]);
    assert_eq!(shown(1, 0), ["Recording", "SortingParams", "Spikes"]);
    assert_eq!(shown(0, 1), ["Spikes", "Unit", "Quality"]);
    assert!(Diagram::new(graph(EPHYS)).around(&TableName::new("ephys", "spikes"), 1, 1).is_err());
}

#[test]
fn tables_of_one_name_are_told_apart_by_their_schema() {
    let written: &[Written<'_>] =
        &[("one", Tier::Manual, "Session", "a : int32"), ("two", Tier::Manual, "Session", "b : int32")];
    let mermaid = Diagram::new(graph(written)).mermaid();
    assert!(mermaid.contains("one_Session[one.Session]:::manual"), "{mermaid}");
    assert!(mermaid.contains("two_Session[two.Session]:::manual"), "{mermaid}");
}

#[test]
fn texts_are_escaped() {
    let written: &[Written<'_>] =
        &[("lab", Tier::Manual, "Subject", "# <Mice> & \"rats\"\nsubject_id : int32")];
    let svg = Diagram::new(graph(written)).svg();
    assert!(svg.contains("# &lt;Mice&gt; &amp; &quot;rats&quot;"), "{svg}");
}

#[test]
fn nothing_overlaps_and_the_drawing_is_always_the_same() {
    for direction in [Direction::TopToBottom, Direction::LeftToRight] {
        for graph in [graph(EPHYS), sixty()] {
            let svg = Diagram::new(graph.clone()).direction(direction).svg();
            assert_eq!(svg, Diagram::new(graph.clone()).direction(direction).svg());
            let (nodes, frames) = (boxes(&svg, false), boxes(&svg, true));
            assert_eq!(nodes.len(), graph.tables().len());
            for all in [&nodes, &frames] {
                for (place, first) in all.iter().enumerate() {
                    for second in &all[place + 1..] {
                        assert!(apart(*first, *second), "{first:?} and {second:?} overlap in\n{svg}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_empty_pipeline_is_an_empty_page() {
    let svg = Diagram::new(graph(&[])).svg();
    assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{svg}");
}

type Box = [f64; 4];

fn apart(first: Box, second: Box) -> bool {
    let [x, y, width, height] = first;
    let [other_x, other_y, other_width, other_height] = second;
    x + width <= other_x || other_x + other_width <= x || y + height <= other_y || other_y + other_height <= y
}

/// The boxes of the nodes, or of the frames: left, top, width, height.
fn boxes(svg: &str, frames: bool) -> Vec<Box> {
    let attribute = |line: &str, name: &str| -> f64 {
        let start = line.rfind(&format!(" {name}=\"")).expect(name) + name.len() + 3;
        line[start..].split('"').next().expect("a value").parse().expect("a number")
    };
    let mut boxes = Vec::new();
    for line in svg.lines() {
        if let Some(shape) =
            line.split("<rect ").nth(1).filter(|_| frames == line.contains("class=\"schema\""))
        {
            let shape = format!(" {}", shape.split('>').next().expect("an end"));
            if !shape.contains("class=\"page\"") && !shape.contains("class=\"entity\"") {
                boxes.push(["x", "y", "width", "height"].map(|name| attribute(&shape, name)));
            }
        }
        if let Some(shape) = line.split("<ellipse ").nth(1).filter(|_| !frames) {
            let shape = format!(" {}", shape.split('>').next().expect("an end"));
            let [x, y, across, along] = ["cx", "cy", "rx", "ry"].map(|name| attribute(&shape, name));
            boxes.push([x - across, y - along, 2.0 * across, 2.0 * along]);
        }
    }
    boxes
}
