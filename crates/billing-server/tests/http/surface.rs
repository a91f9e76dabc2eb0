//! Every operation of the dashboard's API, from the service's own document, and how to ask for it.

use billing_testing::{Answer, Service};
use reqwest::Method;
use serde_json::{Value, json};

/// One method of one path.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub method: Method,
    pub template: String,
    id: String,
}

/// What stands for the names in braces.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    pub app: String,
    pub plan: String,
    pub price: String,
    pub key: String,
}

impl Ids {
    /// Ids of the right form that nothing has.
    pub(crate) fn fictitious() -> Self {
        Self {
            app: "app_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(),
            plan: "plan_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(),
            price: "price_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(),
            key: "nobody_has_this".to_owned(),
        }
    }

    /// The value for a name in braces. A path with another name needs an answer here, so that it is tested.
    pub(crate) fn named(&mut self, name: &str) -> &mut String {
        match name {
            "appId" => &mut self.app,
            "planId" => &mut self.plan,
            "priceId" => &mut self.price,
            "key" => &mut self.key,
            unknown => panic!("no test knows what to put for {{{unknown}}} in a path"),
        }
    }
}

pub(crate) fn dashboard_operations(service: &Service) -> Vec<Operation> {
    let paths = service.document()["paths"].as_object().unwrap();
    let operations = paths.iter().filter(|(path, _)| path.starts_with("/v1/dashboard/"));
    let all: Vec<_> = operations
        .flat_map(|(template, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| Operation {
                method: method.to_uppercase().parse().unwrap(),
                template: template.clone(),
                id: operation["operationId"].as_str().unwrap().to_owned(),
            })
        })
        .collect();
    assert!(all.len() >= 24, "the document lists {} operations only", all.len());
    all
}

impl Operation {
    pub(crate) fn reads(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether it is about what an app sells.
    pub(crate) fn is_of_the_catalog(&self) -> bool {
        self.template.starts_with("/v1/dashboard/apps/{appId}/billing/")
    }

    /// The names in braces.
    pub(crate) fn names(&self) -> Vec<String> {
        let segments = self.template.split('/');
        let names = segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        names.map(str::to_owned).collect()
    }

    pub(crate) fn path(&self, ids: &Ids) -> String {
        let mut ids = ids.clone();
        self.names()
            .iter()
            .fold(self.template.clone(), |path, name| path.replace(&format!("{{{name}}}"), ids.named(name)))
    }

    /// A body it accepts. An operation with another name needs an answer here, so that it is tested.
    pub(crate) fn body(&self) -> Option<Value> {
        match self.id.as_str() {
            "createApp" => Some(json!({ "name": "Made by a test" })),
            "updateApp" | "updatePlan" | "updateFeature" => Some(json!({ "name": "Renamed by a test" })),
            "createPlan" => Some(json!({ "key": "made_by_a_test", "name": "Made by a test" })),
            "addPrice" => {
                Some(json!({ "amount": { "minorUnits": 7, "currency": "CHF" }, "interval": "year" }))
            }
            "attachFeature" | "createFeature" => Some(json!({ "key": "made_by_a_test", "name": "Made" })),
            "readBillingStatus"
            | "preflightDisableBilling"
            | "readGateways"
            | "readAuditLog"
            | "listApps"
            | "readApp"
            | "listPlans"
            | "readPlan"
            | "archivePlan"
            | "archivePrice"
            | "detachFeature"
            | "listFeatures"
            | "readFeature"
            | "deleteFeature"
            | "enableBilling"
            | "disableBilling" => None,
            unknown => panic!("no test knows what to send to {unknown}"),
        }
    }

    /// Asks for it with a token, or without.
    pub(crate) async fn ask(&self, service: &Service, ids: &Ids, token: Option<&str>) -> Answer {
        let mut request = service.request(self.method.clone(), &self.path(ids));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = self.body() {
            request = request.json(&body);
        }
        service.send(request).await
    }
}
