//! Credit notes, and what else changes the balance of a customer.

use serde_json::Value;

use crate::{
    client::{Answer, Client},
    shop::text,
};

type Form<'a> = &'a [(&'a str, &'a str)];

/// Before a payment, after it in each way there is, in part, of a discounted line, and void.
pub async fn issued(client: &Client, customer: &str) {
    let open = invoice(client, customer, &[]).await;
    let told = [("reason", "order_change"), ("memo", "Too much"), ("metadata[a]", "b")];
    credit(client, &open, &[&[("amount", "500")], &told[..]].concat()).await.ok();
    let void = credit(client, &open, &[("amount", "100")]).await.id();
    client.post(&format!("/v1/credit_notes/{void}/void"), &[]).await.ok();
    credit(client, &open, &[("amount", "1600"), ("credit_amount", "100")]).await.error(400);
    let custom = [
        ("lines[0][type]", "custom_line_item"),
        ("lines[0][description]", "Goodwill"),
        ("lines[0][unit_amount]", "100"),
        ("lines[0][quantity]", "2"),
    ];
    credit(client, &open, &custom).await.ok();

    let coupon = client.post("/v1/coupons", &[("percent_off", "30"), ("duration", "once")]).await.id();
    let paid = invoice(client, customer, &[("discounts[0][coupon]", &coupon)]).await;
    let paid = client.on_invoice(&paid, "pay", &[]).await.ok();
    let ways = [
        ("amount", "600"),
        ("refund_amount", "300"),
        ("credit_amount", "200"),
        ("out_of_band_amount", "100"),
    ];
    credit(client, &paid, &ways).await.ok();
    let line = [
        ("lines[0][type]", "invoice_line_item"),
        ("lines[0][invoice_line_item]", text(&paid["lines"]["data"][0]["id"])),
        ("lines[0][amount]", "500"),
        ("out_of_band_amount", "350"),
    ];
    credit(client, &paid, &line).await.ok();
    balance(client, customer).await;
}

/// A final one over 20.00 USD.
async fn invoice(client: &Client, customer: &str, more: Form<'_>) -> Value {
    let form = [&[("customer", customer), ("currency", "usd")], more].concat();
    let id = client.post("/v1/invoices", &form).await.id();
    let item = [("customer", customer), ("invoice", &id), ("currency", "usd"), ("amount", "2000")];
    client.post("/v1/invoiceitems", &item).await.ok();
    client.post(&format!("/v1/invoices/{id}/finalize"), &[]).await.ok()
}

async fn credit(client: &Client, invoice: &Value, more: Form<'_>) -> Answer {
    let form = [&[("invoice", text(&invoice["id"]))], more].concat();
    client.post("/v1/credit_notes", &form).await
}

/// A legacy card, a credit that is given by hand, and one that an invoice takes and gives back.
async fn balance(client: &Client, customer: &str) {
    let customers = format!("/v1/customers/{customer}");
    client.post(&format!("{customers}/sources"), &[("source", "tok_mastercard")]).await.ok();
    let given = [("amount", "-300"), ("currency", "usd"), ("description", "Goodwill"), ("metadata[a]", "b")];
    client.post(&format!("{customers}/balance_transactions"), &given).await.ok();
    let taken = invoice(client, customer, &[]).await;
    client.on_invoice(&taken, "void", &[]).await.ok();
}
