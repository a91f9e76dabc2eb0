//! Deliveries: signed, to whom they concern, and again until they are taken.

use serde_json::json;

use crate::{
    client::Client,
    receiver::{Closed, Receiver},
    sandbox,
    signature::Signature,
};

const ALL: &[&str] = &["*"];

#[tokio::test]
async fn a_delivery_is_the_event_signed_with_the_endpoints_secret() {
    let sandbox = sandbox().await;
    let (client, receiver) = (Client::new(&sandbox), Receiver::start().await);
    let endpoint = client.webhook(receiver.url(), ALL, false).await;
    let secret = endpoint["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"));
    let customer = client.post("/v1/customers", &[("name", "Grüße 🎈")]).await.ok();
    let delivery = receiver.wait_for_kind("customer.created").await;
    let signature = Signature::of(&delivery);
    assert_eq!(signature.v1.len(), 1);
    assert!(signature.is_made_with(secret, &delivery.body));
    assert!(!signature.is_made_with("whsec_another", &delivery.body));
    assert!(!signature.is_made_with(secret, &format!("{} ", delivery.body)));
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs().cast_signed();
    assert!((now - signature.timestamp).abs() < 60, "clients compare it with their own, real clock");
    assert!(delivery.headers["content-type"].starts_with("application/json"));
    let event = delivery.event();
    assert_eq!((&event["object"], &event["data"]["object"]), (&json!("event"), &customer));
    assert_eq!(event["livemode"], false);
    assert!(event.get("account").is_none());
    let read = client.get(&format!("/v1/events/{}", delivery.id())).await.ok();
    assert_eq!((&read["id"], &read["data"]), (&event["id"], &event["data"]));
}

#[tokio::test]
async fn an_update_tells_what_was_before() {
    let sandbox = sandbox().await;
    let (client, receiver) = (Client::new(&sandbox), Receiver::start().await);
    let id = client.post("/v1/customers", &[("name", "Ada"), ("metadata[a]", "1")]).await.id();
    client.webhook(receiver.url(), ALL, false).await;
    client.post(&format!("/v1/customers/{id}"), &[("name", "Grace"), ("metadata[b]", "2")]).await.ok();
    let event = receiver.wait_for_kind("customer.updated").await.event();
    assert_eq!(event["data"]["object"]["name"], "Grace");
    let before = &event["data"]["previous_attributes"];
    assert_eq!(before["name"], "Ada");
    assert_eq!(before["metadata"], json!({ "b": null }));
    assert_eq!(before.as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn a_refused_delivery_is_made_again_after_longer_and_longer() {
    let sandbox = sandbox().await;
    let (client, receiver) = (Client::new(&sandbox), Receiver::start().await);
    let secret = client.webhook(receiver.url(), ALL, false).await["secret"].as_str().unwrap().to_owned();
    receiver.answers(&[500, 503]);
    client.post("/v1/customers", &[]).await.ok();
    let deliveries = receiver.wait_for(3).await;
    let sent: Vec<_> = deliveries.iter().map(|delivery| Signature::of(delivery).timestamp).collect();
    assert!(sent[1] - sent[0] >= 1 && sent[2] - sent[1] >= 5, "{sent:?}");
    for delivery in &deliveries {
        assert_eq!(
            delivery.body.replace(char::is_whitespace, ""),
            deliveries[0].body.replace(char::is_whitespace, "")
        );
        assert!(Signature::of(delivery).is_made_with(&secret, &delivery.body));
    }
    client.delivery_is("delivered", &[json!(500), json!(503), json!(200)]).await;
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let sandbox = sandbox().await;
    let (client, receiver) = (Client::new(&sandbox), Receiver::start().await);
    client.webhook(receiver.url(), ALL, false).await;
    receiver.answers(&[302]);
    client.post("/v1/customers", &[]).await.ok();
    receiver.wait_for(2).await;
    client.delivery_is("delivered", &[json!(302), json!(200)]).await;
}

#[tokio::test]
async fn what_nobody_listens_for_is_delivered_when_somebody_does() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let closed = Closed::new();
    client.webhook(&closed.url(), ALL, false).await;
    client.post("/v1/customers", &[]).await.ok();
    client.delivery_is_tried().await;
    let receiver = closed.open();
    assert_eq!(receiver.wait_for(1).await[0].kind(), "customer.created");
}

#[tokio::test]
async fn an_endpoint_hears_only_what_it_asked_for() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (some, all) = (Receiver::start().await, Receiver::start().await);
    client.webhook(some.url(), &["product.created", "customer.deleted"], false).await;
    client.webhook(all.url(), ALL, false).await;
    let id = client.post("/v1/customers", &[]).await.id();
    client.post("/v1/products", &[("name", "A")]).await.ok();
    client.delete(&format!("/v1/customers/{id}")).await.ok();
    let mut kinds: Vec<_> = some.wait_for(2).await.iter().map(super::receiver::Delivery::kind).collect();
    kinds.sort();
    assert_eq!(kinds, ["customer.deleted", "product.created"]);
    assert_eq!(all.wait_for(3).await.len(), 3);
    assert_eq!(some.so_far().len(), 2);
}

#[tokio::test]
async fn a_disabled_or_deleted_endpoint_hears_nothing() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (disabled, deleted, witness) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let path = client.webhook_path(disabled.url()).await;
    assert_eq!(client.post(&path, &[("disabled", "true")]).await.ok()["status"], "disabled");
    let gone = client.webhook_path(deleted.url()).await;
    client.delete(&gone).await.ok();
    client.webhook(witness.url(), ALL, false).await;
    client.post("/v1/customers", &[]).await.ok();
    witness.wait_for(1).await;
    assert_eq!(client.post(&path, &[("disabled", "false")]).await.ok()["status"], "enabled");
    client.post("/v1/products", &[("name", "A")]).await.ok();
    assert_eq!(disabled.wait_for_kind("product.created").await.kind(), "product.created");
    witness.wait_for(2).await;
    assert_eq!((disabled.so_far().len(), deleted.so_far().len()), (1, 0));
}

#[tokio::test]
async fn a_rolled_secret_signs_beside_the_old_one_for_a_while_and_then_alone() {
    let sandbox = sandbox().await;
    let (client, receiver) = (Client::new(&sandbox), Receiver::start().await);
    let endpoint = client.webhook(receiver.url(), ALL, false).await;
    let roll = format!("webhook_endpoints/{}/roll", endpoint["id"].as_str().unwrap());
    let old = endpoint["secret"].as_str().unwrap().to_owned();
    let new =
        client.control(&roll, json!({ "expireSeconds": 3600 })).await["secret"].as_str().unwrap().to_owned();
    assert_ne!(new, old);
    client.post("/v1/customers", &[]).await.ok();
    let delivery = receiver.wait_for_kind("customer.created").await;
    let signature = Signature::of(&delivery);
    assert_eq!(signature.v1.len(), 2);
    assert!(signature.is_made_with(&old, &delivery.body) && signature.is_made_with(&new, &delivery.body));

    let newest = client.control(&roll, json!({})).await["secret"].as_str().unwrap().to_owned();
    client.post("/v1/products", &[("name", "A")]).await.ok();
    let delivery = receiver.wait_for_kind("product.created").await;
    let signature = Signature::of(&delivery);
    assert_eq!(signature.v1.len(), 1);
    assert!(signature.is_made_with(&newest, &delivery.body));
}

#[tokio::test]
async fn a_connect_endpoint_hears_of_connected_accounts_with_their_id_and_its_own_secret() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (own, connect) = (Receiver::start().await, Receiver::start().await);
    let own_secret = client.webhook(own.url(), &["customer.created"], false).await["secret"].clone();
    let secret = client.webhook(connect.url(), &["customer.created"], true).await["secret"].clone();
    assert_ne!(secret, own_secret);
    let account = client.post("/v1/accounts", &[("type", "standard")]).await.id();
    let theirs = client.for_account(&account).post("/v1/customers", &[]).await.id();
    let delivery = connect.wait_for(1).await.remove(0);
    let event = delivery.event();
    assert_eq!((&event["account"], &event["data"]["object"]["id"]), (&json!(account), &json!(theirs)));
    assert!(Signature::of(&delivery).is_made_with(secret.as_str().unwrap(), &delivery.body));
    let ours = client.post("/v1/customers", &[]).await.id();
    assert_eq!(own.wait_for(1).await[0].event()["data"]["object"]["id"], json!(ours));
    assert_eq!((own.so_far().len(), connect.so_far().len()), (1, 1));
}

#[tokio::test]
async fn a_slow_receiver_does_not_hold_up_another() {
    let sandbox = sandbox().await;
    let (client, receiver) = (Client::new(&sandbox), Receiver::start().await);
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    client.webhook(&format!("http://{}/hook", silent.local_addr().unwrap()), ALL, false).await;
    client.post("/v1/customers", &[]).await.ok();
    let _held = silent.accept().await.unwrap();
    client.webhook(receiver.url(), ALL, false).await;
    client.post("/v1/products", &[("name", "A")]).await.ok();
    receiver.wait_for_kind("product.created").await;
    let deliveries = client.get("/_sandbox/deliveries").await.ok();
    let mut deliveries = deliveries["deliveries"].as_array().unwrap().iter();
    let first = deliveries.find(|delivery| delivery["type"] == "customer.created").unwrap();
    assert_eq!((&first["outcome"], &first["attempts"]), (&json!("pending"), &json!([])));
}
