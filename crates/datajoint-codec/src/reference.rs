/// An object in a store that a row speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The name of the store; `None` for the default one.
    pub store: Option<String>,
    /// The path in the store.
    pub path: String,
    /// The size in bytes, where the row says it: of all files together for a folder.
    pub size: Option<u64>,
    /// True for a folder: all that lies below the path belongs to it.
    pub is_folder: bool,
    /// How many files a folder has, where the row says it.
    pub file_count: Option<u64>,
    /// True when the object belongs to the rows that speak of it, and may go when none does; false for files that the user
    /// put there.
    pub is_owned: bool,
}
