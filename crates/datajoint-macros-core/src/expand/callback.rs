use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Visibility;

use super::Model;

/// The hidden macro, under the table's own path, that answers with its key.
///
/// `@datajoint1 [parents still to ask] [macro to call at the end] [answers so far] child`
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let answer = model.payload.encode();
    let rules = quote! {
        (@datajoint1 [] [$($then:tt)*] [$($answers:tt)*] $child:tt) => {
            $($then)*! { [$($answers)* #answer] $child }
        };
        (@datajoint1 [[$($next:tt)*] $($others:tt)*] $then:tt [$($answers:tt)*] $child:tt) => {
            $($next)*! { @datajoint1 [$($others)*] $then [$($answers)* #answer] $child }
        };
    };
    define(model.visibility(), &model.names.table, &model.names.callback, &rules)
}

/// The hidden macro of a table that was not understood: what is wrong has been said, so its children are
/// told nothing.
pub(crate) fn without_answer(visibility: &Visibility, table: &Ident, callback: &Ident) -> TokenStream {
    define(visibility, table, callback, &quote!((@datajoint1 $($question:tt)*) => {};))
}

fn define(visibility: &Visibility, table: &Ident, callback: &Ident, rules: &TokenStream) -> TokenStream {
    let export = matches!(visibility, Visibility::Public(_)).then(|| quote!(#[macro_export]));
    let alias = Ident::new(&table.to_string(), table.span());
    let advice = format!("`{table}` is a table, not a macro");
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros, non_local_definitions)]
        #export
        macro_rules! #callback {
            #rules
            ($($other:tt)*) => {
                ::core::compile_error! { #advice }
            };
        }
        #[doc(hidden)]
        #[allow(unused_imports)]
        #visibility use #callback as #alias;
    }
}
