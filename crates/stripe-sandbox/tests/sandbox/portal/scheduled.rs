//! A change of the plan that waits for the end of the period.

use serde_json::json;

use super::scene::{Scene, text};
use crate::{
    NEW_YEAR,
    pages::{assert_page, form::Form, location},
    sandbox,
};

const DAY: i64 = 86_400;
const FEB_1: i64 = NEW_YEAR + 31 * DAY;
const MAR_1: i64 = FEB_1 + 28 * DAY;
const CHEAPER: &[&str] = &["decreasing_item_amount"];
const SHORTER: &[&str] = &["shortening_interval"];

/// A configuration of plans in which changes wait under these conditions.
async fn waiting(scene: &Scene, conditions: &[&str]) -> String {
    let configuration = scene.of_plans("always_invoice").await;
    let conditions: Vec<_> = (0..).zip(conditions).map(|(index, kind)| (name(index), *kind)).collect();
    let form: Vec<_> = conditions.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    scene.client.post(&format!("/v1/billing_portal/configurations/{configuration}"), &form).await.ok();
    scene.session(&configuration, &[]).await
}

fn name(index: usize) -> String {
    format!("features[subscription_update][schedule_at_period_end][conditions][{index}][type]")
}

/// Confirms the change to this price, and gives the address that follows.
async fn change(scene: &Scene, session: &str, price: &str) -> String {
    let path = format!("{}?price={price}", scene.step(session, "change/confirm"));
    let page = scene.open(&path).await;
    assert_page(&page, 200);
    location(&Form::of(&page, "/change").send(&scene.client).await)
}

/// A subscriber to Pro, who can change to Basic.
async fn of_pro(sandbox: &stripe_sandbox::Sandbox) -> Scene {
    let mut scene = Scene::new(sandbox).await;
    scene.subscription = scene.client.subscribe(&scene.customer, &scene.pro, &[]).await;
    scene
}

/// What each invoice of the subscription comes to, the oldest first.
async fn totals(scene: &Scene) -> Vec<i64> {
    let path = format!("/v1/invoices?limit=100&subscription={}", scene.subscription);
    let invoices = scene.client.get(&path).await.ok();
    invoices["data"].as_array().unwrap().iter().map(|it| it["total"].as_i64().unwrap()).rev().collect()
}

#[tokio::test]
async fn a_cheaper_plan_begins_when_the_period_ends_and_is_what_is_billed_then() {
    let sandbox = sandbox().await;
    let scene = of_pro(&sandbox).await;
    scene.client.advance_by(10 * DAY).await;
    let session = waiting(&scene, CHEAPER).await;
    let page = scene.open(&format!("{}?price={}", scene.step(&session, "change/confirm"), scene.basic)).await;
    for shown in ["From 1 February 2026", "$20.00 per month", "You keep Pro until then."] {
        assert!(page.text.contains(shown), "{shown} is missing in {}", page.text);
    }
    assert!(!page.text.contains("Due today"), "{}", page.text);
    let home = change(&scene, &session, &scene.basic).await;
    assert_eq!((scene.price().await, totals(&scene).await), (scene.pro.clone(), vec![5000]));
    let page = scene.open(&home).await;
    for shown in [
        "Your plan will change when the period ends.",
        "Changes to Basic, $20.00 per month, on 1 February 2026.",
    ] {
        assert!(page.text.contains(shown), "{shown} is missing in {}", page.text);
    }
    let id = text(&scene.read().await["schedule"]);
    let schedule = scene.client.get(&format!("/v1/subscription_schedules/{id}")).await.ok();
    assert_eq!((&schedule["status"], &schedule["end_behavior"]), (&json!("active"), &json!("release")));
    let times: Vec<_> = schedule["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| [&it["start_date"], &it["end_date"]])
        .collect();
    assert_eq!(times, [[&json!(NEW_YEAR), &json!(FEB_1)], [&json!(FEB_1), &json!(MAR_1)]]);
    assert_eq!(schedule["phases"][1]["items"][0]["price"], scene.basic.as_str());
    scene.client.advance_to(FEB_1 + 2 * 3600).await;
    assert_eq!((scene.price().await, totals(&scene).await), (scene.basic.clone(), vec![5000, 2000]));
    scene.client.advance_to(MAR_1 + 2 * 3600).await;
    assert_eq!(totals(&scene).await, [5000, 2000, 2000]);
    assert_eq!(scene.read().await["schedule"], json!(null));
}

#[tokio::test]
async fn a_plan_that_costs_more_or_as_the_conditions_do_not_say_begins_at_once() {
    let sandbox = sandbox().await;
    for (scene, conditions) in [(Scene::new(&sandbox).await, CHEAPER), (of_pro(&sandbox).await, SHORTER)] {
        let session = waiting(&scene, conditions).await;
        let now = scene.price().await;
        let other = if now == scene.pro { scene.basic.clone() } else { scene.pro.clone() };
        let home = change(&scene, &session, &other).await;
        assert!(scene.open(&home).await.text.contains("Your plan was changed."));
        assert_eq!((scene.price().await, scene.read().await["schedule"].clone()), (other, json!(null)));
    }
}

#[tokio::test]
async fn a_shorter_interval_begins_when_the_longer_one_ends() {
    let sandbox = sandbox().await;
    let mut scene = Scene::new(&sandbox).await;
    let form = [
        ("currency", "usd"),
        ("unit_amount", "10000"),
        ("recurring[interval]", "year"),
        ("product_data[name]", "Yearly"),
    ];
    let yearly = scene.client.post("/v1/prices", &form).await.id();
    scene.subscription = scene.client.subscribe(&scene.customer, &yearly, &[]).await;
    let year = NEW_YEAR + 365 * DAY;
    scene.client.advance_to(year - DAY).await;
    let session = waiting(&scene, SHORTER).await;
    change(&scene, &session, &scene.pro).await;
    assert_eq!((scene.price().await, totals(&scene).await), (yearly, vec![10_000]));
    scene.client.advance_to(year + 2 * 3600).await;
    assert_eq!((scene.price().await, totals(&scene).await), (scene.pro.clone(), vec![10_000, 5000]));
    let item = &scene.read().await["items"]["data"][0];
    assert_eq!(item["current_period_end"], year + 31 * DAY);
    scene.client.advance_to(year + 31 * DAY + 2 * 3600).await;
    assert_eq!(totals(&scene).await, [10_000, 5000, 5000]);
}

#[tokio::test]
async fn a_change_that_is_ahead_is_undone_and_the_plan_renews() {
    let sandbox = sandbox().await;
    let scene = of_pro(&sandbox).await;
    let session = waiting(&scene, CHEAPER).await;
    let home = change(&scene, &session, &scene.basic).await;
    let undo = Form::of(&scene.open(&home).await, "/change/undo");
    let first = location(&undo.send(&scene.client).await);
    assert_eq!(location(&undo.send(&scene.client).await), first, "the second click of a double click");
    let page = scene.open(&first).await.text;
    assert!(
        page.contains("Your plan stays as it is.") && page.contains("Renews on 1 February 2026."),
        "{page}"
    );
    assert!(!page.contains("/change/undo"), "{page}");
    assert_eq!(scene.read().await["schedule"], json!(null));
    assert_page(&scene.client.post(&scene.step(&session, "change/undo"), &[("submission", "")]).await, 403);
    scene.client.advance_to(FEB_1 + 2 * 3600).await;
    assert_eq!((scene.price().await, totals(&scene).await), (scene.pro.clone(), vec![5000, 5000]));
}

#[tokio::test]
async fn who_cancels_or_chooses_again_gives_up_the_change_that_was_ahead() {
    let sandbox = sandbox().await;
    let scene = of_pro(&sandbox).await;
    let session = waiting(&scene, CHEAPER).await;
    change(&scene, &session, &scene.basic).await;
    let first = text(&scene.read().await["schedule"]);
    change(&scene, &session, &scene.basic).await;
    let second = text(&scene.read().await["schedule"]);
    let status = async |id: &str| {
        scene.client.get(&format!("/v1/subscription_schedules/{id}")).await.ok()["status"].clone()
    };
    assert_eq!((status(&first).await, status(&second).await), (json!("released"), json!("active")));
    let page = scene.open(&scene.step(&session, "cancel")).await;
    location(&Form::of(&page, "/cancel").send(&scene.client).await);
    assert_eq!((scene.read().await["schedule"].clone(), scene.ends().await), (json!(null), Some(FEB_1)));
    assert_eq!(status(&second).await, "released");
    scene.client.advance_to(FEB_1).await;
    assert_eq!(scene.read().await["status"], "canceled");
}

#[tokio::test]
async fn the_card_that_was_replaced_meanwhile_pays_the_new_plan() {
    let sandbox = sandbox().await;
    let scene = of_pro(&sandbox).await;
    let method = scene.client.get(&format!("/v1/customers/{}", scene.customer)).await.ok();
    let method = text(&method["invoice_settings"]["default_payment_method"]);
    let path = format!("/v1/subscriptions/{}", scene.subscription);
    scene.client.post(&path, &[("default_payment_method", &method)]).await.ok();
    let session = waiting(&scene, CHEAPER).await;
    change(&scene, &session, &scene.basic).await;
    let page = scene.open(&format!("{session}/payment_method")).await;
    let form = Form::of(&page, "/payment_method").with("card_number", "5555 5555 5555 4444");
    let form = form.with("card_expiry", "12 / 34").with("card_cvc", "123").with("card_name", "Ada");
    location(&form.send(&scene.client).await);
    let replaced = scene.read().await["default_payment_method"].clone();
    assert_ne!(replaced, method.as_str());
    scene.client.advance_to(FEB_1 + 2 * 3600).await;
    assert_eq!(
        (scene.price().await, &scene.read().await["default_payment_method"]),
        (scene.basic.clone(), &replaced)
    );
}

#[tokio::test]
async fn a_trial_keeps_its_plan_until_it_ends() {
    let sandbox = sandbox().await;
    let mut scene = Scene::new(&sandbox).await;
    let trial = [("trial_period_days", "10")];
    scene.subscription = scene.client.subscribe(&scene.customer, &scene.pro, &trial).await;
    let session = waiting(&scene, CHEAPER).await;
    let page = scene.open(&format!("{}?price={}", scene.step(&session, "change/confirm"), scene.basic)).await;
    assert!(page.text.contains("From 11 January 2026"), "{}", page.text);
    change(&scene, &session, &scene.basic).await;
    assert_eq!(
        (scene.price().await, scene.read().await["status"].clone()),
        (scene.pro.clone(), json!("trialing"))
    );
    scene.client.advance_by(10 * DAY + 2 * 3600).await;
    assert_eq!(
        (scene.price().await, scene.read().await["status"].clone()),
        (scene.basic.clone(), json!("active"))
    );
    assert_eq!(totals(&scene).await, [0, 2000]);
}

#[tokio::test]
async fn a_schedule_that_the_shop_made_is_not_the_customers_to_change_or_undo() {
    let sandbox = sandbox().await;
    let scene = of_pro(&sandbox).await;
    let form = [("from_subscription", scene.subscription.as_str())];
    let id = scene.client.post("/v1/subscription_schedules", &form).await.id();
    let session = waiting(&scene, CHEAPER).await;
    let page = scene.open(&session).await.text;
    for step in ["change", "cancel"] {
        assert!(!page.contains(&scene.step(&session, step)), "{page}");
    }
    let nothing = ("submission", "");
    let steps = [
        ("change", ("price", scene.basic.as_str())),
        ("change/undo", nothing),
        ("cancel", nothing),
        ("resume", nothing),
    ];
    for (step, field) in steps {
        let form = [field];
        assert_page(&scene.client.post(&scene.step(&session, step), &form).await, 403);
    }
    assert_eq!(scene.read().await["schedule"], id);
}

#[tokio::test]
async fn the_renewal_that_is_told_of_has_the_plan_that_begins_with_it() {
    let sandbox = sandbox().await;
    let scene = of_pro(&sandbox).await;
    let session = waiting(&scene, CHEAPER).await;
    change(&scene, &session, &scene.basic).await;
    scene.client.advance_to(FEB_1 - 6 * DAY).await;
    let events = scene.client.events().await;
    let told = events.iter().filter(|event| event["type"] == "invoice.upcoming");
    let told: Vec<_> = told
        .map(|event| &event["data"]["object"])
        .filter(|it| it["parent"]["subscription_details"]["subscription"] == scene.subscription)
        .map(|invoice| invoice["total"].as_i64())
        .collect();
    assert_eq!(told, [Some(2000)]);
    assert_eq!(scene.price().await, scene.pro);
    scene.client.advance_to(FEB_1 + 2 * 3600).await;
    assert_eq!(totals(&scene).await.last(), Some(&2000));
}

#[tokio::test]
async fn a_plan_in_another_currency_can_neither_be_chosen_nor_be_led_to() {
    let sandbox = sandbox().await;
    let scene = of_pro(&sandbox).await;
    let euros = scene.client.monthly_price("Euros", "eur", 100).await;
    let product = text(&scene.client.get(&format!("/v1/prices/{euros}")).await.ok()["product"]);
    let configuration = scene
        .configuration(&[
            ("features[subscription_update][enabled]", "true"),
            ("features[subscription_update][default_allowed_updates][]", "price"),
            ("features[subscription_update][products][0][product]", &product),
            ("features[subscription_update][products][0][prices][]", &euros),
            (&name(0), CHEAPER[0]),
        ])
        .await;
    let session = scene.session(&configuration, &[]).await;
    let asked = [("price", euros.as_str())];
    assert_page(&scene.client.post(&scene.step(&session, "change"), &asked).await, 403);
    assert_eq!(scene.read().await["schedule"], json!(null));
    let flow = "flow_data[subscription_update_confirm]";
    let item = text(&scene.read().await["items"]["data"][0]["id"]);
    let asked = [
        ("customer", scene.customer.as_str()),
        ("configuration", &configuration),
        ("flow_data[type]", "subscription_update_confirm"),
        (&format!("{flow}[subscription]"), &scene.subscription),
        (&format!("{flow}[items][0][id]"), &item),
        (&format!("{flow}[items][0][price]"), &euros),
    ];
    let error = scene.client.post("/v1/billing_portal/sessions", &asked).await.error(400);
    assert_eq!(error["param"], format!("{flow}[items][0][price]"));
}
