//! Small pipelines that run as they are.
