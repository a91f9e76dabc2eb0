//! From a plan to a link at which it can be paid.

use crate::prelude::*;
use crate::testing::{Reply, Sales, account, administrator, closing, create_checkout_link, payer, running};

#[tokio::test]
async fn the_first_sale_makes_customer_product_and_price_before_the_session() {
    let sales = Sales::open();

    let link = sales.checkout().await.unwrap();

    assert_eq!(
        sales.sent(),
        ["create_customer", "create_product", "create_price", "create_checkout_session"]
    );
    assert_eq!(sales.intent_states(), [CheckoutIntentState::Open]);
    assert_eq!(link.url, "https://pay.example/cs_4");
}

#[tokio::test]
async fn what_stripe_has_already_is_used_again() {
    let sales = Sales::known_at_stripe();

    sales.checkout().await.unwrap();

    assert_eq!(sales.sent(), ["create_checkout_session"]);
}

#[tokio::test]
async fn a_refused_session_closes_its_intent() {
    let sales = Sales::known_at_stripe().replying("create_checkout_session", Reply::Refused);

    let refused = sales.checkout().await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(CheckoutError::GatewayRefused(_))), "{refused:?}");
    assert_eq!(sales.intent_states(), [CheckoutIntentState::Refused]);
}

#[tokio::test]
async fn a_session_of_unknown_outcome_is_resumed_under_its_key() {
    let sales = Sales::known_at_stripe().replying("create_checkout_session", Reply::Unknown);

    let unknown = sales.checkout().await.unwrap_err();
    assert!(matches!(unknown, Refused::Rule(CheckoutError::GatewayUnavailable)), "{unknown:?}");
    assert_eq!(sales.intent_states(), [CheckoutIntentState::Unresolved]);

    sales.checkout().await.unwrap();

    let keys = sales.keys_of("create_checkout_session");
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
    assert_eq!(sales.intent_states(), [CheckoutIntentState::Open]);
}

#[tokio::test]
async fn a_customer_of_unknown_outcome_is_resumed_under_its_key() {
    let sales = Sales::open().replying("create_customer", Reply::Unknown);

    sales.checkout().await.unwrap_err();
    sales.checkout().await.unwrap();

    let keys = sales.keys_of("create_customer");
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
    assert_eq!(sales.lock().intents.len(), 1);
}

#[tokio::test]
async fn a_payer_with_a_live_subscription_buys_no_second_one() {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;

    let refused = sales.checkout().await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(CheckoutError::AlreadySubscribed)), "{refused:?}");
    assert!(sales.sent().is_empty());
}

#[tokio::test]
async fn a_payer_has_one_trial() {
    for (had_trial, days) in [(false, 14), (true, 0)] {
        let sales = Sales::known_at_stripe();
        sales.lock().plan.plan.details.trial_days = TrialDays::new(14).unwrap();
        sales.lock().had_trial = had_trial;

        sales.checkout().await.unwrap();

        assert_eq!(sales.lock().intents[0].sale.trial_days, days);
    }
}

#[tokio::test]
async fn a_checkout_while_billing_is_disabled_is_refused() {
    let sales = Sales::known_at_stripe();
    sales.lock().switch = closing();

    let refused = sales.checkout().await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(CheckoutError::Closing)), "{refused:?}");
    assert!(sales.sent().is_empty() && sales.lock().intents.is_empty());
}

#[tokio::test]
async fn a_repeat_under_the_key_gives_the_same_link() {
    let sales = Sales::known_at_stripe();

    let (first, again) = (sales.checkout().await.unwrap(), sales.checkout().await.unwrap());

    assert_eq!(first, again);
    assert_eq!((sales.sent().len(), sales.lock().intents[0].payer.clone()), (1, payer()));
}

#[tokio::test]
async fn a_checkout_that_is_refused_leaves_no_account_in_use() {
    let sales = Sales::open();
    let (owner, unsold) = (administrator(), CreateCheckoutLink { quantity: 0, ..create_checkout_link() });

    sales.executor().create_checkout_link(&owner, &unsold, None).await.unwrap_err();
    assert!(sales.lock().used_accounts.is_empty());

    sales.checkout().await.unwrap();
    assert_eq!(sales.lock().used_accounts, [account()]);
}
