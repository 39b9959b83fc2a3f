//! The guide: `cargo test -p datajoint-guide` compiles and runs every example in it, each in its template.

macro_rules! chapters {
    ($($chapter:ident = $file:literal,)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!(env!("OUT_DIR"), "/", $file))]
            pub mod $chapter {}
        )*

        /// Every chapter: its file and its text.
        pub const CHAPTERS: &[(&str, &str)] = &[$(($file, include_str!($file))),*];
    };
}

chapters! {
    introduction = "src/introduction.md",
    first_pipeline = "src/first-pipeline.md",
    definitions = "src/definitions.md",
    types = "src/types.md",
    values = "src/values.md",
    foreign_keys = "src/foreign-keys.md",
    connecting = "src/connecting.md",
    schemas = "src/schemas.md",
    production = "src/production.md",
    promotion = "src/promotion.md",
    evolving = "src/evolving.md",
    deploying = "src/deploying.md",
    commands = "src/commands.md",
    findings = "src/findings.md",
    inserting = "src/inserting.md",
    querying = "src/querying.md",
    sql = "src/sql.md",
    aggregating = "src/aggregating.md",
    fetching = "src/fetching.md",
    together = "src/together.md",
    changing = "src/changing.md",
    transactions = "src/transactions.md",
    blobs = "src/blobs.md",
    stores = "src/stores.md",
    codecs = "src/codecs.md",
    collecting = "src/collecting.md",
    computing = "src/computing.md",
    populating = "src/populating.md",
    cluster = "src/cluster.md",
    jobs = "src/jobs.md",
    stale = "src/stale.md",
    dynamic = "src/dynamic.md",
    diagrams = "src/diagrams.md",
    compile_errors = "src/compile-errors.md",
    errors = "src/errors.md",
    features = "src/features.md",
    python = "src/python.md",
    terms = "src/terms.md",
}
