//! A credit note is kept as a PDF.

use serde_json::Value;

use super::assert_page;
use crate::{
    client::{Answer, Client},
    sandbox,
};

/// A credit note of $10.00 of an invoice over $20.00 that was paid, with the path of its PDF.
async fn credited(client: &Client, more: &[(&str, &str)]) -> (Value, String) {
    let customer = client.customer_with_card().await;
    let form = [("customer", customer.as_str()), ("amount", "2000"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &form).await.ok();
    let form = [("customer", customer.as_str()), ("pending_invoice_items_behavior", "include")];
    let invoice = client.post("/v1/invoices", &form).await.id();
    client.post(&format!("/v1/invoices/{invoice}/pay"), &[]).await.ok();
    let mut form = vec![("invoice", invoice.as_str()), ("amount", "1000")];
    form.extend_from_slice(more);
    let note = client.post("/v1/credit_notes", &form).await.ok();
    let path = path(&note);
    (note, path)
}

fn path(note: &Value) -> String {
    reqwest::Url::parse(note["pdf"].as_str().unwrap()).unwrap().path().to_owned()
}

#[track_caller]
fn assert_says(pdf: &Answer, wanted: &[&str]) {
    assert_eq!((pdf.status, pdf.header("content-type")), (200, Some("application/pdf")));
    assert!(pdf.text.starts_with("%PDF-1.7"), "{:.40}", pdf.text);
    for text in wanted {
        assert!(pdf.text.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn the_pdf_of_a_credit_note_tells_what_is_credited_and_what_became_of_the_money() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let ways = [
        ("refund_amount", "500"),
        ("credit_amount", "300"),
        ("out_of_band_amount", "200"),
        ("reason", "order_change"),
        ("memo", "One seat less."),
        ("effective_at", "1798761600"),
    ];
    let (note, path) = credited(&client, &ways).await;
    let pdf = client.get(&path).await;
    let number = note["number"].as_str().unwrap();
    let name = format!("attachment; filename=\"Credit-note-{number}.pdf\"");
    assert_eq!(pdf.header("content-disposition"), Some(name.as_str()));
    assert_eq!(pdf.header("cache-control"), Some("no-store"));
    let wanted = [
        number,
        "(Credit note)",
        "Amount credited: $10.00",
        "1 January 2027",
        "Order change",
        "One seat less.",
        "$5.00 was refunded.",
        "$3.00 was added to your credit balance.",
        "$2.00 is paid back in another way.",
    ];
    assert_says(&pdf, &wanted);
    assert!(!pdf.text.contains("Amount due"), "it is no invoice");
}

#[tokio::test]
async fn the_pdf_of_a_void_credit_note_says_that_it_is_void() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let form = [("customer", customer.as_str()), ("amount", "2000"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &form).await.ok();
    let form = [("customer", customer.as_str()), ("pending_invoice_items_behavior", "include")];
    let invoice = client.post("/v1/invoices", &form).await.id();
    client.post(&format!("/v1/invoices/{invoice}/finalize"), &[]).await.ok();
    let form = [("invoice", invoice.as_str()), ("amount", "700")];
    let note = client.post("/v1/credit_notes", &form).await.ok();
    assert_says(&client.get(&path(&note)).await, &["(Issued)", "$7.00 was taken off what is due."]);
    let id = note["id"].as_str().unwrap();
    client.post(&format!("/v1/credit_notes/{id}/void"), &[]).await.ok();
    let pdf = client.get(&path(&note)).await;
    assert_says(&pdf, &["(Void)", "This credit note is void"]);
    assert!(!pdf.text.contains("was taken off"), "nothing is taken off any more");
}

#[tokio::test]
async fn a_credit_note_is_found_beside_its_own_invoice_only() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (one, path_of_one) = credited(&client, &[("credit_amount", "1000")]).await;
    let (other, path_of_other) = credited(&client, &[("credit_amount", "1000")]).await;
    let (one, other) = (one["id"].as_str().unwrap(), other["id"].as_str().unwrap());
    for path in [
        path_of_one.replace(one, other),
        path_of_other.replace(other, one),
        path_of_one.replace(one, "cn_none"),
        path_of_one.replace("/credit_notes", "x/credit_notes"),
    ] {
        assert_page(&client.get(&path).await, 404);
    }
}
