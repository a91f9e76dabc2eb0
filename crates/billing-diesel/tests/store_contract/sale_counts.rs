//! The kept numbers of subscriptions and invoices are those of the rows, whatever happens to them.

use std::sync::Arc;

use billing_domain::ports::{BillingStore, InvoiceCounts, SubscriptionCounts};
use billing_domain::{
    EnvironmentId, Invoice, InvoiceStatus, Subscription, SubscriptionState, SubscriptionStatus,
    SubscriptionTimes,
};
use billing_testing::builders::{app, app_id, invoice, moment, subscription, workspace_id};
use billing_testing::{Suite, TestDatabase};
use tokio::task::JoinSet;

use crate::migrations::at_the_sales_release;
use crate::raw;
use crate::story::{add_app, locked, migrated, other_workspace, transact, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("kept_numbers_follow_every_change", kept_numbers_follow_every_change)
        .on_every_database("sales_saved_at_once_are_counted", sales_saved_at_once_are_counted)
        .on_every_database("a_rollback_leaves_the_kept_numbers", a_rollback_leaves_the_kept_numbers)
        .on_every_database("wrong_numbers_are_mended_by_counting_anew", wrong_numbers_are_mended)
}

pub(crate) fn cases_of_migrations(suite: Suite) -> Suite {
    suite.on_every_database("sales_of_before_are_counted_by_the_migration", sales_of_before_are_counted)
}

/// The rows as they are counted, and the numbers that are kept, if they are not 0.
const ROWS: &str = "
    SELECT app_id || ' subscription ' || environment_id || ' ' || status || ' '
        || CASE WHEN is_ending THEN 'ending' ELSE '' END || ' ' || COUNT(*) AS line
    FROM subscriptions GROUP BY app_id, environment_id, status, is_ending
    UNION ALL
    SELECT app_id || ' invoice ' || environment_id || ' ' || status || '  ' || COUNT(*)
    FROM invoices GROUP BY app_id, environment_id, status";
const KEPT: &str = "
    SELECT app_id || ' ' || kind || ' ' || environment_id || ' ' || status || ' '
        || CASE WHEN is_ending THEN 'ending' ELSE '' END || ' ' || number AS line
    FROM sale_counts WHERE number <> 0";

async fn assert_exact(database: &TestDatabase) {
    assert_eq!(raw::lines(&database.url, KEPT).await, raw::lines(&database.url, ROWS).await);
}

fn environment(number: u64) -> EnvironmentId {
    EnvironmentId::parse(format!("env_{number}")).unwrap()
}

/// A generator whose numbers are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn rolled(dice: &mut Dice) -> Subscription {
    let status = SubscriptionStatus::KNOWN[usize::try_from(dice.roll(8)).unwrap()].clone();
    let base = subscription(u32::try_from(dice.roll(12)).unwrap(), status);
    let cancel_at = (dice.roll(2) == 0).then(moment);
    let times = SubscriptionTimes { cancel_at, ..base.state.times.clone() };
    Subscription {
        app_id: app(u32::try_from(1 + dice.roll(2)).unwrap()).id,
        environment_id: environment(dice.roll(2)),
        state: SubscriptionState { times, ..base.state },
        ..base
    }
}

fn rolled_invoice(dice: &mut Dice) -> Invoice {
    let status = InvoiceStatus::KNOWN[usize::try_from(dice.roll(5)).unwrap()].clone();
    let app_id = app(u32::try_from(1 + dice.roll(2)).unwrap()).id;
    let number = u32::try_from(dice.roll(12)).unwrap();
    Invoice { app_id, environment_id: environment(dice.roll(2)), ..invoice(number, status) }
}

async fn kept_numbers_follow_every_change(database: TestDatabase) {
    let store = with_app(&database).await;
    for number in [1, 2] {
        add_app(&store, &app(number)).await;
    }
    let mut dice = Dice(7);
    for _ in 0..120 {
        match dice.roll(5) {
            0 | 1 => {
                let saved = rolled(&mut dice);
                transact(&store, |work| work.subscriptions().save_subscription(&saved)).await.unwrap();
            }
            2 | 3 => {
                let saved = rolled_invoice(&mut dice);
                transact(&store, |work| work.invoices().save_invoice(&saved)).await.unwrap();
            }
            _ => {
                let id = rolled_invoice(&mut dice).id;
                transact(&store, |work| {
                    Box::pin(async move { work.invoices().remove_mirror(&workspace_id(), id).await })
                })
                .await
                .unwrap();
            }
        }
        assert_exact(&database).await;
    }
    assert!(raw::lines(&database.url, KEPT).await.len() > 8);
}

async fn sales_saved_at_once_are_counted(database: TestDatabase) {
    let store = with_app(&database).await;
    for number in [1, 2] {
        add_app(&store, &app(number)).await;
    }
    let mut writers = JoinSet::new();
    for seed in 0..16 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let mut dice = Dice(seed);
            for _ in 0..12 {
                let saved = rolled(&mut dice);
                let mut work = locked(&store).await;
                work.subscriptions().save_subscription(&saved).await.unwrap();
                work.commit().await.unwrap();
            }
        });
    }
    writers.join_all().await;
    assert_exact(&database).await;
}

async fn subscriptions_of(
    store: &Arc<dyn BillingStore>,
    environment: Option<&EnvironmentId>,
) -> SubscriptionCounts {
    store.subscriptions().subscription_counts(&workspace_id(), &app_id(), environment.cloned()).await.unwrap()
}

async fn invoices_of(store: &Arc<dyn BillingStore>, environment: Option<&EnvironmentId>) -> InvoiceCounts {
    store.invoices().invoice_counts(&workspace_id(), &app_id(), environment.cloned()).await.unwrap()
}

async fn a_rollback_leaves_the_kept_numbers(database: TestDatabase) {
    let store = with_app(&database).await;
    let mut work = locked(&store).await;
    work.invoices().save_invoice(&invoice(1, InvoiceStatus::Open)).await.unwrap();
    work.rollback().await.unwrap();
    assert_eq!(invoices_of(&store, None).await.of(None), 0);
}

async fn wrong_numbers_are_mended(database: TestDatabase) {
    let store = with_app(&database).await;
    for number in 0..3 {
        let sold = subscription(number, SubscriptionStatus::Active);
        transact(&store, |work| work.subscriptions().save_subscription(&sold)).await.unwrap();
        let charged = invoice(number, InvoiceStatus::Open);
        transact(&store, |work| work.invoices().save_invoice(&charged)).await.unwrap();
    }
    let other = other_workspace();
    let wrong = format!(
        "UPDATE sale_counts SET number = number - 5;
        INSERT INTO sale_counts VALUES ('{other}', 'app_test', 'invoice', 'env_1', 'paid', FALSE, 7);
        INSERT INTO sale_counts VALUES ('ws_test', 'app_test', 'invoice', 'env_of_nobody', 'paid', FALSE, 7);"
    );
    raw::execute(&database.url, &wrong).await;
    assert_eq!(invoices_of(&store, None).await.of(Some(&InvoiceStatus::Open)), 0, "no number is below 0");

    let mut work = locked(&store).await;
    work.subscriptions().count_subscriptions_anew(&workspace_id()).await.unwrap();
    work.invoices().count_invoices_anew(&workspace_id()).await.unwrap();
    work.commit().await.unwrap();

    assert_eq!(subscriptions_of(&store, None).await.of(None, false), 3);
    assert_eq!(invoices_of(&store, None).await.of(None), 3);
    let others = store.invoices().invoice_counts(&other, &app_id(), None).await.unwrap();
    assert_eq!(others.of(None), 7, "another workspace's are left alone");
    raw::execute(&database.url, "DELETE FROM sale_counts WHERE workspace_id <> 'ws_test'").await;
    assert_exact(&database).await;
}

async fn sales_of_before_are_counted(database: TestDatabase) {
    at_the_sales_release(&database).await;
    let ending = r#"{"startedAt":null,"cancelAt":"2026-12-28T08:00:00.000Z","endedAt":null}"#;
    let renewing = r#"{"startedAt":null,"cancelAt":null,"endedAt":null}"#;
    let mut sql = "
        INSERT INTO workspaces (workspace_id, state, version) VALUES ('ws_test', 'disabled', 0);
        INSERT INTO apps (workspace_id, app_id, name, created_at)
        VALUES ('ws_test', 'app_test', 'Demo app', '2026-11-22 12:34:56.789012+00:00');"
        .to_owned();
    let rows = [
        ("env_1", "active", renewing),
        ("env_1", "active", ending),
        ("env_2", "active", ending),
        ("env_2", "canceled", ending),
    ];
    let inserts = rows.iter().enumerate().map(|(number, (environment, status, times))| {
        format!(
            "INSERT INTO subscriptions VALUES ('ws_test', 'sub_{number}', 'app_test', '{environment}', 'user', 'u',
                'acct_1', 'sub_stripe_{number}', 'cus_1', NULL, '{status}', NULL, NULL, 1, '{times}',
                '2026-11-30 12:34:56.789012+00:00');
            INSERT INTO invoices VALUES ('ws_test', 'inv_{number}', 'app_test', '{environment}', 'user', 'u',
                'acct_1', 'in_stripe_{number}', NULL, 'paid', '{{}}', '2026-11-30 12:34:56.789012+00:00');"
        )
    });
    sql.extend(inserts);
    raw::execute(&database.url, &sql).await;

    let store = migrated(&database).await;

    assert_exact(&database).await;
    let all = subscriptions_of(&store, None).await;
    let active = Some(&SubscriptionStatus::Active);
    assert_eq!((all.of(None, false), all.of(None, true), all.of(active, false)), (4, 2, 3));
    let of_one = subscriptions_of(&store, Some(&environment(1))).await;
    assert_eq!((of_one.of(None, false), of_one.of(active, true)), (2, 1));
    assert_eq!(invoices_of(&store, Some(&environment(2))).await.of(Some(&InvoiceStatus::Paid)), 2);
    let strangers = store.invoices().invoice_counts(&other_workspace(), &app_id(), None).await.unwrap();
    assert_eq!(strangers, InvoiceCounts::default());
}
