//! What somebody has to look after, and the timeline of a subscription.

use std::sync::Arc;

use billing_domain::InvoiceStatus::{Open, Paid};
use billing_domain::ports::{AuditFilter, BillingStore, Counted, Edge};
use billing_domain::{
    Actor, AuditedChange, GatewayCallId, Invoice, Subscription, SubscriptionId, SubscriptionStatus,
};
use billing_testing::builders::{app, app_id, invoice, subscription, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::audit_log::{append, entry};
use crate::raw;
use crate::story::{add_app, migrated, other_workspace, transact, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "what_is_not_paid_is_listed_with_its_unpaid_invoices",
            what_is_not_paid_is_listed_with_its_unpaid_invoices,
        )
        .on_every_database("the_log_is_filtered_by_subscription", the_log_is_filtered_by_subscription)
}

/// Takes back a migration, so that the schema is not partitioned.
pub(crate) fn cases_of_migrations(suite: Suite) -> Suite {
    suite.on_every_database(
        "entries_of_before_get_their_subscription",
        entries_of_before_get_their_subscription,
    )
}

fn id(number: u128) -> SubscriptionId {
    SubscriptionId::from_uuid(number)
}

async fn save(store: &Arc<dyn BillingStore>, subscription: &Subscription) {
    transact(store, |work| work.subscriptions().save_subscription(subscription)).await.unwrap();
}

async fn what_is_not_paid_is_listed_with_its_unpaid_invoices(database: TestDatabase) {
    let store = with_app(&database).await;
    add_app(&store, &app(2)).await;
    let statuses = [
        "active",
        "past_due",
        "unpaid",
        "incomplete",
        "paused",
        "trialing",
        "canceled",
        "incomplete_expired",
    ];
    for (number, status) in (1..).zip(statuses) {
        save(&store, &subscription(number, SubscriptionStatus::from_stripe(status))).await;
    }
    save(&store, &Subscription { app_id: app(2).id, ..subscription(9, SubscriptionStatus::PastDue) }).await;
    let first = Invoice { subscription_id: Some(id(2)), ..invoice(1, Open) };
    let invoices = [
        first.clone(),
        Invoice { subscription_id: Some(id(2)), ..invoice(2, Paid) },
        Invoice { subscription_id: Some(id(3)), ..invoice(3, Open) },
        Invoice { subscription_id: None, ..invoice(4, Open) },
    ];
    for saved in &invoices {
        transact(&store, |work| work.invoices().save_invoice(saved)).await.unwrap();
    }

    let attention = store.attention();
    let listed = async |edge, limit| {
        let list = attention.unhealthy_subscriptions(&workspace_id(), &app_id(), edge, limit).await.unwrap();
        list.items.iter().map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(Edge::Newest, 10).await, [id(5), id(4), id(3), id(2)]);
    assert_eq!(listed(Edge::OlderThan(id(4)), 1).await, [id(3)]);
    assert_eq!(listed(Edge::NewerThan(id(2)), 2).await, [id(4), id(3)]);
    let counted = attention.count_unhealthy_subscriptions(&workspace_id(), &app_id(), Some(id(3))).await;
    assert_eq!(counted.unwrap(), Counted { newer: 2, total: 4, is_exact: true });
    let unpaid =
        async |workspace, ids: &[_]| attention.unpaid_invoices(&workspace, &app_id(), ids).await.unwrap();
    assert_eq!(unpaid(workspace_id(), &[id(2), id(5)]).await, [first]);
    assert_eq!(unpaid(workspace_id(), &[]).await, []);
    assert_eq!(unpaid(other_workspace(), &[id(2)]).await, []);
}

async fn the_log_is_filtered_by_subscription(database: TestDatabase) {
    let store = migrated(&database).await;
    let mine = subscription(1, SubscriptionStatus::Active);
    let bill = Invoice { subscription_id: Some(mine.id), ..invoice(1, Paid) };
    let changes = [
        AuditedChange::created(&mine),
        AuditedChange::created(&subscription(2, SubscriptionStatus::Active)),
        AuditedChange::created(&bill),
        AuditedChange::created(&Invoice { subscription_id: None, ..invoice(2, Paid) }),
    ];
    let entries = (1..).zip(changes).map(|(number, change)| entry(number, Actor::Stripe, change.unwrap()));
    append(&store, &entries.collect::<Vec<_>>()).await;

    assert_eq!(found(&store, mine.id).await, ["invoice", "subscription"]);
    assert_eq!(found(&store, id(7)).await, [""; 0]);
}

/// The subjects of the entries about a subscription.
async fn found(store: &Arc<dyn BillingStore>, of: SubscriptionId) -> Vec<String> {
    let filter = AuditFilter { subscription: Some(of), ..AuditFilter::default() };
    let records = store.audit_log().audit_records(&workspace_id(), &filter, Edge::Newest, 10).await;
    records.unwrap().unwrap().items.into_iter().map(|record| record.subject).collect()
}

async fn entries_of_before_get_their_subscription(database: TestDatabase) {
    let store = migrated(&database).await;
    let mine = subscription(1, SubscriptionStatus::Active);
    let changes = [
        AuditedChange::created(&mine),
        AuditedChange::deleted(&Invoice { subscription_id: Some(mine.id), ..invoice(1, Paid) }),
        AuditedChange::created(&Invoice { subscription_id: None, ..invoice(2, Paid) }),
        AuditedChange::refund_requested(
            &Invoice { subscription_id: Some(mine.id), ..invoice(1, Paid) },
            GatewayCallId::from_uuid(1),
            invoice(1, Paid).details.total,
        ),
    ];
    let entries = (1..).zip(changes).map(|(number, change)| entry(number, Actor::Stripe, change.unwrap()));
    append(&store, &entries.collect::<Vec<_>>()).await;
    let is_sqlite = database.url.starts_with("sqlite");
    let [up, down] = if is_sqlite {
        [
            include_str!("../../../../migrations/sqlite/2026-12-01-125000_timelines/up.sql"),
            include_str!("../../../../migrations/sqlite/2026-12-01-125000_timelines/down.sql"),
        ]
    } else {
        [
            include_str!("../../../../migrations/postgres/2026-12-01-125000_timelines/up.sql"),
            include_str!("../../../../migrations/postgres/2026-12-01-125000_timelines/down.sql"),
        ]
    };

    raw::execute(&database.url, down).await;
    raw::execute(&database.url, up).await;

    assert_eq!(found(&store, mine.id).await, ["refund", "invoice", "subscription"]);
}
