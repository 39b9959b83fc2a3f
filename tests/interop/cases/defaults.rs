//! Every kind of default.

use super::comments::PERCENT;
use super::{Case, Effect, Exception, On, manuals};

macro_rules! default {
    ($($line:literal),+ $(,)?) => {
        manuals!(concat!($($line, "; "),+), "Holder" => concat!("id : int32\n---", $("\n", $line),+))
    };
}

pub(crate) static DEFAULTS: &[Case] = &[
    default!("a = 5 : int8", "b = -1 : int16", "c = 0 : int32", "d = 9007199254740993 : int64"),
    default!("a = 1.5 : float32", "b = -2.5 : float64", "c = 1000000 : float64"),
    default!("a = 1 : bool", "b = 0 : bool"),
    default!("a = true : bool").except(&[Exception {
        why: "MySQL knows no such default, and Python passes it on",
        on: On::MysqlFamily,
        effect: Effect::PythonRefuses("Invalid default"),
    }]),
    default!("a = \"2024-02-29\" : date", "b = '2024-02-29' : date"),
    default!("a = \"2024-01-02 03:04:05\" : datetime", "b = \"2024-01-02 03:04:05.678\" : datetime(3)"),
    default!("a = CURRENT_TIMESTAMP : datetime", "b = CURRENT_TIMESTAMP(3) : datetime(3)").except(&[
        Exception {
            why: "Python's stamp has microseconds, which no `datetime` of another server can hold",
            on: On::Postgres,
            effect: Effect::Differs(&["CURRENT_TIMESTAMP"]),
        },
    ]),
    default!("a = current_timestamp(6) : datetime(6)"),
    default!("a = \"\" : varchar(20)", "b = \"x y\" : varchar(20)", "c = 'single' : varchar(20)"),
    default!("a = \"it's\" : varchar(20)", "b = word : varchar(20)", "c = 'a''b' : varchar(20)"),
    default!("a = \"naïve → 日\" : varchar(20)", "c = \"a:b#c\" : varchar(20)"),
    default!("a = \"100 %\" : varchar(20)").except(PERCENT),
    default!("a = \"5\" : varchar(20)", "b = 5 : varchar(20)", "c = \"null\" : varchar(20)"),
    default!("a = \"ab\" : char(4)", "b = \"\" : char(4)"),
    default!("a = \"left\" : enum('left', 'right')", "b = 'right' : enum('left', 'right')"),
    default!("a = 0.5 : decimal(6,2)", "b = -2.25 : decimal(6,2)", "c = 7 : decimal(6,0)"),
    default!("a = null : int32", "b = NULL : varchar(20)", "c=Null : date"),
];
