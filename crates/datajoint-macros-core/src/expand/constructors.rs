//! `SessionRow::new` and `SessionRow::of`, which ask for what has no default.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::Model;
use crate::field::{Field, Presence};
use crate::identifier::identifier;
use crate::rust_type::Class;

pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let (new, of) = (new(model), of(model));
    let row = &model.names.row;
    quote! {
        impl #row {
            #new
            #of
        }
    }
}

fn new(model: &Model<'_>) -> TokenStream {
    let (visibility, door) = (model.visibility(), &model.door);
    let parameters =
        model.fields.iter().filter(|field| is_required(field)).map(|field| parameter(field, door));
    let values = model.fields.iter().map(|field| value(field, door));
    let documentation = if model.fields.iter().all(is_required) {
        "A row with these values."
    } else {
        "A row with these values; the other attributes have their defaults, or are null."
    };
    quote! {
        #[doc = #documentation]
        #[must_use]
        #visibility fn new(#(#parameters),*) -> Self {
            Self { #(#values),* }
        }
    }
}

/// Rows of one `make` have its key: nobody repeats its attributes.
fn of(model: &Model<'_>) -> TokenStream {
    let (visibility, door) = (model.visibility(), &model.door);
    // The user's attributes may have this name, too.
    let key = Ident::new("key", Span::mixed_site());
    let Given { key_type, attributes } = given(model);
    let from_key = |field: &Field| attributes.iter().find(|(child, _)| *child == field.attribute.name);
    let parameters = model
        .fields
        .iter()
        .filter(|field| is_required(field) && from_key(field).is_none())
        .map(|field| parameter(field, door));
    let values = model.fields.iter().map(|field| match from_key(field) {
        Some((_, parent)) => {
            let (name, parent) = (&field.identifier, identifier(parent, Span::call_site()));
            quote!(#name: #door::Clone::clone(&#key.#parent))
        }
        None => value(field, door),
    });
    let given = if attributes.is_empty() { quote!(_) } else { quote!(#key) };
    let owner = if model.input.arguments.master.is_some() { "this key of its master" } else { "this key" };
    let documentation =
        format!("A row with {owner}, and these values of the other attributes without a default.");
    quote! {
        #[doc = #documentation]
        #[must_use]
        #visibility fn of(#given: &#key_type #(, #parameters)*) -> Self {
            Self { #(#values),* }
        }
    }
}

/// A key that is given, and where its attributes are in the row.
struct Given<'a> {
    key_type: TokenStream,
    /// The attribute of the row, and that of the key.
    attributes: Vec<(&'a str, &'a str)>,
}

/// The key of the master for a part, else the table's own.
fn given<'a>(model: &'a Model<'_>) -> Given<'a> {
    let door = &model.door;
    let of_master = || {
        let path = model.input.arguments.master.as_ref()?;
        let payload = model.parents.iter().find(|parent| parent.payload.id == model.payload.group)?.payload;
        let foreign_key = model.table.foreign_keys.iter().find(|foreign_key| {
            let parent = &foreign_key.parent;
            let is_master = parent.schema == payload.group.to_string() && parent.table == payload.table_name;
            is_master && !foreign_key.nullable
        })?;
        let pairs = foreign_key.columns.iter().map(|pair| (pair.child.as_str(), pair.parent.as_str()));
        Some(Given { key_type: quote!(<#path as #door::Table>::Key), attributes: pairs.collect() })
    };
    of_master().unwrap_or_else(|| {
        let key = &model.names.key;
        let names = model.key_fields().map(|field| field.attribute.name.as_str());
        Given { key_type: quote!(#key), attributes: names.map(|name| (name, name)).collect() }
    })
}

fn is_required(field: &Field) -> bool {
    matches!(field.presence, Presence::Required)
}

fn parameter(field: &Field, door: &TokenStream) -> TokenStream {
    let (name, tokens) = (&field.identifier, &field.rust_type.tokens);
    if field.rust_type.class == Class::Text {
        quote!(#name: impl #door::Into<#tokens>)
    } else {
        quote!(#name: #tokens)
    }
}

fn value(field: &Field, door: &TokenStream) -> TokenStream {
    let name = &field.identifier;
    match (&field.presence, &field.rust_type.class) {
        (Presence::Required, Class::Text) => quote!(#name: #door::Into::into(#name)),
        (Presence::Required, _) => quote!(#name),
        (Presence::Nullable, _) => quote!(#name: #door::None),
        (Presence::Value(value), _) => quote!(#name: #value),
        (Presence::Filled, _) => quote!(#name: #door::OrDefault::Default),
    }
}
