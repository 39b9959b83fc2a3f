use datajoint_macros_core::{derive_attribute_value, derive_from_row, derive_into_row};
use insta::assert_snapshot;
use quote::quote;

use crate::support::{errors, pretty};

#[test]
fn rows_are_read_into_structs_of_the_user() {
    let item = quote! {
        struct Point<T: AttributeValue> {
            x: T,
            #[datajoint(rename = "type")]
            kind: String,
            r#where: i32,
            #[datajoint(blob)]
            trace: Vec<f64>,
            #[datajoint(blob)]
            mask: Option<Vec<bool>>,
        }
    };
    let (from, into) = (derive_from_row(item.clone()), derive_into_row(item));
    assert_snapshot!(pretty(quote!(#from #into)));
}

#[test]
fn a_newtype_is_a_value() {
    let tuple = derive_attribute_value(quote!(
        struct SubjectId(pub i32);
    ));
    let named = derive_attribute_value(quote!(
        struct Speed {
            metres_per_second: f64,
        }
    ));
    assert_snapshot!(pretty(quote!(#tuple #named)));
}

#[test]
fn an_enum_is_a_text() {
    let tokens = derive_attribute_value(quote!(
        enum Sex {
            #[datajoint(rename = "M")]
            Male,
            #[datajoint(rename = "F")]
            Female,
            Unknown,
        }
    ));
    assert_snapshot!(pretty(tokens));
}

#[test]
fn a_derive_says_what_it_wants() {
    let found = [
        errors(derive_from_row(quote!(
            struct A(i32);
        ))),
        errors(derive_into_row(quote!(
            enum A {
                B,
            }
        ))),
        errors(derive_from_row(quote!(
            struct A {
                #[datajoint(name = "b")]
                a: i8,
            }
        ))),
        errors(derive_from_row(quote!(
            struct A {
                #[datajoint(rename = "b")]
                a: i8,
                b: i8,
            }
        ))),
        errors(derive_attribute_value(quote!(
            struct A(i32, i32);
        ))),
        errors(derive_attribute_value(quote!(
            enum A {
                B(i32),
            }
        ))),
    ];
    assert_snapshot!(found.concat().join("\n"));
}
