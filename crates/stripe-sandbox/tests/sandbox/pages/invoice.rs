//! A customer opens an invoice, pays it, and keeps it.

use serde_json::Value;

use super::{assert_page, form::Form, location};
use crate::{
    client::{Answer, Client},
    sandbox,
};

/// An open invoice over $20.00, with the path of its page.
async fn open_invoice(client: &Client, more: &[(&str, &str)]) -> (String, String) {
    let form = [("email", "ada@example.com"), ("name", "Ada <b>Lovelace</b>")];
    let customer = client.post("/v1/customers", &form).await.id();
    let item =
        [("customer", customer.as_str()), ("amount", "2000"), ("currency", "usd"), ("description", "Seats")];
    client.post("/v1/invoiceitems", &item).await.ok();
    let mut form = vec![("customer", customer.as_str()), ("pending_invoice_items_behavior", "include")];
    form.extend_from_slice(more);
    let id = client.post("/v1/invoices", &form).await.id();
    let invoice = client.post(&format!("/v1/invoices/{id}/finalize"), &[]).await.ok();
    (id, path(&invoice, "hosted_invoice_url"))
}

fn path(invoice: &Value, field: &str) -> String {
    reqwest::Url::parse(invoice[field].as_str().unwrap()).unwrap().path().to_owned()
}

async fn read(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/invoices/{id}")).await.ok()
}

fn filled(page: &Answer, path: &str, number: &str) -> Form {
    let card = Form::of(page, path).with("card_number", number).with("card_expiry", "12 / 34");
    card.with("card_cvc", "123").with("card_name", "Ada Lovelace")
}

async fn intent_status(client: &Client, id: &str) -> Value {
    let list = client.get("/v1/payment_intents").await.ok();
    assert!(list["data"].as_array().unwrap().len() <= 1, "more than one payment of {id}");
    list["data"][0]["status"].clone()
}

#[tokio::test]
async fn an_open_invoice_is_shown_and_paid_with_a_card_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = open_invoice(&client, &[]).await;
    let page = client.get(&path).await;
    assert_page(&page, 200);
    for shown in ["$20.00 due", "Seats", "Pay $20.00", "Ada &#60;b&#62;Lovelace", "ada@example.com", "Open"] {
        assert!(page.text.contains(shown), "{shown} is missing in {}", page.text);
    }
    let form = filled(&page, &path, "4242 4242 4242 4242");
    assert_eq!(location(&form.send(&client).await), path);
    assert_eq!(location(&form.send(&client).await), path, "the second click of a double click");
    let invoice = read(&client, &id).await;
    assert_eq!((&invoice["status"], &invoice["amount_paid"]), (&"paid".into(), &2000.into()));
    assert_eq!(client.get("/v1/charges").await.ok()["data"].as_array().unwrap().len(), 1);
    let page = client.get(&path).await;
    for shown in ["$20.00 paid", "Paid on 1 January 2026 with Visa •••• 4242"] {
        assert!(page.text.contains(shown), "{shown} is missing in {}", page.text);
    }
    assert!(!page.text.contains("card_number"), "{}", page.text);
}

#[tokio::test]
async fn a_card_that_cannot_be_is_told_beside_its_fields_and_nothing_is_tried() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = open_invoice(&client, &[]).await;
    let form = filled(&client.get(&path).await, &path, "4242 4242 4242 4241");
    let page = form.with("card_expiry", "12 / 20").send(&client).await;
    assert_page(&page, 422);
    for shown in
        ["Your card number is invalid.", "Your card&#39;s expiration year is in the past.", "12 / 20"]
    {
        assert!(page.text.contains(shown), "{shown} is missing in {}", page.text);
    }
    assert_eq!(intent_status(&client, &id).await, "requires_payment_method");
    assert_eq!(client.get("/v1/charges").await.ok()["data"], serde_json::json!([]));
}

#[tokio::test]
async fn a_declined_card_says_so_and_another_one_pays() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = open_invoice(&client, &[]).await;
    let page = filled(&client.get(&path).await, &path, "4000 0000 0000 9995").send(&client).await;
    assert_page(&page, 422);
    assert!(page.text.contains("Your card has insufficient funds."), "{}", page.text);
    assert_eq!(read(&client, &id).await["status"], "open");
    assert_eq!(client.get("/v1/charges").await.ok()["data"][0]["status"], "failed");
    location(&filled(&page, &path, "5555 5555 5555 4444").send(&client).await);
    assert_eq!(read(&client, &id).await["status"], "paid");
}

#[tokio::test]
async fn a_card_that_its_bank_asks_about_pays_once_it_is_authenticated() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = open_invoice(&client, &[]).await;
    let bank_page =
        location(&filled(&client.get(&path).await, &path, "4000 0000 0000 3220").send(&client).await);
    let failed =
        Form::of(&client.get(&bank_page).await, &bank_page).with("outcome", "fail").send(&client).await;
    let back = location(&failed);
    assert!(back.starts_with(&format!("{}{path}?", sandbox.url())), "{back}");
    let page = client.get(back.strip_prefix(sandbox.url()).unwrap()).await;
    assert_page(&page, 200);
    assert!(page.text.contains("failed authentication"), "{}", page.text);
    assert_eq!(read(&client, &id).await["status"], "open");
    let bank_page = location(&filled(&page, &path, "4000 0000 0000 3220").send(&client).await);
    location(
        &Form::of(&client.get(&bank_page).await, &bank_page).with("outcome", "complete").send(&client).await,
    );
    assert_eq!(read(&client, &id).await["status"], "paid");
}

#[tokio::test]
async fn a_void_invoice_says_so_and_takes_no_card() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = open_invoice(&client, &[]).await;
    let form = filled(&client.get(&path).await, &path, "4242 4242 4242 4242");
    client.post(&format!("/v1/invoices/{id}/void"), &[]).await.ok();
    assert_eq!(location(&form.send(&client).await), path);
    let page = client.get(&path).await;
    assert_page(&page, 200);
    assert!(page.text.contains("This invoice is void"), "{}", page.text);
    assert!(!page.text.contains("<form"), "{}", page.text);
    assert_eq!(read(&client, &id).await["amount_paid"], 0);
}

#[tokio::test]
async fn an_invoice_that_was_marked_as_uncollectible_says_so_and_can_still_be_paid() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = open_invoice(&client, &[]).await;
    client.post(&format!("/v1/invoices/{id}/mark_uncollectible"), &[]).await.ok();
    let page = client.get(&path).await;
    assert_page(&page, 200);
    for shown in
        ["$20.00 due", "Uncollectible", "It was marked as uncollectible on 1 January 2026", "Pay $20.00"]
    {
        assert!(page.text.contains(shown), "{shown} is missing in {}", page.text);
    }
    let declined = filled(&page, &path, "4000 0000 0000 0002").send(&client).await;
    assert_page(&declined, 422);
    assert!(declined.text.contains("Your card was declined."), "{}", declined.text);
    assert_eq!(read(&client, &id).await["status"], "uncollectible");
    let form = filled(&declined, &path, "4242 4242 4242 4242");
    for _ in 0..2 {
        assert_eq!(location(&form.send(&client).await), path);
    }
    let invoice = read(&client, &id).await;
    assert_eq!((&invoice["status"], &invoice["amount_paid"]), (&"paid".into(), &2000.into()));
    let page = client.get(&path).await;
    assert!(page.text.contains("$20.00 paid") && !page.text.contains("<form"), "{}", page.text);
}

#[tokio::test]
async fn an_uncollectible_invoice_is_paid_once_its_bank_has_authenticated_the_card() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = open_invoice(&client, &[]).await;
    client.post(&format!("/v1/invoices/{id}/mark_uncollectible"), &[]).await.ok();
    let form = filled(&client.get(&path).await, &path, "4000 0000 0000 3220");
    let bank_page = location(&form.send(&client).await);
    let bank = Form::of(&client.get(&bank_page).await, &bank_page);
    location(&bank.with("outcome", "complete").send(&client).await);
    assert_eq!(read(&client, &id).await["status"], "paid");
}

#[tokio::test]
async fn the_invoice_is_kept_as_a_pdf() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) =
        open_invoice(&client, &[("collection_method", "send_invoice"), ("days_until_due", "30")]).await;
    client.post(&format!("/v1/invoices/{id}"), &[("footer", "Thank you, Ada.")]).await.ok();
    let invoice = read(&client, &id).await;
    assert!(client.get(&path).await.text.contains("$20.00 due 31 January 2026"));
    let pdf = client.get(&self::path(&invoice, "invoice_pdf")).await;
    assert_eq!((pdf.status, pdf.header("content-type")), (200, Some("application/pdf")));
    let name = format!("attachment; filename=\"Invoice-{}.pdf\"", invoice["number"].as_str().unwrap());
    assert_eq!(pdf.header("content-disposition"), Some(name.as_str()));
    assert!(pdf.text.starts_with("%PDF-1.7"), "{:.40}", pdf.text);
    for shown in ["$20.00", "31 January 2026", "Thank you, Ada."] {
        assert!(pdf.text.contains(shown), "{shown} is missing");
    }
}

#[tokio::test]
async fn an_invoice_has_no_page_at_another_token_or_in_another_account() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (_, path) = open_invoice(&client, &[]).await;
    let other = client.with_key("sk_test_other").get("/v1/account").await.id();
    let token = path.rsplit('/').next().unwrap();
    for path in [format!("/i/{other}/{token}"), format!("{path}x"), format!("/i/{other}/{token}/pdf")] {
        assert_page(&client.get(&path).await, 404);
    }
    assert_page(&client.post(&format!("/i/{other}/{token}"), &[("submission", "a")]).await, 404);
}

#[tokio::test]
async fn what_a_deleted_customer_still_owes_is_paid_by_a_payment_of_its_own() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = open_invoice(&client, &[]).await;
    let customer = read(&client, &id).await["customer"].as_str().unwrap().to_owned();
    client.delete(&format!("/v1/customers/{customer}")).await.ok();
    location(&filled(&client.get(&path).await, &path, "4242 4242 4242 4242").send(&client).await);
    assert_eq!(read(&client, &id).await["status"], "paid");
    let intents = client.get("/v1/payment_intents").await.ok();
    let statuses: Vec<_> = intents["data"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, ["succeeded", "canceled"]);
    let payments = client.get(&format!("/v1/invoice_payments?invoice={id}")).await.ok();
    let statuses: Vec<_> = payments["data"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, ["paid", "canceled"]);
}

#[tokio::test]
async fn a_card_expires_by_the_clock_of_the_customer() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let frozen = (crate::NEW_YEAR + 9 * 366 * 86_400).to_string();
    let clock = client.post("/v1/test_helpers/test_clocks", &[("frozen_time", &frozen)]).await.id();
    let customer = client.post("/v1/customers", &[("test_clock", &clock)]).await.id();
    let item = [("customer", customer.as_str()), ("amount", "2000"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &item).await.ok();
    let form = [("customer", customer.as_str()), ("pending_invoice_items_behavior", "include")];
    let id = client.post("/v1/invoices", &form).await.id();
    let invoice = client.post(&format!("/v1/invoices/{id}/finalize"), &[]).await.ok();
    let path = path(&invoice, "hosted_invoice_url");
    let page = filled(&client.get(&path).await, &path, "4242 4242 4242 4242").send(&client).await;
    assert_page(&page, 422);
    assert!(page.text.contains("expir"), "{}", page.text);
    assert_eq!(read(&client, &id).await["status"], "open");
}
