//! Diagrams of DataJoint pipelines as Mermaid and SVG.
//!
//! A [`Diagram`] is made from a [`Graph`](datajoint_schema::Graph) of tables and drawn with
//! [`Diagram::mermaid`] or [`Diagram::svg`]. Nothing has to be installed for either.

mod diagram;
mod drawing;
mod layout;
mod mermaid;
mod palette;
mod svg;
mod text;

pub use diagram::{Diagram, Direction};
pub use palette::Theme;
