use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::StreamExt;
use serde_json::json;
use tokio::time::Instant;

use crate::prelude::*;
use crate::testing::{app_id, enabled, ports_over, pro, shop, workspace_id};

const ROWS: u32 = 400;

fn invoice(number: u32) -> Invoice {
    let payer = match number {
        7 => "zoe",
        _ if number.is_multiple_of(100) => "acme",
        _ => "other",
    };
    let nothing = json!({ "minorUnits": 0, "currency": "JPY" });
    serde_json::from_value(json!({
        "id": InvoiceId::from_uuid(number.into()), "workspaceId": workspace_id(), "appId": app_id(),
        "environmentId": "env_1", "payer": { "kind": "user", "id": payer }, "gatewayAccountId": "acct_1",
        "stripeId": format!("in_{number}"), "subscriptionId": null, "status": "paid", "number": null,
        "total": { "minorUnits": -1200, "currency": "JPY" }, "amountPaid": nothing, "amountDue": nothing,
        "createdAt": "2026-11-28T08:00:00.000Z", "paidAt": null, "dueAt": null, "hostedUrl": null,
        "pdfUrl": null, "lines": [], "hasMoreLines": false, "syncedAt": "2026-11-28T08:00:00.000Z",
    }))
    .unwrap()
}

fn subscription(number: u32) -> Subscription {
    serde_json::from_value(json!({
        "id": SubscriptionId::from_uuid(number.into()), "workspaceId": workspace_id(), "appId": app_id(),
        "environmentId": "env_1", "payer": { "kind": "user", "id": "ada" }, "gatewayAccountId": "acct_1",
        "stripeId": format!("sub_{number}"), "customer": "cus_1", "intentId": null, "status": "active",
        "planId": pro().plan.id, "priceId": null, "quantity": 1, "startedAt": null, "periodStart": null,
        "periodEnd": null, "trialEnd": null, "cancelAt": null, "canceledAt": null, "endedAt": null,
        "syncedAt": "2026-11-28T08:00:00.000Z",
    }))
    .unwrap()
}

fn open_store() -> MockBillingStore {
    let mut store = MockBillingStore::default();
    store.switches.expect_billing_switch().returning(|_| Ok(enabled()));
    store.apps.expect_app().returning(|_, app| Ok(Some(shop()).filter(|shop| *app == shop.id)));
    store
}

/// The items of a list that are older than the edge, up to the limit.
fn part<T>(newest_first: impl Iterator<Item = T>, is_older: impl Fn(&T) -> bool, limit: u32) -> Part<T> {
    Part { items: newest_first.filter(is_older).take(limit as usize).collect(), is_cut: false, counted: None }
}

fn is_behind<K: PartialOrd>(edge: Edge<K>, key: &K) -> bool {
    match edge {
        Edge::OlderThan(than) => *key < than,
        _ => true,
    }
}

/// The reads of the list of invoices by payer, and of all invoices.
#[derive(Clone, Default)]
struct Asked {
    by_payer: Arc<AtomicU32>,
    all: Arc<AtomicU32>,
}

/// A store with this many invoices, whose list by payer looks at none. `failure` is of the reads of all invoices, by their
/// numbers.
fn reads(invoices: u32, asked: &Asked, failure: fn(u32) -> Option<StoreError>) -> Reads {
    let (mut store, asked) = (open_store(), asked.clone());
    store.invoices.expect_invoices().returning(move |_, _, filter, edge, limit| {
        if filter.payer.is_some() {
            asked.by_payer.fetch_add(1, Ordering::Relaxed);
            return Ok(Part { items: Vec::new(), is_cut: true, counted: None });
        }
        if let Some(error) = failure(asked.all.fetch_add(1, Ordering::Relaxed)) {
            return Err(error);
        }
        Ok(part((0..invoices).rev().map(invoice), |invoice| is_behind(edge, &invoice.id), limit))
    });
    Reads::new(ports_over(store, Vec::new()))
}

type Exported = Result<String, Refused<Infallible>>;

/// The parts of an export, as an adapter reads them.
async fn exported(reads: Reads, export: SalesExport) -> Vec<Exported> {
    let reads = Arc::new(reads);
    let read = move |export: SalesExport| {
        let reads = Arc::clone(&reads);
        async move { reads.export(&workspace_id(), export).await }
    };
    let passes =
        |refused: &Refused<Infallible>| matches!(refused, Refused::Store(StoreError::Unavailable(_)));
    let parts = export.parts(read, passes).await.unwrap();
    parts.map(|part| part.map(|csv| String::from_utf8(csv).unwrap())).collect().await
}

async fn parts(reads: Reads, export: SalesExport) -> Vec<String> {
    exported(reads, export).await.into_iter().map(Result::unwrap).collect()
}

fn of_payers(beginning: &str) -> SalesExport {
    let payer = Some(PayerSearch::Begins(beginning.to_owned()));
    SalesExport::of_invoices(app_id(), InvoiceFilter { payer, ..InvoiceFilter::default() })
}

fn of_all() -> SalesExport {
    SalesExport::of_invoices(app_id(), InvoiceFilter::default())
}

fn lines(parts: &[String]) -> Vec<usize> {
    parts.iter().map(|part| part.matches("\r\n").count()).collect()
}

#[tokio::test]
async fn an_export_has_every_row_once_in_parts_of_bounded_size() {
    let parts = parts(reads(2 * ROWS + 1, &Asked::default(), |_| None), of_all()).await;
    assert_eq!(lines(&parts), [401, 400, 1]);
    let all = parts.concat();
    let row = format!(
        "{},,paid,user,acme,,JPY,-1200,0,,0,2026-11-28T08:00:00.000Z,,,env_1,acct_1,in_0\r\n",
        invoice(0).id
    );
    assert!(all.ends_with(&row), "{}", parts[2]);
    assert_eq!(all.matches(",in_").count(), 801);
}

#[tokio::test]
async fn an_export_looks_further_than_its_list_which_it_reads_once() {
    let asked = Asked::default();
    let parts = parts(reads(2 * ROWS, &asked, |_| None), of_payers("ac")).await;
    let found: Vec<_> = parts.iter().map(|part| part.matches(",acme,").count()).collect();
    assert_eq!(found, [4, 4, 0]);
    assert_eq!(parts.concat().matches(",other,").count(), 0);
    assert_eq!(asked.by_payer.load(Ordering::Relaxed), 1);
    assert_eq!(asked.all.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_part_goes_on_until_a_row_is_found() {
    let asked = Asked::default();
    let parts = parts(reads(5 * ROWS + 8, &asked, |_| None), of_payers("zo")).await;
    assert_eq!(lines(&parts), [2]);
    assert!(parts[0].contains(",zoe,"), "{}", parts[0]);
    assert_eq!(asked.all.load(Ordering::Relaxed), 6);
}

#[tokio::test]
async fn plans_are_read_once_in_an_export() {
    let mut store = open_store();
    store.subscriptions.expect_subscriptions().returning(|_, _, _, edge, limit| {
        let all = (0..=ROWS).rev().map(subscription);
        Ok(part(all, |subscription| is_behind(edge, &subscription.id), limit))
    });
    store.plans.expect_plan().once().returning(|_, _, _| Ok(Some(pro())));
    let reads = Reads::new(ports_over(store, Vec::new()));
    let export = SalesExport::of_subscriptions(app_id(), SubscriptionFilter::default());
    let parts = parts(reads, export).await;
    assert_eq!(lines(&parts), [401, 1]);
    assert_eq!(parts.concat().matches(",pro,Pro,").count(), 401);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_fails_in_passing_is_read_again() {
    let asked = Asked::default();
    let third = |read: u32| (read == 2).then(|| StoreError::Unavailable("down".into()));
    let parts = parts(reads(2 * ROWS + 1, &asked, third), of_all()).await;
    assert_eq!(lines(&parts), [401, 400, 1]);
    assert_eq!(asked.all.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn an_export_ends_with_the_error_that_stays() {
    let (asked, began) = (Asked::default(), Instant::now());
    let from_third = |read: u32| (read >= 2).then(|| StoreError::Unavailable("down".into()));
    let parts = exported(reads(2 * ROWS + 1, &asked, from_third), of_all()).await;
    assert!(
        matches!(parts[..], [Ok(_), Ok(_), Err(Refused::Store(StoreError::Unavailable(_)))]),
        "{parts:?}"
    );
    assert_eq!(asked.all.load(Ordering::Relaxed), 2 + 6);
    assert_eq!(began.elapsed().as_secs(), 15, "0.5, 1, 2, 4 and 8 seconds");
}

#[tokio::test]
async fn an_export_ends_at_once_with_an_error_that_does_not_pass() {
    let asked = Asked::default();
    let third = |read: u32| (read == 2).then(|| StoreError::Unexpected("broken".into()));
    let parts = exported(reads(2 * ROWS + 1, &asked, third), of_all()).await;
    assert!(matches!(parts[..], [Ok(_), Ok(_), Err(Refused::Store(StoreError::Unexpected(_)))]), "{parts:?}");
    assert_eq!(asked.all.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn an_export_of_an_unknown_app_is_absent() {
    let export = SalesExport::of_invoices(AppId::parse("app_other").unwrap(), InvoiceFilter::default());
    let refused = reads(0, &Asked::default(), |_| None).export(&workspace_id(), export).await.unwrap_err();
    assert!(matches!(refused, Refused::Absent(Absent::App)));
}
