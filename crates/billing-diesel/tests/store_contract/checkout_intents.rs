use std::sync::Arc;

use billing_domain::CheckoutIntentState::{Complete, Expired, Open, Refused, Synced, Unresolved};
use billing_domain::ports::{BillingStore, StoreError};
use billing_domain::{
    AppId, Blocker, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, OpenedSession, OrganizationId,
    Payer, WorkspaceId,
};
use billing_testing::builders::{app, app_id, checkout_intent, stripe_id, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::story::{add_app, assert_conflict, locked, other_workspace, transact, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("an_intent_id_is_taken_once", an_intent_id_is_taken_once)
        .on_every_database(
            "a_payer_has_one_unclosed_intent_in_an_app",
            a_payer_has_one_unclosed_intent_in_an_app,
        )
        .on_every_database(
            "unclosed_intents_are_listed_oldest_first",
            unclosed_intents_are_listed_oldest_first,
        )
        .on_every_database("a_session_is_saved_with_its_intent", a_session_is_saved_with_its_intent)
        .on_every_database("an_intent_needs_an_app_of_its_workspace", an_intent_needs_an_app_of_its_workspace)
        .on_every_database("an_intent_advances_only_from_its_state", an_intent_advances_only_from_its_state)
}

async fn add(store: &Arc<dyn BillingStore>, intent: &CheckoutIntent) -> Result<(), StoreError> {
    transact(store, |work| work.checkout_intents().insert_checkout_intent(intent)).await
}

async fn an_intent_id_is_taken_once(database: TestDatabase) {
    let store = with_app(&database).await;
    let mut work = locked(&store).await;
    work.checkout_intents().insert_checkout_intent(&checkout_intent(1, Unresolved)).await.unwrap();
    let mut twin = checkout_intent(2, Unresolved);
    twin.id = CheckoutIntentId::from_uuid(1);

    let error = work.checkout_intents().insert_checkout_intent(&twin).await.unwrap_err();

    assert!(matches!(error, StoreError::Conflict), "{error:?}");
}

async fn a_payer_has_one_unclosed_intent_in_an_app(database: TestDatabase) {
    let store = with_app(&database).await;
    add_app(&store, &app(2)).await;
    let first = checkout_intent(1, Unresolved);
    let again =
        |number, state| CheckoutIntent { payer: first.payer.clone(), ..checkout_intent(number, state) };
    add(&store, &first).await.unwrap();
    for state in [Unresolved, Open, Complete] {
        assert_conflict(add(&store, &again(2, state)).await);
    }
    add(&store, &again(3, Expired)).await.unwrap();
    add(&store, &CheckoutIntent { app_id: app(2).id, ..again(4, Open) }).await.unwrap();
    let namesake = Payer::Organization(OrganizationId::parse(first.payer.id()).unwrap());
    add(&store, &CheckoutIntent { payer: namesake.clone(), ..checkout_intent(5, Open) }).await.unwrap();

    let mut work = locked(&store).await;
    let intents = work.checkout_intents();
    let found = intents.unclosed_intent_of(&workspace_id(), &app_id(), &first.payer).await.unwrap();
    assert_eq!(found, Some(first.clone()));
    let found = intents.unclosed_intent_of(&workspace_id(), &app_id(), &namesake).await.unwrap();
    assert_eq!(found.map(|intent| intent.id), Some(CheckoutIntentId::from_uuid(5)));
    assert_eq!(intents.unclosed_intent_of(&other_workspace(), &app_id(), &first.payer).await.unwrap(), None);
    intents.advance_checkout_intent(&workspace_id(), first.id, Unresolved, Refused, None).await.unwrap();
    assert_eq!(intents.unclosed_intent_of(&workspace_id(), &app_id(), &first.payer).await.unwrap(), None);
    work.checkout_intents().insert_checkout_intent(&again(6, Unresolved)).await.unwrap();
}

async fn unclosed_intents_are_listed_oldest_first(database: TestDatabase) {
    let store = with_app(&database).await;
    for (number, state) in
        [(5, Open), (1, Synced), (3, Complete), (2, Unresolved), (4, Expired), (6, Refused)]
    {
        add(&store, &checkout_intent(number, state)).await.unwrap();
    }
    let listed = async |workspace: WorkspaceId, after: Option<u128>, limit| {
        let after = after.map(CheckoutIntentId::from_uuid);
        let intents =
            store.checkout_intents().unclosed_checkout_intents(&workspace, after, limit).await.unwrap();
        intents.into_iter().map(|intent| intent.id).collect::<Vec<_>>()
    };
    let ids = |numbers: &[u128]| numbers.iter().copied().map(CheckoutIntentId::from_uuid).collect::<Vec<_>>();
    assert_eq!(listed(workspace_id(), None, 10).await, ids(&[2, 3, 5]));
    assert_eq!(listed(workspace_id(), None, 2).await, ids(&[2, 3]));
    assert_eq!(listed(workspace_id(), Some(2), 10).await, ids(&[3, 5]));
    assert_eq!(listed(other_workspace(), None, 10).await, ids(&[]));
    let closed: Vec<_> = CheckoutIntentState::ALL.into_iter().filter(|state| state.is_closed()).collect();
    assert_eq!(closed, [Synced, Expired, Refused], "the statement says the same");
}

async fn a_session_is_saved_with_its_intent(database: TestDatabase) {
    let store = with_app(&database).await;
    let intent = checkout_intent(1, Unresolved);
    add(&store, &intent).await.unwrap();
    let read = async || store.checkout_intents().checkout_intent(&workspace_id(), intent.id).await.unwrap();
    assert_eq!(read().await, Some(intent.clone()));
    assert_eq!(store.checkout_intents().checkout_intent(&other_workspace(), intent.id).await.unwrap(), None);

    let session = OpenedSession { id: stripe_id("cs_1"), url: "https://pay.example/\"1\"?a=b".to_owned() };
    let opened = CheckoutIntent { session: Some(session.clone()), state: Open, ..intent.clone() };
    let mut work = locked(&store).await;
    let intents = work.checkout_intents();
    intents
        .advance_checkout_intent(&workspace_id(), intent.id, Unresolved, Open, Some(session))
        .await
        .unwrap();
    let changed = intents.checkout_intent_to_change(&workspace_id(), intent.id).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!((changed, read().await), (Some(opened.clone()), Some(opened.clone())));

    let mut work = locked(&store).await;
    let intents = work.checkout_intents();
    intents.advance_checkout_intent(&workspace_id(), intent.id, Open, Complete, None).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(read().await, Some(CheckoutIntent { state: Complete, ..opened }), "the session stays");
}

async fn an_intent_needs_an_app_of_its_workspace(database: TestDatabase) {
    let store = with_app(&database).await;

    let mut absent_app = checkout_intent(1, Unresolved);
    absent_app.app_id = AppId::parse("app_absent").unwrap();
    let error =
        locked(&store).await.checkout_intents().insert_checkout_intent(&absent_app).await.unwrap_err();
    assert!(matches!(error, StoreError::Unexpected(_)), "{error:?}");

    let mut foreign_app = checkout_intent(2, Unresolved);
    foreign_app.workspace_id = WorkspaceId::parse("ws_other").unwrap();
    let mut work = store.begin(&foreign_app.workspace_id).await.unwrap();
    work.switches().lock_workspace(&foreign_app.workspace_id).await.unwrap();
    let error = work.checkout_intents().insert_checkout_intent(&foreign_app).await.unwrap_err();
    assert!(matches!(error, StoreError::Unexpected(_)), "{error:?}");
}

async fn an_intent_advances_only_from_its_state(database: TestDatabase) {
    let store = with_app(&database).await;
    let intent = checkout_intent(1, Unresolved);
    let mut work = locked(&store).await;
    work.checkout_intents().insert_checkout_intent(&intent).await.unwrap();
    work.checkout_intents()
        .advance_checkout_intent(&workspace_id(), intent.id, Unresolved, Open, None)
        .await
        .unwrap();
    work.commit().await.unwrap();

    let mut work = locked(&store).await;
    let error = work
        .checkout_intents()
        .advance_checkout_intent(&workspace_id(), intent.id, Unresolved, Expired, None)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Conflict), "{error:?}");
    let other = WorkspaceId::parse("ws_other").unwrap();
    let error = work
        .checkout_intents()
        .advance_checkout_intent(&other, intent.id, Open, Expired, None)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Conflict), "{error:?}");
    let error = work
        .checkout_intents()
        .advance_checkout_intent(&workspace_id(), intent.id, Open, Unresolved, None)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unexpected(_)), "{error:?}");
    drop(work);

    let blockers = store.switches().blockers(&workspace_id()).await.unwrap();
    assert!(matches!(blockers.listed(), [Blocker::CheckoutIntent { state: Open, .. }]));
}
