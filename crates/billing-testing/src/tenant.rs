use serde_json::{Value, json};

use crate::{Answer, Ids, Service, dashboard_operations, tokens};

const APPS: &str = "/v1/dashboard/apps";

/// A workspace whose billing is on, with an app and one of each thing in it.
pub struct Tenant {
    /// The workspace.
    pub workspace: String,
    /// A token of its owner.
    pub token: String,
    /// Of the app, and of the things in it.
    pub ids: Ids,
}

impl Tenant {
    /// Everything is named by this key, which is in no example of the document: what is changed to an example is
    /// changed.
    pub async fn new(service: &Service, workspace: &str, key: &str) -> Self {
        let token = tokens::owner(workspace);
        assert_eq!(service.post("/v1/dashboard/billing/enable", &token).await.status, 200);
        let make = async |path: &str, body: Value| {
            let made = service.post_json(path, &token, &body).await;
            assert_eq!(made.status, 201, "{}", made.text);
            made.json()
        };
        let id = |made: &Value| made["id"].as_str().expect("what is made has an id").to_owned();
        let app = id(&make(APPS, json!({ "name": key })).await);
        let plans = format!("{APPS}/{app}/billing/plans");
        let price = json!({ "amount": { "minorUnits": 7, "currency": "CHF" }, "interval": "year" });
        let plan = make(&plans, json!({ "key": key, "name": key, "prices": [price] })).await;
        let (plan, price) = (id(&plan), id(&plan["prices"][0]));
        make(&format!("{plans}/{plan}/features"), json!({ "key": key, "name": key })).await;
        let ids = [("appId", app), ("planId", plan), ("priceId", price), ("key", key.to_owned())];
        Self { workspace: workspace.to_owned(), token, ids: Ids::new(ids) }
    }

    /// The answers to everything that can be read.
    pub async fn reads(&self, service: &Service) -> Vec<Answer> {
        let mut answers = Vec::new();
        for operation in dashboard_operations(service).iter().filter(|operation| operation.reads()) {
            answers.push(operation.ask(service, &self.ids, Some(&self.token)).await);
        }
        answers
    }

    /// Everything that can be seen of the workspace, and everything that was done in it.
    pub async fn everything(&self, service: &Service) -> Vec<String> {
        let seen = |answer: Answer| {
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.text
        };
        self.reads(service).await.into_iter().map(seen).collect()
    }
}
