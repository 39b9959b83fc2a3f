//! The behaviour every DataJoint backend must show, as a test suite in a library.
//!
//! A backend says how to connect to it and what it can hold ([`Capabilities`]), and runs every case with
//! [`suite!`]. Each case works in a schema of its own, which it drops before and after.

#![expect(clippy::unwrap_used, reason = "a case that can't go on has failed")]

mod handled;
mod proxy;
mod turn;

pub mod abandoning;
pub mod algebra;
pub mod answering;
pub mod auditing;
pub mod beside;
pub mod calls;
pub mod cancelling;
pub mod carrying;
pub mod colliding;
pub mod columns;
pub mod committing;
pub mod comparing;
pub mod computing;
pub mod conditions;
pub mod counting;
pub mod declaring;
pub mod defaulting;
pub mod describing;
pub mod documents;
pub mod dropping;
pub mod errors;
pub mod excluding;
pub mod expressions;
pub mod filling;
pub mod guarding;
pub mod hostile;
pub mod indexes;
pub mod indexing;
pub mod inserting;
pub mod laws;
pub mod legacy;
pub mod listing;
pub mod lists;
pub mod literals;
pub mod matrix;
pub mod meaning;
pub mod members;
pub mod orders;
pub mod origins;
pub mod others;
pub mod places;
pub mod populating;
pub mod querying;
pub mod queueing;
pub mod referring;
pub mod refusals;
pub mod roads;
pub mod stale;
pub mod stamping;
pub mod storing;
pub mod streaming;
pub mod structure;
pub mod subsets;
pub mod transacting;
pub mod transferring;
pub mod translating;
pub mod values;
pub mod verbs;

pub(crate) use turn::Turn;

/// What a backend can hold, where backends differ.
#[derive(Debug, Clone, Copy)]
pub struct Capabilities {
    /// True when NaN and infinity are kept in a `float64`.
    pub keeps_nan: bool,
    /// True when a transaction sees a stamp that came after its first look at the database.
    pub sees_later_stamps: bool,
}

/// One test for each case of the suite.
///
/// `$connect` is an async function that gives an `Option<(Instance, Capabilities)>`; `None` when the backend
/// is not here, and then its tests say so and end.
#[macro_export]
macro_rules! suite {
    ($connect:path) => {
        $crate::suite!(@ $connect,
            abandoning::a_verb_that_was_given_up_changes_nothing_later,
            abandoning::a_verb_that_was_given_up_overtakes_nothing,
            abandoning::parts_of_transactions_are_ended_by_their_own,
            abandoning::settings_of_a_program_are_judged_too,
            algebra::a_query_in_brackets_reads_from_tables_of_schemas,
            algebra::a_value_over_no_match_is_refused,
            algebra::aggregation_computes_over_what_matches,
            algebra::extend_keeps_every_row,
            algebra::functions_mean_the_same_by_every_name,
            algebra::known_defects_of_python_are_none_here,
            algebra::other_meanings_match_on_request_alone,
            algebra::places_in_json_restrict_and_are_fetched,
            algebra::union_has_the_rows_of_either_side,
            algebra::universal_sets_make_keys_of_any_attributes,
            answering::any_answer_may_be_lost,
            answering::declaring_takes_no_more_where_much_is_there,
            auditing::a_change_that_is_dropped_has_its_entry_or_was_none,
            auditing::a_deployment_declares_what_is_needed_and_is_noted,
            auditing::a_transaction_goes_on_after_an_update_without_a_row,
            auditing::each_change_is_noted_once,
            auditing::neither_a_change_nor_its_entry_is_there_alone,
            auditing::what_operators_do_to_jobs_is_noted,
            calls::a_statement_means_the_same_whatever_was_asked_before,
            calls::values_in_calls_mean_what_they_mean_written_out,
            carrying::what_goes_is_what_a_delete_tells,
            carrying::what_an_update_changes_is_its_row_alone,
            carrying::a_drop_takes_no_row_of_what_stays,
            carrying::rows_that_come_meanwhile_go_with_their_count,
            cancelling::a_verb_may_be_dropped_at_any_await,
            columns::batches_files_and_tables_hold_the_same,
            columns::columns_as_other_programs_write_them_are_read,
            columns::truth_is_no_number_on_any_road,
            columns::computed_values_have_the_type_of_their_first,
            columns::files_with_faults_are_refused_by_line,
            committing::a_make_that_hides_a_failure_is_told,
            committing::a_part_in_which_something_failed_is_undone,
            committing::a_transaction_in_which_something_failed_is_not_committed,
            committing::a_transaction_that_the_database_undid_goes_on_no_more,
            committing::a_transaction_whose_session_was_ended_is_over,
            committing::a_transaction_whose_session_was_ended_is_tried_again,
            committing::a_verb_that_fails_half_way_spoils_its_transaction,
            committing::what_fails_before_it_is_sent_spoils_no_transaction,
            computing::computed_values_mean_the_same_everywhere,
            computing::each_row_computes_with_its_own_values,
            computing::sums_beyond_the_limits_are_exact_or_refused,
            literals::conditions_call_and_name_what_computed_values_do,
            literals::a_literal_means_the_same_everywhere_or_is_refused,
            meaning::a_condition_means_the_same_everywhere_or_is_listed,
            meaning::a_value_of_many_rows_means_the_same_everywhere,
            meaning::a_mistake_in_sql_is_told_with_the_next_step,
            translating::differences_of_moments_are_cut_to_whole_units,
            translating::means_and_floats_are_rounded_to_digits,
            translating::sums_of_conditions_and_long_strings_are_whole,
            inserting::rows_of_a_query_are_refused_where_a_type_does_not_hold_them,
            conditions::conditions_of_every_number_are_asked_or_refused,
            counting::a_clash_of_rows_of_a_query_is_told,
            counting::every_verb_counts_the_same,
            counting::rows_that_many_insert_count_once,
            declaring::tables_are_declared_once_and_found_as_declared,
            declaring::a_second_activation_changes_nothing,
            declaring::an_attribute_that_the_table_lacks_is_named,
            members::a_member_that_the_column_lacks_is_compared,
            members::hostile_members_come_back_on_every_road,
            members::an_enum_has_the_order_of_its_column,
            members::an_enum_with_more_members_than_its_column_goes_on,
            members::what_adds_a_member_changes_no_other_column,
            declaring::names_of_text_are_checked_as_those_of_programs,
            declaring::what_a_server_refuses_to_declare_leaves_nothing,
            declaring::what_can_not_be_declared_leaves_nothing,
            declaring::tables_are_declared_one_by_one_below_what_is_there,
            defaulting::a_default_is_declared_found_and_declared_again,
            defaulting::a_default_that_the_type_does_not_hold_is_refused,
            comparing::what_differs_between_code_lock_and_database_is_told,
            comparing::tables_that_one_side_lacks_are_told,
            describing::a_description_declares_the_same_table,
            describing::any_table_is_the_one_that_its_description_declares,
            excluding::a_wait_that_was_given_up_keeps_nobody_out,
            excluding::a_table_that_was_made_anew_is_the_same_to_a_living_client,
            excluding::declaring_takes_one_connection,
            excluding::of_two_definitions_at_once_one_is_told_the_difference,
            excluding::tables_without_lineage_are_dropped,
            excluding::who_holds_a_lock_is_named,
            expressions::attributes_are_the_same_by_every_way_to_name_them,
            expressions::strings_in_sql_are_what_their_attribute_takes,
            expressions::misspelt_names_in_sql_are_told,
            expressions::places_in_json_are_told_in_sql,
            listing::a_function_that_is_not_listed_is_never_sent,
            expressions::patterns_mean_one_thing,
            structure::a_backslash_is_a_letter_of_every_string,
            structure::a_number_is_the_same_alone_and_in_a_list,
            structure::an_enum_is_itself_between_brackets_and_a_string_in_calls,
            structure::documents_are_not_compared_as_a_whole,
            structure::indexes_on_places_hold_what_their_types_do,
            structure::the_present_moment_is_the_default_of_what_can_hold_it,
            structure::what_is_no_attribute_is_an_error,
            filling::rows_come_back_as_they_were_inserted,
            filling::a_row_that_is_there_is_refused_or_passed_over,
            filling::a_row_without_its_parent_is_refused_with_the_parent_named,
            filling::update_changes_one_row,
            filling::delete_takes_what_depends_on_it_first,
            filling::rows_are_inserted_all_or_none,
            documents::each_place_is_the_same_everywhere,
            documents::each_place_leads_to_the_same,
            documents::a_place_with_a_type_is_found_by_what_is_fetched_of_it,
            documents::what_is_no_place_is_refused_by_name,
            dropping::a_schema_that_holds_more_than_tables_stays,
            dropping::a_schema_without_tables_is_not_dropped_unasked,
            dropping::what_is_inserted_after_the_last_look_is_never_dropped,
            errors::every_error_names_table_attribute_value_and_next_step,
            guarding::a_client_that_is_too_old_is_refused,
            guarding::a_read_only_client_changes_nothing,
            guarding::a_hash_confirms_those_rows_alone,
            guarding::a_stamp_that_nobody_can_use_is_taken_away,
            guarding::a_stamped_schema_is_changed_in_its_environment_alone,
            guarding::a_plan_counts_stored_objects,
            guarding::no_more_goes_than_the_limits_allow,
            guarding::nothing_is_created_where_that_is_off,
            guarding::the_hash_of_a_plan_confirms_that_plan_alone,
            guarding::versions_of_schemas_are_recorded_and_checked,
            guarding::waiting_for_a_lock_has_an_end,
            guarding::without_a_confirmation_nothing_goes,
            hostile::no_string_becomes_sql,
            hostile::no_string_of_a_deployment_becomes_sql,
            indexing::indexes_on_places_are_described_as_declared,
            indexing::a_duplicate_at_a_place_is_named,
            indexing::a_string_longer_than_its_unique_index_is_refused,
            indexing::indexes_on_places_come_back,
            indexing::what_stands_at_a_place_of_an_index_is_of_its_type,
            indexes::indexes_come_over_as_declared,
            indexes::a_part_of_an_index_is_declared_or_refused,
            inserting::a_row_too_large_for_the_server_is_refused,
            colliding::the_same_rows_may_be_imported_by_many_at_once,
            colliding::a_row_that_came_meanwhile_is_seen_by_the_next_try,
            inserting::buffered_rows_last_when_they_are_finished,
            abandoning::an_insert_that_is_dropped_between_two_batches_leaves_nothing,
            inserting::computed_rows_are_changed_on_request_alone,
            inserting::duplicates_are_skipped_by_their_key_alone,
            inserting::a_zero_is_a_duplicate_of_the_other_zero,
            inserting::extra_fields_are_left_out_on_request_alone,
            inserting::identical_rows_are_skipped_and_others_refused,
            inserting::a_key_that_only_looks_the_same_is_no_duplicate,
            inserting::replacing_keeps_what_refers_to_a_row,
            inserting::replacing_puts_the_whole_row,
            inserting::rows_of_a_query_are_inserted_without_fetching_them,
            laws::random_queries_mean_what_the_reference_says,
            legacy::what_others_left_is_read_or_told_by_attribute,
            lists::what_has_none_of_many_keys_is_found_at_once,
            lists::keys_of_several_attributes_in_long_lists_find_their_rows,
            lists::lists_of_every_type_and_length_find_their_rows,
            lists::long_keys_go_in_chunks_that_fit,
            lists::values_that_no_row_can_have_are_in_no_list,
            lists::verbs_take_many_rows_as_they_take_few,
            others::a_default_is_read_as_what_it_is,
            others::an_index_is_never_turned_into_another_one,
            others::a_string_of_a_catalog_adds_no_line,
            others::a_partitioned_table_is_one_table,
            others::a_reference_to_no_primary_key_is_told,
            others::a_key_that_does_not_come_first_is_described,
            orders::decimals_are_summed_exactly,
            orders::enums_come_as_they_are_declared,
            orders::pages_of_an_order_have_each_row_once,
            orders::places_in_json_are_fetched_as_strings,
            orders::strings_are_looked_at_letter_for_letter,
            orders::strings_that_begin_alike_are_ordered_to_their_end,
            places::a_string_is_what_its_place_wants,
            places::native_types_take_what_json_has,
            matrix::every_value_comes_back_or_is_refused_by_name,
            origins::rows_record_where_they_come_from,
            populating::populate_makes_what_is_missing_and_then_nothing,
            populating::a_part_that_make_writes_first_is_declared,
            populating::a_failing_key_is_reported_and_the_others_are_made,
            populating::what_changes_during_a_short_computation_is_seen,
            querying::keys_are_found_by_their_index,
            querying::rows_are_fetched_in_every_form,
            querying::restrictions_of_every_kind_choose_the_same_rows,
            querying::antijoin_keeps_what_has_no_match,
            querying::join_pairs_rows_that_agree,
            querying::projection_renames_and_keeps_the_key,
            querying::order_limit_and_offset_cut_the_rows,
            queueing::a_job_that_is_released_among_quick_ones_is_made_once,
            queueing::it_is_told_why_a_job_would_be_done_or_not,
            queueing::a_key_that_fails_among_quick_ones_fails_alone,
            queueing::a_key_that_takes_too_long_fails_alone,
            queueing::a_run_fills_the_tables_below,
            queueing::a_run_that_stays_makes_what_comes,
            queueing::new_rows_are_heard_of_when_they_are_committed,
            queueing::a_key_that_comes_is_begun_beside_one_that_takes_long,
            queueing::who_finds_all_that_is_due_locked_waits,
            queueing::who_finds_nothing_due_takes_no_lease,
            queueing::a_failed_job_waits_to_be_tried_again,
            queueing::a_key_that_takes_workers_down_is_quarantined,
            queueing::a_queue_of_python_is_used_as_it_is,
            queueing::a_refresh_keeps_to_the_rules_of_python,
            queueing::a_result_whose_job_was_taken_over_is_not_written,
            queueing::a_worker_that_died_is_found_by_its_lock,
            queueing::a_worker_that_lives_keeps_its_jobs,
            queueing::a_wrong_name_of_an_operator_is_told,
            queueing::an_urgent_job_waits_for_one_key_at_most,
            queueing::clocks_that_are_put_back_or_forward_free_nothing,
            queueing::jobs_have_the_keys_of_their_sources,
            queueing::jobs_of_a_worker_that_died_are_done_by_others,
            queueing::reserved_keys_are_made_once_by_many,
            queueing::restrictions_priorities_and_limits_hold,
            queueing::claiming_and_ending_jobs_reads_no_others,
            queueing::claims_of_one_worker_at_once_keep_their_jobs,
            queueing::very_many_jobs_are_claimed_and_ended_at_once,
            queueing::what_may_pass_is_tried_again_later,
            refusals::a_clash_in_a_unique_index_is_told_as_that,
            refusals::a_reference_with_a_null_refers_to_nothing,
            refusals::the_index_that_clashes_is_the_one_that_is_named,
            refusals::the_parent_that_is_missing_is_the_one_that_is_named,
            refusals::what_the_database_refuses_names_table_and_row,
            roads::inserts_of_every_size_are_whole_on_every_road,
            roads::refused_rows_leave_nothing_behind,
            roads::what_follows_refused_rows_is_not_inserted_without_them,
            stale::keys_of_stale_rows_are_jobs_again,
            stale::rows_that_other_code_made_are_listed,
            stale::rows_whose_inputs_changed_are_listed_and_made_anew_once,
            stale::rows_without_a_record_are_unknown,
            stale::what_a_make_reads_is_compared_by_whatever_road,
            stamping::a_population_ends_where_a_stamp_comes_between,
            stamping::a_stamp_that_comes_in_a_transaction_is_seen_as_told,
            stamping::a_stamp_that_comes_while_a_declaration_waits_is_heeded,
            stamping::every_verb_heeds_the_stamp,
            stamping::stamps_and_versions_that_come_at_once_are_both_kept,
            storing::no_row_speaks_of_an_object_that_is_not_there,
            storing::objects_that_go_by_their_content_come_back,
            storing::objects_that_go_by_their_row_are_handles,
            storing::what_is_damaged_is_told_or_mended,
            streaming::a_row_that_is_refused_in_a_transaction_ends_its_query,
            streaming::a_stream_ends_with_its_last_row_or_an_error,
            streaming::a_stream_whose_session_was_ended_is_no_shorter_result,
            referring::a_table_that_refers_to_itself_loses_nothing,
            referring::parts_that_refer_by_other_columns_go_with_their_master,
            referring::rows_that_no_key_tells_apart_are_refused,
            referring::rows_of_tables_that_inherit_are_left_alone,
            referring::rows_that_refer_by_other_columns_are_told_apart,
            subsets::a_delete_by_chance_leaves_no_half,
            subsets::deletes_in_chunks_take_all_and_go_on,
            subsets::rows_added_to_what_goes_do_not_slip_through,
            subsets::rows_that_belong_together_are_found,
            transacting::a_delete_that_is_refused_when_it_is_committed_is_done_again,
            transacting::a_lost_connection_is_made_again_for_a_query,
            transacting::a_query_that_is_ended_is_sent_once_more_at_most,
            transacting::a_table_that_others_altered_is_not_gone,
            transacting::a_part_of_a_transaction_is_undone_by_itself,
            transacting::a_transaction_that_reads_writes_nothing,
            transacting::a_verb_beside_its_own_transaction_does_not_wait_for_it,
            transacting::transactions_that_collide_are_tried_again,
            transacting::what_is_cancelled_is_undone,
            transacting::what_others_changed_since_a_transaction_began_is_not_overwritten,
            transferring::a_closed_part_comes_over_to_another_backend_and_back,
            transferring::an_import_is_checked_and_can_be_repeated,
            transferring::objects_in_stores_go_with_their_rows,
            transferring::very_many_rows_come_over,
            values::a_document_is_as_deep_as_is_read,
            values::a_json_text_loses_no_digit,
            values::the_sign_of_a_zero_is_kept_as_is_told,
            values::every_core_type_comes_back_as_it_was,
            values::stamps_have_the_digits_of_their_column,
            values::values_that_do_not_fit_are_refused_by_name,
            values::what_no_calendar_has_is_named,
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
