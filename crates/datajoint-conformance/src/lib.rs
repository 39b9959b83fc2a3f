//! The behaviour every DataJoint backend must show, as a test suite in a library.
//!
//! A backend says how to connect to it and what it can hold ([`Capabilities`]), and runs every case with
//! [`suite!`]. Each case works in a schema of its own, which it drops before and after.

#![expect(clippy::unwrap_used, reason = "a case that can't go on has failed")]

mod turn;

pub mod algebra;
pub mod columns;
pub mod declaring;
pub mod filling;
pub mod guarding;
pub mod inserting;
pub mod laws;
pub mod populating;
pub mod querying;
pub mod subsets;
pub mod transacting;
pub mod transferring;
pub mod values;

pub(crate) use turn::Turn;

/// What a backend can hold, where backends differ.
#[derive(Debug, Clone, Copy)]
pub struct Capabilities {
    /// True when NaN and infinity are kept in a `float64`.
    pub keeps_nan: bool,
}

/// One test for each case of the suite.
///
/// `$connect` is an async function that gives an `Option<(Instance, Capabilities)>`; `None` when the backend
/// is not here, and then its tests say so and end.
#[macro_export]
macro_rules! suite {
    ($connect:path) => {
        $crate::suite!(@ $connect,
            algebra::aggregation_computes_over_what_matches,
            algebra::extend_keeps_every_row,
            algebra::functions_mean_the_same_by_every_name,
            algebra::known_defects_of_python_are_none_here,
            algebra::other_meanings_match_on_request_alone,
            algebra::places_in_json_restrict_and_are_fetched,
            algebra::union_has_the_rows_of_either_side,
            algebra::universal_sets_make_keys_of_any_attributes,
            columns::batches_files_and_tables_hold_the_same,
            columns::computed_values_have_the_type_of_their_first,
            columns::files_with_faults_are_refused_by_line,
            declaring::tables_are_declared_once_and_found_as_declared,
            declaring::a_second_activation_changes_nothing,
            filling::rows_come_back_as_they_were_inserted,
            filling::a_row_that_is_there_is_refused_or_passed_over,
            filling::a_row_without_its_parent_is_refused_with_the_parent_named,
            filling::update_changes_one_row,
            filling::delete_takes_what_depends_on_it_first,
            filling::rows_are_inserted_all_or_none,
            guarding::a_client_that_is_too_old_is_refused,
            guarding::a_read_only_client_changes_nothing,
            guarding::a_stamped_schema_is_changed_in_its_environment_alone,
            guarding::a_plan_counts_stored_objects,
            guarding::no_more_goes_than_the_limits_allow,
            guarding::nothing_is_created_where_that_is_off,
            guarding::the_hash_of_a_plan_confirms_that_plan_alone,
            guarding::versions_of_schemas_are_recorded_and_checked,
            guarding::waiting_for_a_lock_has_an_end,
            guarding::without_a_confirmation_nothing_goes,
            inserting::a_row_too_large_for_the_server_is_refused,
            inserting::buffered_rows_last_when_they_are_finished,
            inserting::computed_rows_are_changed_on_request_alone,
            inserting::duplicates_are_skipped_by_their_key_alone,
            inserting::extra_fields_are_left_out_on_request_alone,
            inserting::identical_rows_are_skipped_and_others_refused,
            inserting::replacing_puts_the_whole_row,
            inserting::rows_of_a_query_are_inserted_without_fetching_them,
            laws::random_queries_mean_what_the_reference_says,
            populating::populate_makes_what_is_missing_and_then_nothing,
            populating::a_part_that_make_writes_first_is_declared,
            populating::a_failing_key_is_reported_and_the_others_are_made,
            querying::keys_are_found_by_their_index,
            querying::rows_are_fetched_in_every_form,
            querying::restrictions_of_every_kind_choose_the_same_rows,
            querying::antijoin_keeps_what_has_no_match,
            querying::join_pairs_rows_that_agree,
            querying::projection_renames_and_keeps_the_key,
            querying::order_limit_and_offset_cut_the_rows,
            subsets::deletes_in_chunks_take_all_and_go_on,
            subsets::rows_added_to_what_goes_do_not_slip_through,
            subsets::rows_that_belong_together_are_found,
            transacting::a_lost_connection_is_made_again_for_a_query,
            transacting::a_part_of_a_transaction_is_undone_by_itself,
            transacting::transactions_that_collide_are_tried_again,
            transacting::what_is_cancelled_is_undone,
            transferring::a_closed_part_comes_over_to_another_backend_and_back,
            transferring::an_import_is_checked_and_can_be_repeated,
            transferring::objects_in_stores_go_with_their_rows,
            values::every_core_type_comes_back_as_it_was,
            values::values_that_do_not_fit_are_refused_by_name,
        );
    };
    (@ $connect:path, $($module:ident :: $case:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $case() {
                match $connect().await {
                    Some((instance, capabilities)) => $crate::$module::$case(&instance, capabilities).await,
                    None => println!("this backend is not here"),
                }
            }
        )*
    };
}
