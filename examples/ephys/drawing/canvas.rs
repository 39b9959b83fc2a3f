use std::fmt::{Display, Write as _};

/// An SVG document that is being drawn.
pub(super) struct Canvas {
    text: String,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Font {
    size: f64,
    colour: &'static str,
    weight: u16,
    anchor: Anchor,
}

/// Which end of a text stands at its place.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Font {
    pub(super) fn new(size: f64, colour: &'static str) -> Self {
        Self { size, colour, weight: 400, anchor: Anchor::Start }
    }

    pub(super) fn bold(mut self) -> Self {
        self.weight = 600;
        self
    }

    pub(super) fn anchor(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }
}

impl Canvas {
    pub(super) fn new(width: f64, height: f64) -> Self {
        let family = "Inter, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif";
        let mut canvas = Self { text: String::new() };
        canvas.add(format_args!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="{family}">"#
        ));
        canvas.add(format_args!(r##"<rect width="100%" height="100%" fill="#FFFFFF"/>"##));
        canvas
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    pub(super) fn text(&mut self, x: f64, y: f64, text: &str, font: Font) {
        let Font { size, colour, weight, anchor } = font;
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.add(format_args!(
            r#"<text x="{x:.1}" y="{y:.1}" font-size="{size}" font-weight="{weight}" fill="{colour}" text-anchor="{anchor}">{text}</text>"#
        ));
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, width: f64) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.add(format_args!(
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{colour}" stroke-width="{width}"/>"#
        ));
    }

    pub(super) fn dashed(&mut self, from: (f64, f64), to: (f64, f64), colour: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.add(format_args!(
            r#"<line x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{colour}" stroke-width="1" stroke-dasharray="3 4" stroke-opacity="0.75"/>"#
        ));
    }

    pub(super) fn dot(&mut self, (x, y): (f64, f64), radius: f64, colour: &str) {
        self.add(format_args!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{colour}"/>"#));
    }

    /// A line through points.
    pub(super) fn path(&mut self, points: impl Iterator<Item = (f64, f64)>, colour: &str, width: f64) {
        let points = polyline(points);
        self.add(format_args!(
            r#"<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>"#
        ));
    }

    /// A pale area within points.
    pub(super) fn area(&mut self, points: impl Iterator<Item = (f64, f64)>, colour: &str) {
        let points = polyline(points);
        self.add(format_args!(r#"<polygon points="{points}" fill="{colour}" fill-opacity="0.16"/>"#));
    }

    fn add(&mut self, element: impl Display) {
        // Writing to a text can't fail.
        let _ = writeln!(self.text, "{element}");
    }
}

fn polyline(points: impl Iterator<Item = (f64, f64)>) -> String {
    points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}
