use billing_testing::{Answer, Service, TestDatabase, tokens};
use serde_json::{Value, json};

use crate::{APPS, ENABLE, service};

/// A workspace whose billing is on, with one app.
pub(crate) struct Shop {
    pub service: Service,
    pub workspace: String,
    pub owner: String,
    pub app: String,
}

impl Shop {
    pub(crate) async fn open(database: &TestDatabase) -> Self {
        Self::open_in(service(database).await, "ws_shop").await
    }

    pub(crate) async fn open_in(service: Service, workspace: &str) -> Self {
        let owner = tokens::owner(workspace);
        assert_eq!(service.post(ENABLE, &owner).await.status, 200);
        let app = new_app(&service, &owner, "Shop").await;
        Self { service, workspace: workspace.to_owned(), owner, app }
    }

    /// A path below the app's billing.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{APPS}/{}/billing{path}", self.app)
    }

    pub(crate) fn member(&self) -> String {
        tokens::member(&self.workspace)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.service.get(&self.at(path), &self.owner).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.service.post_json(&self.at(path), &self.owner, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.service.patch_json(&self.at(path), &self.owner, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.service.delete(&self.at(path), &self.owner).await
    }

    /// Sends POST with an idempotency key.
    pub(crate) async fn once(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.service.post_once(&self.at(path), &self.owner, key, body).await
    }

    /// Every item of a list, in pages of so many. `filter` is such as `&status=active`.
    pub(crate) async fn paged(&self, list: &str, filter: &str, limit: usize) -> Vec<Value> {
        let (mut items, mut path) = (Vec::new(), format!("{list}?limit={limit}{filter}"));
        loop {
            let page = self.get(&path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            let page = page.json();
            items.extend_from_slice(page["items"].as_array().unwrap());
            let Some(cursor) = page["nextCursor"].as_str() else { return items };
            assert!(items.len() % limit == 0 && items.len() < 1_000, "{path}");
            path = format!("{list}?cursor={cursor}&limit={limit}{filter}");
        }
    }

    /// Creates a plan, and gives its path.
    pub(crate) async fn plan(&self, body: &Value) -> String {
        let created = self.post("/plans", body).await;
        assert_eq!(created.status, 201, "{}", created.text);
        format!("/plans/{}", created.json()["id"].as_str().unwrap())
    }

    /// Creates a plan that costs something, and gives its path.
    pub(crate) async fn sold_plan(&self, key: &str) -> String {
        self.plan(&json!({ "key": key, "name": key, "prices": [usd(1250)] })).await
    }

    /// The audit log as (subject, event), newest first.
    pub(crate) async fn log(&self) -> Vec<(String, String)> {
        let log = self.service.get("/v1/dashboard/billing/audit-log?limit=100", &self.owner).await.json();
        let word = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        let entries = log["items"].as_array().unwrap().iter();
        entries.map(|entry| (word(entry, "subject"), word(entry, "event"))).collect()
    }
}

pub(crate) async fn new_app(service: &Service, owner: &str, name: &str) -> String {
    let created = service.post_json(APPS, owner, &json!({ "name": name })).await;
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()["id"].as_str().unwrap().to_owned()
}

/// A monthly price in cents.
pub(crate) fn usd(cents: i64) -> Value {
    json!({ "amount": { "minorUnits": cents, "currency": "USD" }, "interval": "month" })
}

/// Passes when the request was refused with this, for this field.
pub(crate) fn assert_names_field(answer: &Answer, field: &str) {
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{field}: {}", answer.text);
    let body = answer.json();
    let named = body["details"]["field"].as_str().unwrap_or_default() == field
        || body["message"].as_str().unwrap().contains(&format!("`{field}`"));
    assert!(named, "{field}: {}", answer.text);
}

/// The answer without the moment of the last fetch: a webhook may have the object fetched in between.
pub(crate) fn unsynced(to: &Answer) -> Value {
    let mut body = to.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("syncedAt");
    }
    body
}
