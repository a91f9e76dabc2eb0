//! The blockers of disabling as rows of a table.

use billing_domain::{
    AppId, Blocker, ChargeableKind, ChargeableObject, CheckoutIntentState, GatewayAccountId, StripeId,
};

use crate::lists::name_of;
use crate::present::optional;
use crate::stripe_pages::StripeKind;
use crate::views::{AppLink, BlockerEnd, BlockerRow, Status};

pub(super) fn app_of(blocker: &Blocker) -> Option<&AppId> {
    match blocker {
        Blocker::Subscription { app_id, .. } | Blocker::CheckoutIntent { app_id, .. } => Some(app_id),
        Blocker::WorkspaceSubscription { .. } | Blocker::AtGateway(_) => None,
    }
}

/// The row of a blocker; `page` gives the addresses of Stripe's pages.
pub(super) fn row(
    blocker: &Blocker,
    apps: &[AppLink],
    page: impl Fn(StripeKind, &GatewayAccountId, &StripeId) -> String,
) -> BlockerRow {
    let app = app_of(blocker).map(|id| name_of(apps, id.as_str())).unwrap_or_default();
    match blocker {
        Blocker::Subscription { id, app_id, payer, status, .. } => {
            let path = format!("/app/{app_id}/billing/subscriptions/{id}");
            BlockerRow {
                what: "Subscription",
                id: id.to_string(),
                status: Status::subscription(status),
                payer: payer.id().to_owned(),
                app,
                end: Some(BlockerEnd { label: "Cancel now", address: format!("{path}/cancel-now") }),
                address: Some(path),
            }
        }
        Blocker::CheckoutIntent { id, app_id, payer, state, .. } => {
            let path = format!("/app/{app_id}/billing/checkout-links/{id}");
            let is_endable = *state != CheckoutIntentState::Complete;
            let end = BlockerEnd { label: "End link", address: format!("{path}/end") };
            BlockerRow {
                what: "Checkout link",
                id: id.to_string(),
                status: Status::checkout(*state),
                payer: payer.id().to_owned(),
                app,
                end: is_endable.then_some(end),
                address: Some(path),
            }
        }
        Blocker::WorkspaceSubscription { id, status } => BlockerRow {
            what: "The workspace’s own subscription",
            id: id.to_string(),
            address: None,
            status: Status::subscription(status),
            payer: String::new(),
            app,
            end: None,
        },
        Blocker::AtGateway(object) => BlockerRow { app, ..at_stripe(object, page) },
    }
}

/// An object that Stripe lists. It is ended at Stripe, on its page or else the customer's.
fn at_stripe(
    object: &ChargeableObject,
    page: impl Fn(StripeKind, &GatewayAccountId, &StripeId) -> String,
) -> BlockerRow {
    let (what, kind) = match object.kind {
        ChargeableKind::CheckoutSession => ("Open checkout at Stripe", None),
        ChargeableKind::Subscription => ("Subscription at Stripe", Some(StripeKind::Subscription)),
        ChargeableKind::SubscriptionSchedule => {
            ("Subscription at Stripe that has not started", Some(StripeKind::Schedule))
        }
        ChargeableKind::Invoice => ("Invoice at Stripe", Some(StripeKind::Invoice)),
        ChargeableKind::InvoiceItem => ("Item at Stripe for the next invoice", None),
    };
    let customer = object.customer.as_ref();
    let address = match kind {
        Some(kind) => Some(page(kind, &object.account, &object.id)),
        None => customer.map(|customer| page(StripeKind::Customer, &object.account, customer)),
    };
    BlockerRow {
        what,
        id: object.id.to_string(),
        status: Status::chargeable(object),
        payer: optional(customer),
        app: String::new(),
        end: address.clone().map(|address| BlockerEnd { label: "Open at Stripe", address }),
        address,
    }
}

#[cfg(test)]
mod tests {
    use billing_domain::{CheckoutIntentId, Payer, SubscriptionId, SubscriptionStatus, UserId};

    use super::*;

    /// The address of the page of the row, and the way to end it.
    fn told(blocker: &Blocker) -> [String; 3] {
        let page = |kind, _: &GatewayAccountId, id: &StripeId| format!("{kind:?}/{id}");
        let row = row(blocker, &[], page);
        let (label, end) = row.end.map_or(("", String::new()), |end| (end.label, end.address));
        [row.address.unwrap_or_default(), label.to_owned(), end]
    }

    fn checkout(state: CheckoutIntentState) -> Blocker {
        Blocker::CheckoutIntent {
            id: CheckoutIntentId::from_uuid(2),
            app_id: AppId::parse("app_1").unwrap(),
            payer: Payer::User(UserId::parse("u1").unwrap()),
            state,
            expires_at: "2026-11-29T12:04:00Z".parse().unwrap(),
        }
    }

    fn at_gateway(kind: ChargeableKind, customer: Option<&str>) -> Blocker {
        Blocker::AtGateway(ChargeableObject {
            kind,
            id: StripeId::parse("x_1").unwrap(),
            account: GatewayAccountId::parse("acct_1").unwrap(),
            customer: customer.map(|id| StripeId::parse(id).unwrap()),
            status: None,
        })
    }

    #[test]
    fn what_we_sold_is_ended_on_our_pages() {
        let id = SubscriptionId::from_uuid(1);
        let subscription = Blocker::Subscription {
            id,
            stripe_id: StripeId::parse("sub_1").unwrap().into(),
            app_id: AppId::parse("app_1").unwrap(),
            payer: Payer::User(UserId::parse("u1").unwrap()),
            status: SubscriptionStatus::Active,
        };
        let path = format!("/app/app_1/billing/subscriptions/{id}");
        assert_eq!(
            told(&subscription),
            [path.clone(), "Cancel now".to_owned(), format!("{path}/cancel-now")]
        );
        let path = format!("/app/app_1/billing/checkout-links/{}", CheckoutIntentId::from_uuid(2));
        for state in [CheckoutIntentState::Open, CheckoutIntentState::Unresolved] {
            let expected = [path.clone(), "End link".to_owned(), format!("{path}/end")];
            assert_eq!(told(&checkout(state)), expected);
        }
        let paid = told(&checkout(CheckoutIntentState::Complete));
        assert_eq!(paid, [path, String::new(), String::new()]);
    }

    #[test]
    fn what_stripe_lists_is_ended_on_its_page_or_its_customers() {
        let of = |kind, customer| told(&at_gateway(kind, customer));
        let page = |address: &str| [address, "Open at Stripe", address].map(str::to_owned);
        assert_eq!(of(ChargeableKind::Invoice, Some("cus_1")), page("Invoice/x_1"));
        assert_eq!(of(ChargeableKind::Subscription, None), page("Subscription/x_1"));
        assert_eq!(of(ChargeableKind::SubscriptionSchedule, None), page("Schedule/x_1"));
        assert_eq!(of(ChargeableKind::InvoiceItem, Some("cus_1")), page("Customer/cus_1"));
        assert_eq!(of(ChargeableKind::CheckoutSession, None), ["", "", ""].map(str::to_owned));
    }
}
