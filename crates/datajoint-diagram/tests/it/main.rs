//! Tests of the diagrams as users draw them.

mod drawing;
mod pipeline;
