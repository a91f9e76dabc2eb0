//! A customer edits what the shop knows of them.

use serde_json::{Value, json};

use super::scene::{NOTHING, Scene};
use crate::{
    pages::{assert_page, form::Form, location},
    sandbox,
};

const ENABLED: (&str, &str) = ("features[customer_update][enabled]", "true");
const ALLOWED: &str = "features[customer_update][allowed_updates][]";
const ALL: &[(&str, &str)] =
    &[ENABLED, (ALLOWED, "name"), (ALLOWED, "email"), (ALLOWED, "phone"), (ALLOWED, "address")];

async fn customer(scene: &Scene) -> Value {
    scene.client.get(&format!("/v1/customers/{}", scene.customer)).await.ok()
}

async fn updates(scene: &Scene) -> Vec<Value> {
    let events = scene.client.events().await;
    events.into_iter().filter(|event| event["type"] == "customer.updated").collect()
}

#[tokio::test]
async fn a_customer_reads_and_edits_what_is_known_of_them() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(ALL).await, &[]).await;
    let home = scene.open(&session).await;
    assert!(home.text.contains("Billing information") && home.text.contains("/customer"), "{}", home.text);
    let page = scene.open(&format!("{session}/customer")).await;
    assert_page(&page, 200);
    assert!(page.text.contains("value=\"ada@example.com\""), "{}", page.text);
    let before = updates(&scene).await.len();
    let form = Form::of(&page, "/customer")
        .with("name", "Ada <b>King</b>")
        .with("email", "king@example.com")
        .with("phone", "+44 20 7946 0958")
        .with("line1", "12 St James's Square")
        .with("city", "London")
        .with("postal_code", "SW1Y 4JH")
        .with("country", "gb");
    let first = location(&form.send(&scene.client).await);
    assert_eq!(location(&form.send(&scene.client).await), first, "the second click of a double click");
    let after = customer(&scene).await;
    assert_eq!((&after["name"], &after["email"]), (&json!("Ada <b>King</b>"), &json!("king@example.com")));
    assert_eq!(after["phone"], "+44 20 7946 0958");
    let address = json!({
        "city": "London", "country": "GB", "line1": "12 St James's Square", "line2": null,
        "postal_code": "SW1Y 4JH", "state": null,
    });
    assert_eq!(after["address"], address);
    let told = updates(&scene).await.split_off(before);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["data"]["previous_attributes"]["email"], "ada@example.com");
    let home = scene.open(&first).await;
    for shown in
        ["Your billing information was saved.", "king@example.com", "&#60;b&#62;King", "SW1Y 4JH London"]
    {
        assert!(home.text.contains(shown), "{shown} is missing in {}", home.text);
    }
}

#[tokio::test]
async fn what_is_emptied_is_forgotten_and_what_stays_the_same_tells_nobody() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let known = [("name", "Ada"), ("phone", "1"), ("address[line1]", "1 Street"), ("address[country]", "GB")];
    scene.client.post(&format!("/v1/customers/{}", scene.customer), &known).await.ok();
    let session = scene.session(&scene.configuration(ALL).await, &[]).await;
    let form = Form::of(&scene.open(&format!("{session}/customer")).await, "/customer");
    let before = updates(&scene).await.len();
    location(&form.send(&scene.client).await);
    assert_eq!(updates(&scene).await.len(), before);
    let form = Form::of(&scene.open(&format!("{session}/customer")).await, "/customer");
    let emptied = form.with("name", "").with("phone", " ").with("line1", "").with("country", "");
    location(&emptied.send(&scene.client).await);
    let after = customer(&scene).await;
    assert_eq!(
        (&after["name"], &after["phone"], &after["address"]),
        (&json!(null), &json!(null), &json!(null))
    );
    assert_eq!(after["email"], "ada@example.com");
}

#[tokio::test]
async fn a_field_that_cannot_be_says_why_and_nothing_is_saved() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(ALL).await, &[]).await;
    let before = customer(&scene).await;
    let form = Form::of(&scene.open(&format!("{session}/customer")).await, "/customer");
    let wrong =
        form.with("name", "Ada King").with("email", "ada").with("phone", "call me").with("city", "London");
    let refused = wrong.send(&scene.client).await;
    assert_page(&refused, 422);
    for shown in [
        "There is a problem",
        "Your email address is invalid.",
        "Enter a phone number",
        "Enter the street and number.",
        "Enter the country.",
        "value=\"Ada King\"",
        "value=\"call me\"",
    ] {
        assert!(refused.text.contains(shown), "{shown} is missing in {}", refused.text);
    }
    assert_eq!(customer(&scene).await, before);
}

#[tokio::test]
async fn only_what_the_configuration_allows_can_be_edited() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let before = customer(&scene).await;
    let session = scene.session(&scene.configuration(&[ENABLED, (ALLOWED, "phone")]).await, &[]).await;
    let page = scene.open(&format!("{session}/customer")).await;
    assert!(!page.text.contains("name=\"email\"") && !page.text.contains("name=\"line1\""), "{}", page.text);
    let form =
        Form::of(&page, "/customer").with("phone", "+1").with("name", "Eve").with("email", "eve@example.com");
    location(&form.send(&scene.client).await);
    let after = customer(&scene).await;
    assert_eq!(after["phone"], "+1");
    assert_eq!((&after["name"], &after["email"]), (&before["name"], &before["email"]));
    let off = ("features[customer_update][enabled]", "false");
    for features in [NOTHING, &[ENABLED][..], &[off, (ALLOWED, "email")][..]] {
        let session = scene.session(&scene.configuration(features).await, &[]).await;
        assert!(!scene.open(&session).await.text.contains("Billing information"));
        let path = format!("{session}/customer");
        assert_page(&scene.open(&path).await, 403);
        assert_page(&scene.client.post(&path, &[("email", "eve@example.com")]).await, 403);
    }
    assert_eq!(customer(&scene).await, after);
}

#[tokio::test]
async fn a_form_of_another_site_edits_nothing() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(ALL).await, &[]).await;
    let before = customer(&scene).await;
    let form = Form::of(&scene.open(&format!("{session}/customer")).await, "/customer").with("name", "Eve");
    assert_page(&form.send(&scene.client.with_header("sec-fetch-site", "cross-site")).await, 403);
    assert_eq!(customer(&scene).await, before);
}

#[tokio::test]
async fn a_flow_into_it_ends_where_it_says() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let flow = [
        ("flow_data[type]", "customer_update"),
        ("flow_data[after_completion][type]", "redirect"),
        ("flow_data[after_completion][redirect][return_url]", "https://shop.example/known"),
    ];
    let configuration = scene.configuration(ALL).await;
    let form =
        [&[("customer", scene.customer.as_str()), ("configuration", &configuration)][..], &flow].concat();
    let made = scene.client.post("/v1/billing_portal/sessions", &form).await.ok();
    assert_eq!(
        (&made["flow"]["type"], &made["flow"]["customer_update"]),
        (&json!("customer_update"), &json!({}))
    );
    let session = scene.path(made["url"].as_str().unwrap());
    let step = location(&scene.open(&session).await);
    assert_eq!(step, format!("{session}/customer"));
    let sent = Form::of(&scene.open(&step).await, "/customer").with("name", "Ada").send(&scene.client).await;
    assert_eq!(location(&sent), "https://shop.example/known");
    let form = [("customer", scene.customer.as_str()), ("flow_data[type]", "customer_update")];
    let nothing = scene.configuration(NOTHING).await;
    let refused = [&form[..], &[("configuration", nothing.as_str())]].concat();
    let error = scene.client.post("/v1/billing_portal/sessions", &refused).await.error(400);
    assert_eq!(error["param"], "flow_data[type]");
}
