//! Workspaces with many customers, which Stripe takes minutes to be asked about.

use std::time::Duration;

use tokio::time::Instant;

use crate::prelude::*;
use crate::testing::{
    SET_ASIDE, Sales, account, administrator, closing, enabled, recovery, running, stripe_id, workspace_id,
};

/// A shop whose Stripe takes so many seconds to list what is chargeable.
fn slow(seconds: u64) -> Sales {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.slowness = Duration::from_secs(seconds);
    sales
}

/// A shop that mirrors so many running subscriptions.
async fn mirroring(subscriptions: usize) -> Sales {
    let sales = Sales::known_at_stripe();
    for number in 0..subscriptions {
        let id = format!("sub_{number:03}");
        sales.lock().stripe.subscriptions = vec![running(&id, 10)];
        sales.fetches(&id).await;
    }
    sales.lock().work.clear();
    sales.lock().calls.clear();
    sales
}

async fn disable(sales: &Sales) -> Result<BillingSwitch, Refused<DisableBillingError>> {
    sales.executor().disable_billing(&administrator()).await
}

fn reconciliations(sales: &Sales) -> Vec<String> {
    let work = &sales.lock().work;
    let rows = work.iter().filter(|(id, _)| id.kind == WorkKind::Reconcile);
    rows.map(|(id, _)| id.key.clone()).collect()
}

/// Reconciles the account to the end. Returns the objects that are stale then.
async fn reconciled(sales: &Sales) -> Vec<String> {
    let first =
        WorkId { workspace_id: workspace_id(), kind: WorkKind::Reconcile, key: account().to_string() };
    sales.lock().work.push((first, 0));
    loop {
        sales.lock().work.sort_by_key(|(id, _)| id.kind != WorkKind::Reconcile);
        assert_eq!(sales.works().await, Outcome::Synced);
        if reconciliations(sales) == [account().to_string()] {
            break;
        }
    }
    let work = &sales.lock().work;
    let stale = work.iter().filter(|(id, _)| id.kind == WorkKind::SyncObject);
    stale.map(|(id, _)| id.key.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn disabling_that_takes_minutes_is_ended_by_the_worker() {
    let sales = slow(240);

    let refused = disable(&sales).await.unwrap_err();
    assert!(matches!(refused, Refused::Rule(DisableBillingError::Closing)), "{refused:?}");
    assert!(matches!(sales.lock().switch, BillingSwitch::Closing { .. }));

    assert_eq!(sales.works().await, Outcome::Disabled);
    let shelf = sales.lock();
    assert_eq!((shelf.switch, shelf.renewals), (BillingSwitch::Disabled, 39));
}

#[tokio::test(start_paused = true)]
async fn what_the_worker_finds_after_minutes_keeps_billing_on() {
    let sales = slow(240);
    sales.lock().stripe.chargeable.push(ChargeableObject {
        kind: ChargeableKind::Invoice,
        id: stripe_id("in_open"),
        account: account(),
        customer: Some(stripe_id("cus_1")),
        status: Some("open".to_owned()),
        amount: None,
        due_at: None,
    });

    disable(&sales).await.unwrap_err();

    assert_eq!(sales.works().await, Outcome::Refused);
    assert_eq!(sales.lock().switch, enabled());
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_does_not_end_leaves_billing_on() {
    let sales = slow(3_600);

    disable(&sales).await.unwrap_err();

    assert_eq!(sales.works().await, Outcome::Refused);
    assert_eq!(sales.lock().switch, enabled());
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_lost_its_lease_gives_up_a_long_guard() {
    let sales = slow(240);
    disable(&sales).await.unwrap_err();
    sales.lock().loses_lease = true;

    assert_eq!(sales.works().await, Outcome::LeaseLost);

    assert!(matches!(sales.lock().switch, BillingSwitch::Closing { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_fails_to_renew_for_seconds_is_kept() {
    let sales = slow(240);
    disable(&sales).await.unwrap_err();
    sales.lock().failing_renewals = 5;

    assert_eq!(sales.works().await, Outcome::Disabled);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_expired_unrenewed_ends_the_work() {
    let sales = slow(240);
    disable(&sales).await.unwrap_err();
    sales.lock().failing_renewals = usize::MAX;
    let began = Instant::now();

    assert_eq!(sales.works().await, Outcome::Failed);

    assert!((14..=20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(matches!(sales.lock().switch, BillingSwitch::Closing { .. }));
}

#[tokio::test(start_paused = true)]
async fn slow_fetches_keep_their_leases() {
    let sales = mirroring(10).await;
    sales.lock().switch = closing();
    sales.lock().work.push((recovery(), 0));
    sales.lock().stripe.subscriptions.clear();
    sales.lock().stripe.read_slowness = Duration::from_secs(23);

    assert_eq!(sales.works().await, Outcome::Disabled);

    assert_eq!(sales.statuses(), vec![SubscriptionStatus::Canceled; 10]);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_takes_too_long_is_tried_for_as_long_as_it_takes() {
    let sales = mirroring(1).await;
    sales.lock().stripe.read_slowness = Duration::from_secs(40);

    for _ in 0..12 {
        assert_eq!(sales.fetches("sub_1").await, Outcome::Outage);
    }

    assert!(sales.lock().failed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_closing_at_a_time_is_recovered() {
    let sales = slow(240);
    sales.lock().switch = closing();
    let fetch = WorkId { kind: WorkKind::SyncObject, key: format!("{}/sub_1", account()), ..recovery() };
    let others = (0..20).map(|number| WorkId { key: format!("ws_{number}"), ..recovery() });
    let due: Vec<_> = [recovery()].into_iter().chain(others).chain([fetch]).map(|id| (id, 0)).collect();
    sales.lock().work = due;
    let worker = Worker::new(sales.ports());
    let began = Instant::now();

    let second = async {
        let turn = worker.clone().turn().await.unwrap();
        (turn, began.elapsed())
    };
    let (first, (second, waited)) = tokio::join!(worker.turn(), second);

    assert_eq!(first.unwrap(), Turn::Worked(WorkKind::RecoverClosing, Outcome::Disabled));
    assert_eq!(second, Turn::Worked(WorkKind::SyncObject, Outcome::Synced));
    assert_eq!(waited, Duration::ZERO);
    assert_eq!(worker.turn().await.unwrap(), Turn::Worked(WorkKind::RecoverClosing, Outcome::Obsolete));
}

#[tokio::test(start_paused = true)]
async fn a_start_leaves_a_long_guard_to_the_workers() {
    let sales = slow(240);
    sales.lock().switch = closing();
    sales.lock().work.push((recovery(), 0));
    let mut outcomes = Vec::new();
    let began = Instant::now();

    let worker = Worker::new(sales.ports());
    worker.recover(Duration::from_secs(5), |_, outcome| outcomes.push(outcome)).await.unwrap();

    assert_eq!(outcomes, [Outcome::Failed]);
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_repeat_while_the_worker_asks_is_told_so_and_changes_nothing() {
    let sales = slow(240);
    disable(&sales).await.unwrap_err();
    let closing = sales.lock().switch;

    let refused = disable(&sales).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(DisableBillingError::Closing)), "{refused:?}");
    assert_eq!(sales.lock().switch, closing);
}

#[tokio::test(start_paused = true)]
async fn a_preflight_that_takes_minutes_is_given_up() {
    let sales = slow(240);
    let preflight = Reads::new(sales.ports()).preflight_disable(&workspace_id()).await;
    assert!(matches!(preflight, Err(Refused::Rule(DisableBillingError::GatewaySlow))), "{preflight:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_stripe_does_not_hide_the_subscriptions_in_the_way() {
    let sales = slow(240);
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;

    let forecast = Reads::new(sales.ports()).preflight_disable(&workspace_id()).await.unwrap();
    assert_eq!(forecast.total(), 1);

    let refused = disable(&sales).await.unwrap_err();
    assert!(matches!(refused, Refused::Rule(DisableBillingError::Blocked(_))), "{refused:?}");
    assert_eq!(sales.lock().switch, enabled());
}

#[tokio::test]
async fn every_stale_subscription_is_fetched_before_billing_is_disabled() {
    const STALE: usize = 230;
    let sales = mirroring(STALE).await;
    sales.lock().stripe.subscriptions.clear();

    assert_eq!(disable(&sales).await.unwrap(), BillingSwitch::Disabled);

    assert_eq!(sales.statuses(), vec![SubscriptionStatus::Canceled; STALE]);
}

#[tokio::test]
async fn an_account_of_many_customers_is_reconciled_some_at_a_time() {
    let sales = Sales::known_at_stripe();
    sales.lock().links.clear();
    for number in 0..45 {
        let user = UserId::parse(format!("user_{number:02}")).unwrap();
        let environment_id = EnvironmentId::parse("env_shop").unwrap();
        sales.lock().links.push(GatewayLink {
            workspace_id: workspace_id(),
            account: account(),
            subject: LinkSubject::Customer { environment_id, payer: Payer::User(user) },
            stripe_id: stripe_id(&format!("cus_{number:02}")),
        });
    }

    let stale = reconciled(&sales).await;

    let expected: Vec<_> = (0..45).map(|number| format!("acct_shop/in_cus_{number:02}")).collect();
    assert_eq!((stale, sales.lock().stripe.listed.len()), (expected, 3));
    assert_eq!(sales.lock().recounted, ["subscriptions", "invoices"], "once, with the first part");
}

#[tokio::test]
async fn an_own_account_is_reconciled_page_by_page() {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.is_own = true;
    sales.lock().stripe.pages = vec!["sub_1", "sub_2", "in_1"];

    let stale = reconciled(&sales).await;

    assert_eq!(stale, ["acct_shop/sub_1", "acct_shop/sub_2", "acct_shop/in_1"]);
    let asked = [None, Some("sub_1".to_owned()), Some("sub_2".to_owned())];
    assert_eq!(sales.lock().stripe.listed, asked);
}

#[tokio::test]
async fn an_account_that_became_ones_own_is_reconciled_anew() {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.is_own = true;
    sales.lock().stripe.pages = vec!["sub_1"];
    let key = format!("{}/cus_1", account());
    sales.lock().work.push((WorkId { workspace_id: workspace_id(), kind: WorkKind::Reconcile, key }, 0));

    assert_eq!(sales.works().await, Outcome::Synced);

    assert_eq!(sales.lock().stripe.listed, [None]);
    assert_eq!(reconciliations(&sales), [account().to_string()]);
}

#[tokio::test]
async fn a_reconciliation_begun_anew_removes_its_parts_set_aside() {
    let sales = Sales::known_at_stripe();
    let row = |kind, key: &str| WorkId { kind, key: key.to_owned(), ..recovery() };
    let part = row(WorkKind::Reconcile, "acct_shop/sub_1");
    let of_others = [
        row(WorkKind::Reconcile, "acct_shop2/sub_1"),
        row(WorkKind::Reconcile, "acct_other"),
        row(WorkKind::SyncObject, "acct_shop/sub_1"),
    ];
    for id in of_others.iter().chain([&part]) {
        sales.lock().failed.push((id.clone(), SET_ASIDE, "gone".to_owned()));
    }

    assert_eq!(Worker::new(sales.ports()).reconcile_all().await.unwrap(), 1);

    assert_eq!(reconciliations(&sales), [account().to_string()]);
    let set_aside: Vec<_> = sales.lock().failed.iter().map(|(id, ..)| id.clone()).collect();
    assert_eq!(set_aside, of_others);
}
