use actix_web::http::StatusCode;
use billing_domain::{BillingSwitch, Gateway, Timestamp};

use crate::present::{gateway, moment};
use crate::views::{BillingOn, Place, SettingsPage, Status};
use crate::web::{Failure, Reply, Visit, rendered};

pub(super) const PATH: &str = "/settings/billing";

pub(crate) async fn show(visit: Visit) -> Reply {
    let switch = switch(&visit).await?;
    let on = match switch {
        BillingSwitch::Disabled => None,
        BillingSwitch::Enabled { since, gateway } => Some(on(&visit, since, gateway, true)),
        BillingSwitch::Closing { since, gateway, .. } => Some(on(&visit, since, gateway, false)),
    };
    let layout = visit.layout(Place::BillingSettings)?;
    rendered(StatusCode::OK, &SettingsPage { layout, status: Status::switch(&switch), on })
}

/// The workspace's billing switch.
pub(super) async fn switch(visit: &Visit) -> Result<BillingSwitch, Failure> {
    visit.read(|reads, session| async move { reads.billing_switch(&session.workspace_id).await }).await
}

/// Whether the workspace's gateway takes test money only.
pub(super) fn is_test(switch: BillingSwitch) -> bool {
    switch.gateway() == Some(Gateway::Managed)
}

fn on(visit: &Visit, since: Timestamp, chosen: Gateway, is_changeable: bool) -> BillingOn {
    let (badge, money) = match chosen {
        Gateway::Managed => (Some("Test mode"), "Test money only. Nobody is really charged."),
        Gateway::StripeConnect => (
            Some("Not linked"),
            "To your bank account, once your Stripe account is linked. That is not available yet.",
        ),
        Gateway::StripePlatform => (None, "To the Stripe account of this deployment’s key."),
    };
    BillingOn {
        gateway: gateway(chosen),
        badge,
        money,
        since: moment(since),
        is_changeable,
        sandbox: visit.dashboard.settings.sandbox.clone().filter(|_| chosen == Gateway::Managed),
    }
}
