use std::sync::Arc;

use billing_domain::ports::{BillingStore, UnitOfWork};
use billing_domain::{CheckoutIntentState, SubscriptionStatus, WorkspaceId};
use billing_testing::{Answer, Service, Suite, TestDatabase, builders, tokens};
use serde_json::{Value, json};

use crate::{DISABLE, ENABLE, OFF, PREFLIGHT, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "a_live_subscription_in_any_status_keeps_billing_on",
            a_live_subscription_in_any_status_keeps_billing_on,
        )
        .on_every_database(
            "a_workspace_subscription_in_any_live_status_keeps_billing_on",
            a_workspace_subscription_in_any_live_status_keeps_billing_on,
        )
        .on_every_database(
            "an_intent_that_is_not_closed_keeps_billing_on",
            an_intent_that_is_not_closed_keeps_billing_on,
        )
        .on_every_database(
            "disable_lists_100_blockers_and_counts_all",
            disable_lists_100_blockers_and_counts_all,
        )
        .on_every_database(
            "a_closing_left_by_a_crash_ends_at_the_next_start",
            a_closing_left_by_a_crash_ends_at_the_next_start,
        )
}

const WORKSPACE: &str = "ws_test";

/// The service with billing on, and the store behind it.
struct Scene {
    service: Service,
    store: Arc<dyn BillingStore>,
    owner: String,
}

impl Scene {
    async fn with_billing_on(database: &TestDatabase) -> Self {
        let service = service(database).await;
        let owner = tokens::owner(WORKSPACE);
        service.post(ENABLE, &owner).await;
        let store = billing_diesel::open(&database.url.parse().unwrap()).unwrap();
        let scene = Self { service, store, owner };
        let mut work = scene.locked().await;
        work.apps().insert_app(&builders::test_app()).await.unwrap();
        work.commit().await.unwrap();
        scene
    }

    async fn locked(&self) -> Box<dyn UnitOfWork> {
        let mut work = self.store.begin(&builders::workspace_id()).await.unwrap();
        work.switches().lock_workspace(&builders::workspace_id()).await.unwrap();
        work
    }

    async fn status(&self) -> Answer {
        self.service.get(STATUS, &self.owner).await
    }

    async fn disable(&self) -> Answer {
        self.service.post(DISABLE, &self.owner).await
    }

    /// Disabling is refused because of exactly these, the preflight tells so, and nothing changes.
    async fn assert_blocked_by(&self, blockers: Value) {
        let before = self.status().await.text;
        let total = blockers.as_array().unwrap().len();
        let preflight = self.service.get(PREFLIGHT, &self.owner).await;
        let expected = json!({ "canDisable": false, "blockers": blockers, "total": total });
        assert_eq!(preflight.json(), expected);

        let refused = self.disable().await;
        let code = "billing_has_active_end_user_subscriptions".to_owned();
        assert_eq!(refused.refusal(), (400, code), "{}", refused.text);
        assert_eq!(refused.json()["details"], json!({ "blockers": blockers, "total": total }));
        assert_eq!(self.status().await.text, before);
    }

    /// Disabling succeeds; billing is on again afterwards.
    async fn assert_not_blocked(&self) {
        assert_eq!(self.disable().await.text, OFF);
        self.service.post(ENABLE, &self.owner).await;
    }
}

async fn a_live_subscription_in_any_status_keeps_billing_on(database: TestDatabase) {
    let scene = Scene::with_billing_on(&database).await;
    for (status, live) in builders::stripe_statuses() {
        let subscription = builders::subscription(1, status.clone());
        let mut work = scene.locked().await;
        work.subscriptions().save_subscription(&subscription).await.unwrap();
        work.commit().await.unwrap();

        if live {
            scene
                .assert_blocked_by(json!([{
                    "kind": "subscription",
                    "id": subscription.id.to_string(),
                    "stripeId": subscription.stripe_id.as_str(),
                    "appId": "app_test",
                    "payer": { "kind": "organization", "id": "org_1" },
                    "status": status.as_str(),
                }]))
                .await;
        } else {
            scene.assert_not_blocked().await;
        }
    }
}

async fn a_workspace_subscription_in_any_live_status_keeps_billing_on(database: TestDatabase) {
    let scene = Scene::with_billing_on(&database).await;
    for (status, live) in builders::stripe_statuses() {
        let mut work = scene.locked().await;
        let subscription = builders::workspace_subscription(status.clone());
        work.subscriptions().save_workspace_subscription(&subscription).await.unwrap();
        work.commit().await.unwrap();

        if live {
            scene
                .assert_blocked_by(json!([{
                    "kind": "workspace_subscription",
                    "id": "sub_platform",
                    "status": status.as_str(),
                }]))
                .await;
        } else {
            scene.assert_not_blocked().await;
        }
    }
}

async fn an_intent_that_is_not_closed_keeps_billing_on(database: TestDatabase) {
    let scene = Scene::with_billing_on(&database).await;
    for (number, state) in (1..).zip(CheckoutIntentState::ALL) {
        let intent = builders::checkout_intent(number, state);
        let mut work = scene.locked().await;
        work.checkout_intents().insert_checkout_intent(&intent).await.unwrap();
        work.commit().await.unwrap();

        if state.is_closed() {
            scene.assert_not_blocked().await;
            continue;
        }
        scene
            .assert_blocked_by(json!([{
                "kind": "checkout_intent",
                "id": intent.id.to_string(),
                "appId": "app_test",
                "payer": { "kind": "user", "id": format!("user_{number}") },
                "state": state.as_str(),
                "expiresAt": "2026-11-22T13:34:56.789Z",
            }]))
            .await;
        let mut work = scene.locked().await;
        let workspace = builders::workspace_id();
        let end = match state {
            CheckoutIntentState::Complete => CheckoutIntentState::Synced,
            _ => CheckoutIntentState::Expired,
        };
        work.checkout_intents()
            .advance_checkout_intent(&workspace, intent.id, state, end, None)
            .await
            .unwrap();
        work.commit().await.unwrap();
        scene.assert_not_blocked().await;
    }
}

async fn disable_lists_100_blockers_and_counts_all(database: TestDatabase) {
    let scene = Scene::with_billing_on(&database).await;
    let mut work = scene.locked().await;
    for number in 0..150 {
        let subscription = builders::subscription(number, SubscriptionStatus::PastDue);
        work.subscriptions().save_subscription(&subscription).await.unwrap();
    }
    let platform = builders::workspace_subscription(SubscriptionStatus::Active);
    work.subscriptions().save_workspace_subscription(&platform).await.unwrap();
    work.commit().await.unwrap();

    let refused = scene.disable().await;

    assert_eq!(refused.json()["details"]["total"], 151);
    assert_eq!(refused.json()["details"]["blockers"].as_array().unwrap().len(), 100);
    assert!(refused.json()["message"].as_str().unwrap().contains("151"), "{}", refused.text);
    // What is in the way of one workspace is not in the way of another.
    let other = tokens::owner("ws_other");
    scene.service.post(ENABLE, &other).await;
    assert_eq!(scene.service.post(DISABLE, &other).await.text, OFF);
}

async fn a_closing_left_by_a_crash_ends_at_the_next_start(database: TestDatabase) {
    let scene = Scene::with_billing_on(&database).await;
    let blocked = WorkspaceId::parse("ws_test").unwrap();
    let free = WorkspaceId::parse("ws_free").unwrap();
    scene.service.post(ENABLE, &tokens::owner("ws_free")).await;
    let mut work = scene.locked().await;
    let subscription = builders::subscription(1, SubscriptionStatus::Active);
    work.subscriptions().save_subscription(&subscription).await.unwrap();
    work.commit().await.unwrap();
    let before = scene.status().await.text;
    for workspace in [&blocked, &free] {
        let mut work = scene.store.begin(workspace).await.unwrap();
        let loaded = work.switches().lock_workspace(workspace).await.unwrap();
        let closing = loaded.switch.begin_closing(builders::moment()).unwrap().after;
        work.switches().save_switch(workspace, loaded.version, &closing).await.unwrap();
        work.commit().await.unwrap();
    }

    // While closing, billing is still on, and is neither enabled nor switched.
    assert_eq!(scene.status().await.text, before);
    let refused = scene.service.post(ENABLE, &scene.owner).await;
    assert_eq!(refused.refusal(), (409, "billing_closing".to_owned()));
    scene.service.kill();

    let restarted = service(&database).await;
    assert_eq!(restarted.get(STATUS, &scene.owner).await.text, before);
    assert_eq!(restarted.post(ENABLE, &scene.owner).await.text, before);
    assert_eq!(restarted.get(STATUS, &tokens::owner("ws_free")).await.text, OFF);
}
