//! Verbs that change tables and what schemas say of themselves.

use datajoint::prelude::*;
use datajoint::{DynamicDeclaration, Stamp, Tier};

use super::tables::*;
use super::{ENVIRONMENT, verbs};

const SCHEMAS: [&str; 1] = ["dj_conformance_verbs"];

/// A table that goes again.
const PASSING: DynamicDeclaration<'static> = DynamicDeclaration {
    schema: SCHEMAS[0],
    class_name: "Passing",
    tier: Tier::Manual,
    master: None,
    definition: "passing : int32",
};

async fn without_late(dj: &Instance) -> datajoint::Result<()> {
    Late.drop(dj).confirmed().await.map(drop)
}

verbs! {
    "Instance::activate" Steps |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate::<LateTables>().await?;
        without_late(&fresh).await?
    }
    "Instance::activate_specs" Steps |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate_specs(&<LateTables as datajoint::Pipeline>::specs()).await?;
        without_late(&fresh).await?
    }
    "Instance::ensure_active" Steps |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.ensure_active(&<LateTables as datajoint::Pipeline>::specs()).await?;
        without_late(&fresh).await?
    }
    "Instance::activate_at" Steps |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate_at::<LateTables>(&[]).await?;
        without_late(&fresh).await?
    }
    "Instance::activate_specs_at" Steps |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate_specs_at(&<LateTables as datajoint::Pipeline>::specs(), &[]).await?;
        without_late(&fresh).await?
    }
    "Instance::check_later_versions" Nothing |w| { w.dj.check_later_versions(&[]).await? }
    "Instance::activate nothing" Nothing |w| { w.dj.with_settings(|_| {}).activate::<Tables>().await? }
    "Instance::declare_dynamic" Steps |w| {
        let table = w.dj.declare_dynamic(PASSING).await?;
        table.drop(&w.dj).confirmed().await?
    }
    "Instance::declare_copy" Steps |w| {
        let table = w.dj.declare_copy(PASSING).await?;
        table.drop(&w.dj).confirmed().await?
    }
    "Dropping::await" Steps |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate::<LateTables>().await?;
        Later.drop(&fresh).confirmed().await?;
        without_late(&fresh).await?
    }
    "Instance::stamp" Steps |w| { w.dj.stamp(&SCHEMAS, Some(&Stamp::new(ENVIRONMENT))).await? }
    "Instance::unstamp_regardless" Steps |w| { w.dj.unstamp_regardless(&SCHEMAS).await? }
    "Instance::record_first_versions" Steps |w| {
        w.dj.record_first_versions(&[(SCHEMAS[0], "1.0.0")]).await?
    }
    "Instance::set_version" Steps |w| { w.dj.set_version(&SCHEMAS, "1.0.0").await? }
    "Instance::record_versions" Steps |w| { w.dj.record_versions(&[(SCHEMAS[0], "1.0.0")]).await? }
}
