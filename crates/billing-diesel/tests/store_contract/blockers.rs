use billing_domain::{
    Blocker, Blockers, CheckoutIntentState, SubscriptionId, SubscriptionStatus, UserId, WorkspaceId,
};
use billing_testing::builders::{
    app_id, checkout_intent, stripe_statuses, subscription, workspace_id, workspace_subscription,
};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{locked, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "a_subscription_blocks_exactly_while_live",
            a_subscription_blocks_exactly_while_live,
        )
        .on_every_database(
            "a_workspace_subscription_blocks_exactly_while_live",
            a_workspace_subscription_blocks_exactly_while_live,
        )
        .on_every_database("an_intent_blocks_exactly_until_closed", an_intent_blocks_exactly_until_closed)
        .on_every_database("what_cannot_be_read_blocks_all_the_same", what_cannot_be_read_blocks_all_the_same)
        .on_every_database(
            "blockers_of_another_workspace_are_not_seen",
            blockers_of_another_workspace_are_not_seen,
        )
        .on_every_database(
            "many_blockers_are_counted_and_the_first_listed",
            many_blockers_are_counted_and_the_first_listed,
        )
        .on_every_database(
            "a_transaction_sees_the_blockers_it_wrote",
            a_transaction_sees_the_blockers_it_wrote,
        )
        .on_every_database(
            "a_mirrored_subscription_keeps_its_identity",
            a_mirrored_subscription_keeps_its_identity,
        )
}

async fn a_subscription_blocks_exactly_while_live(database: TestDatabase) {
    let store = with_app(&database).await;
    for (status, live) in stripe_statuses() {
        let saved = subscription(1, status.clone());
        let mut work = locked(&store).await;
        work.subscriptions().save_subscription(&saved).await.unwrap();
        work.commit().await.unwrap();

        let expected = if live {
            let blocker = Blocker::Subscription {
                id: saved.id,
                stripe_id: saved.stripe_id,
                app_id: saved.app_id,
                payer: saved.payer,
                status: status.clone(),
            };
            Blockers::new(vec![blocker], 1)
        } else {
            Blockers::none()
        };
        assert_eq!(live, status.is_live());
        assert_eq!(store.switches().blockers(&workspace_id()).await.unwrap(), expected, "{status}");
    }
}

async fn a_workspace_subscription_blocks_exactly_while_live(database: TestDatabase) {
    let store = with_app(&database).await;
    for (status, live) in stripe_statuses() {
        let saved = workspace_subscription(status.clone());
        let mut work = locked(&store).await;
        work.subscriptions().save_workspace_subscription(&saved).await.unwrap();
        work.commit().await.unwrap();

        let expected = if live {
            let blocker = Blocker::WorkspaceSubscription { id: saved.stripe_id, status: status.clone() };
            Blockers::new(vec![blocker], 1)
        } else {
            Blockers::none()
        };
        assert_eq!(store.switches().blockers(&workspace_id()).await.unwrap(), expected, "{status}");
    }
}

async fn an_intent_blocks_exactly_until_closed(database: TestDatabase) {
    let store = with_app(&database).await;
    for (number, state) in (1..).zip(CheckoutIntentState::ALL) {
        let intent = checkout_intent(number, state);
        let mut work = locked(&store).await;
        work.checkout_intents().insert_checkout_intent(&intent).await.unwrap();

        let expected = if state.is_closed() {
            Blockers::none()
        } else {
            let blocker = Blocker::CheckoutIntent {
                id: intent.id,
                app_id: intent.app_id,
                payer: intent.payer,
                state,
                expires_at: intent.expires_at,
            };
            Blockers::new(vec![blocker], 1)
        };
        assert_eq!(work.switches().blockers(&workspace_id()).await.unwrap(), expected, "{state}");
        work.rollback().await.unwrap();
    }
}

/// Of a newer version beside this one, for instance.
async fn what_cannot_be_read_blocks_all_the_same(database: TestDatabase) {
    let store = with_app(&database).await;
    let mut work = locked(&store).await;
    work.checkout_intents()
        .insert_checkout_intent(&checkout_intent(1, CheckoutIntentState::Expired))
        .await
        .unwrap();
    work.subscriptions().save_subscription(&subscription(1, SubscriptionStatus::Active)).await.unwrap();
    work.commit().await.unwrap();
    raw::execute(&database.url, "UPDATE checkout_intents SET state = 'half_paid'").await;
    raw::execute(&database.url, "UPDATE subscriptions SET payer_kind = 'alien'").await;

    let blockers = store.switches().blockers(&workspace_id()).await.unwrap();

    assert_eq!((blockers.total(), blockers.listed().len()), (2, 0));
    assert!(!blockers.is_empty());
}

async fn blockers_of_another_workspace_are_not_seen(database: TestDatabase) {
    let store = with_app(&database).await;
    let mut work = locked(&store).await;
    work.subscriptions().save_subscription(&subscription(1, SubscriptionStatus::Active)).await.unwrap();
    work.subscriptions()
        .save_workspace_subscription(&workspace_subscription(SubscriptionStatus::Active))
        .await
        .unwrap();
    work.checkout_intents()
        .insert_checkout_intent(&checkout_intent(1, CheckoutIntentState::Open))
        .await
        .unwrap();
    work.commit().await.unwrap();

    let other = WorkspaceId::parse("ws_other").unwrap();
    assert_eq!(store.switches().blockers(&other).await.unwrap(), Blockers::none());
    assert_eq!(store.switches().blockers(&workspace_id()).await.unwrap().total(), 3);
}

async fn many_blockers_are_counted_and_the_first_listed(database: TestDatabase) {
    let store = with_app(&database).await;
    let mut work = locked(&store).await;
    for number in 0..130 {
        work.subscriptions()
            .save_subscription(&subscription(number, SubscriptionStatus::Trialing))
            .await
            .unwrap();
    }
    work.checkout_intents()
        .insert_checkout_intent(&checkout_intent(1, CheckoutIntentState::Unresolved))
        .await
        .unwrap();
    work.commit().await.unwrap();

    let blockers = store.switches().blockers(&workspace_id()).await.unwrap();

    assert_eq!(blockers.total(), 131);
    assert_eq!(blockers.listed().len(), Blockers::LISTED_AT_MOST);
    assert!(matches!(blockers.listed()[0], Blocker::CheckoutIntent { .. }));
}

async fn a_transaction_sees_the_blockers_it_wrote(database: TestDatabase) {
    let store = with_app(&database).await;
    let mut work = locked(&store).await;
    work.subscriptions().save_subscription(&subscription(1, SubscriptionStatus::PastDue)).await.unwrap();

    assert_eq!(work.switches().blockers(&workspace_id()).await.unwrap().total(), 1);
    assert_eq!(store.switches().blockers(&workspace_id()).await.unwrap(), Blockers::none());
}

async fn a_mirrored_subscription_keeps_its_identity(database: TestDatabase) {
    let store = with_app(&database).await;
    let first = subscription(1, SubscriptionStatus::Trialing);
    let mut again = subscription(1, SubscriptionStatus::Active);
    again.id = SubscriptionId::from_uuid(99);
    again.payer = billing_domain::Payer::User(UserId::parse("user_of_a_mistake").unwrap());
    let mut work = locked(&store).await;
    work.subscriptions().save_subscription(&first).await.unwrap();
    work.subscriptions().save_subscription(&again).await.unwrap();

    let expected = Blocker::Subscription {
        id: first.id,
        stripe_id: first.stripe_id,
        app_id: app_id(),
        payer: first.payer,
        status: SubscriptionStatus::Active,
    };
    assert_eq!(work.switches().blockers(&workspace_id()).await.unwrap(), Blockers::new(vec![expected], 1));
}
