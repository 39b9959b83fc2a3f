//! The code behind DataJoint's macros: tokens in, tokens out.
