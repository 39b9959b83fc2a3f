use std::sync::Arc;

use datajoint_definition::Diagnostic;
use datajoint_lock::Lock;
use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;
use syn::LitStr;

/// Where a span stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// How the procedural macro finds the place of a span; outside of one there is none.
pub type Locate = fn(Span) -> Option<Place>;

/// How the procedural macro finds the lock of the crate that it is expanded in; outside of one there is none.
///
/// A lock that can't be read is told by `schema!`.
pub type FindLock = fn() -> Result<Option<Arc<Lock>>, String>;

/// What a macro learns of where it is expanded.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// Finds the place of a span.
    pub locate: Locate,
    /// Finds the lock.
    pub lock: FindLock,
}

impl Surroundings {
    /// Those of a macro that no compiler expands.
    pub const NONE: Self = Self { locate: |_| None, lock: || Ok(None) };
}

/// The text of a definition with the literals that it comes from: one, or one for each `///` line.
pub(crate) struct Source {
    pub(crate) text: String,
    pieces: Vec<Piece>,
    locate: Locate,
}

struct Piece {
    /// Where it begins in the text.
    start: usize,
    literal: Literal,
    value: String,
}

impl Source {
    /// A definition that is one literal.
    pub(crate) fn literal(literal: &LitStr, locate: Locate) -> Self {
        let text = literal.value();
        let piece = Piece { start: 0, literal: literal.token(), value: text.clone() };
        Self { text, pieces: vec![piece], locate }
    }

    /// A definition of one literal a line.
    pub(crate) fn lines<'a>(lines: impl IntoIterator<Item = &'a LitStr>, locate: Locate) -> Self {
        let mut source = Self { text: String::new(), pieces: Vec::new(), locate };
        for line in lines {
            let value = line.value();
            let start = source.text.len();
            source.text.push_str(&value);
            source.text.push('\n');
            source.pieces.push(Piece { start, literal: line.token(), value });
        }
        source
    }

    /// The narrowest span that the compiler gives for a place in the text: its characters where the
    /// compiler can, else the `///` line, else the literal.
    pub(crate) fn span(&self, at: datajoint_definition::Span) -> Span {
        let Some(piece) = self.pieces.iter().rev().find(|piece| piece.start <= at.start) else {
            return Span::call_site();
        };
        piece.narrow(at).unwrap_or_else(|| piece.literal.span())
    }

    /// The compile error for a fault of the definition.
    pub(crate) fn error(&self, fault: &Diagnostic) -> TokenStream {
        let span = self.span(fault.span);
        let message = self.message(fault);
        quote_spanned! { span=> ::core::compile_error! { #message } }
    }

    /// What is said of a fault at its place.
    pub(crate) fn message(&self, fault: &Diagnostic) -> String {
        if self.is_exact() { plain(fault) } else { self.drawn(fault) }
    }

    /// Where a token of the table stands.
    pub(crate) fn place(&self, span: Span) -> Option<Place> {
        (self.locate)(span)
    }

    /// True when a span names the line.
    fn is_exact(&self) -> bool {
        self.pieces.len() > 1
            || self.pieces.first().is_some_and(|piece| piece.literal.subspan(0..1).is_some())
    }

    fn drawn(&self, fault: &Diagnostic) -> String {
        let place = self.pieces.first().and_then(|piece| {
            // Line numbers hold only where the literal has no escapes.
            piece.skipped().and_then(|_| (self.locate)(piece.literal.span()))
        });
        let origin = place.as_ref().map(|place| (place.file.as_str(), place.line));
        fault.draw(&self.text, origin)
    }
}

impl Piece {
    /// How many characters of the literal stand before its value; `None` when it has escapes.
    fn skipped(&self) -> Option<usize> {
        self.literal.to_string().find(&self.value)
    }

    fn narrow(&self, at: datajoint_definition::Span) -> Option<Span> {
        let skipped = self.skipped()?;
        let end = at.end.min(self.start + self.value.len()).max(at.start);
        self.literal.subspan(at.start - self.start + skipped..end - self.start + skipped)
    }
}

/// A fault whose span shows the line already.
pub(crate) fn plain(fault: &Diagnostic) -> String {
    match &fault.help {
        Some(help) => format!("{}\n  help: {help}", fault.message),
        None => fault.message.clone(),
    }
}
