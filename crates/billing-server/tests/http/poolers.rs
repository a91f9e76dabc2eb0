use std::sync::Arc;

use billing_testing::{PgBouncer, Service, Suite, TestDatabase, tokens};
use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::{BINARY, DISABLE, ENABLE, OFF, STATUS};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.behind_pgbouncer("replicas_serve_behind_a_pooler", "transaction", replicas_serve_behind_a_pooler)
}

/// Two replicas, each with a folder of its own.
async fn replicas(database: &TestDatabase, pooler: &PgBouncer) -> [Service; 2] {
    let folders = ["first", "second"].map(|name| database.folder.path().join(name));
    for folder in &folders {
        std::fs::create_dir_all(folder).unwrap();
    }
    let [first, second] = &folders;
    let url = pooler.url();
    [Service::start(BINARY, &url, first).await, Service::start(BINARY, &url, second).await]
}

/// Everything that one owner does, in order; requests to the replicas take turns.
async fn use_it(replicas: &[Service; 2], workspace: &str) {
    let owner = tokens::owner(workspace);
    let [first, second] = replicas;
    assert_eq!(first.get(STATUS, &owner).await.text, OFF);
    assert_eq!(second.post(ENABLE, &owner).await.status, StatusCode::OK);
    let app = first.post_json("/v1/dashboard/apps", &owner, &json!({ "name": "App" })).await;
    assert_eq!(app.status, StatusCode::CREATED, "{}", app.text);
    let plans = format!("/v1/dashboard/apps/{}/billing/plans", app.json()["id"].as_str().unwrap());
    for (number, replica) in replicas.iter().cycle().take(6).enumerate() {
        let price = json!({ "amount": { "minorUnits": 1250, "currency": "USD" }, "interval": "month" });
        let plan = json!({ "key": format!("plan_{number}"), "name": "Plan", "prices": [price] });
        let created = replica.post_json(&plans, &owner, &plan).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    }
    for replica in replicas {
        let listed = replica.get(&plans, &owner).await;
        assert_eq!(listed.json()["items"].as_array().unwrap().len(), 6, "{}", listed.text);
    }
    assert_eq!(second.post(DISABLE, &owner).await.text, OFF);
    assert_eq!(first.get("/readyz", &owner).await.status, StatusCode::OK);
}

async fn replicas_serve_behind_a_pooler(database: TestDatabase, pooler: PgBouncer) {
    let shared = Arc::new(replicas(&database, &pooler).await);
    let mut owners = JoinSet::new();
    for number in 0..6 {
        let replicas = Arc::clone(&shared);
        owners.spawn(async move { use_it(&replicas, &format!("ws_{number}")).await });
    }
    owners.join_all().await;

    // The server connections of processes that have ended go to those that start.
    drop(shared);
    let restarted = replicas(&database, &pooler).await;
    use_it(&restarted, "ws_restarted").await;
}
