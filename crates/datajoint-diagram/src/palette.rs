//! The colours of DataJoint's diagrams.

use crate::drawing::Kind;

/// The colours of a diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Light or dark, as the viewer prefers.
    #[default]
    Auto,
    /// Dark lines on a light page.
    Light,
    /// Light lines on a dark page.
    Dark,
}

/// Fill, outline and text of a node.
pub(crate) type NodeColours = (&'static str, &'static str, &'static str);

/// All colours of one theme.
pub(crate) struct Palette {
    /// The page; transparent in the light theme.
    pub(crate) background: Option<&'static str>,
    pub(crate) edge: &'static str,
    pub(crate) renamed_edge: &'static str,
    pub(crate) edge_opacity: &'static str,
    pub(crate) schema_outline: &'static str,
    pub(crate) schema_text: &'static str,
    pub(crate) entity: &'static str,
    pub(crate) node: fn(Kind) -> NodeColours,
}

pub(crate) const LIGHT: Palette = Palette {
    background: None,
    edge: "#171C39",
    renamed_edge: "#C77D3A",
    edge_opacity: "0.62",
    schema_outline: "#171D3A",
    schema_text: "#171C39",
    entity: "#F3F5F8",
    node: |kind| match kind {
        Kind::Manual => ("#E8F0E9", "#3E7A52", "#28513A"),
        Kind::Lookup => ("#F0F0F1", "#808285", "#5A5C5F"),
        Kind::Computed => ("#FFEDE5", "#FF5113", "#B23200"),
        Kind::Imported => ("#E0F4FC", "#00A0DF", "#00537A"),
        Kind::Part => ("#FFFFFF", "#B9BBBE", "#55585C"),
        Kind::Other => ("#FFFDE7", "#C9BC5B", "#6B6420"),
        Kind::Collapsed => ("#EDEEF0", "#808890", "#404040"),
    },
};

pub(crate) const DARK: Palette = Palette {
    background: Some("#161A21"),
    edge: "#AEB6C2",
    renamed_edge: "#D68C4A",
    edge_opacity: "0.753",
    schema_outline: "#606875",
    schema_text: "#8A93A1",
    entity: "#2A313D",
    node: |kind| match kind {
        Kind::Manual => ("#16281F", "#6BBF94", "#BCE6CF"),
        Kind::Lookup => ("#242832", "#9DA0A4", "#C9CFD9"),
        Kind::Computed => ("#331B12", "#FF7A47", "#FFC7AE"),
        Kind::Imported => ("#0F2433", "#33B8E8", "#BEE7F9"),
        Kind::Part => ("#1E232C", "#8F959D", "#C8CED8"),
        Kind::Other => ("#3A3620", "#C9BC5B", "#EBE3A0"),
        Kind::Collapsed => ("#242730", "#8890A0", "#C7CDD6"),
    },
};
