use billing_domain::CheckoutIntentState::{Expired, Open, Unresolved};
use billing_domain::ports::StoreError;
use billing_domain::{AppId, Blocker, CheckoutIntentId, IdempotencyKey, WorkspaceId};
use billing_testing::builders::{checkout_intent, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::story::{locked, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("an_intent_id_is_taken_once", an_intent_id_is_taken_once)
        .on_every_database("an_idempotency_key_is_taken_once", an_idempotency_key_is_taken_once)
        .on_every_database("an_intent_needs_an_app_of_its_workspace", an_intent_needs_an_app_of_its_workspace)
        .on_every_database("an_intent_advances_only_from_its_state", an_intent_advances_only_from_its_state)
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

async fn an_idempotency_key_is_taken_once(database: TestDatabase) {
    let store = with_app(&database).await;
    let mut work = locked(&store).await;
    work.checkout_intents().insert_checkout_intent(&checkout_intent(1, Unresolved)).await.unwrap();
    let mut twin = checkout_intent(2, Unresolved);
    twin.idempotency_key = IdempotencyKey::from_uuid(1);

    let error = work.checkout_intents().insert_checkout_intent(&twin).await.unwrap_err();

    assert!(matches!(error, StoreError::Conflict), "{error:?}");
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
        .advance_checkout_intent(&workspace_id(), intent.id, Unresolved, Open)
        .await
        .unwrap();
    work.commit().await.unwrap();

    let mut work = locked(&store).await;
    let error = work
        .checkout_intents()
        .advance_checkout_intent(&workspace_id(), intent.id, Unresolved, Expired)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Conflict), "{error:?}");
    let other = WorkspaceId::parse("ws_other").unwrap();
    let error =
        work.checkout_intents().advance_checkout_intent(&other, intent.id, Open, Expired).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict), "{error:?}");
    let error = work
        .checkout_intents()
        .advance_checkout_intent(&workspace_id(), intent.id, Open, Unresolved)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unexpected(_)), "{error:?}");
    drop(work);

    let blockers = store.switches().blockers(&workspace_id()).await.unwrap();
    assert!(matches!(blockers.listed(), [Blocker::CheckoutIntent { state: Open, .. }]));
}
