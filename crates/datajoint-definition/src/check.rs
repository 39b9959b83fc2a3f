//! Rules that need to know more than the text: the class, the tier, the backend.

use crate::{
    AttributeType, Backend, Definition, Diagnostic, Line, NativeCategory, Span, Tier, snake_case, table_name,
};

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
pub fn check(definition: &Definition, context: &Context<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    names(context, &mut faults);
    for line in &definition.lines {
        match line {
            Line::Attribute(attribute) => {
                if attribute.in_key && context.tier.is_auto_populated() && !context.allow_new_key {
                    let message = format!(
                        "`{}` adds to the primary key of {}, which is {}: its key comes from its parents alone",
                        attribute.name, context.class_name, context.tier
                    );
                    let help = "move the line below `---`, or into a part";
                    faults.push(Diagnostic::error(attribute.name_span, message).with_help(help));
                }
                if let (AttributeType::Native(native), Some(backend)) = (&attribute.attribute_type, context.backend)
                    && !has_native(backend, &native.text, native.category)
                {
                    let message = format!("{backend} has no type `{}`", native.text);
                    let mut fault = Diagnostic::error(attribute.type_span, message);
                    if let Some(core) = native.core_alternative() {
                        fault = fault.with_help(format!("use the core type `{core}`"));
                    }
                    faults.push(fault);
                }
            }
            Line::ForeignKey(key) if key.parent == "master" && context.tier != Tier::Part => {
                let message = "only a part has a master";
                let help = "name the parent by its class: `-> Parent`";
                faults.push(Diagnostic::error(key.parent_span, message).with_help(help));
            }
            Line::ForeignKey(_) | Line::Index(_) => {}
        }
    }
    faults
}

fn names(context: &Context<'_>, faults: &mut Vec<Diagnostic>) {
    let start = Span::new(0, 0);
    if snake_case(context.class_name).is_none() {
        let message = format!("`{}` can't be the name of a table class", context.class_name);
        let help = "use camel case of ASCII letters and digits, a capital first: `SpikeSorting`";
        faults.push(Diagnostic::error(start, message).with_help(help));
        return;
    }
    let Some(table) = table_name(context.class_name, context.tier, context.master) else { return };
    let limit = context.backend.map_or(Some(63), Backend::max_identifier_length);
    if let Some(limit) = limit
        && table.len() > limit
    {
        let message = format!("the table name `{table}` has {} characters; {limit} are allowed", table.len());
        faults.push(Diagnostic::error(start, message).with_help("shorten the name of the class"));
    }
}

/// True when the database knows the type. SQLite takes any name for a type.
fn has_native(backend: Backend, text: &str, category: NativeCategory) -> bool {
    if backend != Backend::Postgresql {
        return true;
    }
    let text = text.to_lowercase();
    let word = text.split(|character: char| !character.is_alphanumeric() && character != '_').next().unwrap_or_default();
    let rest = text.get(word.len()..).unwrap_or_default().trim();
    match category {
        NativeCategory::Integer => {
            matches!(word, "int" | "integer" | "smallint" | "bigint" | "serial") && rest.is_empty()
        }
        NativeCategory::Numeric => {
            matches!(word, "decimal" | "numeric" | "dec") && !rest.contains("unsigned") && !rest.contains("zerofill")
        }
        NativeCategory::Float => {
            (word == "float" && !rest.contains(',') && !rest.contains("unsigned")) || (word == "real" && rest.is_empty())
        }
        NativeCategory::String => true,
        NativeCategory::Temporal => word != "year",
        NativeCategory::Blob => false,
        NativeCategory::Text => word == "text",
    }
}
