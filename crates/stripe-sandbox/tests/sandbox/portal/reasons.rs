//! A customer who cancels is asked why.

use serde_json::json;

use super::scene::{EVERYTHING, Scene};
use crate::{
    client::Answer,
    pages::{assert_page, form::Form, location},
    sandbox,
};

const ASKED: (&str, &str) = ("features[subscription_cancel][cancellation_reason][enabled]", "true");
const OPTION: &str = "features[subscription_cancel][cancellation_reason][options][]";

/// The page on which a subscription is cancelled, where these reasons are offered.
async fn page(scene: &Scene, more: &[(&str, &str)]) -> Answer {
    let features = [EVERYTHING, more].concat();
    let session = scene.session(&scene.configuration(&features).await, &[]).await;
    scene.open(&scene.step(&session, "cancel")).await
}

#[tokio::test]
async fn the_reason_that_is_chosen_and_the_comment_are_kept_until_the_customer_resumes() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let page = page(&scene, &[ASKED, (OPTION, "too_expensive"), (OPTION, "unused")]).await;
    assert_page(&page, 200);
    for shown in ["Why do you cancel?", "It’s too expensive", "I don’t use the service enough"] {
        assert!(page.text.contains(shown), "{shown} is missing in {}", page.text);
    }
    assert!(!page.text.contains("Other reason"), "{}", page.text);
    let form = Form::of(&page, "/cancel").with("feedback", "unused").with("comment", "  See you.\n");
    let home = location(&form.send(&scene.client).await);
    let details = &scene.read().await["cancellation_details"];
    assert_eq!((&details["feedback"], &details["comment"]), (&json!("unused"), &json!("See you.")));
    assert_eq!(details["reason"], "cancellation_requested");
    location(&Form::of(&scene.open(&home).await, "/resume").send(&scene.client).await);
    let details = &scene.read().await["cancellation_details"];
    assert_eq!((&details["feedback"], &details["comment"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn nobody_must_say_why() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let page = page(&scene, &[ASKED]).await;
    assert!(page.text.contains("Other reason"), "the usual reasons in {}", page.text);
    location(&Form::of(&page, "/cancel").with("comment", " ").send(&scene.client).await);
    assert!(scene.ends().await.is_some());
    let subscription = scene.read().await;
    let details = &subscription["cancellation_details"];
    assert_eq!((&details["feedback"], &details["comment"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn the_reason_is_kept_also_of_what_ends_at_once() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let at_once = ("features[subscription_cancel][mode]", "immediately");
    let page = page(&scene, &[ASKED, (OPTION, "other"), at_once]).await;
    let form = Form::of(&page, "/cancel").with("feedback", "other").with("comment", "Bye");
    location(&form.send(&scene.client).await);
    let events = scene.client.events().await;
    let told = events.iter().find(|event| event["type"] == "customer.subscription.deleted").unwrap();
    let details = &told["data"]["object"]["cancellation_details"];
    assert_eq!((&details["feedback"], &details["comment"]), (&json!("other"), &json!("Bye")));
}

#[tokio::test]
async fn what_is_not_asked_for_is_not_kept() {
    let sandbox = sandbox().await;
    for (more, feedback, comment) in
        [(&[][..], "unused", json!(null)), (&[ASKED, (OPTION, "too_complex")][..], "unused", json!("Bye"))]
    {
        let scene = Scene::new(&sandbox).await;
        let page = page(&scene, more).await;
        let form = Form::of(&page, "/cancel").with("feedback", feedback).with("comment", "Bye");
        location(&form.send(&scene.client).await);
        let details = &scene.read().await["cancellation_details"];
        assert_eq!((&details["feedback"], &details["comment"]), (&json!(null), &comment));
    }
}

#[tokio::test]
async fn a_comment_that_is_too_long_is_refused_and_nothing_is_cancelled() {
    let sandbox = sandbox().await;
    let scene = Scene::new(&sandbox).await;
    let form = Form::of(&page(&scene, &[ASKED]).await, "/cancel").with("feedback", "unused");
    let refused = form.with("comment", &"é".repeat(1_001)).send(&scene.client).await;
    assert_page(&refused, 422);
    assert!(refused.text.contains("at most 1000 characters"), "{}", refused.text);
    assert!(refused.text.contains("value=\"unused\" checked"), "{}", refused.text);
    assert_eq!(scene.ends().await, None);
    location(&form.with("comment", &"é".repeat(1_000)).send(&scene.client).await);
    assert!(scene.ends().await.is_some());
}
