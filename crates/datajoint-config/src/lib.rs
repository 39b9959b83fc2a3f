//! Settings of a DataJoint client, and where each value came from.
