//! The behaviour every DataJoint backend must show, as a test suite in a library.
