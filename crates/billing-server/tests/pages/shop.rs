//! A workspace with something of everything.

use std::collections::BTreeMap;

use billing_testing::{Service, tokens};
use serde_json::{Value, json};

const APPS: &str = "/v1/dashboard/apps";

/// A workspace with billing on and a catalog, and the ids of what is in it by the names routes have for them.
pub(crate) struct Shop {
    pub workspace: &'static str,
    pub ids: BTreeMap<&'static str, String>,
}

impl Shop {
    pub(crate) async fn open(service: &Service, workspace: &'static str) -> Self {
        let owner = tokens::owner(workspace);
        service.post("/v1/dashboard/billing/enable", &owner).await;
        let app = service.post_json(APPS, &owner, &json!({ "name": "Shop" })).await.json();
        let app_id = text(&app, "id");
        let plans = format!("{APPS}/{app_id}/billing/plans");
        let price = json!({ "amount": { "minorUnits": 1250, "currency": "USD" }, "interval": "month" });
        let plan = json!({ "key": "pro", "name": "Pro", "prices": [price] });
        let plan = service.post_json(&plans, &owner, &plan).await.json();
        let plan_id = text(&plan, "id");
        let feature = json!({ "key": "pro_export", "name": "Export" });
        let attached = service.post_json(&format!("{plans}/{plan_id}/features"), &owner, &feature).await;
        assert_eq!(attached.status, 201, "{}", attached.text);
        let ids = BTreeMap::from([
            ("app_id", app_id),
            ("plan_id", plan_id),
            ("price_id", text(&plan["prices"][0], "id")),
            ("key", "pro_export".to_owned()),
        ]);
        Self { workspace, ids }
    }

    /// Everything that can be seen of the workspace, and everything that was done in it.
    pub(crate) async fn state(&self, service: &Service) -> String {
        let owner = tokens::owner(self.workspace);
        let catalog = format!("{APPS}/{}/billing", self.ids["app_id"]);
        let mut state = String::new();
        for path in [
            "/v1/dashboard/billing/status",
            "/v1/dashboard/billing/audit-log?limit=100",
            APPS,
            &format!("{catalog}/plans"),
            &format!("{catalog}/features"),
        ] {
            state.push_str(&service.get(path, &owner).await.text);
        }
        state
    }
}

/// Ids as they could be, of things that are not there.
pub(crate) fn absent_ids() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("app_id", "app_01m82b5v9jes0rg1v7n4z7qv3x".to_owned()),
        ("plan_id", "plan_01m82b5v9jes0rg1v7n4z7qv3x".to_owned()),
        ("price_id", "price_01m82b5v9jes0rg1v7n4z7qv3x".to_owned()),
        ("key", "no_such_feature".to_owned()),
    ])
}

/// The path with its names filled in. A name nobody knows how to fill fails the test.
pub(crate) fn filled(path: &str, ids: &BTreeMap<&'static str, String>) -> String {
    let mut filled = path.to_owned();
    for (name, id) in ids {
        filled = filled.replace(&format!("{{{name}}}"), id);
    }
    assert!(!filled.contains('{'), "no id is known for {path}");
    filled
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}
