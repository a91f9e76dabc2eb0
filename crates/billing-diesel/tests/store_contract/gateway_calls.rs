use std::sync::Arc;

use billing_domain::ports::{BillingStore, StoreError};
use billing_domain::{
    CallOutcome, CallPurpose, Currency, GatewayAccountId, GatewayCall, GatewayCallId, IdempotencyKey,
    InvoiceAction, InvoiceId, Money, PlanId, PriceId, StripeId, SubscriptionId, WorkspaceId,
};
use billing_testing::builders::{
    account, environment_id, gateway_call, organization, stripe_id, workspace_id,
};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{
    assert_conflict, assert_corrupt, locked, locked_in, migrated, other_workspace, transact_in,
};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_call_is_read_as_it_was_prepared", a_call_is_read_as_it_was_prepared)
        .on_every_database("a_call_id_and_a_key_are_taken_once", a_call_id_and_a_key_are_taken_once)
        .on_every_database("a_subject_has_one_unresolved_call", a_subject_has_one_unresolved_call)
        .on_every_database("an_outcome_is_saved_once", an_outcome_is_saved_once)
        .on_every_database(
            "calls_on_an_invoice_are_found_whatever_their_outcomes",
            calls_on_an_invoice_are_found_whatever_their_outcomes,
        )
        .on_every_database(
            "unresolved_calls_are_listed_oldest_first",
            unresolved_calls_are_listed_oldest_first,
        )
}

async fn add(store: &Arc<dyn BillingStore>, call: &GatewayCall) -> Result<(), StoreError> {
    transact_in(store, &call.workspace_id, |work| work.gateway_calls().insert_gateway_call(call)).await
}

async fn resolve(
    store: &Arc<dyn BillingStore>,
    workspace: &WorkspaceId,
    call: GatewayCallId,
    outcome: &CallOutcome,
) -> Result<(), StoreError> {
    let mut work = locked(store).await;
    let resolved = work.gateway_calls().resolve_gateway_call(workspace, call, outcome).await;
    work.commit().await.unwrap();
    resolved
}

fn done() -> CallOutcome {
    CallOutcome::Done(stripe_id("cs_1"))
}

fn purposes() -> Vec<CallPurpose> {
    let subscription_id = SubscriptionId::from_uuid(7);
    vec![
        CallPurpose::CreateCustomer { environment_id: environment_id(), payer: organization(1) },
        CallPurpose::CreateProduct { plan_id: PlanId::from_uuid(1) },
        CallPurpose::UpdateProduct { plan_id: PlanId::from_uuid(1) },
        CallPurpose::CreatePrice { price_id: PriceId::from_uuid(1) },
        gateway_call(1).purpose,
        CallPurpose::ExpireCheckoutSession { intent_id: billing_domain::CheckoutIntentId::from_uuid(1) },
        CallPurpose::CancelSubscription { subscription_id, at_period_end: true },
        CallPurpose::CancelDuplicate { subscription_id },
        CallPurpose::RefundDuplicate { subscription_id, payment_intent: stripe_id("pi_1") },
        refund(1, 1),
        CallPurpose::ActOnInvoice { invoice_id: InvoiceId::from_uuid(1), action: InvoiceAction::Void },
    ]
}

fn payment(number: u128) -> StripeId {
    stripe_id(&format!("pi_{number}"))
}

/// The refund with this number of an invoice.
fn refund(invoice: u128, number: u128) -> CallPurpose {
    CallPurpose::RefundInvoice {
        invoice_id: InvoiceId::from_uuid(invoice),
        refund_id: GatewayCallId::from_uuid(number),
        payment: payment(number),
        amount: Money::new(500, Currency::parse("USD").unwrap()),
    }
}

async fn calls_on_an_invoice_are_found_whatever_their_outcomes(database: TestDatabase) {
    let store = migrated(&database).await;
    let (subscription_id, payment_intent) = (SubscriptionId::from_uuid(1), payment(5));
    let of_duplicate = CallPurpose::RefundDuplicate { subscription_id, payment_intent };
    let others = [(4, gateway_call(4).purpose), (5, of_duplicate)];
    let calls =
        [(1, refund(1, 1)), (2, refund(2, 2)), (3, refund(1, 3)), others[0].clone(), others[1].clone()];
    let calls = calls.map(|(number, purpose)| GatewayCall { purpose, ..gateway_call(number) });
    for call in &calls {
        add(&store, call).await.unwrap();
    }
    resolve(&store, &workspace_id(), calls[0].id, &done()).await.unwrap();

    let mut work = locked(&store).await;
    let repository = work.gateway_calls();
    let (invoice, payments) = (InvoiceId::from_uuid(1), [payment(1), payment(5)]);
    let found = repository.calls_on_invoice(&workspace_id(), invoice, &payments).await.unwrap();
    let foreign = repository.calls_on_invoice(&other_workspace(), invoice, &payments).await.unwrap();

    let first = GatewayCall { outcome: done(), ..calls[0].clone() };
    assert_eq!(found, [first, calls[2].clone(), calls[4].clone()]);
    assert!(foreign.is_empty());
}

async fn a_call_is_read_as_it_was_prepared(database: TestDatabase) {
    let store = migrated(&database).await;
    for (number, purpose) in (1..).zip(purposes()) {
        let call = GatewayCall { purpose, ..gateway_call(number) };
        add(&store, &call).await.unwrap();
        let read = store.gateway_calls().gateway_call(&workspace_id(), call.id).await.unwrap();
        assert_eq!(read, Some(call.clone()));
        let mut work = locked(&store).await;
        let subject = call.purpose.subject();
        let (calls, account) = (work.gateway_calls(), account());
        let found = calls.unresolved_call_of(&workspace_id(), &account, &subject).await.unwrap();
        assert_eq!(found, Some(call.clone()));
        for (workspace, kind, expected) in [
            (workspace_id(), call.purpose.kind(), Some(call.prepared_at)),
            (workspace_id(), "create", None),
            (other_workspace(), call.purpose.kind(), None),
        ] {
            let since = calls.unresolved_since(&workspace, &account, kind).await.unwrap();
            assert_eq!(since, expected, "{workspace} {kind}");
        }
        assert_eq!(calls.gateway_call_to_change(&workspace_id(), call.id).await.unwrap(), Some(call.clone()));
        assert_eq!(calls.gateway_call_to_change(&other_workspace(), call.id).await.unwrap(), None);
        assert_eq!(calls.unresolved_call_of(&other_workspace(), &account, &subject).await.unwrap(), None);
        assert_eq!(store.gateway_calls().gateway_call(&other_workspace(), call.id).await.unwrap(), None);
    }
    raw::execute(&database.url, "UPDATE gateway_calls SET purpose = '{\"kind\":\"of_tomorrow\"}'").await;
    let call = gateway_call(1);
    let read = store.gateway_calls().gateway_call(&workspace_id(), call.id).await;
    assert_corrupt(read, ("gateway_calls", "purpose", &call.id.to_string()));
}

async fn a_call_id_and_a_key_are_taken_once(database: TestDatabase) {
    let store = migrated(&database).await;
    add(&store, &gateway_call(1)).await.unwrap();
    let same_id = GatewayCall { id: gateway_call(1).id, ..gateway_call(2) };
    assert_conflict(add(&store, &same_id).await);
    let same_key = GatewayCall { key: IdempotencyKey::from_uuid(1), ..gateway_call(2) };
    assert_conflict(add(&store, &same_key).await);
    resolve(&store, &workspace_id(), gateway_call(1).id, &done()).await.unwrap();
    assert_conflict(add(&store, &same_key).await);
    add(&store, &GatewayCall { workspace_id: other_workspace(), ..gateway_call(1) }).await.unwrap();
}

async fn a_subject_has_one_unresolved_call(database: TestDatabase) {
    let store = migrated(&database).await;
    let first = gateway_call(1);
    let again = |number| GatewayCall { purpose: first.purpose.clone(), ..gateway_call(number) };
    add(&store, &first).await.unwrap();
    assert_conflict(add(&store, &again(2)).await);
    let elsewhere = GatewayAccountId::parse("acct_other").unwrap();
    add(&store, &GatewayCall { account: elsewhere.clone(), ..again(3) }).await.unwrap();
    add(&store, &GatewayCall { workspace_id: other_workspace(), ..again(4) }).await.unwrap();

    resolve(&store, &workspace_id(), first.id, &CallOutcome::Refused("no".to_owned())).await.unwrap();
    add(&store, &again(2)).await.unwrap();

    let subject = first.purpose.subject();
    let mut work = locked(&store).await;
    let calls = work.gateway_calls();
    let found = calls.unresolved_call_of(&workspace_id(), &account(), &subject).await.unwrap().unwrap();
    assert_eq!(found.id, again(2).id);
    let found = calls.unresolved_call_of(&workspace_id(), &elsewhere, &subject).await.unwrap().unwrap();
    assert_eq!(found.id, again(3).id);
    drop(work);
    let mut work = locked_in(&store, &other_workspace()).await;
    let calls = work.gateway_calls();
    let found = calls.unresolved_call_of(&other_workspace(), &account(), &subject).await.unwrap().unwrap();
    assert_eq!(found.id, again(4).id);
}

async fn an_outcome_is_saved_once(database: TestDatabase) {
    let store = migrated(&database).await;
    let refused = CallOutcome::Refused("The price is inactive.".to_owned());
    for (number, outcome) in [(1, done()), (2, refused.clone())] {
        let call = gateway_call(number);
        add(&store, &call).await.unwrap();
        assert_conflict(resolve(&store, &other_workspace(), call.id, &outcome).await);
        resolve(&store, &workspace_id(), call.id, &outcome).await.unwrap();
        for later in [&done(), &refused, &CallOutcome::Unresolved] {
            assert_conflict(resolve(&store, &workspace_id(), call.id, later).await);
        }
        let read = store.gateway_calls().gateway_call(&workspace_id(), call.id).await.unwrap().unwrap();
        assert_eq!(read, GatewayCall { outcome, ..call });
    }
    assert_conflict(resolve(&store, &workspace_id(), gateway_call(3).id, &done()).await);
}

async fn unresolved_calls_are_listed_oldest_first(database: TestDatabase) {
    let store = migrated(&database).await;
    for number in [4, 1, 3, 2] {
        add(&store, &gateway_call(number)).await.unwrap();
    }
    resolve(&store, &workspace_id(), gateway_call(3).id, &done()).await.unwrap();
    let listed = async |workspace: WorkspaceId, after, limit| {
        let calls = store.gateway_calls().unresolved_calls(&workspace, after, limit).await.unwrap();
        calls.into_iter().map(|call| call.id).collect::<Vec<_>>()
    };
    let ids = |numbers: &[u32]| numbers.iter().map(|number| gateway_call(*number).id).collect::<Vec<_>>();
    assert_eq!(listed(workspace_id(), None, 10).await, ids(&[1, 2, 4]));
    assert_eq!(listed(workspace_id(), None, 2).await, ids(&[1, 2]));
    assert_eq!(listed(workspace_id(), Some(gateway_call(2).id), 2).await, ids(&[4]));
    assert_eq!(listed(other_workspace(), None, 10).await, ids(&[]));
}
