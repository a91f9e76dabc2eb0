//! What is finalized is a document, and says what was so then.

use serde_json::{Value, json};

use crate::{NEW_YEAR, client::Client, sandbox, shop::text, subscriber::Subscriber};

const HOUR: i64 = 3600;
/// 1 February 2026.
const RENEWAL: i64 = NEW_YEAR + 31 * 24 * HOUR;

/// Whom the invoice says that it is for.
fn said(invoice: &Value) -> Vec<&Value> {
    let details = &invoice["parent"]["subscription_details"]["metadata"]["plan"];
    let of = ["customer_name", "customer_email", "customer_phone"].map(|field| &invoice[field]);
    of.into_iter().chain([&invoice["customer_address"]["city"], details]).collect()
}

#[tokio::test]
async fn a_draft_follows_its_customer_and_its_subscription_and_a_final_invoice_does_not() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Seat", "usd", 2000).await;
    let mut subscriber = Subscriber::new(&client).await;
    let person = format!("/v1/customers/{}", subscriber.customer);
    let ada = [("name", "Ada"), ("phone", "+441"), ("address[city]", "London")];
    client.post(&person, &ada).await.ok();
    subscriber.subscribe(&price, &[("metadata[plan]", "first")]).await;
    client.advance_to(RENEWAL + 60).await;
    let bob = [("name", "Bob"), ("email", "bob@example.com"), ("phone", "+442"), ("address[city]", "Paris")];
    client.post(&person, &bob).await.ok();
    subscriber.update(&[("metadata[plan]", "second")]).await;
    let invoices = subscriber.invoices().await;
    assert_eq!((text(&invoices[0]["status"]), text(&invoices[1]["status"])), ("paid", "draft"));
    assert_eq!(said(&invoices[0]), ["Ada", "ada@example.com", "+441", "London", "first"]);
    assert_eq!(said(&invoices[1]), ["Bob", "bob@example.com", "+442", "Paris", "second"]);
    client.advance_to(RENEWAL + 2 * HOUR).await;
    client.post(&person, &[("name", "Carol")]).await.ok();
    let invoices = subscriber.invoices().await;
    assert_eq!(
        [&invoices[0]["customer_name"], &invoices[1]["customer_name"]],
        [&json!("Ada"), &json!("Bob")]
    );
    let page = client.get(text(&invoices[0]["hosted_invoice_url"]).trim_start_matches(sandbox.url())).await;
    assert!(page.status == 200 && !page.text.contains("Carol"), "{}", page.text);
}
