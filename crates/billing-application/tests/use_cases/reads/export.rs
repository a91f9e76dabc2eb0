use serde_json::json;

use crate::prelude::*;
use crate::testing::{app_id, enabled, ports_over, shop, workspace_id};

const ROWS: u32 = 400;

fn invoice(number: u32) -> Invoice {
    let payer = if number.is_multiple_of(100) { "acme" } else { "other" };
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

/// A store with this many invoices, whose list looks no further than at the newest if `is_cut`.
fn reads(invoices: u32, is_cut: bool) -> Reads {
    let mut store = MockBillingStore::default();
    store.switches.expect_billing_switch().returning(|_| Ok(enabled()));
    store.apps.expect_app().returning(|_, app| Ok(Some(shop()).filter(|shop| *app == shop.id)));
    store.invoices.expect_invoices().returning(move |_, _, filter, edge, limit| {
        if is_cut && filter.payer.is_some() {
            return Ok(Part { items: Vec::new(), is_cut: true, counted: None });
        }
        let older = (0..invoices).rev().map(invoice).filter(|invoice| match edge {
            Edge::OlderThan(than) => invoice.id < than,
            _ => true,
        });
        Ok(Part { items: older.take(limit as usize).collect(), is_cut: false, counted: None })
    });
    Reads::new(ports_over(store, Vec::new()))
}

/// The parts of an export.
async fn parts(reads: &Reads, filter: InvoiceFilter) -> Vec<String> {
    let mut next = Some(SalesExport::of_invoices(app_id(), filter));
    let mut parts = Vec::new();
    while let Some(export) = next {
        let (csv, rest) = reads.export(&workspace_id(), export).await.unwrap();
        parts.push(String::from_utf8(csv).unwrap());
        next = rest;
    }
    parts
}

#[tokio::test]
async fn an_export_has_every_row_once_in_parts_of_bounded_size() {
    let parts = parts(&reads(2 * ROWS + 1, false), InvoiceFilter::default()).await;
    let lines: Vec<_> = parts.iter().map(|part| part.matches("\r\n").count()).collect();
    assert_eq!(lines, [401, 400, 1]);
    let all = parts.concat();
    let row = format!(
        "{},,paid,user,acme,,JPY,-1200,0,0,2026-11-28T08:00:00.000Z,,,env_1,acct_1,in_0\r\n",
        invoice(0).id
    );
    assert!(all.ends_with(&row), "{}", parts[2]);
    assert_eq!(all.matches(",in_").count(), 801);
}

#[tokio::test]
async fn an_export_looks_further_than_its_list() {
    let payer = Some(PayerSearch::Begins("ac".to_owned()));
    let parts = parts(&reads(2 * ROWS, true), InvoiceFilter { payer, ..InvoiceFilter::default() }).await;
    let found: Vec<_> = parts.iter().map(|part| part.matches(",acme,").count()).collect();
    assert_eq!(found, [4, 4, 0]);
    assert_eq!(parts.concat().matches(",other,").count(), 0);
}

#[tokio::test]
async fn an_export_of_an_unknown_app_is_absent() {
    let export = SalesExport::of_invoices(AppId::parse("app_other").unwrap(), InvoiceFilter::default());
    let refused = reads(0, false).export(&workspace_id(), export).await.unwrap_err();
    assert!(matches!(refused, Refused::Absent(Absent::App)));
}
