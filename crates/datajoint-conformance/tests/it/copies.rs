//! Values from each backend to each other one.

use datajoint::{Instance, Settings};
use datajoint_conformance::Capabilities;
use datajoint_conformance::indexes::indexes_come_over;
use datajoint_conformance::matrix::values_are_the_same_on_the_other_side;

#[tokio::test]
async fn values_are_the_same_on_every_other_backend() {
    let capabilities = Capabilities { keeps_nan: false };
    let mut instances = vec![Instance::connect(Settings::embedded(":memory:")).await.unwrap()];
    for variable in ["DJ_TEST_MYSQL_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_POSTGRES_URL"] {
        instances.extend(super::server(variable, capabilities).await.map(|(instance, _)| instance));
    }
    for (place, from) in instances.iter().enumerate() {
        for (_, to) in instances.iter().enumerate().filter(|(other, _)| *other != place) {
            indexes_come_over(from, to).await;
            println!("{}", values_are_the_same_on_the_other_side(from, to).await);
        }
    }
}
