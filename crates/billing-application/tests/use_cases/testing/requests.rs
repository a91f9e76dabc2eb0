//! One change of each kind of the [`catalog`](super::catalog).

use super::{app_id, export, monthly, monthly_price, origin, pro, shop, sso, terms};
use crate::prelude::*;

pub(crate) fn create_app() -> CreateApp {
    CreateApp {
        name: DisplayName::parse("Blog").unwrap(),
        allowed_redirect_origins: vec![origin("blog.example")],
    }
}

pub(crate) fn update_app() -> UpdateApp {
    UpdateApp {
        app_id: app_id(),
        expected_version: Some(shop().version),
        name: Some(DisplayName::parse("Corner shop").unwrap()),
        allowed_redirect_origins: None,
    }
}

/// A plan for teams, sold monthly and yearly.
pub(crate) fn create_plan() -> CreatePlan {
    CreatePlan {
        app_id: app_id(),
        key: PlanKey::parse("team").unwrap(),
        payer_kind: PayerKind::Organization,
        details: PlanDetails {
            visibility: Visibility::Hidden,
            ..PlanDetails::named(DisplayName::parse("Team").unwrap())
        },
        prices: vec![monthly(5_000), terms(50_000, "USD", BillingInterval::Year)],
        features: vec![],
    }
}

pub(crate) fn update_plan() -> UpdatePlan {
    UpdatePlan {
        app_id: app_id(),
        plan_id: pro().plan.id,
        expected_version: Some(pro().plan.version),
        patch: PlanPatch { name: Some(DisplayName::parse("Professional").unwrap()), ..PlanPatch::default() },
    }
}

pub(crate) fn archive_plan() -> ArchivePlan {
    ArchivePlan { app_id: app_id(), plan_id: pro().plan.id }
}

/// A yearly price beside the monthly one.
pub(crate) fn add_price() -> AddPrice {
    AddPrice {
        app_id: app_id(),
        plan_id: pro().plan.id,
        terms: terms(12_000, "USD", BillingInterval::Year),
        expected_version: Some(pro().plan.version),
    }
}

pub(crate) fn archive_price() -> ArchivePrice {
    ArchivePrice { app_id: app_id(), plan_id: pro().plan.id, price_id: monthly_price().id }
}

pub(crate) fn attach_feature() -> AttachFeature {
    AttachFeature { app_id: app_id(), plan_id: pro().plan.id, key: sso().key, name: None, description: None }
}

pub(crate) fn detach_feature() -> DetachFeature {
    DetachFeature { app_id: app_id(), plan_id: pro().plan.id, key: export().key }
}

pub(crate) fn create_feature() -> CreateFeature {
    CreateFeature {
        app_id: app_id(),
        key: FeatureKey::parse("api").unwrap(),
        details: FeatureDetails { name: DisplayName::parse("API").unwrap(), description: None },
    }
}

pub(crate) fn update_feature() -> UpdateFeature {
    UpdateFeature {
        app_id: app_id(),
        key: export().key,
        expected_version: Some(export().version),
        name: Some(DisplayName::parse("Export to CSV").unwrap()),
        description: None,
    }
}

pub(crate) fn delete_feature() -> DeleteFeature {
    DeleteFeature { app_id: app_id(), key: sso().key }
}
