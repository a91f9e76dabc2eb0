//! Lists within objects. Source: <https://docs.stripe.com/api/invoices/line_item>, by which an invoice holds the first
//! handful of its lines and a URL that has them all; see also stripe/stripe-dotnet#381, which counts ten.

use serde_json::{Value, json};

use crate::{
    client::{Client, ids},
    sandbox,
};

/// Asserts that a list holds the first ten, and that its address has exactly the others behind them.
async fn assert_first_ten_of(client: &Client, list: &Value, count: usize) {
    let first = ids(list);
    assert_eq!((first.len(), &list["has_more"]), (10, &json!(true)), "{list}");
    let url = list["url"].as_str().unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    let rest = client.get(&format!("{url}{joint}limit=100&starting_after={}", first[9])).await.ok();
    assert_eq!((ids(&rest).len(), &rest["has_more"]), (count - 10, &json!(false)), "{url}");
    assert!(ids(&rest).iter().all(|id| !first.contains(id)), "{url}");
    let whole = client.get(&format!("{url}{joint}limit=100")).await.ok();
    assert_eq!(ids(&whole), [first, ids(&rest)].concat(), "{url}");
}

/// A finalized invoice over so many lines of 1.00 USD each.
async fn invoice(client: &Client, customer: &str, lines: usize) -> Value {
    let id = client.post("/v1/invoices", &[("customer", customer), ("currency", "usd")]).await.id();
    for _ in 0..lines {
        let form = [("customer", customer), ("invoice", &id), ("currency", "usd"), ("amount", "100")];
        client.post("/v1/invoiceitems", &form).await.ok();
    }
    client.post(&format!("/v1/invoices/{id}/finalize"), &[]).await.ok()
}

#[tokio::test]
async fn an_invoice_and_its_credit_notes_hold_their_first_ten_lines() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let invoice = invoice(&client, &customer, 12).await;
    assert_first_ten_of(&client, &invoice["lines"], 12).await;
    let lines = client.get(&format!("{}?limit=100", invoice["lines"]["url"].as_str().unwrap())).await.ok();
    let mut form = vec![("invoice".to_owned(), invoice["id"].as_str().unwrap().to_owned())];
    for (index, line) in ids(&lines).into_iter().enumerate() {
        form.push((format!("lines[{index}][type]"), "invoice_line_item".to_owned()));
        form.push((format!("lines[{index}][invoice_line_item]"), line));
        form.push((format!("lines[{index}][amount]"), "10".to_owned()));
    }
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    let preview = client.get(&format!("/v1/credit_notes/preview?{query}")).await.ok();
    let first = ids(&preview["lines"]);
    assert_eq!((first.len(), &preview["lines"]["has_more"]), (10, &json!(true)));
    let url = preview["lines"]["url"].as_str().unwrap();
    let rest = client.get(&format!("{url}?{query}&starting_after={}", first[9])).await.ok();
    assert_eq!((ids(&rest).len(), &rest["has_more"]), (2, &json!(false)));
    let note = client.post("/v1/credit_notes", &form).await.ok();
    assert_first_ten_of(&client, &note["lines"], 12).await;
}

#[tokio::test]
async fn a_subscription_and_the_preview_of_its_renewal_hold_their_first_ten() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let mut form = vec![("customer".to_owned(), customer.clone())];
    for index in 0..12 {
        let price = client.monthly_price("Part", "usd", 100).await;
        form.push((format!("items[{index}][price]"), price));
    }
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let subscription = client.post("/v1/subscriptions", &form).await.ok();
    assert_first_ten_of(&client, &subscription["items"], 12).await;
    let asked = [("subscription", subscription["id"].as_str().unwrap())];
    let preview = client.post("/v1/invoices/create_preview", &asked).await.ok();
    assert_eq!(preview["total"], 1200);
    assert_first_ten_of(&client, &preview["lines"], 12).await;
    client.with_key("sk_test_other").get(preview["lines"]["url"].as_str().unwrap()).await.error(404);
}

#[tokio::test]
async fn a_checkout_holds_its_first_ten_line_items() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = [("currency", "usd"), ("unit_amount", "100"), ("product_data[name]", "Hat")];
    let price = client.post("/v1/prices", &price).await.id();
    let names: Vec<_> = (0..12)
        .map(|index| (format!("line_items[{index}][price]"), format!("line_items[{index}][quantity]")))
        .collect();
    let mut form = vec![("mode", "payment"), ("expand[]", "line_items")];
    for (of_price, quantity) in &names {
        form.extend([(of_price.as_str(), price.as_str()), (quantity, "1")]);
    }
    let session = client.checkout(&form).await.ok();
    assert_first_ten_of(&client, &session["line_items"], 12).await;
}

#[tokio::test]
async fn a_charge_holds_its_first_ten_refunds() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let invoice = invoice(&client, &customer, 2).await;
    client.on_invoice(&invoice, "pay", &[]).await.ok();
    let charge = ids(&client.get("/v1/charges").await.ok())[0].clone();
    for _ in 0..11 {
        client.post("/v1/refunds", &[("charge", charge.as_str()), ("amount", "1")]).await.ok();
    }
    let charge = client.get(&format!("/v1/charges/{charge}?expand[]=refunds")).await.ok();
    assert_first_ten_of(&client, &charge["refunds"], 11).await;
}

#[tokio::test]
async fn a_customer_holds_the_first_ten_subscriptions_and_sources() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let price = client.monthly_price("Basic", "usd", 100).await;
    for _ in 0..11 {
        client.subscribe(&customer, &price, &[]).await;
        let source = [("source", "tok_visa")];
        client.post(&format!("/v1/customers/{customer}/sources"), &source).await.ok();
    }
    let ended = client.subscribe(&customer, &price, &[]).await;
    client.delete(&format!("/v1/subscriptions/{ended}")).await.ok();
    let query = "expand[]=subscriptions&expand[]=sources&expand[]=tax_ids";
    let shown = client.get(&format!("/v1/customers/{customer}?{query}")).await.ok();
    assert_first_ten_of(&client, &shown["subscriptions"], 11).await;
    assert_first_ten_of(&client, &shown["sources"], 11).await;
    let none = client.get(shown["tax_ids"]["url"].as_str().unwrap()).await.ok();
    assert_eq!((&none["data"], &none["has_more"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn payments_and_external_accounts_are_at_the_address_they_name() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let of = async |lines| {
        let invoice = invoice(&client, &customer, lines).await;
        client.on_invoice(&invoice, "pay", &[("expand[]", "payments")]).await.ok()["payments"].clone()
    };
    let (first, second) = (of(1).await, of(2).await);
    let read = client.get(second["url"].as_str().unwrap()).await.ok();
    assert_eq!((ids(&read), ids(&first).len()), (ids(&second), 1));
    let account = client.post("/v1/accounts", &[("type", "standard")]).await.ok();
    let none = client.get(account["external_accounts"]["url"].as_str().unwrap()).await.ok();
    assert_eq!(none["data"], json!([]));
}
