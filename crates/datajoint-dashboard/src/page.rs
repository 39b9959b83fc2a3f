//! What the browser gets.

/// The page itself, its look and its script: nothing of it comes from elsewhere.
pub(crate) const HTML: &str = include_str!("page/page.html");
pub(crate) const CSS: &str = include_str!("page/page.css");
pub(crate) const SCRIPT: &str = include_str!("page/page.js");

/// What the browser may load for it: what stands here, and the styles within the drawing.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                                 connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
                                 frame-ancestors 'none'";
