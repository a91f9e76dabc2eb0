use std::time::Duration;

use serde_json::{Value, json};

use crate::{Answer, Ids, Service, dashboard_operations, tokens};

const APPS: &str = "/v1/dashboard/apps";

/// A checkout of the plan with this key.
fn checkout(payer: &str, plan: &str) -> Value {
    json!({ "payer": { "kind": "user", "id": payer }, "plan": plan, "interval": "year" })
}

/// The ids of a subscription to the plan with this key, and of its invoice: the payer has paid at the sandbox.
async fn sold(service: &Service, token: &str, billing: &str, plan: &str) -> (String, String) {
    let links = format!("{billing}/checkout-links");
    let link = service.post_json(&links, token, &checkout(plan, plan)).await;
    assert_eq!(link.status, 201, "{}", link.text);
    service.pay(link.json()["url"].as_str().expect("a link has an address")).await;
    let subscription = first_id(service, token, &format!("{billing}/subscriptions?payer={plan}")).await;
    let invoice =
        first_id(service, token, &format!("{billing}/invoices?subscriptionId={subscription}")).await;
    (subscription, invoice)
}

/// The id of the first item of a list, once there is one.
pub async fn first_id(service: &Service, token: &str, list: &str) -> String {
    for _ in 0..200 {
        let listed = service.get(list, token).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        if let Some(id) = listed.json()["items"][0]["id"].as_str() {
            return id.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was mirrored: {list}");
}

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
        let price = json!({ "amount": { "minorUnits": 7_00, "currency": "CHF" }, "interval": "year" });
        let plan = make(&plans, json!({ "key": key, "name": key, "prices": [price] })).await;
        let (plan, price) = (id(&plan), id(&plan["prices"][0]));
        make(&format!("{plans}/{plan}/features"), json!({ "key": key, "name": key })).await;
        // The plan of the document's example of a checkout.
        let monthly = json!({ "amount": { "minorUnits": 7_00, "currency": "CHF" }, "interval": "month" });
        make(&plans, json!({ "key": "pro_monthly", "name": key, "prices": [monthly] })).await;
        let billing = format!("{APPS}/{app}/billing");
        let (subscription, invoice) = sold(service, &token, &billing, key).await;
        let link = checkout(&format!("{key}_2"), key);
        let link = id(&make(&format!("{billing}/checkout-links"), link).await);
        let ids = [
            ("appId", app),
            ("planId", plan),
            ("priceId", price),
            ("key", key.to_owned()),
            ("subscriptionId", subscription),
            ("invoiceId", invoice),
            ("checkoutLinkId", link),
            ("payerKind", "user".to_owned()),
            ("payerId", key.to_owned()),
        ];
        Self { workspace: workspace.to_owned(), token, ids: Ids::new(ids) }
    }

    /// The tenant with another subscription, which is in its trial.
    #[must_use]
    pub async fn in_trial(self, service: &Service) -> Self {
        let billing = format!("{APPS}/{}/billing", self.ids["appId"]);
        let price = json!({ "amount": { "minorUnits": 7_00, "currency": "CHF" }, "interval": "year" });
        let plan = json!({ "key": "tried", "name": "Tried", "trialDays": 7, "prices": [price] });
        let made = service.post_json(&format!("{billing}/plans"), &self.token, &plan).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let (subscription, _) = sold(service, &self.token, &billing, "tried").await;
        Self { ids: self.ids.with("subscriptionId", &subscription), ..self }
    }

    /// Ends the subscription, so that billing can be disabled.
    pub async fn end_sales(&self, service: &Service) {
        self.cancel(service, false).await;
    }

    /// Ends the subscription, now or with its period.
    pub async fn cancel(&self, service: &Service, at_period_end: bool) {
        let (app, subscription) = (&self.ids["appId"], &self.ids["subscriptionId"]);
        let cancel = format!("{APPS}/{app}/billing/subscriptions/{subscription}/cancel");
        let ended = service.post_json(&cancel, &self.token, &json!({ "atPeriodEnd": at_period_end })).await;
        assert_eq!(ended.status, 200, "{}", ended.text);
    }

    /// Changes the subscription to the document's example of a plan, as previewed.
    pub async fn change_plan(&self, service: &Service) -> Answer {
        let (app, subscription) = (&self.ids["appId"], &self.ids["subscriptionId"]);
        let path = format!("{APPS}/{app}/billing/subscriptions/{subscription}/change-plan");
        let mut change = json!({ "plan": "pro_monthly", "interval": "month" });
        let preview = service.post_json(&format!("{path}/preview"), &self.token, &change).await;
        assert_eq!(preview.status, 200, "{}", preview.text);
        change["proof"] = preview.json()["proof"].clone();
        service.post_json(&path, &self.token, &change).await
    }

    /// The same with an open invoice, which is sent and not charged.
    pub async fn with_open_invoice(self, service: &Service) -> Self {
        let billing = format!("{APPS}/{}/billing", self.ids["appId"]);
        let subscription = format!("{billing}/subscriptions/{}", self.ids["subscriptionId"]);
        let subscription = service.get(&subscription, &self.token).await.json();
        service.bill(subscription["stripeId"].as_str().expect("it has an id at Stripe")).await;
        let open = first_id(service, &self.token, &format!("{billing}/invoices?status=open")).await;
        Self { ids: self.ids.with("invoiceId", &open), ..self }
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
        let answers = self.reads(service).await.into_iter();
        answers.inspect(|answer| assert_eq!(answer.status, 200, "{}", answer.text)).map(seen).collect()
    }
}

/// What an answer tells, without the moment of which it is.
#[must_use]
pub fn seen(answer: Answer) -> String {
    let Ok(mut body) = serde_json::from_str::<Value>(&answer.text) else { return answer.text };
    if let Some(access) = body.pointer_mut("/access").and_then(Value::as_object_mut) {
        access.remove("asOf");
    }
    body.to_string()
}
