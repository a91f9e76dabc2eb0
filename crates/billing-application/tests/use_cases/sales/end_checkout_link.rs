//! The end of a link before it is paid.

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, app_id, other_app_id, running};

async fn end(sales: &Sales) -> Result<(), Refused<CheckoutError>> {
    let id = sales.lock().intents[0].id;
    sales.executor().end_checkout_link(&administrator(), &EndCheckoutLink { app_id: app_id(), id }).await
}

#[tokio::test]
async fn an_open_link_is_expired_and_a_repeat_changes_nothing() {
    let sales = Sales::known_at_stripe();
    sales.checkout().await.unwrap();

    end(&sales).await.unwrap();
    end(&sales).await.unwrap();

    assert_eq!(sales.intent_states(), [CheckoutIntentState::Expired]);
    assert_eq!(sales.sent(), ["create_checkout_session", "expire_checkout_session"]);
}

#[tokio::test]
async fn a_session_that_was_paid_meanwhile_is_a_sale() {
    let sales = Sales::known_at_stripe().replying("expire_checkout_session", Reply::Refused);
    sales.checkout().await.unwrap();
    {
        let session = &mut sales.lock().stripe.sessions[0];
        (session.status, session.subscription) = (SessionStatus::Complete, Some(running("sub_1", 10).id));
    }

    let refused = end(&sales).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(CheckoutError::Paid)), "{refused:?}");
    assert_eq!(sales.intent_states(), [CheckoutIntentState::Complete]);
    let stale = sales.lock().work[0].0.clone();
    assert_eq!((stale.kind, stale.key.as_str()), (WorkKind::SyncObject, "acct_shop/sub_1"));
}

#[tokio::test]
async fn a_link_of_another_app_is_not_found() {
    let sales = Sales::known_at_stripe();
    sales.checkout().await.unwrap();
    let (app_id, id) = (other_app_id(), sales.lock().intents[0].id);

    let refused = sales.executor().end_checkout_link(&administrator(), &EndCheckoutLink { app_id, id }).await;

    assert!(matches!(refused, Err(Refused::Absent(Absent::CheckoutLink))), "{refused:?}");
    assert_eq!(sales.intent_states(), [CheckoutIntentState::Open]);
}
