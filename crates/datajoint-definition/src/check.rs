//! Rules that need to know more than the text: the class, the tier, the backend.

mod backend;
mod default;

pub use backend::{UnheldType, unheld_type};
pub use default::unfit_default;

use crate::{Backend, Definition, Diagnostic, Line, Span, Tier, snake_case, table_name};

/// What [`check`] knows of the table beside its definition.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The class name; of a part its own alone.
    pub class_name: &'a str,
    /// The tier.
    pub tier: Tier,
    /// The table name of a part's master.
    pub master: Option<&'a str>,
    /// The database; `None` for what holds on all of them.
    pub backend: Option<Backend>,
    /// True when an auto-populated table may add attributes to its key.
    pub allow_new_key: bool,
}

/// The faults of a definition that only class, tier and backend tell.
///
/// ```
/// use datajoint_definition::{Backend, Context, Tier, check, parse};
///
/// let (definition, _) = parse("id : int32\n---\ntrace : longblob");
/// let backend = Some(Backend::Postgresql);
/// let context = Context { class_name: "Scan", tier: Tier::Manual, master: None, backend, allow_new_key: false };
/// assert_eq!(check(&definition, &context)[0].message, "postgresql has no type `longblob`");
/// ```
pub fn check(definition: &Definition, context: &Context<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    class(context, &mut faults);
    if !context.allow_new_key {
        faults.extend(new_key(definition, context));
    }
    masters(definition, context, &mut faults);
    for attribute in definition.attributes() {
        backend::attribute(attribute, context.backend, &mut faults);
        default::attribute(attribute, &mut faults);
    }
    faults
}

/// The faults of an auto-populated table with attributes of its own in its key; none for other tiers.
///
/// [`check`] gives them unless [`Context::allow_new_key`]. An attribute that a parent's key has too is no
/// fault, which only the merge of the keys can tell.
pub fn new_key(definition: &Definition, context: &Context<'_>) -> Vec<Diagnostic> {
    if !context.tier.is_auto_populated() {
        return Vec::new();
    }
    let own = definition.attributes().filter(|attribute| attribute.in_key);
    own.map(|attribute| {
        let message = format!(
            "`{}` adds to the primary key of {}, which is {}: its key comes from its parents alone",
            attribute.name, context.class_name, context.tier
        );
        let help = "move the line below `---`, or into a part";
        Diagnostic::error(attribute.name_span, message).with_help(help)
    })
    .collect()
}

fn class(context: &Context<'_>, faults: &mut Vec<Diagnostic>) {
    let nowhere = Span::default();
    let Some(base) = snake_case(context.class_name) else {
        let message = format!("`{}` can't be the name of a table class", context.class_name);
        let help = match mended(context.class_name) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "use camel case of ASCII letters and digits, a capital first: `SpikeSorting`".to_owned(),
        };
        faults.push(Diagnostic::error(nowhere, message).with_help(help));
        return;
    };
    // A part has at least one character of its master, and `__`, before its own name.
    let table = match (context.tier, context.master) {
        (Tier::Part, None) => format!("m__{base}"),
        _ => table_name(context.class_name, context.tier, context.master).unwrap_or_default(),
    };
    let limit = context.backend.map_or(Some(63), |backend| backend.capability().max_identifier_length);
    if let Some(limit) = limit
        && table.len() > limit
    {
        let message = format!("the table name `{table}` has {} characters; {limit} are allowed", table.len());
        faults.push(Diagnostic::error(nowhere, message).with_help("shorten the name of the class"));
    }
}

/// The name in camel case, if it has one.
fn mended(class_name: &str) -> Option<String> {
    let camel = crate::camel_case(class_name);
    snake_case(&camel).map(|_| camel)
}

fn masters(definition: &Definition, context: &Context<'_>, faults: &mut Vec<Diagnostic>) {
    if context.tier == Tier::Part {
        if definition.foreign_keys().next().is_none() {
            let message = format!("the part {} does not refer to its master", context.class_name);
            let place = definition.lines.first().map_or(Span::default(), Line::span);
            faults.push(Diagnostic::error(place, message).with_help("begin the definition with `-> master`"));
        }
        return;
    }
    for key in definition.foreign_keys().filter(|key| key.parent == "master") {
        let message = format!("{} is {}: only a part has a master", context.class_name, context.tier);
        let help = "name the parent by its class, as in `-> Parent`, or declare the table as a part";
        faults.push(Diagnostic::error(key.parent_span, message).with_help(help));
    }
}
