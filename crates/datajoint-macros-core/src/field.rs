use datajoint_definition::{AttributeType, CoreType, DefaultValue, Diagnostic, Line, suggest};
use datajoint_schema::{Attribute, Table};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Path, Type};

use crate::identifier::{camel_case, identifier};
use crate::input::Input;
use crate::payload::Payload;
use crate::rust_type::{Class, RustType, rust_type};

/// A visible attribute as a field of the row type.
pub(crate) struct Field {
    pub(crate) attribute: Attribute,
    pub(crate) identifier: Ident,
    /// The type of its values, without `Option`.
    pub(crate) rust_type: RustType,
    pub(crate) presence: Presence,
    /// The enum that the table declares for it.
    pub(crate) enumeration: Option<Enumeration>,
    /// True when a child can reach the type only through this table.
    pub(crate) own_type: bool,
}

/// What a row holds when nobody says a value.
pub(crate) enum Presence {
    /// Nothing: a value must be given.
    Required,
    /// Null.
    Nullable,
    /// This value.
    Value(TokenStream),
    /// What the database fills in.
    Filled,
}

/// An enum made from the members of an attribute.
pub(crate) struct Enumeration {
    pub(crate) name: Ident,
    /// Identifier and text of each member.
    pub(crate) members: Vec<(Ident, String)>,
}

/// A parent with the path it is reached by.
pub(crate) struct Reached<'a> {
    pub(crate) path: &'a Path,
    pub(crate) payload: &'a Payload,
}

/// The fields of a table, and what is wrong with their types.
pub(crate) fn fields(input: &Input, table: &Table, parents: &[Reached<'_>]) -> (Vec<Field>, Vec<Diagnostic>) {
    let mut faults = Vec::new();
    let fields = table
        .heading
        .visible()
        .map(|attribute| field(attribute, input, table, parents, &mut faults))
        .collect();
    (fields, faults)
}

/// The compile errors for `types(..)` on attributes that can't have a type of their own.
pub(crate) fn misplaced_types(input: &Input, table: &Table) -> TokenStream {
    let mut errors = TokenStream::new();
    for (name, _) in &input.arguments.types {
        let plain = syn::ext::IdentExt::unraw(name).to_string();
        let attribute = table.heading.visible().find(|attribute| attribute.name == plain);
        let message = match attribute {
            None => {
                let near = suggest(&plain, table.heading.visible().map(|attribute| attribute.name.as_str()));
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                format!("`{}` has no attribute `{plain}`{near}", input.item.ident)
            }
            Some(attribute) if attribute.inherited => {
                format!(
                    "`{plain}` comes from a parent, and its Rust type from there: put `types({plain} = ..)` there"
                )
            }
            Some(_) => continue,
        };
        errors.extend(syn::Error::new(name.span(), message).into_compile_error());
    }
    errors
}

fn field(
    attribute: &Attribute,
    input: &Input,
    table: &Table,
    parents: &[Reached<'_>],
    faults: &mut Vec<Diagnostic>,
) -> Field {
    let door = input.arguments.door();
    let mut enumeration = None;
    let mut own_type = false;
    let standard = rust_type(&attribute.attribute_type, &door);
    let rust_type = if attribute.inherited {
        let inherited = inherited_type(attribute, table, parents, &door);
        own_type = inherited.is_some();
        inherited.or(standard).unwrap_or_else(|| unknown_type(&door))
    } else if let Some(chosen) = chosen_type(attribute, input) {
        own_type = true;
        let is_blob = standard.is_some_and(|standard| standard.is_blob);
        RustType {
            tokens: quote!(#chosen),
            class: Class::Other,
            is_blob,
            span: chosen.span().resolved_at(Span::call_site()),
        }
    } else if let AttributeType::Core(CoreType::Enum(members)) = &attribute.attribute_type {
        match Enumeration::new(&input.item.ident, &attribute.name, members) {
            Ok(made) => {
                let name = made.name.clone();
                enumeration = Some(made);
                own_type = true;
                RustType::value(Class::Enum(members.clone()), quote!(#name))
            }
            Err(message) => {
                let (name, span) = (&attribute.name, type_span(attribute, input));
                let help = format!("name a type of your own: `types({name} = MyEnum)`");
                faults.push(Diagnostic::error(span, message).with_help(help));
                standard.unwrap_or_else(|| unknown_type(&door))
            }
        }
    } else {
        standard.unwrap_or_else(|| {
            let (name, codec) = (&attribute.name, &attribute.type_text);
            let message =
                format!("the library has no codec `{codec}`, so the Rust type of `{name}` is not known");
            let help = format!("name a type that implements `AttributeValue`: `types({name} = MyType)`");
            faults.push(Diagnostic::error(type_span(attribute, input), message).with_help(help));
            unknown_type(&door)
        })
    };
    let presence = presence(attribute, &rust_type, enumeration.as_ref());
    let identifier = identifier(&attribute.name, Span::call_site());
    Field { attribute: attribute.clone(), identifier, rust_type, presence, enumeration, own_type }
}

/// The type that `types(..)` names.
fn chosen_type<'a>(attribute: &Attribute, input: &'a Input) -> Option<&'a Type> {
    let mut types = input.arguments.types.iter();
    types.find(|(name, _)| syn::ext::IdentExt::unraw(name) == attribute.name).map(|(_, chosen)| chosen)
}

/// The type of an attribute that only its parent can name.
fn inherited_type(
    attribute: &Attribute,
    table: &Table,
    parents: &[Reached<'_>],
    door: &TokenStream,
) -> Option<RustType> {
    let (foreign_key, pair) = table.foreign_keys.iter().find_map(|foreign_key| {
        let pair = foreign_key.columns.iter().find(|pair| pair.child == attribute.name)?;
        Some((foreign_key, pair))
    })?;
    let parent = parents.iter().find(|parent| {
        let name = &foreign_key.parent;
        parent.payload.group.to_string() == name.schema && parent.payload.table_name == name.table
    })?;
    let index = parent.payload.key.iter().position(|key| key.attribute.name == pair.parent)?;
    let path = parent.path;
    parent.payload.key[index]
        .own_type
        .then(|| RustType::value(Class::Other, quote!(<#path as #door::KeyAttributeAt<#index>>::Value)))
}

/// Stands for the type of an attribute with a fault.
fn unknown_type(door: &TokenStream) -> RustType {
    RustType::value(Class::Other, quote!(#door::Json))
}

fn type_span(attribute: &Attribute, input: &Input) -> datajoint_definition::Span {
    let mut lines = input.definition.lines.iter();
    lines
        .find_map(|line| match line {
            Line::Attribute(line) if line.name == attribute.name => Some(line.type_span),
            _ => None,
        })
        .unwrap_or_default()
}

fn presence(attribute: &Attribute, rust_type: &RustType, enumeration: Option<&Enumeration>) -> Presence {
    if attribute.nullable {
        return Presence::Nullable;
    }
    match &attribute.default {
        DefaultValue::Required => Presence::Required,
        // A key is compared and hashed: it always holds the value itself.
        _ if attribute.in_key => match literal_default(attribute, rust_type, enumeration) {
            Some(value) => Presence::Value(value),
            None => Presence::Required,
        },
        DefaultValue::Null => Presence::Nullable,
        DefaultValue::CurrentTimestamp { .. } | DefaultValue::OfServer(_) => Presence::Filled,
        DefaultValue::Value(_) => {
            literal_default(attribute, rust_type, enumeration).map_or(Presence::Filled, Presence::Value)
        }
    }
}

/// A default as a Rust expression, where it has one that can't fail.
fn literal_default(
    attribute: &Attribute,
    rust_type: &RustType,
    enumeration: Option<&Enumeration>,
) -> Option<TokenStream> {
    let DefaultValue::Value(text) = &attribute.default else { return None };
    match &rust_type.class {
        Class::Integer(smallest, largest) => {
            let value: i128 = text.trim().parse().ok()?;
            (*smallest..=*largest)
                .contains(&value)
                .then(|| signed(value < 0, &Literal::u128_unsuffixed(value.unsigned_abs())))
        }
        Class::Float => {
            let value: f64 = text.trim().parse().ok()?;
            value.is_finite().then(|| signed(value < 0.0, &Literal::f64_unsuffixed(value.abs())))
        }
        Class::Bool => match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" => Some(quote!(true)),
            "0" | "false" => Some(quote!(false)),
            _ => None,
        },
        Class::Text => Some(quote!(__dj::String::from(#text))),
        Class::Enum(_) => enumeration?.member(text),
        Class::Named | Class::Other => None,
    }
}

fn signed(is_negative: bool, literal: &Literal) -> TokenStream {
    if is_negative { quote!(-#literal) } else { quote!(#literal) }
}

impl Enumeration {
    fn new(table: &Ident, attribute: &str, members: &[String]) -> Result<Self, String> {
        let name = format_ident!("{table}{}", camel_case(attribute).unwrap_or_default());
        let mut made: Vec<(Ident, String)> = Vec::new();
        for text in members {
            let Some(member) = camel_case(text) else {
                return Err(format!(
                    "the member `{text}` of `{attribute}` has nothing to name it by in Rust"
                ));
            };
            if let Some((_, other)) = made.iter().find(|(taken, _)| *taken == member) {
                return Err(format!(
                    "the members `{other}` and `{text}` of `{attribute}` would both be called `{member}`"
                ));
            }
            made.push((identifier(&member, Span::call_site()), text.clone()));
        }
        Ok(Self { name, members: made })
    }

    /// The member of this text.
    pub(crate) fn member(&self, text: &str) -> Option<TokenStream> {
        let name = &self.name;
        self.members.iter().find(|(_, member)| member == text).map(|(member, _)| quote!(#name::#member))
    }
}

impl Field {
    /// The type in the row.
    pub(crate) fn row_type(&self, door: &TokenStream) -> TokenStream {
        let tokens = &self.rust_type.tokens;
        match self.presence {
            Presence::Nullable => quote!(::core::option::Option<#tokens>),
            Presence::Filled => quote!(#door::OrDefault<#tokens>),
            Presence::Required | Presence::Value(_) => tokens.clone(),
        }
    }

    /// Its documentation: the comment and the type of the definition.
    pub(crate) fn documentation(&self) -> String {
        let Attribute { comment, type_text, .. } = &self.attribute;
        let nullable = if self.attribute.nullable { ", may be null" } else { "" };
        if comment.is_empty() {
            return format!("`{type_text}`{nullable}.");
        }
        format!("{} (`{type_text}`{nullable}).", crate::expand::escape(comment))
    }
}
