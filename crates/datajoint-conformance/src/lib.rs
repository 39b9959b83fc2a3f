//! The behaviour every DataJoint backend must show, as a test suite in a library.
//!
//! A backend says how to connect to it and what it can hold ([`Capabilities`]), and runs every case with
//! [`suite!`]. Each case works in a schema of its own, which it drops before and after.

#![expect(clippy::unwrap_used, reason = "a case that can't go on has failed")]

mod turn;

pub mod declaring;
pub mod filling;
pub mod guarding;
pub mod populating;
pub mod querying;
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
            guarding::no_more_goes_than_the_limits_allow,
            guarding::nothing_is_created_where_that_is_off,
            guarding::the_hash_of_a_plan_confirms_that_plan_alone,
            guarding::versions_of_schemas_are_recorded_and_checked,
            guarding::waiting_for_a_lock_has_an_end,
            guarding::without_a_confirmation_nothing_goes,
            populating::populate_makes_what_is_missing_and_then_nothing,
            populating::a_part_that_make_writes_first_is_declared,
            populating::a_failing_key_is_reported_and_the_others_are_made,
            querying::restrictions_of_every_kind_choose_the_same_rows,
            querying::antijoin_keeps_what_has_no_match,
            querying::join_pairs_rows_that_agree,
            querying::projection_renames_and_keeps_the_key,
            querying::order_limit_and_offset_cut_the_rows,
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
