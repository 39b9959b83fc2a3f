//! Values and indexes from each backend to each other one.

use datajoint::{Instance, Settings};
use datajoint_conformance::Capabilities;
use datajoint_conformance::indexes::indexes_come_over;
use datajoint_conformance::indexing::indexes_on_places_come_over;
use datajoint_conformance::matrix::values_are_the_same_on_the_other_side;

async fn instances() -> Vec<Instance> {
    let capabilities = Capabilities { keeps_nan: false, sees_later_stamps: false };
    let mut instances = vec![Instance::connect(Settings::embedded(":memory:")).await.unwrap()];
    for variable in ["DJ_TEST_MYSQL_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_POSTGRES_URL"] {
        instances.extend(super::server(variable, capabilities).await.map(|(instance, _)| instance));
    }
    instances
}

/// Each with each other one.
fn pairs(instances: &[Instance]) -> impl Iterator<Item = (&Instance, &Instance)> {
    let numbered = || instances.iter().enumerate();
    numbered().flat_map(move |(place, from)| {
        numbered().filter(move |(other, _)| *other != place).map(move |(_, to)| (from, to))
    })
}

#[tokio::test]
async fn values_are_the_same_on_every_other_backend() {
    for (from, to) in pairs(&instances().await) {
        println!("{}", values_are_the_same_on_the_other_side(from, to).await);
    }
}

#[tokio::test]
async fn indexes_are_the_same_on_every_other_backend() {
    for (from, to) in pairs(&instances().await) {
        indexes_come_over(from, to).await;
        indexes_on_places_come_over(from, to).await;
    }
}
