use std::sync::OnceLock;

use datajoint_definition::Backend;

use super::Mysql;
use crate::Value;
use crate::concatenation::Concatenation;
use crate::dialect::{Functions, Listed};
use crate::fragment::Fragment;
use crate::select::translate::{translate, written};
use crate::token::Call;

impl Functions for Mysql {
    fn function(&self, _: &str, _: &Call<'_>) -> Option<Fragment> {
        None
    }

    fn concatenation(&self, of: &Concatenation<'_>) -> Fragment {
        let distinct = if of.is_distinct { "DISTINCT " } else { "" };
        let mut sql = written(&format!("group_concat({distinct}"), [translate(self, of.of)], "", "");
        if !of.order.is_empty() {
            sql.push(" ORDER BY ");
            sql.append(translate(self, of.order));
        }
        if !of.separator.is_empty() {
            sql.push(" SEPARATOR ");
            sql.append(translate(self, of.separator));
        }
        sql.push(")");
        sql
    }

    /// MySQL decides on types before there are values, and takes a number for a float where any will do.
    fn as_literal(&self, value: &Value, _: Option<&str>) -> Option<Fragment> {
        if self.backend == Backend::Mariadb {
            return None;
        }
        let kind = match value {
            Value::Int(_) => "SIGNED",
            Value::UInt(_) => "UNSIGNED",
            _ => return None,
        };
        let mut sql = Fragment::text("CAST(");
        sql.push_value(value.clone());
        sql.push(&format!(" AS {kind})"));
        Some(sql)
    }

    fn functions(&self) -> &'static Listed {
        &LISTED
    }
}

static LISTED: Listed = Listed {
    text: include_str!("functions.txt"),
    syntax: &[
        "binary",
        "dec",
        "decimal",
        "double",
        "float",
        "grouping",
        "json_table",
        "match",
        "nchar",
        "signed",
        "unsigned",
        "varbinary",
        "varchar",
    ],
    elsewhere: &[
        "any_value",
        "bin_to_uuid",
        "format_bytes",
        "format_pico_time",
        "geomcollection",
        "geometrycollection",
        "is_uuid",
        "json_array_intersect",
        "json_key_value",
        "json_object_filter_keys",
        "json_object_to_array",
        "json_schema_valid",
        "json_storage_size",
        "kdf",
        "linestring",
        "months_between",
        "multilinestring",
        "multipoint",
        "multipolygon",
        "point",
        "polygon",
        "regexp_like",
        "st_collect",
        "st_frechetdistance",
        "st_geohash",
        "st_hausdorffdistance",
        "st_isvalid",
        "st_latfromgeohash",
        "st_latitude",
        "st_lineinterpolatepoint",
        "st_lineinterpolatepoints",
        "st_longfromgeohash",
        "st_longitude",
        "st_makeenvelope",
        "st_pointatdistance",
        "st_pointfromgeohash",
        "st_simplify",
        "st_swapxy",
        "st_transform",
        "st_validate",
        "string_to_vector",
        "to_date",
        "to_number",
        "to_vector",
        "trunc",
        "uuid_to_bin",
        "uuid_v4",
        "uuid_v7",
        "vec_distance",
        "vec_distance_cosine",
        "vec_distance_euclidean",
        "vec_fromtext",
        "vec_totext",
        "vector_dim",
        "vector_to_string",
    ],
    schema: None,
    calls_by_point: false,
    types: None,
    set: OnceLock::new(),
};
