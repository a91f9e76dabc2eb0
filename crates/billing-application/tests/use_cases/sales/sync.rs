//! The mirror follows Stripe, with all that follows from it.

use crate::prelude::*;
use crate::testing::{
    POSTPONED, Reply, SET_ASIDE, Sales, at, closing, enabled, paid_invoice, running, stripe_id, workspace_id,
};

/// A shop whose payer has this subscription at Stripe, mirrored.
pub(super) async fn sold(subscription: GatewaySubscription) -> Sales {
    let sales = Sales::known_at_stripe();
    let id = subscription.id.to_string();
    sales.lock().stripe.subscriptions.push(subscription);
    assert_eq!(sales.fetches(&id).await, Outcome::Synced);
    sales
}

/// The same with a younger one, which was ended.
pub(super) async fn sold_twice(payment: Option<&str>) -> Sales {
    let sales = sold(running("sub_1", 10)).await;
    sales.lock().stripe.subscriptions.push(running("sub_2", 20));
    sales.lock().stripe.unrefunded.extend(payment.map(|id| ("sub_2", stripe_id(id))));
    sales.fetches("sub_2").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }
    sales
}

#[tokio::test]
async fn the_younger_of_two_subscriptions_is_ended_and_its_payment_given_back() {
    let sales = sold_twice(Some("pi_2")).await;

    assert_eq!(sales.sent(), ["cancel_duplicate", "refund_duplicate"]);
    assert_eq!(sales.statuses(), [SubscriptionStatus::Active, SubscriptionStatus::Canceled]);
    let done = sales.audited().into_iter().filter(|entry| *entry == ("stripe_call", "done"));
    assert_eq!(done.count(), 2, "nobody asked for either");
}

#[tokio::test]
async fn a_late_payment_for_an_ended_duplicate_is_given_back_once() {
    let sales = sold_twice(None).await;
    assert_eq!(sales.sent(), ["cancel_duplicate"]);
    sales.lock().stripe.unrefunded.push(("sub_2", stripe_id("pi_late")));

    for _ in 0..2 {
        sales.fetches("sub_2").await;
        while !sales.lock().work.is_empty() {
            sales.works().await;
        }
    }

    assert_eq!(sales.sent(), ["cancel_duplicate", "refund_duplicate"]);
}

#[tokio::test]
async fn the_younger_of_two_subscriptions_is_ended_whichever_is_seen_last() {
    let sales = sold(running("sub_2", 20)).await;
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;

    let calls = |sales: &Sales| -> Vec<_> {
        sales.lock().calls.iter().map(|call| call.request.path.clone()).collect()
    };
    assert_eq!(calls(&sales), ["/v1/subscriptions/sub_2"]);

    sales.fetches("sub_1").await;
    assert_eq!(calls(&sales).len(), 1, "one end of a duplicate is enough");
}

#[tokio::test]
async fn a_backdated_subscription_is_younger_than_one_that_was_made_before_it() {
    let sales = sold(running("sub_1", 10)).await;
    let mut backdated = running("sub_2", 1);
    backdated.times.created_at = Some(at(20));
    sales.lock().stripe.subscriptions.push(backdated);
    sales.fetches("sub_2").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }

    let ended: Vec<_> = sales.lock().calls.iter().map(|call| call.request.path.clone()).collect();
    assert_eq!(ended, ["/v1/subscriptions/sub_2"]);
}

#[tokio::test]
async fn a_duplicate_that_was_ended_is_not_ended_again() {
    let sales = sold_twice(Some("pi_2")).await;
    let second = sales.lock().subscriptions.iter().position(|it| it.stripe_id.as_str() == "sub_2").unwrap();
    // Its fetch after the end failed.
    sales.lock().subscriptions[second].state.status = SubscriptionStatus::Active;

    sales.fetches("sub_1").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }

    assert_eq!(sales.sent(), ["cancel_duplicate", "refund_duplicate"]);
}

#[tokio::test]
async fn a_subscription_that_had_ended_by_itself_is_not_paid_back() {
    let sales = sold_twice(None).await;
    {
        let shelf = &mut *sales.lock();
        let prepared_at = shelf.calls[0].prepared_at;
        let ended = &mut shelf.stripe.subscriptions[1];
        ended.times.ended_at = Some(prepared_at - chrono::TimeDelta::minutes(6));
        shelf.stripe.unrefunded.push(("sub_2", stripe_id("pi_2")));
    }

    sales.fetches("sub_2").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }

    assert_eq!(sales.sent(), ["cancel_duplicate"]);
}

#[tokio::test]
async fn objects_of_a_customer_that_is_being_created_are_fetched_again() {
    let sales = Sales::open().replying("create_customer", Reply::Unknown);
    sales.checkout().await.unwrap_err();
    let customer = stripe_id("create_customer_2");
    let sold = GatewaySubscription { customer: customer.clone(), ..running("sub_1", 10) };
    sales.lock().stripe.subscriptions.push(sold);
    sales
        .lock()
        .stripe
        .invoices
        .push(GatewayInvoice { customer: Some(customer), ..paid_invoice("in_1", "sub_1") });

    for id in ["sub_1", "in_1"] {
        assert_eq!(sales.fetches(id).await, Outcome::Synced);
    }
    assert!(sales.statuses().is_empty() && sales.lock().invoices.is_empty());
    // Other work, the settlement of the call, and both fetches.
    for _ in 0..4 {
        sales.works().await;
    }

    assert_eq!(sales.statuses(), [SubscriptionStatus::Active]);
    assert_eq!(sales.lock().invoices.len(), 1);
}

#[tokio::test]
async fn objects_older_than_a_customers_creation_are_not_fetched_again() {
    let sales = Sales::open().replying("create_customer", Reply::Unknown);
    sales.checkout().await.unwrap_err();
    let left = sales.lock().work.len();
    let customer = stripe_id("cus_of_somebody");
    let mut old = GatewaySubscription { customer: customer.clone(), ..running("sub_1", 10) };
    old.times.created_at = Some(sales.lock().calls[0].prepared_at - chrono::TimeDelta::minutes(6));
    let mut invoice = GatewayInvoice { customer: Some(customer), ..paid_invoice("in_1", "sub_1") };
    invoice.details.created_at = old.times.created_at.unwrap();
    sales.lock().stripe.subscriptions.push(old);
    sales.lock().stripe.invoices.push(invoice);

    for id in ["sub_1", "in_1"] {
        sales.fetches(id).await;
    }

    assert_eq!(sales.lock().work.len(), left);
}

/// A merchant has removed the intent from the metadata.
#[tokio::test]
async fn a_sale_is_never_taken_for_what_the_workspace_pays() {
    let sales = Sales::known_at_stripe();
    let paying_workspace = Some(workspace_id());
    let sold = GatewaySubscription { paying_workspace, intent_id: None, ..running("sub_1", 10) };
    sales.lock().stripe.subscriptions.push(sold);

    sales.fetches("sub_1").await;

    assert_eq!(sales.statuses(), [SubscriptionStatus::Active]);
}

#[tokio::test]
async fn a_fetch_that_finds_nothing_new_is_remembered() {
    let sales = sold(running("sub_1", 10)).await;
    let before = sales.lock().subscriptions[0].synced_at;
    sales.lock().subscriptions[0].synced_at -= chrono::TimeDelta::minutes(5);

    sales.fetches("sub_1").await;

    assert_eq!(sales.lock().subscriptions[0].synced_at, before);
}

#[tokio::test]
async fn objects_of_a_customer_of_somebody_else_are_not_fetched_again() {
    let sales = Sales::known_at_stripe();
    let customer = stripe_id("cus_of_somebody");
    sales.lock().stripe.subscriptions.push(GatewaySubscription { customer, ..running("sub_1", 10) });

    sales.fetches("sub_1").await;

    assert!(sales.statuses().is_empty() && sales.lock().work.is_empty());
}

#[tokio::test]
async fn a_subscription_that_ended_unseen_is_fetched_before_another_counts_as_second() {
    let sales = sold(running("sub_1", 10)).await;
    sales.lock().subscriptions[0].synced_at -= chrono::TimeDelta::minutes(5);
    sales.lock().stripe.subscriptions[0].status = SubscriptionStatus::Canceled;
    sales.lock().stripe.subscriptions.push(running("sub_2", 20));

    sales.fetches("sub_2").await;
    while !sales.lock().work.is_empty() {
        sales.works().await;
    }

    assert!(sales.sent().is_empty(), "{:?}", sales.sent());
    let mut statuses = sales.statuses();
    statuses.sort_unstable_by_key(|status| status.as_str().to_owned());
    assert_eq!(statuses, [SubscriptionStatus::Active, SubscriptionStatus::Canceled]);
}

#[tokio::test]
async fn a_subscription_by_hand_seen_while_closing_keeps_billing_on() {
    let sales = Sales::known_at_stripe();
    sales.lock().switch = closing();
    sales.lock().stripe.is_own = true;
    let by_hand = GatewaySubscription { customer: stripe_id("cus_by_hand"), ..running("sub_1", 10) };
    sales.lock().stripe.subscriptions.push(by_hand);

    sales.fetches("sub_1").await;

    assert_eq!(sales.lock().switch, enabled());
}

#[tokio::test]
async fn a_paid_session_closes_its_intent_whatever_the_subscriptions_metadata_says() {
    let sales = Sales::known_at_stripe();
    sales.checkout().await.unwrap();
    {
        let stripe = &mut sales.lock().stripe;
        stripe.subscriptions.push(running("sub_1", 10));
        stripe.sessions[0].status = SessionStatus::Complete;
        stripe.sessions[0].subscription = Some(running("sub_1", 10).id);
    }
    sales.fetches("sub_1").await;

    sales.fetches("cs_1").await;

    assert_eq!(sales.intent_states(), [CheckoutIntentState::Synced]);
}

#[tokio::test]
async fn a_subscription_that_names_another_payers_intent_does_not_close_it() {
    let sales = Sales::known_at_stripe();
    sales.checkout().await.unwrap();
    let intent_id = sales.lock().intents[0].id;
    sales.lock().intents[0].payer = Payer::User(UserId::parse("another").unwrap());
    let named = GatewaySubscription { intent_id: Some(intent_id), ..running("sub_1", 10) };
    sales.lock().stripe.subscriptions.push(named);

    sales.fetches("sub_1").await;

    assert_eq!(sales.lock().intents[0].state, CheckoutIntentState::Open);
    assert_eq!(sales.lock().subscriptions[0].intent_id, None);
}

#[tokio::test]
async fn a_live_subscription_turns_billing_on_again() {
    let sales = Sales::known_at_stripe();
    sales.lock().switch = BillingSwitch::Disabled;
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));

    sales.fetches("sub_1").await;

    assert!(sales.lock().switch.is_on());
    assert!(sales.audited().contains(&("billing_switch", "reopened")), "{:?}", sales.audited());
}

#[tokio::test]
async fn a_subscription_made_by_hand_turns_billing_on_only_on_an_own_account() {
    for (is_own, is_on) in [(true, true), (false, false)] {
        let sales = Sales::known_at_stripe();
        sales.lock().switch = BillingSwitch::Disabled;
        sales.lock().stripe.is_own = is_own;
        let by_hand = GatewaySubscription { customer: stripe_id("cus_by_hand"), ..running("sub_1", 10) };
        sales.lock().stripe.subscriptions.push(by_hand);

        sales.fetches("sub_1").await;

        assert_eq!(sales.lock().switch.is_on(), is_on);
        assert!(sales.statuses().is_empty());
    }
}

#[tokio::test]
async fn an_invoice_mirrored_before_its_subscription_is_fetched_again() {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.invoices.push(paid_invoice("in_1", "sub_1"));
    sales.fetches("in_1").await;
    assert_eq!(sales.lock().invoices[0].subscription_id, None);

    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;
    sales.works().await;

    let subscription = sales.lock().subscriptions[0].id;
    assert_eq!(sales.lock().invoices[0].subscription_id, Some(subscription));
}

#[tokio::test]
async fn a_session_seen_late_opens_no_ended_intent() {
    let sales = Sales::known_at_stripe();
    sales.checkout().await.unwrap();
    sales.lock().intents[0].state = CheckoutIntentState::Expired;

    sales.fetches("cs_1").await;

    assert_eq!(sales.intent_states(), [CheckoutIntentState::Expired]);
}

#[tokio::test]
async fn a_session_that_only_names_the_intent_does_not_end_it() {
    let sales = Sales::known_at_stripe();
    sales.checkout().await.unwrap();
    let own = sales.lock().stripe.sessions[0].clone();
    let id = stripe_id("cs_by_hand");
    let foreign = GatewayCheckoutSession { id, status: SessionStatus::Expired, ..own };
    sales.lock().stripe.sessions.push(foreign);

    sales.fetches("cs_by_hand").await;

    assert_eq!(sales.intent_states(), [CheckoutIntentState::Open]);
}

#[tokio::test]
async fn a_session_of_the_intents_call_is_followed_before_its_answer_is_known() {
    for (is_own, state) in [(true, CheckoutIntentState::Open), (false, CheckoutIntentState::Unresolved)] {
        let sales = Sales::known_at_stripe();
        sales.checkout().await.unwrap();
        {
            let shelf = &mut *sales.lock();
            (shelf.intents[0].state, shelf.intents[0].session) = (CheckoutIntentState::Unresolved, None);
            shelf.stripe.sessions[0].call_id = Some(shelf.intents[0].call_id).filter(|_| is_own);
        }

        sales.fetches("cs_1").await;

        assert_eq!(sales.intent_states(), [state]);
    }
}

#[tokio::test]
async fn an_object_that_cannot_be_read_is_set_aside_after_ten_attempts() {
    let sales = sold(running("sub_1", 10)).await;
    sales.lock().stripe.read_failure = Some(|| GatewayError::Unreadable("no status".into()));
    assert_eq!(sales.fetches("sub_1").await, Outcome::Failed);

    for _ in 0..8 {
        assert_eq!(sales.works().await, Outcome::Failed);
    }
    assert_eq!(sales.works().await, Outcome::SetAside);

    let failed = &sales.lock().failed;
    let ways: Vec<_> = failed.iter().map(|(_, how, _)| *how).collect();
    assert_eq!((ways.len(), ways[8], ways[9]), (10, POSTPONED, SET_ASIDE));
    assert!(failed[9].2.contains("cannot be read: no status"), "{}", failed[9].2);
}
