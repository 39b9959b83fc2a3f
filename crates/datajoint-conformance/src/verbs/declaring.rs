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
    "Instance::activate" Steps silent |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate::<LateTables>().await?;
        without_late(&fresh).await?
    }
    "Instance::activate_specs" Steps silent |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate_specs(&<LateTables as datajoint::Pipeline>::specs()).await?;
        without_late(&fresh).await?
    }
    "Instance::ensure_active" Steps silent |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.ensure_active(&<LateTables as datajoint::Pipeline>::specs()).await?;
        without_late(&fresh).await?
    }
    "Instance::activate_at" Steps silent |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate_at::<LateTables>(&[]).await?;
        without_late(&fresh).await?
    }
    "Instance::activate_specs_at" Steps silent |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate_specs_at(&<LateTables as datajoint::Pipeline>::specs(), &[]).await?;
        without_late(&fresh).await?
    }
    "Instance::check_later_versions" Nothing silent |w| {
        w.asks(w.dj.check_later_versions(&[(SCHEMAS[0], "1.0.0")])).await?
    }
    "Instance::activate nothing" Nothing silent |w| { w.dj.with_settings(|_| {}).activate::<Tables>().await? }
    "Instance::declare_dynamic" Steps silent |w| {
        let table = w.dj.declare_dynamic(PASSING).await?;
        table.drop(&w.dj).confirmed().await?
    }
    "Instance::declare_copy" Steps silent |w| {
        let table = w.dj.declare_copy(PASSING).await?;
        table.drop(&w.dj).confirmed().await?
    }
    "Dropping::await" Steps silent |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate::<LateTables>().await?;
        Later.drop(&fresh).confirmed().await?;
        without_late(&fresh).await?
    }
    "Instance::stamp" Steps silent |w| { w.dj.stamp(&SCHEMAS, Some(&Stamp::new(ENVIRONMENT))).await? }
    "Instance::unstamp_regardless" Steps silent |w| { w.dj.unstamp_regardless(&SCHEMAS).await? }
    "Instance::record_first_versions" Steps silent |w| {
        w.dj.record_first_versions(&[(SCHEMAS[0], "1.0.0")]).await?
    }
    "Instance::set_version" Steps silent |w| { w.dj.set_version(&SCHEMAS, "1.0.0").await? }
    "Instance::check_versions" Steps silent |w| {
        w.dj.set_version(&SCHEMAS, "1.0.0").await?;
        w.asks(w.dj.check_versions(&[(SCHEMAS[0], "1.0.0")])).await?
    }
    "Instance::outdated_contents" Steps |w| {
        let fresh = w.dj.with_settings(|_| {});
        fresh.activate::<LateTables>().await?;
        Late.update_one(&fresh, LateRow { kind: 1, name: "other".to_owned() }).await?;
        let specs = <LateTables as datajoint::Pipeline>::specs();
        w.tell(w.asks(fresh.outdated_contents(&specs)).await?);
        without_late(&fresh).await?
    }
    "Instance::confirm" Nothing |w| {
        let plan = Entry.delete(&w.dj).plan().await?;
        w.tell(w.asks(w.dj.confirm(plan, datajoint_guard::Confirmation::Given)).await?.rows())
    }
    "Instance::record_versions" Steps silent |w| { w.dj.record_versions(&[(SCHEMAS[0], "1.0.0")]).await? }
}
