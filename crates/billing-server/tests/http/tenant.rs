use billing_testing::{Answer, Service, tokens};
use serde_json::{Value, json};

use crate::shop::new_app;
use crate::surface::{Ids, dashboard_operations};
use crate::{APPS, ENABLE};

/// The owner of a workspace whose billing is on, with an app and one of each thing in it.
pub(crate) struct Tenant {
    pub token: String,
    /// Of the app, and of the things in it.
    pub ids: Ids,
}

impl Tenant {
    /// Everything is named by this key, which is in no example of the document: what is changed to an example is
    /// changed.
    pub(crate) async fn new(service: &Service, workspace: &str, key: &str) -> Self {
        let token = tokens::owner(workspace);
        assert_eq!(service.post(ENABLE, &token).await.status, 200);
        let app = new_app(service, &token, key).await;
        let plans = format!("{APPS}/{app}/billing/plans");
        let price = json!({ "amount": { "minorUnits": 7, "currency": "CHF" }, "interval": "year" });
        let body = json!({ "key": key, "name": key, "prices": [price] });
        let plan = service.post_json(&plans, &token, &body).await.json();
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let (plan, price) = (id(&plan), id(&plan["prices"][0]));
        let feature = json!({ "key": key, "name": key });
        let attached = service.post_json(&format!("{plans}/{plan}/features"), &token, &feature).await;
        assert_eq!(attached.status, 201, "{}", attached.text);
        let ids = [("appId", app), ("planId", plan), ("priceId", price), ("key", key.to_owned())];
        Self { token, ids: Ids::new(ids) }
    }

    /// The answers to everything that can be read.
    pub(crate) async fn reads(&self, service: &Service) -> Vec<Answer> {
        let mut answers = Vec::new();
        for operation in dashboard_operations(service).iter().filter(|operation| operation.reads()) {
            answers.push(operation.ask(service, &self.ids, Some(&self.token)).await);
        }
        answers
    }

    /// Everything the tenant can see, all of which is there.
    pub(crate) async fn everything(&self, service: &Service) -> Vec<String> {
        let seen = |answer: Answer| {
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.text
        };
        self.reads(service).await.into_iter().map(seen).collect()
    }
}
