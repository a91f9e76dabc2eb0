//! Each key is an account, and so is each connected one: nothing of one is seen in another.

use serde_json::json;

use crate::{
    client::{Client, ids},
    sandbox,
};

/// A platform, and itself on behalf of an account that is connected to it.
async fn platform_and_connected(platform: &Client) -> (Client, String) {
    let account = platform.post("/v1/accounts", &[("type", "standard")]).await.id();
    (platform.for_account(&account), account)
}

#[tokio::test]
async fn two_keys_are_two_accounts() {
    let sandbox = sandbox().await;
    let (ada, bob) = (Client::new(&sandbox), Client::new(&sandbox).with_key("sk_test_bob"));
    let id = ada.customer_with_card().await;
    assert_eq!(bob.get("/v1/customers").await.ok()["data"], json!([]));
    assert_same_refusal(&bob, &id, "cus_none").await;
    let of = |account: serde_json::Value| account["id"].as_str().unwrap().to_owned();
    assert_ne!(of(ada.get("/v1/account").await.ok()), of(bob.get("/v1/account").await.ok()));
}

#[tokio::test]
async fn nothing_of_a_connected_account_is_seen_by_its_platform_and_nothing_the_other_way() {
    let sandbox = sandbox().await;
    let platform = Client::new(&sandbox);
    let (connected, account) = platform_and_connected(&platform).await;
    let (own, theirs) = (platform.customer_with_card().await, connected.customer_with_card().await);
    assert_eq!(ids(&platform.get("/v1/customers").await.ok()), [own.as_str()]);
    let list = connected.get("/v1/customers").await;
    assert_eq!(ids(&list.ok()), [theirs.as_str()]);
    assert_eq!(list.header("stripe-account"), Some(account.as_str()));
    assert_same_refusal(&platform, &theirs, "cus_none").await;
    assert_same_refusal(&connected, &own, "cus_none").await;
    let price = connected.monthly_price("Basic", "usd", 2000).await;
    let form = [("customer", own.as_str()), ("items[0][price]", &price)];
    let error = connected.post("/v1/subscriptions", &form).await.error(400);
    assert_eq!((&error["code"], &error["param"]), (&json!("resource_missing"), &json!("customer")));
    for event in platform.events().await {
        assert!(!event.to_string().contains(&theirs), "{event}");
    }
}

#[tokio::test]
async fn another_platform_cannot_speak_for_the_account() {
    let sandbox = sandbox().await;
    let platform = Client::new(&sandbox);
    let (_, account) = platform_and_connected(&platform).await;
    let stranger = Client::new(&sandbox).with_key("sk_test_stranger");
    let theirs = stranger.for_account(&account).get("/v1/customers").await.error(403);
    let unknown = stranger.for_account("acct_unknown").get("/v1/customers").await.error(403);
    assert_eq!(
        (&theirs["code"], &theirs["type"]),
        (&json!("account_invalid"), &json!("invalid_request_error"))
    );
    let general =
        |error: &serde_json::Value, account: &str| error["message"].as_str().unwrap().replace(account, "");
    assert_eq!(general(&theirs, &account), general(&unknown, "acct_unknown"));
}

#[tokio::test]
async fn a_deleted_account_can_no_longer_be_spoken_for() {
    let sandbox = sandbox().await;
    let platform = Client::new(&sandbox);
    let (connected, account) = platform_and_connected(&platform).await;
    platform.delete(&format!("/v1/accounts/{account}")).await.ok();
    connected.get("/v1/customers").await.error(403);
}

/// What is of another account is refused in the words of what is not there at all.
async fn assert_same_refusal(client: &Client, foreign: &str, missing: &str) {
    let of_other = client.get(&format!("/v1/customers/{foreign}")).await.error(404);
    let of_none = client.get(&format!("/v1/customers/{missing}")).await.error(404);
    assert_eq!(of_other["message"].as_str().unwrap().replace(foreign, missing), of_none["message"]);
    for field in ["type", "code", "param", "doc_url"] {
        assert_eq!(of_other[field], of_none[field]);
    }
    client.post(&format!("/v1/customers/{foreign}"), &[("name", "x")]).await.error(404);
    client.delete(&format!("/v1/customers/{foreign}")).await.error(404);
}
