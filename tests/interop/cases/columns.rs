//! A column of every type: required, nullable, and inherited by a child.

use super::{Case, Effect, Exception, On, manuals};

macro_rules! plain {
    ($type:literal) => {
        manuals!(
            $type,
            "Holder" => concat!("id : int32\n---\nneeded : ", $type, "  # always there\noptional = null : ", $type),
        )
    };
}

macro_rules! keyed {
    ($type:literal) => {
        manuals!(
            $type,
            "Holder" => concat!("key : ", $type, "  # the key\nid : int32\n---\noptional = null : ", $type),
            "Child" => "-> Holder\nnumber : int8\n---\n-> [nullable] Holder.proj(other_key='key', other_id='id')",
        )
    };
}

pub(crate) static COLUMNS: &[Case] = &[
    keyed!("int8"),
    keyed!("int16"),
    keyed!("int32"),
    keyed!("int64"),
    keyed!("float32"),
    keyed!("float64"),
    keyed!("bool"),
    keyed!("uuid"),
    keyed!("date"),
    keyed!("datetime"),
    keyed!("datetime(3)").except(PRECISION),
    keyed!("datetime(6)").except(PRECISION),
    keyed!("char(4)"),
    keyed!("varchar(40)"),
    keyed!("enum('left', 'right')"),
    keyed!("enum('b','a','c')"),
    keyed!("decimal(8,3)"),
    keyed!("decimal(5, 0)"),
    plain!("json"),
    plain!("bytes"),
    plain!("<blob>"),
    plain!("<attach>"),
    plain!("<blob@main>"),
    plain!("<attach@main>"),
    plain!("<hash@main>"),
    plain!("<object@main>"),
    plain!("<npy@main>"),
    plain!("<filepath@main>"),
];

const PRECISION: &[Exception] = &[Exception {
    why: "BUG-08: the child of a datetime with a precision loses it",
    on: On::Postgres,
    effect: Effect::Differs(&["timestamp"]),
}];
