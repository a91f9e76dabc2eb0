use std::collections::BTreeSet;

use billing_testing::{Operation, Suite, Tenant, TestDatabase, dashboard_operations, tokens};
use reqwest::Method;
use serde_json::json;

use crate::shop::{Shop, unsynced, usd};
use crate::{APPS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "concurrent_repeats_of_a_request_are_done_once",
            concurrent_repeats_of_a_request_are_done_once,
        )
        .on_every_database(
            "every_repeated_create_replays_its_first_answer",
            every_repeated_create_replays_its_first_answer,
        )
        .on_every_database(
            "repeated_create_replays_its_answer_after_a_deletion",
            repeated_create_replays_its_answer_after_a_deletion,
        )
        .on_every_database(
            "idempotency_key_with_another_request_is_refused",
            idempotency_key_with_another_request_is_refused,
        )
        .on_sqlite(
            "refusal_is_not_stored_under_the_idempotency_key",
            refusal_is_not_stored_under_the_idempotency_key,
        )
        .on_sqlite("malformed_idempotency_key_is_refused", malformed_idempotency_key_is_refused)
        .on_sqlite("workspaces_do_not_share_idempotency_keys", workspaces_do_not_share_idempotency_keys)
}

async fn concurrent_repeats_of_a_request_are_done_once(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = json!({ "key": "pro", "name": "Pro", "prices": [usd(1250)] });

    let answers =
        futures_util::future::join_all((0..16).map(|_| shop.once("/plans", "submit-1", &body))).await;

    let different: BTreeSet<_> =
        answers.iter().map(|answer| (answer.status.as_u16(), &answer.text)).collect();
    assert_eq!(different.len(), 1, "{different:?}");
    assert_eq!(answers[0].status, 201, "{}", answers[0].text);
    assert_eq!(shop.get("/plans").await.json()["items"], json!([answers[0].json()]));
    assert_eq!(shop.log().await.len(), 4, "enabled, app, plan, price");
}

async fn every_repeated_create_replays_its_first_answer(database: TestDatabase) {
    let service = service(&database).await;
    let tenant = Tenant::new(&service, "ws_shop", "stocked").await;
    let operations = dashboard_operations(&service);
    // A change of plan has the proof of a preview: `plan_changes.rs` repeats it. The end of a trial makes an invoice, which a
    // webhook tells of later: `trials.rs` repeats it.
    let is_left_out =
        |it: &Operation| ["/change-plan", "/trial"].iter().any(|end| it.template.ends_with(end));
    let is_repeatable = |it: &&Operation| it.takes_a_request_key() && !is_left_out(it);
    let creating: Vec<_> = operations.iter().filter(is_repeatable).collect();
    assert!(creating.len() >= 5, "the document has {} of them only", creating.len());
    for (number, operation) in creating.into_iter().enumerate() {
        let tenant = match operation.template.rsplit('/').next() {
            Some("void" | "mark-uncollectible" | "send") => {
                let other = Tenant::new(&service, &format!("ws_{number}"), "stocked").await;
                &other.with_open_invoice(&service).await
            }
            _ => &tenant,
        };
        let ask = || operation.ask_once(&service, &tenant.ids, &tenant.token, &operation.template);
        let first = ask().await;
        assert!(first.status.is_success(), "{operation:?}: {}", first.text);
        let before = tenant.everything(&service).await;

        let again = ask().await;

        assert_eq!((again.status, unsynced(&again)), (first.status, unsynced(&first)), "{operation:?}");
        assert_eq!(tenant.everything(&service).await, before, "{operation:?}");
    }
}

async fn repeated_create_replays_its_answer_after_a_deletion(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = json!({ "key": "seats", "name": "Seats" });
    let first = shop.once("/features", "key", &body).await;
    assert_eq!(shop.delete("/features/seats").await.status, 204);

    let again = shop.once("/features", "key", &body).await;

    assert_eq!((again.status.as_u16(), again.text), (201, first.text));
    assert_eq!(shop.get("/features/seats").await.status, 404);
}

async fn idempotency_key_with_another_request_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = json!({ "key": "pro", "name": "Pro" });
    assert_eq!(shop.once("/plans", "key", &body).await.status, 201);
    let reused = (409, "idempotency_key_reused".to_owned());

    let other_body = json!({ "key": "pro", "name": "Pro", "visibility": "hidden" });
    assert_eq!(shop.once("/plans", "key", &other_body).await.refusal(), reused);
    let other_path = json!({ "key": "pro", "name": "Pro" });
    assert_eq!(shop.once("/features", "key", &other_path).await.refusal(), reused);
    let app = json!({ "name": "Pro" });
    assert_eq!(shop.service.post_once(APPS, &shop.owner, "key", &app).await.refusal(), reused);
    let second_app = crate::shop::new_app(&shop.service, &shop.owner, "Second").await;
    let elsewhere = format!("{APPS}/{second_app}/billing/plans");
    assert_eq!(shop.service.post_once(&elsewhere, &shop.owner, "key", &body).await.refusal(), reused);

    // The same in other words is the same request.
    let spelled_out =
        json!({ "prices": [], "name": " Pro ", "key": "pro", "payerKind": "user", "visibility": "public" });
    assert_eq!(shop.once("/plans", "key", &spelled_out).await.status, 201);
    assert_eq!(shop.get("/plans").await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(shop.get("/features").await.json()["items"], json!([]));
}

async fn refusal_is_not_stored_under_the_idempotency_key(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let body = json!({ "key": "pro", "name": "Pro" });
    assert_eq!(shop.once("/plans", "key", &body).await.refusal(), (409, "plan_key_taken".to_owned()));
    shop.delete(&plan).await;
    assert_eq!(shop.once("/plans", "key", &body).await.status, 201);
}

async fn malformed_idempotency_key_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = json!({ "key": "pro", "name": "Pro" });
    let request =
        || shop.service.request(Method::POST, &shop.at("/plans")).bearer_auth(&shop.owner).json(&body);
    let long = "k".repeat(256);
    for key in ["", "a key", long.as_str()] {
        let answer = shop.service.send(request().header("idempotency-key", key)).await;
        assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{key:?}");
        assert_eq!(answer.json()["details"], json!({ "header": "Idempotency-Key" }));
        assert!(answer.json()["message"].as_str().unwrap().contains("`Idempotency-Key`"), "{}", answer.text);
    }
    for bytes in [&b"caf\xc3\xa9"[..], &b"\xff\xfe"[..], &b"a\tb"[..]] {
        let answer = shop.service.send(request().header("idempotency-key", bytes)).await;
        assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{bytes:?}");
    }
    let twice = request().header("idempotency-key", "one").header("idempotency-key", "two");
    assert_eq!(shop.service.send(twice).await.refusal(), (400, "invalid_request".to_owned()));
    assert_eq!(shop.get("/plans").await.json()["items"], json!([]));
    assert_eq!(shop.once("/plans", &"k".repeat(255), &body).await.status, 201);
}

async fn workspaces_do_not_share_idempotency_keys(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let first = shop.service.post_once(APPS, &shop.owner, "key", &json!({ "name": "Mine" })).await;
    let other = tokens::owner("ws_other");
    let second = shop.service.post_once(APPS, &other, "key", &json!({ "name": "Theirs" })).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_ne!(first.json()["id"], second.json()["id"]);
    assert_eq!(second.json()["name"], "Theirs");
}
