//! A small pipeline, written as the macros write it.

use chrono::NaiveDate;
use datajoint_config::Settings;
use datajoint_definition::Tier;
use datajoint_pipeline::Instance;
use datajoint_pipeline::typed::{
    AutoPopulated, Column, Contents, Declared, Part, Pipeline, SpecFn, Table, TableKey, TableRow, TableSpec,
};
use datajoint_sql::Value;

macro_rules! rows {
    ($name:ident { $($field:ident : $type:ty),* }) => {
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct $name { $(pub(crate) $field: $type),* }

        impl datajoint_pipeline::typed::FromRow for $name {
            const ATTRIBUTES: &'static [&'static str] = &[$(stringify!($field)),*];
            fn from_row(row: &mut datajoint_pipeline::typed::RowReader<'_>) -> Result<Self, datajoint_pipeline::typed::ValueError> {
                Ok(Self { $($field: row.value(stringify!($field))?),* })
            }
        }

        impl datajoint_pipeline::typed::IntoRow for $name {
            const ATTRIBUTES: &'static [&'static str] = &[$(stringify!($field)),*];
            fn into_row(self, row: &mut datajoint_pipeline::typed::RowWriter<'_>) -> Result<(), datajoint_pipeline::typed::ValueError> {
                $(row.value(stringify!($field), self.$field)?;)*
                Ok(())
            }
        }
    };
}
pub(crate) use rows;

macro_rules! table {
    (
        $table:ident($tier:ident, $definition:literal, [$($parent:ident),*] $(, $option:ident($argument:expr))?)
        $row:ident $key:ident { $($key_field:ident : $key_type:ty),* ; $($field:ident : $type:ty),* }
    ) => {
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $table;

        rows!($row { $($key_field: $key_type,)* $($field: $type),* });
        rows!($key { $($key_field: $key_type),* });

        impl Declared for $table {}

        impl Table for $table {
            type Row = $row;
            type Key = $key;
            const KEY_ID: u64 = 0;
            fn spec() -> &'static TableSpec {
                const PARENTS: &[SpecFn] = &[$($parent::spec),*];
                static SPEC: TableSpec = TableSpec::new(
                    stringify!($table), concat!("lab::", stringify!($table)), "lab", Tier::$tier, $definition, PARENTS,
                )$(.$option($argument))?;
                &SPEC
            }
        }

        impl TableRow for $row {
            type Table = $table;
            fn key(&self) -> $key {
                $key { $($key_field: self.$key_field.clone()),* }
            }
        }

        impl TableKey for $key {
            type Table = $table;
        }

        #[allow(non_upper_case_globals, dead_code)]
        impl $table {
            $(pub(crate) const $key_field: Column<Self, $key_type> = Column::new(stringify!($key_field));)*
            $(pub(crate) const $field: Column<Self, <$type as Plain>::Plain> = Column::new(stringify!($field));)*
        }

        datajoint_pipeline::table_operators!($table);
        datajoint_pipeline::key_restriction!($key);
    };
}

/// The type of an attribute without `Option`.
pub(crate) trait Plain {
    type Plain;
}
macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Plain for $type { type Plain = Self; }
        impl Plain for Option<$type> { type Plain = $type; }
    )*};
}
plain!(i32, i64, f64, String, NaiveDate, bool);

table! {
    Subject(Manual, "# A mouse\nsubject : int32\n---\nsex = 'U' : enum('M', 'F', 'U')\nborn = null : date", [])
    SubjectRow SubjectKey { subject: i32; sex: String, born: Option<NaiveDate> }
}

table! {
    Session(Manual, "-> Subject\nsession : int32\n---\nweight : float64\nnote = null : varchar(20)", [Subject])
    SessionRow SessionKey { subject: i32, session: i32; weight: f64, note: Option<String> }
}

table! {
    Probe(Lookup, "probe : varchar(16)\n---\nchannels : int32", [], with_contents(Contents {
        attributes: &["probe", "channels"],
        rows: || Ok(vec![
            vec![Value::Text("A".into()), Value::Int(4)],
            vec![Value::Text("B".into()), Value::Int(384)],
        ]),
    }))
    ProbeRow ProbeKey { probe: String; channels: i32 }
}

table! {
    Spikes(Computed, "-> Session\n-> Probe\n---\ncount : int64", [Session, Probe])
    SpikesRow SpikesKey { subject: i32, session: i32, probe: String; count: i64 }
}
impl AutoPopulated for Spikes {}

table! {
    Unit(Part, "-> master\nunit : int32\n---\nrate : float64", [Spikes], with_master(Spikes::spec))
    UnitRow UnitKey { subject: i32, session: i32, probe: String, unit: i32; rate: f64 }
}
impl Part for Unit {
    type Master = Spikes;
}

table! {
    Comparison(
        Manual,
        "comparison : int32\n---\n-> Session.proj(first='session')\n-> Session.proj(second='session')",
        [Session, Session]
    )
    ComparisonRow ComparisonKey { comparison: i32; subject: i32, first: i32, second: i32 }
}

pub(crate) struct Lab;

impl Pipeline for Lab {
    fn specs() -> Vec<&'static TableSpec> {
        vec![Unit::spec(), Comparison::spec(), Subject::spec()]
    }
}

/// An embedded database of its own.
pub(crate) async fn embedded() -> Instance {
    Instance::connect(Settings::from_url("sqlite::memory:").unwrap()).await.unwrap()
}

pub(crate) fn session(subject: i32, session: i32) -> SessionRow {
    SessionRow { subject, session, weight: f64::from(subject) + 0.5, note: None }
}

/// Three mice, six sessions, three of them with spikes of three units.
pub(crate) async fn filled() -> Instance {
    use datajoint_pipeline::{Insert, InsertOptions};
    let dj = embedded().await;
    dj.activate::<Lab>().await.unwrap();
    let subjects = (1..=3).map(|subject| SubjectRow { subject, sex: "M".into(), born: None });
    Subject.insert(&dj, subjects).await.unwrap();
    Session
        .insert(&dj, (1..=3).flat_map(|subject| (1..=2).map(move |number| session(subject, number))))
        .await
        .unwrap();
    let allowed = InsertOptions::new().allow_direct_insert();
    let spikes = (1..=3).map(|subject| SpikesRow {
        subject,
        session: 1,
        probe: "A".into(),
        count: 10 * i64::from(subject),
    });
    Spikes.insert_with(&dj, spikes, allowed).await.unwrap();
    let units = (1..=3).flat_map(|subject| {
        (1..=3).map(move |unit| UnitRow {
            subject,
            session: 1,
            probe: "A".into(),
            unit,
            rate: f64::from(unit),
        })
    });
    Unit.insert_with(&dj, units, allowed).await.unwrap();
    Comparison
        .insert_one(&dj, ComparisonRow { comparison: 1, subject: 1, first: 1, second: 2 })
        .await
        .unwrap();
    dj
}
