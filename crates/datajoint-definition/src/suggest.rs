//! Names that look like another.

/// The candidate nearest to `name`, if one is near enough to be meant.
///
/// ```
/// use datajoint_definition::suggest;
///
/// assert_eq!(suggest("int33", ["int32", "float64"]), Some("int32"));
/// assert_eq!(suggest("nmae", ["make", "name"]), Some("name"));
/// assert_eq!(suggest("weight", ["int32", "float64"]), None);
/// assert_eq!(suggest("b", ["a", "ab"]), Some("ab"));
/// ```
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let length = name.chars().count();
    let allowed = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| (distance(&name, &candidate.to_lowercase()), candidate))
        // A name that shares no character with another is not like it.
        .filter(|(distance, candidate)| {
            *distance <= allowed && *distance < length.max(candidate.chars().count())
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many characters must be inserted, removed or replaced, or swapped with their neighbours (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for line in 0..left.len() {
        let mut below = vec![line + 1];
        for column in 0..right.len() {
            let replaced = row[column] + usize::from(left[line] != right[column]);
            let mut least = replaced.min(row[column + 1] + 1).min(below[column] + 1);
            if line > 0 && column > 0 && left[line] == right[column - 1] && left[line - 1] == right[column] {
                least = least.min(above[column - 1] + 1);
            }
            below.push(least);
        }
        above = std::mem::replace(&mut row, below);
    }
    row.last().copied().unwrap_or_default()
}
