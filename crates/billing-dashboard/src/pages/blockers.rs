//! The blockers of disabling as rows of a table.

use actix_web::http::StatusCode;
use billing_domain::{
    AppId, Blocker, ChargeableKind, ChargeableObject, CheckoutIntentState, GatewayAccountId, StripeId,
    Subscription,
};

use super::settings::PATH;
use super::subscriptions::next;
use crate::lists::name_of;
use crate::present::{moment, optional};
use crate::stripe_pages::StripeKind;
use crate::views::{AppLink, BlockerAction, BlockerRow, Milestone, Status};
use crate::web::{Failure, Visit};

pub(super) fn app_of(blocker: &Blocker) -> Option<&AppId> {
    match blocker {
        Blocker::Subscription { app_id, .. } | Blocker::CheckoutIntent { app_id, .. } => Some(app_id),
        Blocker::WorkspaceSubscription { .. } | Blocker::AtGateway(_) => None,
    }
}

/// What a blocker does not tell of itself, as far as it is stored.
#[derive(Default)]
pub(super) struct Found {
    /// Instead of the blocker's own.
    status: Option<Status>,
    account: Option<GatewayAccountId>,
    next: Option<Milestone>,
}

impl Found {
    /// Reads what was sold, which may have ended since.
    pub(super) async fn of(visit: &Visit, blocker: &Blocker) -> Result<Self, Failure> {
        let found = match blocker {
            Blocker::Subscription { id, app_id, .. } => {
                let (id, app) = (*id, app_id.clone());
                let subscription = visit.read(move |reads, session| async move {
                    reads.subscription(&session.workspace_id, &app, id).await
                });
                subscription.await.map(|subscription| Self::of_subscription(&subscription))
            }
            Blocker::CheckoutIntent { id, app_id, .. } => {
                let (id, app) = (*id, app_id.clone());
                let intent = visit.read(move |reads, session| async move {
                    reads.checkout_intent(&session.workspace_id, &app, id).await
                });
                intent.await.map(|intent| Self { account: Some(intent.account), ..Self::default() })
            }
            Blocker::WorkspaceSubscription { .. } | Blocker::AtGateway(_) => Ok(Self::default()),
        };
        match found {
            Err(Failure::Status { status: StatusCode::NOT_FOUND, .. }) => Ok(Self::default()),
            found => found,
        }
    }

    fn of_subscription(subscription: &Subscription) -> Self {
        Self {
            status: Some(Status::of_subscription(subscription)),
            account: Some(subscription.gateway_account_id.clone()),
            next: next(subscription),
        }
    }
}

/// The row of a blocker; `page` gives the addresses of Stripe's pages.
pub(super) fn row(
    blocker: &Blocker,
    found: Found,
    apps: &[AppLink],
    page: impl Fn(StripeKind, Option<&GatewayAccountId>, &StripeId) -> String,
) -> BlockerRow {
    let app = app_of(blocker).map(|id| name_of(apps, id.as_str())).unwrap_or_default();
    let account = optional(found.account.as_ref());
    match blocker {
        Blocker::Subscription { id, app_id, payer, status, .. } => {
            let path = format!("/app/{app_id}/billing/subscriptions/{id}");
            BlockerRow {
                what: "Subscription",
                id: id.to_string(),
                amount: String::new(),
                next: found.next,
                status: found.status.unwrap_or_else(|| Status::subscription(status)),
                payer: payer.id().to_owned(),
                app,
                account,
                action: BlockerAction { label: "Cancel now", address: format!("{path}/cancel-now") },
                address: path,
            }
        }
        Blocker::CheckoutIntent { id, app_id, payer, state, expires_at } => {
            let path = format!("/app/{app_id}/billing/checkout-links/{id}");
            // One that was paid becomes a subscription, which is the blocker from then on.
            let is_paid = *state == CheckoutIntentState::Complete;
            let action = if is_paid {
                BlockerAction { label: "Check again", address: format!("{PATH}/disable") }
            } else {
                BlockerAction { label: "End link", address: format!("{path}/end") }
            };
            let expiry = Milestone { label: "Expires", at: moment(*expires_at) };
            BlockerRow {
                what: "Checkout link",
                id: id.to_string(),
                address: path,
                amount: String::new(),
                next: (!is_paid).then_some(expiry),
                status: Status::checkout(*state),
                payer: payer.id().to_owned(),
                app,
                account,
                action,
            }
        }
        Blocker::WorkspaceSubscription { id, status } => {
            let address = page(StripeKind::Subscription, None, &StripeId::from(id.clone()));
            BlockerRow {
                what: "The workspace’s own subscription",
                id: id.to_string(),
                amount: String::new(),
                next: None,
                status: Status::subscription(status),
                payer: String::new(),
                app,
                account,
                action: open_at_stripe(&address),
                address,
            }
        }
        Blocker::AtGateway(object) => at_stripe(object, page),
    }
}

/// An object that Stripe lists. It is ended at Stripe: on its page, on its customer's, or where it is found by its id.
fn at_stripe(
    object: &ChargeableObject,
    page: impl Fn(StripeKind, Option<&GatewayAccountId>, &StripeId) -> String,
) -> BlockerRow {
    let (what, kind) = match object.kind {
        ChargeableKind::CheckoutSession => ("Open checkout at Stripe", StripeKind::Unpaged),
        ChargeableKind::Subscription => ("Subscription at Stripe", StripeKind::Subscription),
        ChargeableKind::SubscriptionSchedule => {
            ("Subscription at Stripe that has not started", StripeKind::Schedule)
        }
        ChargeableKind::Invoice => ("Invoice at Stripe", StripeKind::Invoice),
        ChargeableKind::InvoiceItem => ("Item at Stripe for the next invoice", StripeKind::Unpaged),
    };
    let (kind, id) = match &object.customer {
        Some(customer) if kind == StripeKind::Unpaged => (StripeKind::Customer, customer),
        _ => (kind, &object.id),
    };
    let address = page(kind, Some(&object.account), id);
    BlockerRow {
        what,
        id: object.id.to_string(),
        amount: optional(object.amount.as_ref()),
        next: object.due_at.map(|at| Milestone { label: "due", at: moment(at) }),
        status: Status::chargeable(object),
        payer: optional(object.customer.as_ref()),
        app: String::new(),
        account: object.account.to_string(),
        action: open_at_stripe(&address),
        address,
    }
}

fn open_at_stripe(address: &str) -> BlockerAction {
    BlockerAction { label: "Open at Stripe", address: address.to_owned() }
}

#[cfg(test)]
mod tests;
