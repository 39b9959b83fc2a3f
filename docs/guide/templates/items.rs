use datajoint::prelude::*;

schema!("lab");

// The example.
