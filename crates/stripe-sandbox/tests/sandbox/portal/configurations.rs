use serde_json::json;

use crate::{
    client::{Client, ids},
    sandbox,
};

const PATH: &str = "/v1/billing_portal/configurations";
const CANCEL: (&str, &str) = ("features[subscription_cancel][enabled]", "true");

#[tokio::test]
async fn a_new_configuration_allows_what_it_names_and_nothing_else() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let made = client.post(PATH, &[CANCEL]).await.ok();
    let features = &made["features"];
    for (feature, enabled) in [
        ("customer_update", false),
        ("invoice_history", false),
        ("payment_method_update", false),
        ("subscription_cancel", true),
        ("subscription_pause", false),
        ("subscription_update", false),
    ] {
        assert_eq!(features[feature]["enabled"], enabled, "{feature}");
    }
    assert_eq!(features["subscription_cancel"]["mode"], "at_period_end");
    assert_eq!((&made["active"], &made["is_default"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn what_a_change_leaves_out_stays_and_what_it_sends_empty_goes() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = [
        CANCEL,
        ("features[subscription_cancel][mode]", "immediately"),
        ("features[customer_update][enabled]", "true"),
        ("features[customer_update][allowed_updates][]", "email"),
        ("default_return_url", "https://shop.example/back"),
        ("business_profile[headline]", "Hello"),
    ];
    let path = format!("{PATH}/{}", client.post(PATH, &form).await.id());
    let form = [
        ("features[customer_update][allowed_updates]", ""),
        ("default_return_url", ""),
        ("features[subscription_cancel][proration_behavior]", "create_prorations"),
    ];
    let changed = client.post(&path, &form).await.ok();
    let cancel = &changed["features"]["subscription_cancel"];
    assert_eq!((&cancel["enabled"], &cancel["mode"]), (&json!(true), &json!("immediately")));
    assert_eq!(cancel["proration_behavior"], "create_prorations");
    assert_eq!(changed["features"]["customer_update"], json!({ "allowed_updates": [], "enabled": true }));
    assert_eq!(changed["default_return_url"], json!(null));
    assert_eq!(changed["business_profile"]["headline"], "Hello");
}

#[tokio::test]
async fn the_plans_of_a_configuration_are_told_when_they_are_asked_for() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let product = product_of(&client, &price).await;
    let form = [
        ("features[subscription_update][enabled]", "true"),
        ("features[subscription_update][default_allowed_updates][]", "price"),
        ("features[subscription_update][products][0][product]", product.as_str()),
        ("features[subscription_update][products][0][prices][]", &price),
    ];
    let made = client.post(PATH, &form).await.ok();
    assert!(made["features"]["subscription_update"].get("products").is_none(), "{made}");
    let query = "expand[]=data.features.subscription_update.products";
    let listed = client.get(&format!("{PATH}?{query}")).await.ok();
    let wanted = json!([{
        "product": product,
        "prices": [price],
        "adjustable_quantity": { "enabled": false, "maximum": null, "minimum": 1 },
    }]);
    assert_eq!(listed["data"][0]["features"]["subscription_update"]["products"], wanted);
}

#[tokio::test]
async fn a_configuration_that_cannot_be_is_refused_by_the_name_of_what_is_wrong() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let basic = client.monthly_price("Basic", "usd", 2000).await;
    let other = client.monthly_price("Other", "usd", 3000).await;
    let product = product_of(&client, &basic).await;
    let plan = "features[subscription_update][products][0]";
    let (of_product, price) = (format!("{plan}[product]"), format!("{plan}[prices][0]"));
    let most = format!("{plan}[adjustable_quantity][maximum]");
    let (least, adjusts) =
        (format!("{plan}[adjustable_quantity][minimum]"), format!("{plan}[adjustable_quantity][enabled]"));
    let update = ("features[subscription_update][enabled]", "true");
    for (form, param) in [
        (vec![("name", "x")], "features"),
        (
            vec![("features[subscription_cancel][mode]", "immediately")],
            "features[subscription_cancel][enabled]",
        ),
        (
            vec![CANCEL, ("features[subscription_cancel][mode]", "soon")],
            "features[subscription_cancel][mode]",
        ),
        (vec![("features[subscription_pause][enabled]", "true")], "features[subscription_pause][enabled]"),
        (vec![CANCEL, ("default_return_url", "javascript:alert(1)")], "default_return_url"),
        (
            vec![CANCEL, ("business_profile[terms_of_service_url]", "x")],
            "business_profile[terms_of_service_url]",
        ),
        (vec![CANCEL, ("login_page[enabled]", "true")], "login_page[enabled]"),
        (vec![CANCEL, ("active", "true")], "active"),
        // What the portal has no form for would be accepted without effect.
        (
            vec![
                ("features[customer_update][enabled]", "true"),
                ("features[customer_update][allowed_updates][]", "tax_id"),
            ],
            "features[customer_update][allowed_updates][0]",
        ),
        (vec![update, (&of_product, &product), (&price, &basic), (&adjusts, "true")], &adjusts),
        (
            vec![update, ("features[subscription_update][default_allowed_updates][]", "promotion_code")],
            "features[subscription_update][default_allowed_updates][0]",
        ),
        (vec![update, (&of_product, &product), (&price, &other)], &price),
        (vec![update, (&of_product, "prod_none"), (&price, &basic)], &of_product),
        (
            vec![
                update,
                (&of_product, &product),
                (&price, &basic),
                (&adjusts, "true"),
                (&least, "5"),
                (&most, "4"),
            ],
            &most,
        ),
    ] {
        let error = client.post(PATH, &form).await.error(400);
        assert_eq!(error["param"], param, "{error}");
    }
    assert_eq!(client.get(PATH).await.ok()["data"], json!([]));
}

#[tokio::test]
async fn the_default_configuration_is_made_once_and_stays_active() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let session = |client: Client, customer: String| async move {
        client.post("/v1/billing_portal/sessions", &[("customer", customer.as_str())]).await.ok()
    };
    let first = session(client.clone(), customer.clone()).await;
    let second = session(client.clone(), customer).await;
    assert_eq!(first["configuration"], second["configuration"]);
    let id = first["configuration"].as_str().unwrap();
    assert_eq!(ids(&client.get(&format!("{PATH}?is_default=true")).await.ok()), [id]);
    let error = client.post(&format!("{PATH}/{id}"), &[("active", "false")]).await.error(400);
    assert_eq!(error["param"], "active");
}

async fn product_of(client: &Client, price: &str) -> String {
    client.get(&format!("/v1/prices/{price}")).await.ok()["product"].as_str().unwrap().to_owned()
}
