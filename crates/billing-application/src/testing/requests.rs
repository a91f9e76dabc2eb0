//! One request of each kind that changes the [`catalog`](super::catalog), under no request key.

use billing_domain::{
    BillingInterval, DisplayName, FeatureDetails, FeatureKey, PayerKind, PlanDetails, PlanKey, TrialDays,
    Visibility,
};

use super::{administrator, app_id, export, monthly, monthly_price, origin, pro, shop, sso, terms};
use crate::{
    AddPriceRequest, ArchivePlanRequest, ArchivePriceRequest, AttachFeatureRequest, CreateAppRequest,
    CreateFeatureRequest, CreatePlanRequest, DeleteFeatureRequest, DetachFeatureRequest, PlanPatch,
    UpdateAppRequest, UpdateFeatureRequest, UpdatePlanRequest,
};

pub(crate) fn create_app() -> CreateAppRequest {
    CreateAppRequest {
        administrator: administrator(),
        name: DisplayName::parse("Blog").unwrap(),
        allowed_redirect_origins: vec![origin("blog.example")],
        request_key: None,
    }
}

pub(crate) fn update_app() -> UpdateAppRequest {
    UpdateAppRequest {
        administrator: administrator(),
        app_id: app_id(),
        expected_version: Some(shop().version),
        name: Some(DisplayName::parse("Corner shop").unwrap()),
        allowed_redirect_origins: None,
    }
}

/// A plan for teams, sold monthly and yearly.
pub(crate) fn create_plan() -> CreatePlanRequest {
    CreatePlanRequest {
        administrator: administrator(),
        app_id: app_id(),
        key: PlanKey::parse("team").unwrap(),
        payer_kind: PayerKind::Organization,
        details: PlanDetails {
            name: DisplayName::parse("Team").unwrap(),
            description: None,
            trial_days: TrialDays::new(14).unwrap(),
            visibility: Visibility::Hidden,
            is_default: false,
        },
        prices: vec![monthly(5_000), terms(50_000, "USD", BillingInterval::Year)],
        request_key: None,
    }
}

pub(crate) fn update_plan() -> UpdatePlanRequest {
    UpdatePlanRequest {
        administrator: administrator(),
        app_id: app_id(),
        plan_id: pro().plan.id,
        expected_version: Some(pro().plan.version),
        patch: PlanPatch { name: Some(DisplayName::parse("Professional").unwrap()), ..PlanPatch::default() },
    }
}

pub(crate) fn archive_plan() -> ArchivePlanRequest {
    ArchivePlanRequest { administrator: administrator(), app_id: app_id(), plan_id: pro().plan.id }
}

/// A yearly price beside the monthly one.
pub(crate) fn add_price() -> AddPriceRequest {
    AddPriceRequest {
        administrator: administrator(),
        app_id: app_id(),
        plan_id: pro().plan.id,
        terms: terms(12_000, "USD", BillingInterval::Year),
        expected_version: Some(pro().plan.version),
        request_key: None,
    }
}

pub(crate) fn archive_price() -> ArchivePriceRequest {
    ArchivePriceRequest {
        administrator: administrator(),
        app_id: app_id(),
        plan_id: pro().plan.id,
        price_id: monthly_price().id,
    }
}

pub(crate) fn attach_feature() -> AttachFeatureRequest {
    AttachFeatureRequest {
        administrator: administrator(),
        app_id: app_id(),
        plan_id: pro().plan.id,
        key: sso().key,
        name: None,
        description: None,
        request_key: None,
    }
}

pub(crate) fn detach_feature() -> DetachFeatureRequest {
    DetachFeatureRequest {
        administrator: administrator(),
        app_id: app_id(),
        plan_id: pro().plan.id,
        key: export().key,
    }
}

pub(crate) fn create_feature() -> CreateFeatureRequest {
    CreateFeatureRequest {
        administrator: administrator(),
        app_id: app_id(),
        key: FeatureKey::parse("api").unwrap(),
        details: FeatureDetails { name: DisplayName::parse("API").unwrap(), description: None },
        request_key: None,
    }
}

pub(crate) fn update_feature() -> UpdateFeatureRequest {
    UpdateFeatureRequest {
        administrator: administrator(),
        app_id: app_id(),
        key: export().key,
        expected_version: Some(export().version),
        name: Some(DisplayName::parse("Export to CSV").unwrap()),
        description: None,
    }
}

pub(crate) fn delete_feature() -> DeleteFeatureRequest {
    DeleteFeatureRequest { administrator: administrator(), app_id: app_id(), key: sso().key }
}
