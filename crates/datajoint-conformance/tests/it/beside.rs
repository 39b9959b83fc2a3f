//! SQL of users on all backends side by side.

use datajoint::{Instance, Settings};
use datajoint_conformance::Capabilities;
use datajoint_conformance::beside::{functions_without_form, sql_means_the_same_side_by_side};

#[tokio::test]
async fn sql_of_users_means_the_same_on_every_backend_side_by_side() {
    let capabilities = Capabilities { keeps_nan: false, sees_later_stamps: false };
    let mut instances = vec![Instance::connect(Settings::embedded(":memory:")).await.unwrap()];
    for variable in ["DJ_TEST_MYSQL_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_POSTGRES_URL"] {
        instances.extend(super::server(variable, capabilities).await.map(|(instance, _)| instance));
    }
    println!("{}", sql_means_the_same_side_by_side(&instances).await);
}

#[test]
fn every_function_of_two_backends_has_a_form_or_is_left_out() {
    assert_eq!(functions_without_form(), [""; 0]);
}
