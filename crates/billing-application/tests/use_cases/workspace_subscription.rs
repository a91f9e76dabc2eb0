//! What a workspace itself pays the platform, followed by the worker.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::prelude::SubscriptionStatus::{Active, Canceled, IncompleteExpired, PastDue};
use crate::prelude::*;
use crate::testing::{now, ports_over, work_on, workspace, workspace_id};

fn account() -> GatewayAccountId {
    GatewayAccountId::parse("acct_platform").unwrap()
}

fn own(status: SubscriptionStatus) -> WorkspaceSubscription {
    WorkspaceSubscription {
        workspace_id: workspace_id(),
        gateway_account_id: account(),
        stripe_id: StripeSubscriptionId::parse("sub_1").unwrap(),
        status,
    }
}

fn fetched(status: SubscriptionStatus, paying_workspace: Option<WorkspaceId>) -> GatewaySubscription {
    GatewaySubscription {
        id: own(status.clone()).stripe_id,
        customer: StripeId::parse("cus_1").unwrap(),
        status,
        price: None,
        quantity: 1,
        recurring: None,
        billed_at: None,
        times: SubscriptionTimes::default(),
        intent_id: None,
        paying_workspace,
    }
}

fn fetch() -> WorkId {
    let (workspace_id, key) = (workspace_id(), "acct_platform/sub_1".to_owned());
    WorkId { workspace_id, kind: WorkKind::SyncObject, key }
}

/// The expected writes of the fetch.
struct Expected {
    saved: Option<WorkspaceSubscription>,
    /// Before and after, as the audit log has them.
    audited: Option<(Option<SubscriptionStatus>, SubscriptionStatus)>,
    is_fetched_again: bool,
}

fn writes(before: Option<WorkspaceSubscription>, expected: Expected) -> MockUnitOfWork {
    let mut work = work_on(workspace(BillingSwitch::Disabled, 1));
    work.work.expect_complete().once().return_once(|_, _| Ok(Completion::Done));
    work.subscriptions.expect_mirrored_subscription().return_once(|_, _, _| Ok(None));
    work.subscriptions.expect_workspace_subscription().return_once(move |_, _, _| Ok(before));
    work.gateway_links.expect_link_subject().returning(|_, _, _| Ok(None));
    work.gateway_links.expect_gateway_of().returning(|_, _| Ok(None));
    work.gateway_calls.expect_unresolved_since().returning(|_, _, _| Ok(None));
    if let Some(saved) = expected.saved {
        let saving = work.subscriptions.expect_save_workspace_subscription().once();
        saving.withf(move |given| *given == saved).return_once(|_| Ok(()));
    }
    if let Some((before, after)) = expected.audited {
        let json = |status: Option<SubscriptionStatus>| serde_json::to_string(&status.map(own)).unwrap();
        let states = (json(before), json(Some(after)));
        let auditing = work.audit_log.expect_append_audit_entry().once();
        auditing
            .withf(move |entry| {
                let change = &entry.change;
                entry.actor == Actor::Stripe
                    && (change.subject, &change.app_id) == ("workspace_subscription", &None)
                    && (&change.before, &change.after) == (&states.0, &states.1)
            })
            .return_once(|_| Ok(()));
    }
    if expected.is_fetched_again {
        let due = now() + TimeDelta::minutes(10);
        let again = work.work.expect_schedule_all().once();
        again
            .withf(move |_, kind, keys, priority, due_at| {
                let background = WorkPriority::Background;
                (kind, keys, priority, due_at) == (&fetch().kind, &[fetch().key][..], &background, &due)
            })
            .return_once(|_, _, _, _, _| Ok(()));
    }
    work.ending.expect_commit().once().return_once(|| Ok(()));
    work
}

/// The fetch of the subscription, whose mirror is as `before`.
async fn follow(
    before: Option<WorkspaceSubscription>,
    found: Option<GatewaySubscription>,
    expected: Expected,
) {
    let mut store = MockBillingStore::default();
    store.work.expect_due_work().returning(|_, _| Ok(vec![fetch()]));
    store.gateway_calls.expect_is_ended_duplicate().returning(|_, _, _| Ok(false));
    store.gateway_links.expect_is_used_by_others().returning(|_, _| Ok(false));
    let mut claims = MockUnitOfWork::default();
    let priority = WorkPriority::Foreground;
    let claim = Claim { id: fetch(), lease: "lease".to_owned(), mark: 0, attempts: 1, priority };
    claims.work.expect_claim().return_once(move |_, _, _, _, _| Ok(Some(claim)));
    claims.ending.expect_commit().once().return_once(|| Ok(()));
    let mut gateway = MockPaymentGateway::new();
    gateway.expect_serves_one_workspace().return_const(true);
    gateway
        .expect_subscription()
        .withf(|of, id| (of, id.as_str()) == (&account(), "sub_1"))
        .return_once(move |_, _| Box::pin(async { Ok(found) }));
    let ports = ports_over(store, vec![claims, writes(before, expected)]);
    let worker = Worker::new(Ports { gateway: Arc::new(gateway), ..ports });

    let turn = worker.turn().await.unwrap();

    assert_eq!(turn, Turn::Worked(WorkKind::SyncObject, Outcome::Synced));
}

#[tokio::test]
async fn a_new_subscription_is_mirrored_audited_and_fetched_again() {
    let expected =
        Expected { saved: Some(own(Active)), audited: Some((None, Active)), is_fetched_again: true };
    follow(None, Some(fetched(Active, Some(workspace_id()))), expected).await;
}

#[tokio::test]
async fn a_change_of_status_is_audited() {
    let expected = Expected {
        saved: Some(own(PastDue)),
        audited: Some((Some(Active), PastDue)),
        is_fetched_again: true,
    };
    follow(Some(own(Active)), Some(fetched(PastDue, Some(workspace_id()))), expected).await;
}

#[tokio::test]
async fn an_unchanged_subscription_is_not_audited() {
    let expected = Expected { saved: None, audited: None, is_fetched_again: true };
    follow(Some(own(Active)), Some(fetched(Active, Some(workspace_id()))), expected).await;
}

#[tokio::test]
async fn a_subscription_that_ended_is_not_fetched_again() {
    let ended = || Expected {
        saved: Some(own(Canceled)),
        audited: Some((Some(Active), Canceled)),
        is_fetched_again: false,
    };
    follow(Some(own(Active)), Some(fetched(Canceled, Some(workspace_id()))), ended()).await;
    // Stripe has it no more.
    follow(Some(own(Active)), None, ended()).await;
    let nothing = Expected { saved: None, audited: None, is_fetched_again: false };
    follow(Some(own(IncompleteExpired)), None, nothing).await;
}

#[tokio::test]
async fn a_subscription_whose_metadata_was_removed_is_followed_to_its_end() {
    let expected = Expected {
        saved: Some(own(PastDue)),
        audited: Some((Some(Active), PastDue)),
        is_fetched_again: true,
    };
    follow(Some(own(Active)), Some(fetched(PastDue, None)), expected).await;
}

/// Billing of the workspace stays off: it never used the account.
#[tokio::test]
async fn the_subscription_of_another_workspace_changes_nothing() {
    let other = WorkspaceId::parse("ws_other").unwrap();
    let nothing = Expected { saved: None, audited: None, is_fetched_again: false };
    follow(None, Some(fetched(Active, Some(other))), nothing).await;
}

/// The fetch of each is ensured: a mirrored live one has a fetch scheduled anyway.
#[tokio::test]
async fn a_subscription_whose_events_were_all_lost_is_fetched() {
    let listed = |workspace_id| PayingWorkspace {
        workspace_id,
        account: account(),
        subscription: own(Active).stripe_id,
    };
    let mut gateway = MockPaymentGateway::new();
    gateway.expect_paying_workspaces().returning(move |gateway| match gateway {
        Gateway::StripeConnect => Ok(vec![listed(workspace_id()), listed(workspace_id())]),
        Gateway::Managed => Ok(Vec::new()),
        Gateway::StripePlatform => Err(GatewayError::Unknown("Stripe is down".into())),
    });
    let ensuring = |is_new| {
        let mut work = work_on(workspace(BillingSwitch::Disabled, 1));
        let ensured = work.work.expect_ensure().once();
        ensured.withf(|id, due_at| (id, *due_at) == (&fetch(), now())).return_once(move |_, _| Ok(is_new));
        work
    };
    let (mut new, mut known) = (ensuring(true), ensuring(false));
    new.ending.expect_commit().once().return_once(|| Ok(()));
    known.ending.expect_rollback().once().return_once(|| Ok(()));
    let ports = ports_over(MockBillingStore::default(), vec![new, known]);
    let worker = Worker::new(Ports { gateway: Arc::new(gateway), ..ports });

    assert_eq!(worker.reconcile_paying_workspaces().await, 1);
}
