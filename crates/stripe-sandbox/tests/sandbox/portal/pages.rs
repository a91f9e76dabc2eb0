use stripe_sandbox::Sandbox;

use super::scene::{EVERYTHING, NOTHING, Scene, text};
use crate::{
    client::Client,
    pages::{assert_page, form::Form, location},
    sandbox,
};

const DAY: i64 = 86_400;

#[tokio::test]
async fn the_portal_shows_what_is_the_customers() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let back = ("return_url", "https://shop.example/account");
    let session = scene.session(&scene.of_plans("none").await, &[back]).await;
    let page = scene.open(&session).await;
    assert_page(&page, 200);
    let invoice = &scene.invoices().await[0];
    for wanted in [
        "Billing of ada@example.com",
        "Basic",
        "$20.00 per month",
        "Renews on 1 February 2026.",
        "Visa •••• 4242",
        "https://shop.example/account",
        invoice["number"].as_str().unwrap(),
        invoice["hosted_invoice_url"].as_str().unwrap(),
        invoice["invoice_pdf"].as_str().unwrap(),
        "/change",
        "/cancel",
        "/payment_method",
    ] {
        assert!(page.text.contains(wanted), "{wanted} in {}", page.text);
    }
}

/// A customer who bought Pro by Checkout, which makes the card the subscription's and not the customer's.
async fn bought(sandbox: &Sandbox) -> (Scene, String) {
    let mut scene = Scene::new(sandbox).await;
    let session = scene.client.checkout_of(&[]).await;
    scene.client.pay(&session, "tok_mastercard").await.ok();
    let session = scene.client.session(&session).await;
    scene.customer = text(&session["customer"]);
    (scene, text(&session["subscription"]))
}

async fn assert_shows_cards(scene: &Scene, cards: &[&str]) {
    let home = scene.session(&scene.configuration(EVERYTHING).await, &[]).await;
    for path in [home.clone(), format!("{home}/payment_method")] {
        let page = scene.open(&path).await;
        for wanted in cards {
            assert!(page.text.contains(wanted), "{wanted} in {}", page.text);
        }
        assert!(!page.text.contains("There is no card"), "{}", page.text);
    }
}

#[tokio::test]
async fn the_portal_shows_the_card_that_pays_also_where_it_is_the_subscriptions_own() {
    let sandbox = sandbox().await;
    let (scene, _) = bought(&sandbox).await;
    assert_shows_cards(&scene, &["Mastercard •••• 4444, expires"]).await;
    scene.client.replace_card(&scene.customer, "pm_card_visa").await;
    assert_shows_cards(&scene, &["Visa •••• 4242", "Mastercard •••• 4444", "for Pro"]).await;
}

#[tokio::test]
async fn the_portal_shows_the_newest_card_where_none_pays() {
    let sandbox = sandbox().await;
    let (scene, subscription) = bought(&sandbox).await;
    scene.client.delete(&format!("/v1/subscriptions/{subscription}")).await.ok();
    assert_shows_cards(&scene, &["Mastercard •••• 4444, expires"]).await;
}

#[tokio::test]
async fn the_portal_shows_the_words_and_addresses_of_its_shop() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let profile = [
        ("business_profile[headline]", "Pay us <here>"),
        ("business_profile[privacy_policy_url]", "https://shop.example/privacy"),
        ("business_profile[terms_of_service_url]", "https://shop.example/terms"),
    ];
    let session = scene.session(&scene.configuration(&[EVERYTHING, &profile].concat()).await, &[]).await;
    let page = scene.open(&session).await;
    assert_page(&page, 200);
    for wanted in
        ["Pay us &#60;here&#62;", "\"https://shop.example/privacy\"", "\"https://shop.example/terms\""]
    {
        assert!(page.text.contains(wanted), "{wanted} in {}", page.text);
    }
}

#[tokio::test]
async fn portal_hides_and_refuses_what_its_configuration_forbids() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(NOTHING).await, &[]).await;
    let page = scene.open(&session).await;
    assert_page(&page, 200);
    for hidden in ["/change", "/cancel", "/payment_method", "/resume", "Invoices"] {
        assert!(!page.text.contains(hidden), "{hidden} in {}", page.text);
    }
    let (before, customer) = (scene.read().await, format!("/v1/customers/{}", scene.customer));
    let card = scene.client.get(&customer).await.ok();
    for step in ["cancel", "change", "resume"] {
        let path = scene.step(&session, step);
        assert_page(&scene.client.post(&path, &[("price", &scene.pro)]).await, 403);
    }
    let typed = [("card_number", "4242424242424242"), ("card_expiry", "12 / 34")];
    assert_page(&scene.client.post(&format!("{session}/payment_method"), &typed).await, 403);
    assert_eq!(scene.read().await, before);
    assert_eq!(scene.client.get(&customer).await.ok(), card);
}

#[tokio::test]
async fn another_customers_subscription_is_not_there() {
    let sandbox = sandbox().await;
    let (ada, bob) = (Scene::new(&sandbox).await, Scene::new(&sandbox).await);
    let session = ada.session(&ada.of_plans("none").await, &[]).await;
    let before = bob.read().await;
    for step in ["cancel", "change", "change/confirm", "resume"] {
        let path = bob.step(&session, step);
        let missing = path.replace(&bob.subscription, "sub_none");
        for path in [path, missing] {
            if step != "resume" {
                let answer = ada.open(&format!("{path}?price={}", ada.pro)).await;
                assert_page(&answer, 404);
            }
            if step != "change/confirm" {
                assert_page(&ada.client.post(&path, &[("price", &ada.pro)]).await, 404);
            }
        }
    }
    assert_eq!(bob.read().await, before);
    let page = ada.open(&session).await.text;
    assert!(!page.contains(&bob.subscription));
    assert!(!page.contains(bob.invoices().await[0]["number"].as_str().unwrap()));
}

#[tokio::test]
async fn a_session_of_another_account_shows_nothing_of_this_one() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let other = Client::new(&sandbox).with_key("sk_test_other");
    let customer = other.customer_with_card().await;
    let form = [("customer", customer.as_str())];
    let session = other.post("/v1/billing_portal/sessions", &form).await.ok();
    let session = scene.path(session["url"].as_str().unwrap());
    assert_page(&scene.open(&scene.step(&session, "cancel")).await, 404);
    assert!(scene.open(&session).await.text.contains("There is no subscription."));
}

#[tokio::test]
async fn a_link_that_is_not_whole_leads_nowhere() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(EVERYTHING).await, &[]).await;
    let id = session.rsplit_once('_').unwrap().0;
    for path in [id.to_owned(), format!("{id}_"), format!("{session}x"), "/p/session/x".to_owned()] {
        assert_page(&scene.open(&path).await, 404);
        assert_page(&scene.open(&scene.step(&path, "cancel")).await, 404);
    }
}

#[tokio::test]
async fn a_session_ends_after_a_day_and_says_so() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let back = ("return_url", "https://shop.example/account");
    let session = scene.session(&scene.configuration(EVERYTHING).await, &[back]).await;
    scene.client.advance_by(DAY - 1).await;
    assert_page(&scene.open(&session).await, 200);
    scene.client.advance_by(1).await;
    let before = scene.read().await;
    let ended = scene.open(&session).await;
    assert_page(&ended, 410);
    assert!(ended.text.contains("This session has ended"), "{}", ended.text);
    assert!(ended.text.contains("https://shop.example/account"), "{}", ended.text);
    assert_page(&scene.client.post(&scene.step(&session, "cancel"), &[("submission", "a")]).await, 410);
    assert_eq!(scene.read().await, before);
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(EVERYTHING).await, &[]).await;
    let page = scene.open(&scene.step(&session, "cancel")).await;
    let foreign = scene.client.with_header("sec-fetch-site", "cross-site");
    assert_page(&Form::of(&page, "/cancel").send(&foreign).await, 403);
    assert_eq!(scene.read().await["cancel_at_period_end"], false);
}

#[tokio::test]
async fn an_open_invoice_can_be_paid_from_the_portal() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    scene.client.replace_card(&scene.customer, "pm_card_chargeCustomerFail").await;
    scene.client.advance_by(32 * DAY).await;
    let session = scene.session(&scene.configuration(EVERYTHING).await, &[]).await;
    let page = scene.open(&session).await.text;
    let invoice = &scene.invoices().await[0];
    assert_eq!(invoice["status"], "open");
    let link = format!("href=\"{}\">Pay $20.00", invoice["hosted_invoice_url"].as_str().unwrap());
    assert!(page.contains(&link) && page.contains("Your last payment failed."), "{page}");
}

#[tokio::test]
async fn a_flow_opens_its_step_and_ends_where_it_says() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let cancel = [
        ("flow_data[type]", "subscription_cancel"),
        ("flow_data[subscription_cancel][subscription]", scene.subscription.as_str()),
        ("flow_data[after_completion][type]", "redirect"),
        ("flow_data[after_completion][redirect][return_url]", "https://shop.example/gone"),
    ];
    let session = scene.session(&scene.of_plans("none").await, &cancel).await;
    let step = location(&scene.open(&session).await);
    assert_eq!(step, scene.step(&session, "cancel"));
    let sent = Form::of(&scene.open(&step).await, "/cancel").send(&scene.client).await;
    assert_eq!(location(&sent), "https://shop.example/gone");
    assert_page(&scene.open(&session).await, 200);
}

#[tokio::test]
async fn a_flow_that_confirms_shows_its_message_when_it_is_done() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let item = scene.read().await["items"]["data"][0]["id"].as_str().unwrap().to_owned();
    let flow = [
        ("flow_data[type]", "subscription_update_confirm"),
        ("flow_data[subscription_update_confirm][subscription]", scene.subscription.as_str()),
        ("flow_data[subscription_update_confirm][items][0][id]", &item),
        ("flow_data[subscription_update_confirm][items][0][price]", &scene.pro),
        ("flow_data[after_completion][type]", "hosted_confirmation"),
        ("flow_data[after_completion][hosted_confirmation][custom_message]", "Enjoy <Pro>!"),
    ];
    let session = scene.session(&scene.of_plans("none").await, &flow).await;
    let step = location(&scene.open(&session).await);
    let sent = Form::of(&scene.open(&step).await, "/change").send(&scene.client).await;
    let done = scene.open(&location(&sent)).await;
    assert_page(&done, 200);
    assert!(done.text.contains("Enjoy &#60;Pro&#62;!"), "{}", done.text);
    assert_eq!(scene.price().await, scene.pro);
}
