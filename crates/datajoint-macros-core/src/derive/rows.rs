use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, Ident};

use super::{Options, is_option};

pub(super) fn from_row(item: &DeriveInput) -> Result<TokenStream, Error> {
    let columns = columns(item)?;
    let name = &item.ident;
    let (parameters, arguments, bounds) = item.generics.split_for_impl();
    let names = columns.iter().map(|column| &column.attribute);
    let reads = columns.iter().map(|Column { identifier, attribute, kind, field }| {
        let span = spoken_of(field);
        let read = match kind {
            ColumnKind::Value => quote_spanned!(span=> row.value(#attribute)?),
            ColumnKind::Blob => quote_spanned!(span=> row.blob(#attribute)?),
            ColumnKind::NullableBlob => quote_spanned!(span=> row.nullable_blob(#attribute)?),
        };
        quote!(#identifier: #read)
    });
    Ok(quote! {
        #[automatically_derived]
        impl #parameters ::datajoint::codegen::FromRow for #name #arguments #bounds {
            const ATTRIBUTES: &'static [&'static str] = &[#(#names),*];
            fn from_row(
                row: &mut ::datajoint::codegen::RowReader<'_>,
            ) -> ::core::result::Result<Self, ::datajoint::codegen::ValueError> {
                let _ = &row;
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
        }
    })
}

pub(super) fn into_row(item: &DeriveInput) -> Result<TokenStream, Error> {
    let columns = columns(item)?;
    let name = &item.ident;
    let (parameters, arguments, bounds) = item.generics.split_for_impl();
    let names = columns.iter().map(|column| &column.attribute);
    let writes = columns.iter().map(|Column { identifier, attribute, kind, field }| match kind {
        ColumnKind::Value => quote_spanned!(spoken_of(field)=> row.value(#attribute, self.#identifier)?;),
        ColumnKind::Blob => quote_spanned!(spoken_of(field)=> row.blob(#attribute, &self.#identifier)?;),
        ColumnKind::NullableBlob => {
            quote_spanned!(spoken_of(field)=> row.nullable_blob(#attribute, self.#identifier.as_ref())?;)
        }
    });
    Ok(quote! {
        #[automatically_derived]
        impl #parameters ::datajoint::codegen::IntoRow for #name #arguments #bounds {
            const ATTRIBUTES: &'static [&'static str] = &[#(#names),*];
            fn into_row(
                self,
                row: &mut ::datajoint::codegen::RowWriter<'_>,
            ) -> ::core::result::Result<(), ::datajoint::codegen::ValueError> {
                let _ = &row;
                #(#writes)*
                ::core::result::Result::Ok(())
            }
        }
    })
}

/// The place of a field's type, for what is wrong with it.
fn spoken_of(field: &Field) -> Span {
    field.ty.span().resolved_at(Span::call_site())
}

struct Column<'a> {
    identifier: &'a Ident,
    attribute: String,
    kind: ColumnKind,
    field: &'a Field,
}

enum ColumnKind {
    Value,
    Blob,
    NullableBlob,
}

fn columns(item: &DeriveInput) -> Result<Vec<Column<'_>>, Error> {
    let fields = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            _ => return Err(Error::new(item.ident.span(), NAMED)),
        },
        _ => return Err(Error::new(item.ident.span(), NAMED)),
    };
    let mut columns: Vec<Column<'_>> = Vec::new();
    for field in fields {
        let options = Options::read(&field.attrs)?;
        let Some(identifier) = &field.ident else { continue };
        let attribute = options.name(identifier);
        if columns.iter().any(|column| column.attribute == attribute) {
            return Err(Error::new(
                identifier.span(),
                format!("another field stands for `{attribute}` already"),
            ));
        }
        let kind = match (options.is_blob, is_option(field)) {
            (false, _) => ColumnKind::Value,
            (true, false) => ColumnKind::Blob,
            (true, true) => ColumnKind::NullableBlob,
        };
        columns.push(Column { identifier, attribute, kind, field });
    }
    Ok(columns)
}

const NAMED: &str = "a row is a struct whose fields are named as the attributes are";
