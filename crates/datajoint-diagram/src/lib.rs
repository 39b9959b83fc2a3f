//! Diagrams of DataJoint pipelines as Mermaid and SVG.
