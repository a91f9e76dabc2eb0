use super::scene::{EVERYTHING, Scene, text};
use crate::{
    client::Answer,
    pages::{assert_page, form::Form, location},
    sandbox,
};

async fn typed(scene: &Scene, session: &str, number: &str) -> Answer {
    form(scene, session, number).await.send(&scene.client).await
}

async fn form(scene: &Scene, session: &str, number: &str) -> Form {
    let page = scene.open(&format!("{session}/payment_method")).await;
    assert_page(&page, 200);
    let form = Form::of(&page, "/payment_method").with("card_number", number);
    form.with("card_expiry", "12 / 34").with("card_cvc", "123").with("card_name", "Ada")
}

/// The last digits of the card that is charged.
async fn last4(scene: &Scene) -> String {
    let expand = "expand[]=invoice_settings.default_payment_method";
    let customer = scene.client.get(&format!("/v1/customers/{}?{expand}", scene.customer)).await.ok();
    text(&customer["invoice_settings"]["default_payment_method"]["card"]["last4"])
}

#[tokio::test]
async fn a_card_is_replaced_also_where_a_subscription_has_its_own() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let customer = scene.client.get(&format!("/v1/customers/{}", scene.customer)).await.ok();
    let old = text(&customer["invoice_settings"]["default_payment_method"]);
    let path = format!("/v1/subscriptions/{}", scene.subscription);
    scene.client.post(&path, &[("default_payment_method", &old)]).await.ok();
    let session = scene.session(&scene.configuration(EVERYTHING).await, &[]).await;
    let home = location(&typed(&scene, &session, "5555 5555 5555 4444").await);
    let page = scene.open(&home).await.text;
    assert!(page.contains("Your card was saved.") && page.contains("Mastercard •••• 4444"), "{page}");
    assert_eq!(last4(&scene).await, "4444");
    assert_ne!(scene.read().await["default_payment_method"], old.as_str());
}

#[tokio::test]
async fn a_card_that_is_refused_says_why_and_the_old_one_stays() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(EVERYTHING).await, &[]).await;
    for (number, why) in
        [("4242", "Your card number is incomplete."), ("4000 0000 0000 0002", "Your card was declined.")]
    {
        let refused = typed(&scene, &session, number).await;
        assert_page(&refused, 422);
        assert!(refused.text.contains(why) && refused.text.contains(number), "{}", refused.text);
    }
    assert_eq!(last4(&scene).await, "4242");
}

#[tokio::test]
async fn a_card_that_must_be_authenticated_is_taken_once_it_was() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(EVERYTHING).await, &[]).await;
    let bank_page = location(&typed(&scene, &session, "4000 0025 0000 3155").await);
    assert_eq!(last4(&scene).await, "4242");
    let page = scene.open(&bank_page).await;
    let back = location(&Form::of(&page, &bank_page).with("outcome", "fail").send(&scene.client).await);
    assert_page(&scene.open(&scene.path(&back)).await, 422);
    assert_eq!(last4(&scene).await, "4242");
    let bank_page = location(&typed(&scene, &session, "4000 0025 0000 3155").await);
    let page = scene.open(&bank_page).await;
    let back = location(&Form::of(&page, &bank_page).with("outcome", "complete").send(&scene.client).await);
    let home = location(&scene.open(&scene.path(&back)).await);
    assert!(scene.open(&home).await.text.contains("Visa •••• 3155"));
    assert_eq!(last4(&scene).await, "3155");
}

#[tokio::test]
async fn a_card_that_is_sent_twice_is_saved_once() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let session = scene.session(&scene.configuration(EVERYTHING).await, &[]).await;
    let form = form(&scene, &session, "5555 5555 5555 4444").await;
    let first = location(&form.send(&scene.client).await);
    assert_eq!(location(&form.send(&scene.client).await), first);
    let cards = scene.client.get(&format!("/v1/payment_methods?customer={}", scene.customer)).await.ok();
    assert_eq!(cards["data"].as_array().unwrap().len(), 2, "the old one and the new one");
}
