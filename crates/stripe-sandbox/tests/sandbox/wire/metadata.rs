use serde_json::json;

use crate::{client::Client, sandbox};

#[tokio::test]
async fn metadata_is_merged_key_by_key_unset_by_an_empty_value_and_cleared_as_a_whole() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let id = client.post("/v1/customers", &[("metadata[a]", "1"), ("metadata[b]", "2")]).await.id();
    let path = format!("/v1/customers/{id}");
    let merged = client.post(&path, &[("metadata[b]", "3"), ("metadata[c]", "4")]).await.ok();
    assert_eq!(merged["metadata"], json!({ "a": "1", "b": "3", "c": "4" }));
    let unset = client.post(&path, &[("metadata[a]", "")]).await.ok();
    assert_eq!(unset["metadata"], json!({ "b": "3", "c": "4" }));
    let untouched = client.post(&path, &[("name", "Ada")]).await.ok();
    assert_eq!(untouched["metadata"], json!({ "b": "3", "c": "4" }));
    let cleared = client.post(&path, &[("metadata", "")]).await.ok();
    assert_eq!(cleared["metadata"], json!({}));
}

#[tokio::test]
async fn metadata_has_bounds() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let key = |length: usize| format!("metadata[{}]", "k".repeat(length));
    let value = |length: usize| "v".repeat(length);
    client.post("/v1/customers", &[(&key(40), &value(500))]).await.ok();
    client.post("/v1/customers", &[(&key(41), "v")]).await.error(400);
    client.post("/v1/customers", &[("metadata[k]", &value(501))]).await.error(400);
    let keys: Vec<_> = (0..51).map(|number| format!("metadata[k{number}]")).collect();
    let pairs: Vec<_> = keys.iter().map(|key| (key.as_str(), "v")).collect();
    let id = client.post("/v1/customers", &pairs[..50]).await.id();
    client.post("/v1/customers", &pairs).await.error(400);
    client.post(&format!("/v1/customers/{id}"), &pairs[50..]).await.error(400);
}

#[tokio::test]
async fn an_empty_value_unsets_a_text_and_another_update_leaves_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let id = client.post("/v1/customers", &[("name", "Ada"), ("description", "first")]).await.id();
    let path = format!("/v1/customers/{id}");
    let updated = client.post(&path, &[("name", "")]).await.ok();
    assert_eq!((&updated["name"], &updated["description"]), (&json!(null), &json!("first")));
}
