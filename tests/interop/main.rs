//! Rust beside DataJoint for Python, on the same servers: `cargo xtask interop`.
//!
//! Every case runs on each server that the environment names. Most declare the same tables twice, once from each
//! side, and compare what the server, Python and Rust then say of both.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]

mod below;
mod beside;
mod blobs;
mod cases;
mod codecs;
mod deploying;
mod filling;
mod hidden;
mod lab;
mod python;
mod queue;
mod rows;
mod server;
mod stamps;
mod tables;
mod twins;
mod wire;

use server::SERVERS;

#[test]
fn the_environment_names_a_server() {
    let variables: Vec<&str> = SERVERS.iter().map(|server| server.variable).collect();
    assert!(SERVERS.iter().any(|server| server.url().is_some()), "set one of {}", variables.join(", "));
}

/// One test for each case on each server.
macro_rules! on_every_server {
    ($cases:tt) => {
        on_every_server!(@ mysql 0 $cases);
        on_every_server!(@ mariadb 1 $cases);
        on_every_server!(@ postgres 2 $cases);
    };
    (@ $server:ident $number:literal { $($module:ident :: $case:ident,)* }) => {
        mod $server {
            $(
                #[test]
                fn $case() {
                    crate::beside::run(&crate::SERVERS[$number], stringify!($case), &crate::$module::$case);
                }
            )*
        }
    };
}

on_every_server!({
    rows::values_of_every_type_come_to_the_other_side_as_they_were,
    rows::texts_compared_by_bytes_are_texts_to_both_sides,
    rows::rows_in_bulk_come_to_python_as_they_were,
    rows::keys_of_every_type_find_their_rows_from_both_sides,
    blobs::blobs_of_rust_are_unpacked_by_python,
    blobs::blobs_of_python_are_unpacked_by_rust,
    codecs::objects_of_rust_are_read_by_python,
    codecs::objects_of_python_are_read_by_rust,
    filling::python_reads_and_deletes_what_rust_declared_and_filled,
    filling::rust_reads_and_deletes_what_python_declared_and_filled,
    filling::both_sides_populate_one_table,
    filling::parts_are_not_deleted_without_their_masters,
    filling::defaults_are_filled_alike_from_both_sides,
    stamps::stamps_are_the_same_on_a_server_of_any_time_zone,
    below::python_populates_below_tables_of_rust,
    below::rust_fills_below_tables_of_python,
    below::both_sides_join_by_lineage,
    hidden::job_metadata_is_the_same_from_both_sides,
    hidden::rust_fills_the_job_metadata_of_a_table_of_python,
    hidden::rust_leaves_the_provenance_of_python_alone,
    hidden::jobs_of_python_go_with_a_table_of_rust,
    hidden::each_side_drops_schemas_of_the_other,
    hidden::a_table_that_refers_to_itself_is_refused_by_both_sides,
    queue::workers_of_both_sides_share_a_queue,
    queue::each_side_does_the_jobs_that_the_other_added,
    queue::reserved_jobs_are_left_alone_by_the_other_side,
    queue::jobs_are_due_and_old_by_one_clock_in_any_time_zone,
    deploying::replica_identity_is_set_as_python_sets_it,
    deploying::hidden_columns_are_added_alike_from_both_sides,
    twins::columns_of_every_type_are_the_same_from_both_sides,
    twins::defaults_of_every_kind_are_the_same_from_both_sides,
    twins::foreign_keys_of_every_form_are_the_same_from_both_sides,
    twins::indexes_of_every_form_are_the_same_from_both_sides,
    twins::comments_with_any_letters_are_the_same_from_both_sides,
    twins::tables_of_every_tier_are_the_same_from_both_sides,
    twins::tables_that_differ_are_told_apart,
});
