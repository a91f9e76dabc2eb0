use std::collections::BTreeSet;

use billing_testing::{Answer, Suite, TestDatabase, tokens};
use reqwest::Method;
use serde_json::{Value, json};

use crate::APPS;
use crate::shop::{Shop, usd};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "a_request_sent_many_times_at_once_is_done_once",
            a_request_sent_many_times_at_once_is_done_once,
        )
        .on_every_database(
            "every_creating_request_is_answered_as_before",
            every_creating_request_is_answered_as_before,
        )
        .on_every_database("a_key_is_for_one_request", a_key_is_for_one_request)
        .on_sqlite("a_refusal_is_not_remembered", a_refusal_is_not_remembered)
        .on_sqlite("a_key_that_is_none_is_refused", a_key_that_is_none_is_refused)
        .on_sqlite("workspaces_do_not_share_keys", workspaces_do_not_share_keys)
}

impl Shop {
    async fn once(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.service.post_once(&self.at(path), &self.owner, key, body).await
    }
}

async fn a_request_sent_many_times_at_once_is_done_once(database: TestDatabase) {
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

async fn every_creating_request_is_answered_as_before(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let app = json!({ "name": "Second" });
    let first = shop.service.post_once(APPS, &shop.owner, "app", &app).await;
    let again = shop.service.post_once(APPS, &shop.owner, "app", &app).await;
    assert_eq!((again.status.as_u16(), &again.text), (201, &first.text));

    for (path, body) in [
        ("/plans".to_owned(), json!({ "key": "team", "name": "Team" })),
        (format!("{plan}/prices"), usd(1500)),
        (format!("{plan}/features"), json!({ "key": "export", "name": "Export" })),
        ("/features".to_owned(), json!({ "key": "seats", "name": "Seats" })),
    ] {
        let first = shop.once(&path, &path, &body).await;
        let log = shop.log().await;
        let again = shop.once(&path, &path, &body).await;
        assert_eq!(first.status, 201, "{path}: {}", first.text);
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{path}");
        assert_eq!(shop.log().await, log, "{path}");
    }
    // The first answer, whatever has become of it since.
    shop.delete("/features/seats").await;
    let seats = shop.once("/features", "/features", &json!({ "key": "seats", "name": "Seats" })).await;
    assert_eq!(seats.status, 201);
    assert_eq!(shop.get("/features/seats").await.status, 404);
}

async fn a_key_is_for_one_request(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = json!({ "key": "pro", "name": "Pro" });
    assert_eq!(shop.once("/plans", "key", &body).await.status, 201);
    let reused = (409, "idempotency_key_reused".to_owned());

    let other_body = json!({ "key": "pro", "name": "Pro", "trialDays": 1 });
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
        json!({ "prices": [], "name": " Pro ", "key": "pro", "payerKind": "user", "trialDays": 0 });
    assert_eq!(shop.once("/plans", "key", &spelled_out).await.status, 201);
    assert_eq!(shop.get("/plans").await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(shop.get("/features").await.json()["items"], json!([]));
}

async fn a_refusal_is_not_remembered(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let body = json!({ "key": "pro", "name": "Pro" });
    assert_eq!(shop.once("/plans", "key", &body).await.refusal(), (409, "plan_key_taken".to_owned()));
    shop.delete(&plan).await;
    assert_eq!(shop.once("/plans", "key", &body).await.status, 201);
}

async fn a_key_that_is_none_is_refused(database: TestDatabase) {
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

async fn workspaces_do_not_share_keys(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let first = shop.service.post_once(APPS, &shop.owner, "key", &json!({ "name": "Mine" })).await;
    let other = tokens::owner("ws_other");
    let second = shop.service.post_once(APPS, &other, "key", &json!({ "name": "Theirs" })).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_ne!(first.json()["id"], second.json()["id"]);
    assert_eq!(second.json()["name"], "Theirs");
}
