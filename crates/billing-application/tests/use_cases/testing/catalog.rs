//! The catalog of a shop: one plan with one price and one feature, a feature of no plan, and an app without plans.

use super::{Stored, at, enabled, workspace_id};
use crate::prelude::*;

pub(crate) fn catalog() -> Stored {
    Stored {
        switch: enabled(),
        apps: vec![shop(), App { id: other_app_id(), ..shop() }],
        plans: vec![pro()],
        features: vec![export(), sso()],
        answered: None,
        fails_at: None,
    }
}

pub(crate) fn app_id() -> AppId {
    AppId::parse("app_shop").unwrap()
}

/// An app without plans.
pub(crate) fn other_app_id() -> AppId {
    AppId::parse("app_other").unwrap()
}

pub(crate) fn origin(host: &str) -> RedirectOrigin {
    RedirectOrigin::parse(&format!("https://{host}")).unwrap()
}

pub(crate) fn shop() -> App {
    App {
        id: app_id(),
        workspace_id: workspace_id(),
        details: AppDetails {
            name: DisplayName::parse("Shop").unwrap(),
            allowed_redirect_origins: vec![origin("shop.example")],
        },
        environments: vec![Environment {
            id: EnvironmentId::parse("env_shop").unwrap(),
            kind: EnvironmentKind::Production,
        }],
        version: Version::from_stored(3),
        created_at: at(20),
    }
}

pub(crate) fn pro() -> PlanOffer {
    PlanOffer {
        plan: Plan {
            id: PlanId::from_uuid(1_001),
            workspace_id: workspace_id(),
            app_id: app_id(),
            key: PlanKey::parse("pro").unwrap(),
            payer_kind: PayerKind::User,
            details: PlanDetails::named(DisplayName::parse("Pro").unwrap()),
            archived_at: None,
            version: Version::from_stored(5),
            created_at: at(30),
        },
        prices: vec![monthly_price()],
        features: vec![export()],
    }
}

/// The price of `pro`: $12.50 / month.
pub(crate) fn monthly_price() -> Price {
    Price {
        id: PriceId::from_uuid(1_002),
        plan_id: PlanId::from_uuid(1_001),
        terms: monthly(1_250),
        archived_at: None,
        created_at: at(40),
    }
}

pub(crate) fn monthly(minor_units: i64) -> PriceTerms {
    terms(minor_units, "USD", BillingInterval::Month)
}

pub(crate) fn terms(minor_units: i64, currency: &str, interval: BillingInterval) -> PriceTerms {
    PriceTerms::new(Money::new(minor_units, Currency::parse(currency).unwrap()), interval).unwrap()
}

/// The feature of `pro`.
pub(crate) fn export() -> Feature {
    feature(1_003, "export", "Export")
}

/// A feature of no plan.
pub(crate) fn sso() -> Feature {
    feature(1_004, "sso", "Single sign-on")
}

fn feature(id: u128, key: &str, name: &str) -> Feature {
    Feature {
        id: FeatureId::from_uuid(id),
        workspace_id: workspace_id(),
        app_id: app_id(),
        key: FeatureKey::parse(key).unwrap(),
        details: FeatureDetails { name: DisplayName::parse(name).unwrap(), description: None },
        version: Version::from_stored(7),
        created_at: at(50),
    }
}

/// One plan with `export` per name.
pub(crate) fn export_in(names: &[&str]) -> Vec<PlanOffer> {
    let offer = |(number, name): (usize, &&str)| {
        let mut offer = pro();
        offer.plan.id = PlanId::from_uuid(2_000 + number as u128);
        offer.plan.details.name = DisplayName::parse(name).unwrap();
        offer
    };
    names.iter().enumerate().map(offer).collect()
}
