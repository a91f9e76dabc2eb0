//! What Stripe has and the sandbox does not is refused by its name.

use crate::{client::Client, sandbox};

#[tokio::test]
async fn search_says_that_it_is_not_in_the_sandbox() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    // Source: <https://docs.stripe.com/search>, which names the seven of them.
    for kind in [
        "charges",
        "customers",
        "invoices",
        "payment_intents",
        "prices",
        "products",
        "subscriptions",
        "other",
    ] {
        let path = format!("/v1/{kind}/search?query=email:'a@example.com'");
        let error = client.get(&path).await.error(404);
        assert_eq!(error["type"], "invalid_request_error");
        let message = error["message"].as_str().unwrap();
        let wanted = format!("(GET: /v1/{kind}/search)");
        assert!(message.contains("Search is not in the sandbox") && message.contains(&wanted), "{message}");
    }
    let made = client.post("/v1/products", &[("id", "search"), ("name", "A")]).await;
    made.ok();
    client.post("/v1/products/search", &[("name", "B")]).await.ok();
}

#[tokio::test]
async fn an_upcoming_invoice_is_named_with_what_took_its_place() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for path in ["/v1/invoices/upcoming", "/v1/invoices/upcoming/lines"] {
        // Source: <https://docs.stripe.com/changelog/basil/2025-03-31/invoice-preview-api-deprecations>
        let error = client.get(&format!("{path}?customer=cus_1")).await.error(404);
        assert!(error["message"].as_str().unwrap().contains("/v1/invoices/create_preview"), "{error}");
    }
}
