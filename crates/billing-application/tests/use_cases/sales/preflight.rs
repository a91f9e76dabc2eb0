//! The preflight of disabling billing.

use crate::prelude::*;
use crate::testing::{Sales, account, stripe_id, workspace_id};

fn open_session(id: &str) -> ChargeableObject {
    ChargeableObject {
        kind: ChargeableKind::CheckoutSession,
        id: stripe_id(id),
        account: account(),
        customer: Some(stripe_id("cus_1")),
        status: Some("open".to_owned()),
        amount: None,
        due_at: None,
    }
}

#[tokio::test]
async fn an_open_link_is_counted_as_its_intent_only() {
    let sales = Sales::known_at_stripe();
    sales.checkout().await.unwrap();
    sales.lock().stripe.chargeable = vec![open_session("cs_1"), open_session("cs_by_hand")];

    let blockers = Reads::new(sales.ports()).preflight_disable(&workspace_id()).await.unwrap();

    let counted: Vec<_> = blockers
        .listed()
        .iter()
        .map(|blocker| match blocker {
            Blocker::CheckoutIntent { .. } => "intent",
            Blocker::AtGateway(object) => object.id.as_str(),
            Blocker::Subscription { .. } | Blocker::WorkspaceSubscription { .. } => "subscription",
        })
        .collect();
    assert_eq!(counted, ["intent", "cs_by_hand"]);
    assert_eq!(sales.intent_states(), [CheckoutIntentState::Open], "a preflight ends nothing");
}
