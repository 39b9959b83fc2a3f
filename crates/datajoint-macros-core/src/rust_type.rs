use datajoint_definition::{AttributeType, CodecType, CoreType, NativeCategory, NativeType, Store};
use proc_macro2::{Span, TokenStream};
use quote::quote;

/// What is known of the values of a Rust type when the code is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Class {
    /// An integer from the smallest to the largest value.
    Integer(i128, i128),
    Float,
    Bool,
    /// `String`.
    Text,
    /// An enum with these members.
    Enum(Vec<String>),
    /// A type that a text names: a date, a time, a UUID, a decimal number.
    Named,
    /// Anything else.
    Other,
}

/// The Rust type of an attribute.
#[derive(Debug, Clone)]
pub(crate) struct RustType {
    pub(crate) tokens: TokenStream,
    pub(crate) class: Class,
    /// True for a blob, which is packed and unpacked.
    pub(crate) is_blob: bool,
    /// Where the user wrote it.
    pub(crate) span: Span,
}

impl RustType {
    pub(crate) fn value(class: Class, tokens: TokenStream) -> Self {
        Self { tokens, class, is_blob: false, span: Span::call_site() }
    }
}

/// The Rust type for a type of the language; `None` for a codec that the library does not have.
pub(crate) fn rust_type(attribute_type: &AttributeType, door: &TokenStream) -> Option<RustType> {
    Some(match attribute_type {
        AttributeType::Core(core) => core_type(core, door),
        AttributeType::Native(native) => native_type(native, door),
        AttributeType::Codec(codec) => return codec_type(codec, door),
    })
}

fn core_type(core: &CoreType, door: &TokenStream) -> RustType {
    let named = |tokens| RustType::value(Class::Named, tokens);
    match core {
        CoreType::Int8 => integer("i8"),
        CoreType::Int16 => integer("i16"),
        CoreType::Int32 => integer("i32"),
        CoreType::Int64 => integer("i64"),
        CoreType::Float32 => RustType::value(Class::Float, quote!(f32)),
        CoreType::Float64 => RustType::value(Class::Float, quote!(f64)),
        CoreType::Bool => RustType::value(Class::Bool, quote!(bool)),
        CoreType::Uuid => named(quote!(#door::Uuid)),
        CoreType::Json => RustType::value(Class::Other, quote!(#door::Json)),
        CoreType::Bytes => bytes(),
        CoreType::Date => named(quote!(#door::NaiveDate)),
        CoreType::DateTime { .. } => named(quote!(#door::NaiveDateTime)),
        CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_) => text(),
        // The digits that the short type has.
        CoreType::Decimal { precision: 0..=28, .. } => named(quote!(#door::Decimal)),
        CoreType::Decimal { .. } => named(quote!(#door::BigDecimal)),
    }
}

fn native_type(native: &NativeType, door: &TokenStream) -> RustType {
    let spelled = native.text.to_ascii_lowercase();
    let base = spelled.split(['(', ' ']).next().unwrap_or_default();
    match native.category {
        NativeCategory::Integer => {
            let is_unsigned = spelled.contains("unsigned");
            integer(match (base, is_unsigned) {
                ("tinyint", false) => "i8",
                ("tinyint", true) => "u8",
                ("smallint", false) => "i16",
                ("smallint", true) => "u16",
                ("bigint" | "serial", false) => "i64",
                ("bigint" | "serial", true) | ("bit", _) => "u64",
                (_, false) => "i32",
                (_, true) => "u32",
            })
        }
        NativeCategory::Numeric => RustType::value(Class::Named, quote!(#door::Decimal)),
        NativeCategory::Float => RustType::value(Class::Float, quote!(f64)),
        NativeCategory::String | NativeCategory::Text => text(),
        NativeCategory::Temporal => match base {
            "time" => RustType::value(Class::Named, quote!(#door::NaiveTime)),
            "year" => integer("i16"),
            _ => RustType::value(Class::Named, quote!(#door::NaiveDateTime)),
        },
        NativeCategory::Blob => bytes(),
    }
}

fn codec_type(codec: &CodecType, door: &TokenStream) -> Option<RustType> {
    let other = |tokens| RustType::value(Class::Other, tokens);
    Some(match codec.name.as_str() {
        "blob" => RustType { is_blob: true, ..other(quote!(#door::Blob)) },
        "attach" => other(quote!(#door::Attachment)),
        // The others are declared in stores alone.
        _ if codec.store == Store::Table => return None,
        "hash" => bytes(),
        "object" | "filepath" => other(quote!(#door::Object)),
        "npy" => other(quote!(#door::Npy)),
        _ => return None,
    })
}

fn integer(name: &str) -> RustType {
    let (smallest, largest, tokens) = match name {
        "i8" => (i8::MIN.into(), i8::MAX.into(), quote!(i8)),
        "i16" => (i16::MIN.into(), i16::MAX.into(), quote!(i16)),
        "i64" => (i64::MIN.into(), i64::MAX.into(), quote!(i64)),
        "u8" => (0, u8::MAX.into(), quote!(u8)),
        "u16" => (0, u16::MAX.into(), quote!(u16)),
        "u32" => (0, u32::MAX.into(), quote!(u32)),
        "u64" => (0, u64::MAX.into(), quote!(u64)),
        _ => (i32::MIN.into(), i32::MAX.into(), quote!(i32)),
    };
    RustType::value(Class::Integer(smallest, largest), tokens)
}

fn text() -> RustType {
    RustType::value(Class::Text, quote!(::std::string::String))
}

fn bytes() -> RustType {
    RustType::value(Class::Other, quote!(::std::vec::Vec<u8>))
}
