//! Where the money of a disputed charge is.

use serde_json::Value;

use crate::{client::Client, sandbox, shop::text};

async fn disputed(client: &Client, card: &str) -> String {
    let form = [("amount", "1000"), ("currency", "usd"), ("payment_method", card), ("confirm", "true")];
    client.post("/v1/payment_intents", &form).await.ok();
    client.get("/v1/disputes").await.ok()["data"][0]["id"].as_str().unwrap().to_owned()
}

async fn answered(client: &Client, dispute: &str, evidence: &str) -> Value {
    let form = [("evidence[uncategorized_text]", evidence)];
    client.post(&format!("/v1/disputes/{dispute}"), &form).await.ok()
}

/// What became of the dispute and its money, in its order.
async fn told(client: &Client) -> Vec<String> {
    let events = client.events().await;
    let kinds = events.iter().filter_map(|event| text(&event["type"]).strip_prefix("charge.dispute."));
    kinds.filter(|kind| *kind != "updated").map(str::to_owned).collect()
}

#[tokio::test]
async fn the_money_of_a_dispute_is_withdrawn_and_comes_back_when_it_is_won() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let dispute = disputed(&client, "pm_card_createDispute").await;
    assert_eq!(told(&client).await, ["created", "funds_withdrawn"]);
    assert_eq!(answered(&client, &dispute, "winning_evidence").await["status"], "won");
    assert_eq!(told(&client).await, ["created", "funds_withdrawn", "closed", "funds_reinstated"]);
    let last = client.events().await.pop().unwrap();
    assert_eq!(
        (text(&last["data"]["object"]["id"]), &last["data"]["object"]["status"]),
        (dispute.as_str(), &"won".into())
    );
}

#[tokio::test]
async fn the_money_of_a_dispute_that_is_lost_does_not_come_back() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let dispute = disputed(&client, "pm_card_createDispute").await;
    answered(&client, &dispute, "losing_evidence").await;
    assert_eq!(told(&client).await, ["created", "funds_withdrawn", "closed"]);
}

#[tokio::test]
async fn a_bank_that_only_asks_takes_no_money() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let dispute = disputed(&client, "pm_card_createDisputeInquiry").await;
    answered(&client, &dispute, "winning_evidence").await;
    assert_eq!(told(&client).await, ["created", "closed"]);
}
