use datajoint_definition::count;
use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Error, LitStr};

use crate::arguments::parenthesized;
use crate::expand::Model;
use crate::field::{Field, Presence};
use crate::rust_type::Class;

/// The contents of a lookup table, or the compile error that they are.
pub(crate) fn expand(model: &Model<'_>) -> Option<TokenStream> {
    let (_, tokens) = model.input.arguments.contents.as_ref()?;
    let door = &model.door;
    let names = model.fields.iter().map(|field| &field.attribute.name);
    let row = &model.names.row;
    let rows = if let Some(rows) = rows(tokens) {
        let rows = rows.into_iter().map(|row| content_row(row, model));
        quote!(#(#rows)*)
    } else {
        quote! {
            for row in #tokens {
                let row: #row = row;
                push(row)?;
            }
        }
    };
    Some(quote! {
        #door::Contents {
            attributes: &[#(#names),*],
            rows: || {
                let mut rows = #door::Vec::new();
                let mut push = |row: #row| -> #door::ValueResult<()> {
                    let mut values = #door::Vec::new();
                    #door::IntoRow::into_row(row, &mut #door::RowWriter::new(&mut values))?;
                    rows.push(values);
                    #door::Ok(())
                };
                #rows
                #door::Ok(rows)
            },
        }
    })
}

/// The elements of `[a, b, c]`; `None` for any other expression.
fn rows(tokens: &TokenStream) -> Option<Vec<Vec<TokenTree>>> {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next()?, tokens.next()) {
        (TokenTree::Group(group), None) if group.delimiter() == proc_macro2::Delimiter::Bracket => {
            Some(split(&group))
        }
        _ => None,
    }
}

/// The content of a group between its commas.
fn split(group: &Group) -> Vec<Vec<TokenTree>> {
    let mut elements = Vec::new();
    let mut element = Vec::new();
    for token in group.stream() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => elements.push(std::mem::take(&mut element)),
            _ => element.push(token),
        }
    }
    if !element.is_empty() {
        elements.push(element);
    }
    elements
}

fn content_row(row: Vec<TokenTree>, model: &Model<'_>) -> TokenStream {
    let span = row.first().map_or_else(proc_macro2::Span::call_site, TokenTree::span);
    let values = match row.as_slice() {
        [token] if parenthesized(token).is_some() => parenthesized(token).map(split).unwrap_or_default(),
        [TokenTree::Literal(_)] if model.fields.len() == 1 => vec![row],
        // A whole row as an expression.
        _ => {
            let row: TokenStream = row.into_iter().collect();
            return quote_spanned!(span=> push(#row)?;);
        }
    };
    if values.len() != model.fields.len() {
        let names: Vec<&str> = model.fields.iter().map(|field| field.attribute.name.as_str()).collect();
        let message = format!(
            "a row of `{}` has {}, one for each of ({}), but here are {}",
            model.names.table,
            count(names.len(), "value"),
            names.join(", "),
            values.len()
        );
        return Error::new(span, message).into_compile_error();
    }
    let row = &model.names.row;
    let values = values.into_iter().zip(&model.fields).map(|(value, field)| {
        let (name, value) = (&field.identifier, content_value(value, field, model));
        quote!(#name: #value)
    });
    quote_spanned!(span=> push(#row { #(#values),* })?;)
}

/// A value of a row: literals are read as the type of the attribute asks, all else is left as it is.
fn content_value(value: Vec<TokenTree>, field: &Field, model: &Model<'_>) -> TokenStream {
    let literal = match value.as_slice() {
        [TokenTree::Literal(literal)] => Some(literal.clone()),
        _ => None,
    };
    let tokens: TokenStream = value.into_iter().collect();
    let is_negative = tokens.to_string().starts_with('-');
    let Some(literal) = literal else {
        return if is_negative { wrap(tokens, field, model) } else { tokens };
    };
    let text = syn::parse2::<LitStr>(TokenTree::Literal(literal.clone()).into()).ok();
    let door = &model.door;
    let converted = match (&field.rust_type.class, text) {
        (Class::Text, Some(text)) => quote_spanned!(text.span()=> #door::String::from(#text)),
        (Class::Enum(members), Some(text)) => {
            let member = field.enumeration.as_ref().and_then(|enumeration| enumeration.member(&text.value()));
            member.unwrap_or_else(|| {
                let message = format!("`{}` is none of {}", text.value(), members.join(", "));
                Error::new(text.span(), message).into_compile_error()
            })
        }
        (Class::Named | Class::Other, Some(text)) if !field.rust_type.is_blob => {
            read(&quote!(#door::String::from(#text)), field, door, &literal)
        }
        (Class::Named, None) => {
            let digits = literal.to_string();
            read(&quote!(#door::String::from(#digits)), field, door, &literal)
        }
        _ => tokens,
    };
    wrap(converted, field, model)
}

/// A value that is read from a text when the rows are made.
fn read(text: &TokenStream, field: &Field, door: &TokenStream, literal: &Literal) -> TokenStream {
    let tokens = &field.rust_type.tokens;
    quote_spanned!(literal.span()=> <#tokens as #door::AttributeValue>::from_value(#door::Value::Text(#text))?)
}

fn wrap(value: TokenStream, field: &Field, model: &Model<'_>) -> TokenStream {
    let door = &model.door;
    match field.presence {
        Presence::Nullable => quote!(#door::Some(#value)),
        Presence::Filled => quote!(#door::OrDefault::Value(#value)),
        Presence::Required | Presence::Value(_) => value,
    }
}
