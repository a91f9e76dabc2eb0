//! Rows of the first release that sells, which every later one reads.

use billing_domain::ports::{Edge, InvoiceFilter, SubscriptionFilter};
use billing_domain::{
    AppId, CallOutcome, CheckoutIntentState, FromStored, GatewayAccountId, InvoiceStatus, LinkSubject, Payer,
    StripeId, SubscriptionStatus, SubscriptionTimes, SyncTarget, WorkspaceId,
};
use billing_testing::{Suite, TestDatabase};

use crate::migrations::at_the_sales_release;
use crate::raw;
use crate::story::{locked_in, migrated};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_every_database("rows_of_the_first_sales_are_read", rows_of_the_first_sales_are_read)
}

fn stored<T: FromStored<Kept = String>>(text: &str) -> T {
    T::from_stored(text.to_owned()).unwrap()
}

async fn rows_of_the_first_sales_are_read(database: TestDatabase) {
    at_the_sales_release(&database).await;
    raw::execute(&database.url, include_str!("golden/sales.sql")).await;
    let store = migrated(&database).await;
    let workspace: WorkspaceId = stored("ws of old!");
    let app: AppId = stored("app of old!");

    let [open, unresolved] = store
        .checkout_intents()
        .unclosed_checkout_intents(&workspace, None, 9)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!((open.state, unresolved.state), (CheckoutIntentState::Open, CheckoutIntentState::Unresolved));
    assert_eq!(open.session.unwrap().url, "https://checkout.stripe.com/c/pay/cs_test_1#a");
    assert_eq!((unresolved.session, unresolved.sale.trial_days), (None, 9_999));

    let all = SubscriptionFilter::default();
    let subscriptions =
        store.subscriptions().subscriptions(&workspace, &app, &all, Edge::Newest, 9).await.unwrap();
    let [unknown, trial] = subscriptions.items.try_into().unwrap();
    assert_eq!(unknown.state.status, SubscriptionStatus::from_stripe("of_tomorrow"));
    assert_eq!(
        (unknown.intent_id, unknown.state.plan_id, unknown.state.times),
        (None, None, SubscriptionTimes::default())
    );
    assert_eq!(trial.payer.id(), "user_ada");
    assert_eq!(trial.state.times.trial_end, Some("2026-12-14T10:00:00Z".parse().unwrap()));

    let invoices = store
        .invoices()
        .invoices(&workspace, &app, &InvoiceFilter::default(), Edge::Newest, 9)
        .await
        .unwrap();
    let [invoice] = invoices.items.try_into().unwrap();
    assert_eq!((&invoice.details.status, invoice.details.lines.len()), (&InvoiceStatus::Paid, 2));
    assert_eq!(invoice.details.lines[1].amount.minor_units(), -250);

    let account: GatewayAccountId = stored("acct_1");
    assert_eq!(
        store.gateway_links().gateway_accounts(&workspace).await.unwrap(),
        std::slice::from_ref(&account)
    );
    let calls = store.gateway_calls().unresolved_calls(&workspace, None, 99).await.unwrap();
    let subjects: Vec<_> = calls.iter().map(|call| call.purpose.subject()).collect();
    let kept = raw::lines(&database.url, "SELECT subject AS line FROM gateway_calls").await;
    assert_eq!(subjects.iter().filter(|subject| kept.contains(subject)).count(), 9, "{subjects:?}");
    let of_call = async |id: &str| {
        store.gateway_calls().gateway_call(&workspace, stored(id)).await.unwrap().unwrap().outcome
    };
    assert_eq!(of_call("call_00000000000000000000000010").await, CallOutcome::Done(stored("cs_test_1")));
    assert_eq!(
        of_call("call_00000000000000000000000011").await,
        CallOutcome::Refused("No such price".to_owned())
    );

    let mut work = locked_in(&store, &workspace).await;
    let customer: StripeId = stored("cus_1");
    let linked = work.gateway_links().link_subject(&workspace, &account, &customer).await.unwrap().unwrap();
    let payer = Payer::User(stored("user_ada"));
    assert_eq!(linked, LinkSubject::Customer { environment_id: stored("env of old!"), payer: payer.clone() });
    assert!(work.subscriptions().had_trial(&workspace, &app, &payer).await.unwrap());

    work.rollback().await.unwrap();
    raw::execute(&database.url, "INSERT INTO account_directory VALUES ('acct_2', 'ws of old!', NULL)").await;
    let [event] = store.events().unplaced_to_accept(None, 9).await.unwrap().events.try_into().unwrap();
    assert_eq!(event.object.unwrap().target, SyncTarget::CheckoutSession(stored("cs_test_2")));
}
