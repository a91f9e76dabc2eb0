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
    // Source: <https://docs.stripe.com/api/expanding_objects>, whose deepest path of a list is
    // `data.payment_intent.customer.default_source`: the `data` counts, at each place.
    client.get("/v1/charges?expand[]=data.payment_intent.customer.default_source").await.ok();
    client.get("/v1/invoices?expand[]=data.payments.data.payment").await.error(400);
    client.get("/v1/invoices?expand[]=data.payments.data").await.ok();
    for deep in [
        "data.payments.data.payment.payment_intent",
        "data.customer.invoice_settings.default_payment_method.customer",
    ] {
        let error = client.get(&format!("/v1/invoices?expand[]={deep}")).await.error(400);
        let message = format!("You cannot expand more than 4 levels of a property. Property: {deep}");
        assert_eq!((&error["message"], &error["param"]), (&json!(message), &json!("expand")));
    }
}

/// Source: <https://docs.stripe.com/expand>, by which a property can be expanded or not whatever it holds.
#[tokio::test]
async fn a_path_is_judged_also_where_there_is_nothing_to_expand() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for path in
        ["unicorn", "data.unicorn", "data.status", "data.customer.unicorn", "data.items.price", "data", ""]
    {
        client.get(&format!("/v1/subscriptions?expand[]={path}&expand[]=data.customer")).await.error(400);
    }
    let error = client.get("/v1/subscriptions?expand[]=customer").await.error(400);
    let message = error["message"].as_str().unwrap();
    assert!(message.ends_with("You may want to try expanding 'data.customer' instead."), "{message}");
    for path in ["data.customer", "data.schedule", "data.schedule.phases", "data.items.data.price"] {
        let answer = client.get(&format!("/v1/subscriptions?expand[]={path}")).await;
        assert_eq!(answer.status, if path.ends_with("phases") { 400 } else { 200 }, "{}", answer.text);
    }
    let path = format!("/v1/subscriptions/{}", subscribed(&client).await);
    assert_eq!(
        client.get(&format!("{path}?expand[]=schedule.subscription")).await.ok()["schedule"],
        json!(null)
    );
    client.get(&format!("{path}?expand[]=schedule.unicorn")).await.error(400);
}

/// Source: <https://docs.stripe.com/expand#includable-properties>, and the optional fields of stripe-node's types.
#[tokio::test]
async fn what_can_be_included_comes_only_when_it_is_asked_for() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    let coupon = [("amount_off", "500"), ("currency", "usd"), ("duration", "once")];
    let coupon = client.post("/v1/coupons", &coupon).await.id();
    let checkout = [
        ("mode", "subscription"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
        ("discounts[0][coupon]", &coupon),
    ];
    client.checkout(&checkout).await.ok();
    let option = json!({
        "custom_unit_amount": null, "tax_behavior": "unspecified", "unit_amount": 2000, "unit_amount_decimal": "2000",
    });
    let cases = [
        ("prices", "/currency_options", Some(json!({ "usd": option }))),
        ("coupons", "/currency_options", Some(json!({ "usd": { "amount_off": 500 } }))),
        ("customers", "/cash_balance/customer", Some(json!(customer))),
        ("customers", "/tax/automatic_tax", Some(json!("unrecognized_location"))),
        ("customers", "/tax_ids/data", Some(json!([]))),
        ("checkout/sessions", "/total_details/breakdown/discounts/0/amount", Some(json!(500))),
        ("coupons", "/applies_to", None),
        ("prices", "/tiers", None),
    ];
    for (list, pointer, included) in cases {
        let depth = if list == "checkout/sessions" { 2 } else { 1 };
        let field = pointer.split('/').skip(1).take(depth).collect::<Vec<_>>().join(".");
        let path = format!("/v1/{list}");
        let plain = client.get(&path).await.ok();
        assert_eq!(plain["data"][0].pointer(pointer), None, "{field}");
        let expanded = client.get(&format!("{path}?expand[]=data.{field}")).await.ok();
        assert_eq!(expanded["data"][0].pointer(pointer).cloned(), included, "{field} of {expanded}");
    }
    let within = client.get("/v1/checkout/sessions?expand[]=data.total_details.breakdown.discounts").await;
    within.error(400);
    let nested = client.get("/v1/products?expand[]=data.default_price.currency_options").await;
    nested.ok();
}

#[tokio::test]
async fn an_object_that_is_no_more_is_expanded_to_what_is_left_of_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let coupon = client.post("/v1/coupons", &[("percent_off", "10"), ("duration", "once")]).await.id();
    let code = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str())];
    client.post("/v1/promotion_codes", &code).await.ok();
    client.delete(&format!("/v1/coupons/{coupon}")).await.ok();
    let codes = client.get("/v1/promotion_codes?expand[]=data.promotion.coupon").await.ok();
    let left = json!({ "id": coupon, "object": "coupon", "deleted": true });
    assert_eq!(codes["data"][0]["promotion"]["coupon"], left);
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
