use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Visibility;

use super::Model;

/// The hidden macro, under the table's own path, that answers with its key.
///
/// `@datajoint1 [parents still to ask] [macro to call at the end] [answers so far] child`
pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let (visibility, table, callback) = (model.visibility(), &model.names.table, &model.names.callback);
    let answer = model.payload.encode();
    let export = matches!(visibility, Visibility::Public(_)).then(|| quote!(#[macro_export]));
    let alias = Ident::new(&table.to_string(), table.span());
    let advice = format!("`{table}` is a table, not a macro");
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros, non_local_definitions)]
        #export
        macro_rules! #callback {
            (@datajoint1 [] [$($then:tt)*] [$($answers:tt)*] $child:tt) => {
                $($then)*! { [$($answers)* #answer] $child }
            };
            (@datajoint1 [[$($next:tt)*] $($others:tt)*] $then:tt [$($answers:tt)*] $child:tt) => {
                $($next)*! { @datajoint1 [$($others)*] $then [$($answers)* #answer] $child }
            };
            ($($other:tt)*) => {
                ::core::compile_error! { #advice }
            };
        }
        #[doc(hidden)]
        #[allow(unused_imports)]
        #visibility use #callback as #alias;
    }
}
