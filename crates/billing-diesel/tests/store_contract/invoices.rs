use std::sync::Arc;

use billing_domain::InvoiceStatus::{Draft, Open, Paid, Void};
use billing_domain::ports::{BillingStore, Counted, Edge, InvoiceFilter, PayerSearch, StoreError};
use billing_domain::{
    GatewayAccountId, Invoice, InvoiceId, InvoiceStatus, SubscriptionId, SubscriptionStatus,
};
use billing_testing::builders::{
    account, app, app_id, invoice, moment, organization, subscription, workspace_id,
};
use billing_testing::{Suite, TestDatabase};
use chrono::TimeDelta;

use crate::raw;
use crate::story::{add_app, assert_conflict, assert_corrupt, locked, other_workspace, transact, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("an_invoice_is_read_as_it_was_saved", an_invoice_is_read_as_it_was_saved)
        .on_every_database(
            "an_invoice_follows_and_keeps_its_identity",
            an_invoice_follows_and_keeps_its_identity,
        )
        .on_every_database("an_invoice_id_is_taken_once", an_invoice_id_is_taken_once)
        .on_every_database("a_deleted_draft_is_removed", a_deleted_draft_is_removed)
        .on_every_database(
            "invoices_that_name_no_subscription_are_found_by_their_payer",
            invoices_that_name_no_subscription_are_found,
        )
        .on_every_database("invoices_are_listed_both_ways", invoices_are_listed_both_ways)
}

async fn save(store: &Arc<dyn BillingStore>, invoice: &Invoice) -> Result<(), StoreError> {
    transact(store, |work| work.invoices().save_invoice(invoice)).await
}

async fn read(store: &Arc<dyn BillingStore>, id: InvoiceId) -> Option<Invoice> {
    store.invoices().invoice(&workspace_id(), &app_id(), id).await.unwrap()
}

async fn an_invoice_is_read_as_it_was_saved(database: TestDatabase) {
    let store = with_app(&database).await;
    let unknown = invoice(1, InvoiceStatus::from_stripe("of_tomorrow"));
    for saved in [unknown.clone(), Invoice { subscription_id: None, ..invoice(2, Draft) }] {
        save(&store, &saved).await.unwrap();
        assert_eq!(read(&store, saved.id).await, Some(saved.clone()));
        for (workspace, app) in [(other_workspace(), app_id()), (workspace_id(), app(2).id)] {
            assert_eq!(store.invoices().invoice(&workspace, &app, saved.id).await.unwrap(), None);
        }
        let mut work = locked(&store).await;
        let elsewhere = GatewayAccountId::parse("acct_other").unwrap();
        for (workspace, account, is_there) in [
            (workspace_id(), account(), true),
            (workspace_id(), elsewhere, false),
            (other_workspace(), account(), false),
        ] {
            let found =
                work.invoices().mirrored_invoice(&workspace, &account, &saved.stripe_id).await.unwrap();
            assert_eq!(found, is_there.then(|| saved.clone()));
        }
    }
    raw::execute(&database.url, "UPDATE invoices SET details = '{}'").await;
    let corrupt = store.invoices().invoice(&workspace_id(), &app_id(), unknown.id).await;
    assert_corrupt(corrupt, ("invoices", "details", &unknown.id.to_string()));
}

async fn an_invoice_follows_and_keeps_its_identity(database: TestDatabase) {
    let store = with_app(&database).await;
    add_app(&store, &app(2)).await;
    let first = Invoice { subscription_id: None, ..invoice(1, Draft) };
    let synced_at = moment() + TimeDelta::seconds(7);
    let later = Invoice { stripe_id: first.stripe_id.clone(), synced_at, ..invoice(9, Paid) };
    save(&store, &first).await.unwrap();
    let mistaken = Invoice { app_id: app(2).id, ..later.clone() };
    save(&store, &mistaken).await.unwrap();

    let followed = Invoice {
        subscription_id: later.subscription_id,
        details: later.details,
        synced_at,
        ..first.clone()
    };
    assert_eq!(read(&store, first.id).await, Some(followed));
    let of_status = |status| InvoiceFilter { status: Some(status), ..InvoiceFilter::default() };
    assert_eq!(listed(&store, &of_status(Paid), Edge::Newest).await, [first.id]);
    assert_eq!(listed(&store, &of_status(Draft), Edge::Newest).await, []);
}

async fn an_invoice_id_is_taken_once(database: TestDatabase) {
    let store = with_app(&database).await;
    save(&store, &invoice(1, Open)).await.unwrap();
    assert_conflict(save(&store, &Invoice { id: invoice(1, Open).id, ..invoice(2, Open) }).await);
}

async fn a_deleted_draft_is_removed(database: TestDatabase) {
    let store = with_app(&database).await;
    let draft = invoice(1, Draft);
    save(&store, &draft).await.unwrap();
    let mut work = locked(&store).await;
    work.invoices().remove_mirror(&other_workspace(), draft.id).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(read(&store, draft.id).await, Some(draft.clone()));
    for _ in 0..2 {
        let mut work = locked(&store).await;
        work.invoices().remove_mirror(&workspace_id(), draft.id).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(read(&store, draft.id).await, None);
    }
}

async fn invoices_that_name_no_subscription_are_found(database: TestDatabase) {
    let store = with_app(&database).await;
    let adopted = subscription(1, SubscriptionStatus::Active);
    let unattached =
        |number| Invoice { subscription_id: None, payer: adopted.payer.clone(), ..invoice(number, Paid) };
    let elsewhere = GatewayAccountId::parse("acct_other").unwrap();
    let attached = Invoice { subscription_id: Some(adopted.id), ..unattached(3) };
    for saved in [
        unattached(1),
        unattached(2),
        attached,
        Invoice { gateway_account_id: elsewhere, ..unattached(4) },
        Invoice { payer: organization(5), ..unattached(5) },
    ] {
        save(&store, &saved).await.unwrap();
    }
    let mut work = locked(&store).await;
    let found = work.invoices().unattached_invoices(&adopted).await.unwrap();
    assert_eq!(found, [unattached(1).stripe_id, unattached(2).stripe_id]);
}

async fn listed(
    store: &Arc<dyn BillingStore>,
    filter: &InvoiceFilter,
    edge: Edge<InvoiceId>,
) -> Vec<InvoiceId> {
    let list = store.invoices().invoices(&workspace_id(), &app_id(), filter, edge, 2).await.unwrap();
    list.items.into_iter().map(|invoice| invoice.id).collect()
}

async fn count(store: &Arc<dyn BillingStore>, filter: &InvoiceFilter, than: Option<u128>) -> Counted {
    let than = than.map(InvoiceId::from_uuid);
    store.invoices().count_invoices(&workspace_id(), &app_id(), filter, than).await.unwrap()
}

fn exactly(newer: u64, total: u64) -> Counted {
    Counted { newer, total, is_exact: true }
}

async fn invoices_are_listed_both_ways(database: TestDatabase) {
    let store = with_app(&database).await;
    add_app(&store, &app(2)).await;
    let one_subscription = Some(SubscriptionId::from_uuid(77));
    for (number, status, of_one) in
        [(3, Paid, true), (1, Paid, true), (2, Open, false), (5, Void, true), (4, Paid, false)]
    {
        let subscription_id = if of_one { one_subscription } else { None };
        save(&store, &Invoice { subscription_id, ..invoice(number, status) }).await.unwrap();
    }
    save(&store, &Invoice { app_id: app(2).id, ..invoice(6, Paid) }).await.unwrap();
    let id = |number: u128| InvoiceId::from_uuid(number);
    let ids = |numbers: &[u128]| numbers.iter().map(|number| id(*number)).collect::<Vec<_>>();

    let all = InvoiceFilter::default();
    assert_eq!(listed(&store, &all, Edge::Newest).await, ids(&[5, 4]));
    assert_eq!(listed(&store, &all, Edge::OlderThan(id(4))).await, ids(&[3, 2]));
    assert_eq!(listed(&store, &all, Edge::NewerThan(id(1))).await, ids(&[3, 2]));
    assert_eq!(
        (count(&store, &all, None).await, count(&store, &all, Some(3)).await),
        (exactly(0, 5), exactly(2, 5))
    );
    let abroad =
        store.invoices().invoices(&other_workspace(), &app_id(), &all, Edge::Newest, 2).await.unwrap();
    assert_eq!(abroad.items, []);

    let paid = InvoiceFilter { status: Some(Paid), ..all.clone() };
    assert_eq!(listed(&store, &paid, Edge::Newest).await, ids(&[4, 3]));
    assert_eq!(count(&store, &paid, Some(1)).await, exactly(2, 3));
    let of_one = InvoiceFilter { subscription_id: one_subscription, ..all.clone() };
    assert_eq!(listed(&store, &of_one, Edge::OlderThan(id(5))).await, ids(&[3, 1]));
    let both = InvoiceFilter { status: Some(Void), ..of_one };
    assert_eq!(listed(&store, &both, Edge::Newest).await, ids(&[5]));
    let of_payer = InvoiceFilter { payer: Some(PayerSearch::Is(organization(2).id().to_owned())), ..all };
    assert_eq!(listed(&store, &of_payer, Edge::NewerThan(id(1))).await, ids(&[2]));
    assert_eq!(count(&store, &of_payer, None).await, exactly(0, 1));
}
