//! The style sheet within a document.

use std::fmt::Write as _;

use crate::drawing::Kind;
use crate::palette::{DARK, LIGHT, Palette, Theme};

/// Everything is scoped to `.datajoint`, so that a page may hold the document in its own text.
pub(super) fn style(theme: Theme) -> String {
    let mut style = String::from("<style>\n");
    style.push_str(
        ".datajoint .page{fill:none}\n\
         .datajoint .schema{fill:none;stroke-dasharray:5 4}\n\
         .datajoint .edge{fill:none;stroke-width:1;stroke-linecap:round}\n\
         .datajoint .thick{stroke-width:2}\n\
         .datajoint .secondary{stroke-dasharray:4 4}\n\
         .datajoint .edge:hover{stroke-width:3;stroke-opacity:1}\n",
    );
    match theme {
        Theme::Light => style.push_str(&rules(&LIGHT, "")),
        Theme::Dark => style.push_str(&rules(&DARK, "")),
        Theme::Auto => {
            style.push_str(&rules(&LIGHT, ""));
            let _ = writeln!(style, "@media (prefers-color-scheme: dark) {{\n{}}}", rules(&DARK, "  "));
        }
    }
    style.push_str("</style>\n");
    style
}

fn rules(palette: &Palette, indent: &str) -> String {
    let mut rules = Vec::new();
    if let Some(background) = palette.background {
        rules.push(format!(".page{{fill:{background}}}"));
    }
    rules.push(format!(".schema{{stroke:{}}}", palette.schema_outline));
    rules.push(format!(".schema-label{{fill:{}}}", palette.schema_text));
    rules.push(format!(".entity{{fill:{}}}", palette.entity));
    rules.push(format!(".edge{{stroke:{};stroke-opacity:{}}}", palette.edge, palette.edge_opacity));
    rules.push(format!(".renamed{{stroke:{}}}", palette.renamed_edge));
    for kind in Kind::ALL {
        let (fill, stroke, text) = (palette.node)(kind);
        let class = kind.class();
        rules.push(format!(".{class}{{fill:{fill};stroke:{stroke}}}"));
        rules.push(format!(".{class} text{{fill:{text};stroke:none}}"));
    }
    rules.into_iter().fold(String::new(), |mut text, rule| {
        let _ = writeln!(text, "{indent}.datajoint {rule}");
        text
    })
}
