use datajoint_macros_core::make;
use proc_macro2::TokenStream;
use quote::quote;

use crate::support::errors;

/// The name that the code of an implementation gets.
fn name(source: &str) -> String {
    let written = make(&TokenStream::new(), &source.parse().unwrap()).to_string();
    let (_, after) = written.split_once("code_of_tokens").unwrap_or_else(|| panic!("no code in {written}"));
    after.split('"').nth(1).unwrap().to_owned()
}

const PLAIN: &str =
    "impl PlainMake for Area { async fn make(cx: &mut Cx) -> R { cx.insert(row(1, 2)).await } }";

#[test]
fn code_of_the_same_meaning_has_one_name() {
    let same = [
        "impl PlainMake for Area {\n    async fn make(cx: &mut Cx) -> R {\n        // One row.\n        cx.insert(row(1, 2)).await\n    }\n}",
        "impl PlainMake for Area { /// Makes it.\n async fn make(cx: & mut Cx) -> R { /* now */ cx.insert(row(1, 2,),).await } }",
        "#[doc = \"Areas\"] impl PlainMake for Area { async fn make(cx: &mut Cx,) -> R { cx . insert (row(1 , 2)) . await } }",
    ];
    for source in same {
        assert_eq!(name(source), name(PLAIN), "{source}");
    }
    assert_eq!(
        name(PLAIN),
        "e4b78922cf6f9f4d69f032339c480492",
        "the name does not depend on the machine or the release"
    );
}

#[test]
fn any_other_code_has_another_name() {
    let others = [
        PLAIN.replace("row(1, 2)", "row(2, 1)"),
        PLAIN.replace("row(1, 2)", "row(1.0, 2)"),
        PLAIN.replace("row(1, 2)", "row((1, 2))"),
        PLAIN.replace("row(1, 2)", "row(12)"),
        PLAIN.replace("Area", "Areas"),
        PLAIN.replace("cx.insert", "#[cfg(x)] cx.insert"),
        PLAIN.replace("row(1, 2)", "row(\"1, 2\")"),
    ];
    let mut names: Vec<String> = others.iter().map(|source| name(source)).chain([name(PLAIN)]).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), others.len() + 1);
}

#[test]
fn a_version_that_is_given_stands() {
    let source: TokenStream =
        "impl Make for Area { const CODE: Code = Code::version(\"2\"); }".parse().unwrap();
    assert_eq!(make(&TokenStream::new(), &source).to_string(), source.to_string());
}

#[test]
fn what_is_no_make_is_told() {
    let nothing = TokenStream::new();
    let message = "put `#[make]` on `impl Make for Table { .. }` or `impl PlainMake for Table { .. }`";
    assert_eq!(
        errors(make(
            &nothing,
            &quote!(
                fn make() {}
            )
        )),
        [message]
    );
    assert_eq!(errors(make(&nothing, &quote!(impl Area { fn make() {} }))), [message]);
    let given = errors(make(&quote!(version = "2"), &PLAIN.parse().unwrap()));
    assert_eq!(
        given,
        ["`#[make]` takes nothing: a version is `const CODE: Code = Code::version(\"2\");` within"]
    );
}
