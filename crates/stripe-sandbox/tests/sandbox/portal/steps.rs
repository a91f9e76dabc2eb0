use serde_json::json;

use super::scene::{EVERYTHING, Scene};
use crate::{
    NEW_YEAR,
    pages::{assert_page, form::Form, location},
    sandbox,
};

const DAY: i64 = 86_400;
const FEB_1: i64 = NEW_YEAR + 31 * DAY;

#[tokio::test]
async fn a_customer_cancels_at_the_end_of_the_period_and_undoes_it() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(EVERYTHING).await, &[]).await;
    let page = scene.open(&scene.step(&session, "cancel")).await;
    assert_page(&page, 200);
    assert!(page.text.contains("You can use Basic until 1 February 2026."), "{}", page.text);
    let home = location(&Form::of(&page, "/cancel").send(&scene.client).await);
    assert_eq!((scene.read().await["status"].clone(), scene.ends().await), (json!("active"), Some(FEB_1)));
    let page = scene.open(&home).await;
    assert!(page.text.contains("Your subscription was canceled."), "{}", page.text);
    assert!(page.text.contains("Cancels on 1 February 2026."), "{}", page.text);
    location(&Form::of(&page, "/resume").send(&scene.client).await);
    assert_eq!(scene.ends().await, None);
}

#[tokio::test]
async fn a_customer_cancels_at_once_where_the_configuration_says_so() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let mut form = EVERYTHING.to_vec();
    form.push(("features[subscription_cancel][mode]", "immediately"));
    let session = scene.session(&scene.configuration(&form).await, &[]).await;
    let page = scene.open(&scene.step(&session, "cancel")).await;
    assert!(page.text.contains("Basic ends at once."), "{}", page.text);
    let form = Form::of(&page, "/cancel");
    let first = location(&form.send(&scene.client).await);
    assert_eq!(location(&form.send(&scene.client).await), first, "the second click of a double click");
    assert_eq!(scene.read().await["status"], "canceled");
    let events = scene.client.events().await;
    let told = events.iter().filter(|event| event["type"] == "customer.subscription.deleted");
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn a_change_shows_what_it_costs_and_costs_that() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    scene.client.advance_by(31 * DAY / 2).await;
    let session = scene.session(&scene.of_plans("always_invoice").await, &[]).await;
    let page = scene.open(&scene.step(&session, "change")).await;
    assert_page(&page, 200);
    assert!(page.text.contains("Pro") && page.text.contains("(your plan now)"), "{}", page.text);
    let before = (scene.invoices().await, scene.read().await);
    let path = format!("{}?price={}", scene.step(&session, "change/confirm"), scene.pro);
    let page = scene.open(&path).await;
    assert_page(&page, 200);
    for wanted in
        ["Basic, $20.00 per month", "Pro, $50.00 per month", "Due today", "$15.00", "From 1 February 2026"]
    {
        assert!(page.text.contains(wanted), "{wanted} in {}", page.text);
    }
    assert_eq!((scene.invoices().await, scene.read().await), before, "looking changes nothing");
    location(&Form::of(&page, "/change").send(&scene.client).await);
    assert_eq!(scene.price().await, scene.pro);
    assert_eq!(scene.invoices().await[0]["amount_paid"], 1500);
}

#[tokio::test]
async fn a_change_that_is_sent_twice_is_billed_once() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.of_plans("always_invoice").await, &[]).await;
    let path = format!("{}?price={}", scene.step(&session, "change/confirm"), scene.pro);
    let form = Form::of(&scene.open(&path).await, "/change");
    let first = location(&form.send(&scene.client).await);
    let second = location(&form.send(&scene.client).await);
    assert_eq!(first, second);
    assert_eq!(scene.invoices().await.len(), 2);
}

#[tokio::test]
async fn a_change_whose_payment_is_declined_is_not_made_and_says_why() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    scene.client.replace_card(&scene.customer, "pm_card_chargeCustomerFail").await;
    let session = scene.session(&scene.of_plans("always_invoice").await, &[]).await;
    let path = format!("{}?price={}", scene.step(&session, "change/confirm"), scene.pro);
    let sent = Form::of(&scene.open(&path).await, "/change").send(&scene.client).await;
    assert_page(&sent, 422);
    assert!(sent.text.contains("Your card was declined."), "{}", sent.text);
    assert_eq!(scene.price().await, scene.basic);
    assert_eq!(scene.invoices().await.len(), 1);
}

#[tokio::test]
async fn a_change_whose_payment_must_be_authenticated_is_made_and_its_invoice_can_be_paid() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    scene.client.replace_card(&scene.customer, "pm_card_threeDSecure2Required").await;
    let session = scene.session(&scene.of_plans("always_invoice").await, &[]).await;
    let path = format!("{}?price={}", scene.step(&session, "change/confirm"), scene.pro);
    let home = location(&Form::of(&scene.open(&path).await, "/change").send(&scene.client).await);
    assert_eq!(scene.price().await, scene.pro);
    assert!(scene.open(&home).await.text.contains("Pay $30.00"));
}

#[tokio::test]
async fn a_price_that_is_not_offered_cannot_be_changed_to() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.of_plans("none").await, &[]).await;
    let cheap = scene.client.monthly_price("Cheap", "usd", 1).await;
    for price in [cheap.as_str(), scene.basic.as_str(), "price_none"] {
        let confirm = format!("{}?price={price}", scene.step(&session, "change/confirm"));
        assert_page(&scene.open(&confirm).await, 403);
        assert_page(&scene.client.post(&scene.step(&session, "change"), &[("price", price)]).await, 403);
    }
    assert_eq!(scene.price().await, scene.basic);
}

#[tokio::test]
async fn a_change_on_trial_ends_the_trial_unless_the_configuration_goes_on_with_it() {
    let sandbox = sandbox().await;
    for (behavior, status) in [("end_trial", "active"), ("continue_trial", "trialing")] {
        let mut scene = Scene::new(&sandbox).await;
        let trial = [("trial_period_days", "10")];
        scene.subscription = scene.client.subscribe(&scene.customer, &scene.basic, &trial).await;
        let configuration = scene.of_plans("none").await;
        let path = format!("/v1/billing_portal/configurations/{configuration}");
        let form = [("features[subscription_update][trial_update_behavior]", behavior)];
        scene.client.post(&path, &form).await.ok();
        let session = scene.session(&configuration, &[]).await;
        let path = format!("{}?price={}", scene.step(&session, "change/confirm"), scene.pro);
        let page = scene.open(&path).await;
        let due = if status == "active" { "Due today" } else { "Due on 11 January 2026" };
        assert!(page.text.contains(due) && page.text.contains("$50.00"), "{}", page.text);
        location(&Form::of(&page, "/change").send(&scene.client).await);
        assert_eq!(scene.read().await["status"], status, "{behavior}");
        assert_eq!(scene.price().await, scene.pro);
    }
}

/// A price of 10.00 a year, which a configuration offers beside Basic.
async fn with_a_year(scene: &Scene, more: &[(&str, &str)]) -> (String, String) {
    let form = [
        ("currency", "usd"),
        ("unit_amount", "1000"),
        ("recurring[interval]", "year"),
        ("product_data[name]", "Yearly"),
    ];
    let yearly = scene.client.post("/v1/prices", &form).await.id();
    let product = scene.client.get(&format!("/v1/prices/{yearly}")).await.ok()["product"].clone();
    let offered = [
        ("features[subscription_update][enabled]", "true"),
        ("features[subscription_update][default_allowed_updates][]", "price"),
        ("features[subscription_update][products][0][product]", product.as_str().unwrap()),
        ("features[subscription_update][products][0][prices][]", &yearly),
    ];
    (scene.configuration(&[&offered, more].concat()).await, yearly)
}

async fn change_to(scene: &Scene, configuration: &str, price: &str) -> String {
    let session = scene.session(configuration, &[]).await;
    let page = scene.open(&format!("{}?price={price}", scene.step(&session, "change/confirm"))).await;
    location(&Form::of(&page, "/change").send(&scene.client).await);
    page.text
}

#[tokio::test]
async fn a_change_of_plan_keeps_the_quantity_that_its_page_shows() {
    let sandbox = sandbox().await;
    let mut scene = Scene::new(&sandbox).await;
    scene.subscription =
        scene.client.subscribe(&scene.customer, &scene.basic, &[("items[0][quantity]", "3")]).await;
    let page = change_to(&scene, &scene.of_plans("always_invoice").await, &scene.pro).await;
    assert!(page.contains("Pro, 3 × $50.00 per month"), "{page}");
    assert_eq!(scene.price().await, scene.pro);
    assert_eq!(scene.read().await["items"]["data"][0]["quantity"], 3);
    assert_eq!(scene.invoices().await[0]["total"], 3 * 3000);
}

#[tokio::test]
async fn a_longer_interval_keeps_the_anchor_and_is_paid_for_up_to_it() {
    let sandbox = sandbox().await;
    for (behavior, total) in [("always_invoice", 973 - 1355), ("none", 2000)] {
        let scene = Scene::new(&sandbox).await;
        scene.client.advance_by(10 * DAY).await;
        let proration = ("features[subscription_update][proration_behavior]", behavior);
        let (configuration, yearly) = with_a_year(&scene, &[proration]).await;
        let anchor = scene.read().await["billing_cycle_anchor"].as_i64().unwrap();
        change_to(&scene, &configuration, &yearly).await;
        let subscription = scene.read().await;
        assert_eq!(subscription["billing_cycle_anchor"], anchor);
        assert_eq!(subscription["items"]["data"][0]["current_period_end"], anchor + 365 * DAY);
        assert_eq!(scene.invoices().await[0]["total"], total, "{behavior}");
    }
}

#[tokio::test]
async fn a_longer_interval_that_waits_for_the_period_costs_its_part_up_to_the_anchor() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let waits = (
        "features[subscription_update][schedule_at_period_end][conditions][0][type]",
        "decreasing_item_amount",
    );
    let (configuration, yearly) = with_a_year(&scene, &[waits]).await;
    let page = change_to(&scene, &configuration, &yearly).await;
    assert!(page.contains("From 1 February 2026"), "{page}");
    scene.client.advance_to(FEB_1).await;
    assert_eq!(scene.price().await, yearly);
    // 334 of the 365 days.
    assert_eq!(scene.invoices().await[0]["total"], 915);
}
