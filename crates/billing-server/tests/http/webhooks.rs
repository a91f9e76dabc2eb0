//! What is taken from whoever signs as Stripe does, and what is not.

use std::time::Duration;

use aws_lc_rs::hmac;
use billing_testing::{Answer, Service, Suite, TestDatabase, tokens};
use reqwest::Method;
use serde_json::{Value, json};

use crate::BINARY;
use crate::shop::Shop;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite("wrong_webhooks_are_refused_and_not_stored", wrong_webhooks_are_refused_and_not_stored)
        .on_sqlite("a_webhook_sent_twice_is_stored_once", a_webhook_sent_twice_is_stored_once)
}

const SECRET: &str = "whsec_of_the_managed_account";
const MIB: usize = 1024 * 1024;
/// Older or newer than a signature may be, by seconds that this test does not take.
const TOO_FAR: i64 = 330;

const STORED: &str = "SELECT workspace_id || ' ' || event_id FROM stripe_events
    UNION ALL SELECT 'unplaced ' || event_id FROM unplaced_events";

/// A service that knows the account of the [`SECRET`].
async fn receiver(database: &TestDatabase) -> Service {
    let variables = [
        ("KL_DASHBOARD_JWT_SECRET", tokens::SECRET),
        ("KL_STRIPE_MANAGED_SECRET_KEY", "sk_test_managed"),
        ("KL_STRIPE_MANAGED_WEBHOOK_SECRET", SECRET),
    ];
    let service = Service::start_with(BINARY, &database.url, database.folder.path(), &variables).await;
    let is_known = async || send(&service, &event("evt_first", "no.such_type")).await.status != 503;
    let known = async { while !is_known().await {} };
    tokio::time::timeout(Duration::from_secs(20), known)
        .await
        .expect("the account is asked for at the start");
    service
}

/// An event of a subscription of the workspace `ws_shop`.
fn event(id: &str, kind: &str) -> Value {
    let subscription = json!({ "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active",
        "metadata": { "kl_workspace_id": "ws_shop" } });
    json!({ "id": id, "object": "event", "type": kind, "created": tokens::unix_now(), "livemode": false,
        "data": { "object": subscription } })
}

/// An event that is worth storing.
fn updated(id: &str) -> Value {
    event(id, "customer.subscription.updated")
}

fn signature(secret: &str, time: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, &[format!("{time}.").as_bytes(), body].concat());
    tag.as_ref().iter().fold(format!("t={time},v1="), |header, byte| format!("{header}{byte:02x}"))
}

/// Sends a body with this header, if any.
async fn post(service: &Service, header: Option<&str>, body: Vec<u8>) -> Answer {
    let request = service.request(Method::POST, "/v1/stripe/webhook");
    let request = header.iter().fold(request, |request, header| request.header("stripe-signature", *header));
    service.send(request.body(body)).await
}

async fn post_signed(service: &Service, body: Vec<u8>) -> Answer {
    let header = signature(SECRET, tokens::unix_now(), &body);
    post(service, Some(&header), body).await
}

async fn send(service: &Service, event: &Value) -> Answer {
    post_signed(service, event.to_string().into_bytes()).await
}

async fn wrong_webhooks_are_refused_and_not_stored(database: TestDatabase) {
    let service = receiver(&database).await;
    let now = tokens::unix_now();
    let body = updated("evt_1").to_string().into_bytes();
    let right = signature(SECRET, now, &body);
    let other_body = signature(SECRET, now, updated("evt_2").to_string().as_bytes());
    for (title, header) in [
        ("no header", None),
        ("an empty header", Some(String::new())),
        ("another secret", Some(signature("whsec_of_somebody_else", now, &body))),
        ("a signature of another body", Some(other_body)),
        ("a signature that is cut off", Some(right[..right.len() - 1].to_owned())),
        ("a time that was not signed", Some(right.replace(&format!("t={now}"), &format!("t={}", now - 1)))),
        ("a stale time", Some(signature(SECRET, now - TOO_FAR, &body))),
        ("a time ahead", Some(signature(SECRET, now + TOO_FAR, &body))),
    ] {
        let answer = post(&service, header.as_deref(), body.clone()).await;
        assert_eq!(answer.refusal(), (400, "invalid_webhook".to_owned()), "{title}");
    }

    let changed = |field: &str, value: Value| {
        let mut event = updated("evt_1");
        event[field] = value;
        event.to_string().into_bytes()
    };
    let cut_off = body[..body.len() - 1].to_vec();
    for unreadable in [
        Vec::new(),
        b"{".to_vec(),
        b"null".to_vec(),
        cut_off,
        [&body[..], b"x"].concat(),
        [&body[..], &[0xff]].concat(),
        changed("id", Value::Null),
        changed("object", json!("customer")),
        changed("livemode", json!(true)),
        changed("account", json!("acct_of_another")),
    ] {
        let shown = String::from_utf8_lossy(&unreadable).into_owned();
        let answer = post_signed(&service, unreadable).await;
        assert_eq!(answer.refusal(), (400, "invalid_webhook".to_owned()), "{shown}");
    }

    let padded = |length: usize| [&body[..], &vec![b' '; length - body.len()]].concat();
    let too_large = post_signed(&service, padded(MIB + 1)).await;
    assert_eq!(too_large.refusal(), (413, "payload_too_large".to_owned()));
    assert_eq!(database.texts(STORED).await, [""; 0]);

    // The same event is taken where nothing is wrong with it.
    let answer = post_signed(&service, padded(MIB)).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
    assert_eq!(database.texts(STORED).await, ["unplaced evt_1"]);
}

async fn a_webhook_sent_twice_is_stored_once(database: TestDatabase) {
    let shop = Shop::open_in(receiver(&database).await, "ws_shop").await;
    shop.sold_plan("pro").await;
    let checkout = json!({ "payer": { "kind": "user", "id": "ada" }, "plan": "pro", "interval": "month" });
    assert_eq!(shop.post("/checkout-links", &checkout).await.status, 201);
    let taken = async |event: &Value| {
        let answer = send(&shop.service, event).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"), "{event}");
    };

    for _ in 0..2 {
        taken(&updated("evt_1")).await;
    }
    assert_eq!(database.texts(STORED).await, ["ws_shop evt_1"]);
    for kind in ["no.such_type", "customer.subscription.invented", "product.created"] {
        taken(&event("evt_2", kind)).await;
    }
    assert_eq!(database.texts(STORED).await, ["ws_shop evt_1"]);
    taken(&updated("evt_3")).await;
    let mut stored = database.texts(STORED).await;
    stored.sort();
    assert_eq!(stored, ["ws_shop evt_1", "ws_shop evt_3"]);
}
