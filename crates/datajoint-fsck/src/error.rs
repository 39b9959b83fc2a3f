/// Why objects could not be compared with the rows that refer to them.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database, or the pipeline that it holds.
    #[error("{0}")]
    Pipeline(#[from] datajoint_pipeline::Error),
    /// The lists of what is compared.
    #[error("{0}")]
    Inventory(#[from] datajoint_inventory::Error),
}

datajoint_definition::debug_as_report!(Error);
