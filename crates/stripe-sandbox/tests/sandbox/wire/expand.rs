use serde_json::json;

use crate::{client::Client, sandbox};

/// A client, and the id of a subscription of its.
async fn subscribed(client: &Client) -> String {
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    client.subscribe(&customer, &price, &[]).await
}

#[tokio::test]
async fn ids_are_expanded_to_their_objects_also_nested_and_only_when_asked() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let path = format!("/v1/subscriptions/{}", subscribed(&client).await);
    let plain = client.get(&path).await.ok();
    assert!(plain["customer"].is_string() && plain["latest_invoice"].is_string());
    let expanded =
        client.get(&format!("{path}?expand[]=customer&expand[]=latest_invoice.customer")).await.ok();
    assert_eq!(expanded["customer"]["id"], plain["customer"]);
    assert_eq!(expanded["customer"]["object"], "customer");
    assert_eq!(expanded["latest_invoice"]["id"], plain["latest_invoice"]);
    assert_eq!(expanded["latest_invoice"]["customer"]["email"], "ada@example.com");
    let product = client.get(&format!("{path}?expand[]=items.data.price.product")).await.ok();
    assert_eq!(product["items"]["data"][0]["price"]["product"]["name"], "Basic");
    let indexed = client.get(&format!("{path}?expand[0]=customer")).await.ok();
    assert_eq!(indexed["customer"]["object"], "customer");
}

#[tokio::test]
async fn the_elements_of_a_list_are_expanded() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    subscribed(&client).await;
    let list = client.get("/v1/subscriptions?expand[]=data.latest_invoice.customer").await.ok();
    assert_eq!(list["data"][0]["latest_invoice"]["customer"]["object"], "customer");
    let empty = client.get("/v1/subscriptions?customer=cus_none&expand[]=data.customer").await;
    assert!(empty.status == 400 || empty.ok()["data"] == json!([]), "{}", empty.text);
}

#[tokio::test]
async fn a_write_expands_its_answer() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    let form = [("customer", customer.as_str()), ("items[0][price]", &price), ("expand[]", "latest_invoice")];
    let subscription = client.post("/v1/subscriptions", &form).await.ok();
    assert_eq!(subscription["latest_invoice"]["status"], "paid");
}

#[tokio::test]
async fn expanding_what_is_no_reference_is_refused_and_writes_nothing() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let path = format!("/v1/subscriptions/{}", subscribed(&client).await);
    for property in ["unicorn", "status", "id", "customer.unicorn", "customer.email", "created"] {
        let error = client.get(&format!("{path}?expand[]={property}")).await.error(400);
        let message = format!("This property cannot be expanded ({property}).");
        assert!(error["message"].as_str().unwrap().starts_with(&message), "{error}");
    }
    let before = client.get("/v1/customers").await.ok();
    client.post("/v1/customers", &[("expand[]", "unicorn")]).await.error(400);
    assert_eq!(client.get("/v1/customers").await.ok(), before);
}

#[tokio::test]
async fn text_that_reads_like_an_id_is_text() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let friend = client.customer_with_card().await;
    let form = [("description", friend.as_str()), ("metadata[customer]", &friend)];
    let customer = client.post("/v1/customers", &form).await.ok()["id"].as_str().unwrap().to_owned();
    for property in ["description", "metadata", "metadata.customer"] {
        client.get(&format!("/v1/customers/{customer}?expand[]={property}")).await.error(400);
    }
}

#[tokio::test]
async fn expansion_goes_four_levels_deep() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let path = format!("/v1/subscriptions/{}", subscribed(&client).await);
    client
        .get(&format!("{path}?expand[]=latest_invoice.customer.invoice_settings.default_payment_method"))
        .await
        .ok();
    let deep = "latest_invoice.customer.invoice_settings.default_payment_method.customer";
    client.get(&format!("{path}?expand[]={deep}")).await.error(400);
}

#[tokio::test]
async fn a_discount_shows_its_coupon_also_when_that_is_deleted() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = [("percent_off", "10"), ("duration", "forever"), ("name", "Gone soon")];
    let coupon = client.post("/v1/coupons", &form).await.id();
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    let subscription = client.subscribe(&customer, &price, &[("discounts[0][coupon]", &coupon)]).await;
    let path = format!("/v1/subscriptions/{subscription}?expand[]=discounts.source.coupon");
    assert_eq!(client.get(&path).await.ok()["discounts"][0]["source"]["coupon"]["name"], "Gone soon");
    client.post(&format!("/v1/coupons/{coupon}"), &[("name", "Gone")]).await.ok();
    assert_eq!(client.get(&path).await.ok()["discounts"][0]["source"]["coupon"]["name"], "Gone");
    client.delete(&format!("/v1/coupons/{coupon}")).await.ok();
    let shown = client.get(&path).await.ok()["discounts"][0]["source"]["coupon"].clone();
    assert_eq!((&shown["id"], &shown["percent_off"]), (&json!(coupon), &json!(10.0)));
    let list = client.get("/v1/subscriptions?expand[]=data.discounts.source.coupon").await.ok();
    assert_eq!(list["data"][0]["discounts"][0]["source"]["coupon"], shown);
}
