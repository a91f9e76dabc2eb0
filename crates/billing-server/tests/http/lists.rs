use billing_testing::{Suite, Tenant, TestDatabase, dashboard_operations};
use serde_json::json;

use crate::service;
use crate::shop::Shop;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_every_database("paging_shows_every_plan_once", paging_shows_every_plan_once).on_sqlite(
        "lists_refuse_unknown_and_malformed_parameters",
        lists_refuse_unknown_and_malformed_parameters,
    )
}

async fn paging_shows_every_plan_once(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let mut made = Vec::new();
    for number in 0..21 {
        made.push(shop.plan(&json!({ "key": format!("plan_{number}"), "name": "Plan" })).await);
    }
    made.reverse();
    for limit in [1, 7, 20, 21, 100] {
        let listed = shop.paged("/plans", "", limit).await;
        let listed: Vec<_> =
            listed.iter().map(|plan| format!("/plans/{}", plan["id"].as_str().unwrap())).collect();
        assert_eq!(listed, made, "by {limit}");
    }
    assert_eq!(shop.get("/plans").await.json()["items"].as_array().unwrap().len(), 20);
}

async fn lists_refuse_unknown_and_malformed_parameters(database: TestDatabase) {
    let service = service(&database).await;
    let Tenant { token, ids, .. } = Tenant::new(&service, "ws_shop", "stocked").await;
    let operations = dashboard_operations(&service);
    let lists: Vec<_> =
        operations.iter().filter(|it| it.query_parameters().any(|it| it == "cursor")).collect();
    assert!(lists.len() >= 4, "the document has {} lists only", lists.len());
    for list in lists.iter().map(|list| list.path(&ids)) {
        for (query, parameter) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=-1", "limit"),
            ("limit=ten", "limit"),
            ("limit=", "limit"),
            ("limit=1&limit=2", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("page=2", "page"),
            ("Limit=2", "Limit"),
            ("workspaceId=ws_other", "workspaceId"),
            ("cursor=nonsense", "cursor"),
            ("cursor=", "cursor"),
            ("cursor=%00", "cursor"),
            ("cursor=%ff%fe", "cursor"),
            ("cursor=' OR 1=1 --", "cursor"),
        ] {
            let answer = service.get(&format!("{list}?{query}"), &token).await;
            assert_eq!(answer.refusal(), (400, "invalid_request".to_owned()), "{list}?{query}");
            assert_eq!(answer.json()["details"]["parameter"], parameter, "{list}?{query}");
        }
        let most = service.get(&format!("{list}?limit=100"), &token).await;
        assert_eq!(most.status, 200, "{}", most.text);
        let wrong = if list.ends_with("/plans") { "archived=yes" } else { "archived=true" };
        let answer = service.get(&format!("{list}?{wrong}"), &token).await;
        assert_eq!(answer.json()["details"]["parameter"], "archived", "{list}: {}", answer.text);
    }
}
