use billing_domain::{Blocker, Blockers, wire_time};
use serde::Serialize;
use utoipa::ToSchema;

use super::PayerBody;
use super::invoice::InvoiceAmountBody;
use super::words::ChargeableKindName;

/// Whether billing can be disabled now, and the blockers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DisablePreflightBody {
    #[schema(example = false)]
    can_disable: bool,
    /// The first 100.
    blockers: Vec<BlockerBody>,
    /// The total number.
    total: u64,
}

impl From<Blockers> for DisablePreflightBody {
    fn from(blockers: Blockers) -> Self {
        Self {
            can_disable: blockers.is_empty(),
            blockers: blockers.listed().iter().map(BlockerBody::from).collect(),
            total: blockers.total(),
        }
    }
}

/// Something through which Stripe can still charge someone. `kind` tells its form, but for `subscription`: one that is
/// known at Stripe alone has a `gatewayAccountId` and no `appId`.
#[derive(Serialize, ToSchema)]
// Renamed one by one: the schema generator does not know `rename_all_fields`.
#[serde(untagged)]
pub(crate) enum BlockerBody {
    /// A live subscription of an end user or organization.
    Subscription {
        /// `subscription`.
        #[schema(pattern = "^subscription$", example = "subscription")]
        kind: &'static str,
        id: String,
        /// Its id at Stripe.
        #[serde(rename = "stripeId")]
        stripe_id: String,
        #[serde(rename = "appId")]
        app_id: String,
        payer: PayerBody,
        /// Stripe's word for it.
        #[schema(example = "past_due")]
        status: String,
    },
    /// The workspace's own live subscription to the platform, by its Stripe id.
    WorkspaceSubscription {
        /// `workspace_subscription`.
        #[schema(pattern = "^workspace_subscription$", example = "workspace_subscription")]
        kind: &'static str,
        id: String,
        #[schema(example = "active")]
        status: String,
    },
    /// A checkout that is open, paid and not yet seen as a subscription, or of unknown outcome.
    CheckoutIntent {
        /// `checkout_intent`.
        #[schema(pattern = "^checkout_intent$", example = "checkout_intent")]
        kind: &'static str,
        /// The id of the checkout link.
        id: String,
        #[serde(rename = "appId")]
        app_id: String,
        payer: PayerBody,
        /// `unresolved`, `open` or `complete`.
        #[schema(example = "open")]
        state: String,
        #[serde(rename = "expiresAt")]
        #[schema(format = DateTime)]
        expires_at: String,
    },
    /// An object at Stripe, as Stripe lists it.
    AtGateway {
        kind: ChargeableKindName,
        /// Its id at Stripe.
        id: String,
        /// The same.
        #[serde(rename = "stripeId")]
        stripe_id: String,
        /// The Stripe account it is on.
        #[serde(rename = "gatewayAccountId")]
        #[schema(example = "acct_1PgafTB1WZUa6l2w")]
        gateway_account_id: String,
        /// Stripe's id of the customer that is charged; null if there is none yet.
        #[serde(rename = "customerId")]
        #[schema(required = true)]
        customer_id: Option<String>,
        /// Stripe's word for it; null for what has no status.
        #[schema(required = true, example = "open")]
        status: Option<String>,
        /// The unpaid amount of an invoice, or the amount of an invoice item; null for the others.
        #[schema(required = true)]
        amount: Option<InvoiceAmountBody>,
        /// By when an invoice is due; null if Stripe charges it by itself.
        #[serde(rename = "dueAt")]
        #[schema(required = true, format = DateTime)]
        due_at: Option<String>,
    },
}

impl From<&Blocker> for BlockerBody {
    fn from(blocker: &Blocker) -> Self {
        match blocker {
            Blocker::Subscription { id, stripe_id, app_id, payer, status } => Self::Subscription {
                kind: "subscription",
                id: id.to_string(),
                stripe_id: stripe_id.to_string(),
                app_id: app_id.to_string(),
                payer: payer.into(),
                status: status.to_string(),
            },
            Blocker::WorkspaceSubscription { id, status } => Self::WorkspaceSubscription {
                kind: "workspace_subscription",
                id: id.to_string(),
                status: status.to_string(),
            },
            Blocker::CheckoutIntent { id, app_id, payer, state, expires_at } => Self::CheckoutIntent {
                kind: "checkout_intent",
                id: id.to_string(),
                app_id: app_id.to_string(),
                payer: payer.into(),
                state: state.to_string(),
                expires_at: wire_time(*expires_at),
            },
            Blocker::AtGateway(object) => Self::AtGateway {
                kind: object.kind.into(),
                id: object.id.to_string(),
                stripe_id: object.id.to_string(),
                gateway_account_id: object.account.to_string(),
                customer_id: object.customer.as_ref().map(ToString::to_string),
                status: object.status.clone(),
                amount: object.amount.map(InvoiceAmountBody::from),
                due_at: object.due_at.map(wire_time),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use billing_domain::{ChargeableKind, ChargeableObject, Currency, GatewayAccountId, Money, StripeId};
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_at_stripe_is_told_with_its_account() {
        let told = |kind| {
            let blocker = Blocker::AtGateway(ChargeableObject {
                kind,
                id: StripeId::parse("ii_1").unwrap(),
                account: GatewayAccountId::parse("acct_1").unwrap(),
                customer: None,
                status: None,
                amount: Some(Money::new(1_250, Currency::parse("USD").unwrap())),
                due_at: None,
            });
            serde_json::to_value(BlockerBody::from(&blocker)).unwrap()
        };
        let expected = json!({
            "kind": "invoice_item", "id": "ii_1", "stripeId": "ii_1", "gatewayAccountId": "acct_1",
            "customerId": null, "status": null, "amount": { "minorUnits": 1_250, "currency": "USD" }, "dueAt": null,
        });
        assert_eq!(told(ChargeableKind::InvoiceItem), expected);
        for kind in ChargeableKind::ALL {
            assert_eq!(told(kind)["kind"], kind.as_str());
        }
    }
}
