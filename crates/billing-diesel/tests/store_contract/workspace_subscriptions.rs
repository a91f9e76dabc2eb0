//! What a workspace itself pays the platform.

use std::sync::Arc;

use billing_domain::ports::BillingStore;
use billing_domain::{GatewayAccountId, SubscriptionStatus, WorkspaceId, WorkspaceSubscription};
use billing_testing::builders::{account, workspace_id, workspace_subscription};
use billing_testing::{Suite, TestDatabase};

use crate::story::{locked_in, migrated, other_workspace, transact_in};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_every_database(
        "a_workspaces_own_subscription_is_read_as_it_was_saved",
        a_workspaces_own_subscription_is_read_as_it_was_saved,
    )
}

async fn save(store: &Arc<dyn BillingStore>, subscription: &WorkspaceSubscription) {
    let workspace = &subscription.workspace_id;
    let saving =
        transact_in(store, workspace, |work| work.subscriptions().save_workspace_subscription(subscription));
    saving.await.unwrap();
}

async fn read(
    store: &Arc<dyn BillingStore>,
    workspace: &WorkspaceId,
    account: &GatewayAccountId,
) -> Option<WorkspaceSubscription> {
    let mut work = locked_in(store, workspace).await;
    let id = workspace_subscription(SubscriptionStatus::Active).stripe_id;
    work.subscriptions().workspace_subscription(workspace, account, &id).await.unwrap()
}

async fn a_workspaces_own_subscription_is_read_as_it_was_saved(database: TestDatabase) {
    let store = migrated(&database).await;
    let elsewhere = GatewayAccountId::parse("acct_other").unwrap();
    let active = workspace_subscription(SubscriptionStatus::Active);
    let unknown = WorkspaceSubscription {
        gateway_account_id: elsewhere.clone(),
        ..workspace_subscription(SubscriptionStatus::from_stripe("of_tomorrow"))
    };
    for saved in [&active, &unknown] {
        assert_eq!(read(&store, &workspace_id(), &saved.gateway_account_id).await, None);
        save(&store, saved).await;
        assert_eq!(read(&store, &workspace_id(), &saved.gateway_account_id).await.as_ref(), Some(saved));
    }

    let ended = workspace_subscription(SubscriptionStatus::Canceled);
    save(&store, &ended).await;

    assert_eq!(read(&store, &workspace_id(), &account()).await, Some(ended));
    assert_eq!(read(&store, &workspace_id(), &elsewhere).await, Some(unknown));
    assert_eq!(read(&store, &other_workspace(), &account()).await, None);
}
