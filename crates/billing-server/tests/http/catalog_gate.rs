use billing_testing::{Suite, TestDatabase, tokens};
use serde_json::{Value, json};

use crate::shop::Shop;
use crate::surface::{Ids, dashboard_operations};
use crate::{APPS, DISABLE, ENABLE};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "the_catalog_is_closed_while_billing_is_off",
            the_catalog_is_closed_while_billing_is_off,
        )
        .on_sqlite(
            "what_is_no_catalog_works_while_billing_is_off",
            what_is_no_catalog_works_while_billing_is_off,
        )
        .on_every_database("a_member_looks_at_everything", a_member_looks_at_everything)
        .on_sqlite("nobody_is_let_in_without_a_token", nobody_is_let_in_without_a_token)
        .on_sqlite("every_gateway_is_told_with_what_it_lacks", every_gateway_is_told_with_what_it_lacks)
}

/// A shop with one of each, and their ids.
async fn stocked(database: &TestDatabase) -> (Shop, Ids) {
    let shop = Shop::open(database).await;
    let plan = shop.sold_plan("pro").await;
    shop.post(&format!("{plan}/features"), &json!({ "key": "export", "name": "Export" })).await;
    let price = shop.get(&plan).await.json()["prices"][0]["id"].as_str().unwrap().to_owned();
    let plan = plan.strip_prefix("/plans/").unwrap().to_owned();
    let ids = Ids { app: shop.app.clone(), plan, price, key: "export".to_owned() };
    (shop, ids)
}

/// Text that is no id at all.
fn no_ids() -> Ids {
    let text = || "Not-an-Id".to_owned();
    Ids { app: text(), plan: text(), price: text(), key: text() }
}

/// Everything the shop can be asked.
async fn everything(shop: &Shop, ids: &Ids) -> Vec<String> {
    let mut told = Vec::new();
    for operation in dashboard_operations(&shop.service).iter().filter(|operation| operation.reads()) {
        told.push(operation.ask(&shop.service, ids, Some(&shop.owner)).await.text);
    }
    told
}

async fn the_catalog_is_closed_while_billing_is_off(database: TestDatabase) {
    let (shop, ids) = stocked(&database).await;
    let before = shop.get(&format!("/plans/{}", ids.plan)).await.text;
    shop.service.post(DISABLE, &shop.owner).await;
    let operations = dashboard_operations(&shop.service);
    let catalog: Vec<_> = operations.iter().filter(|operation| operation.is_of_the_catalog()).collect();
    assert_eq!(catalog.len(), 14);

    for operation in &catalog {
        // Whatever is asked for: that billing is off comes before what is there.
        for ids in [&ids, &Ids::fictitious(), &no_ids()] {
            let answer = operation.ask(&shop.service, ids, Some(&shop.owner)).await;
            assert_eq!(answer.refusal(), (403, "billing_not_enabled".to_owned()), "{operation:?}");
        }
    }

    shop.service.post(ENABLE, &shop.owner).await;
    assert_eq!(shop.get(&format!("/plans/{}", ids.plan)).await.text, before);
}

async fn what_is_no_catalog_works_while_billing_is_off(database: TestDatabase) {
    let (shop, ids) = stocked(&database).await;
    shop.service.post(DISABLE, &shop.owner).await;
    for operation in dashboard_operations(&shop.service) {
        let of_the_gate = ["/status", "/enable", "/disable", "/preflight"];
        if operation.is_of_the_catalog() || of_the_gate.iter().any(|end| operation.template.ends_with(end)) {
            continue;
        }
        let answer = operation.ask(&shop.service, &ids, Some(&shop.owner)).await;
        assert!(answer.status.is_success(), "{operation:?}: {}", answer.text);
    }
}

async fn a_member_looks_at_everything(database: TestDatabase) {
    let (shop, ids) = stocked(&database).await;
    let member = shop.member();
    let before = everything(&shop, &ids).await;
    for operation in dashboard_operations(&shop.service) {
        let answer = operation.ask(&shop.service, &ids, Some(&member)).await;
        if operation.reads() {
            assert!(answer.status.is_success(), "{operation:?}: {}", answer.text);
            continue;
        }
        let refused = (403, "insufficient_role".to_owned());
        assert_eq!(answer.refusal(), refused, "{operation:?}");
        // Who may not change anything is not told what is wrong with a change, nor what is there.
        for path in [operation.path(&ids), operation.path(&Ids::fictitious())] {
            let request = shop.service.request(operation.method.clone(), &path).bearer_auth(&member);
            let nonsense = request.header("idempotency-key", "not a key").body("x".repeat(70_000));
            assert_eq!(shop.service.send(nonsense).await.refusal(), refused, "{operation:?}");
        }
    }
    assert_eq!(everything(&shop, &ids).await, before);
    // An admin may do what an owner may.
    let admin = tokens::signed(&tokens::claims(&shop.workspace, "admin"));
    let made = shop.service.post_json(APPS, &admin, &json!({ "name": "An admin's" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

async fn nobody_is_let_in_without_a_token(database: TestDatabase) {
    let (shop, ids) = stocked(&database).await;
    let before = everything(&shop, &ids).await;
    for operation in dashboard_operations(&shop.service) {
        for ids in [&ids, &Ids::fictitious()] {
            for token in [None, Some("nonsense")] {
                let answer = operation.ask(&shop.service, ids, token).await;
                assert_eq!(answer.refusal(), (401, "unauthenticated".to_owned()), "{operation:?}");
                assert!(answer.headers.contains_key("www-authenticate"), "{operation:?}");
            }
        }
    }
    assert_eq!(everything(&shop, &ids).await, before);
}

async fn every_gateway_is_told_with_what_it_lacks(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let path = "/v1/dashboard/billing/gateways";
    let gateway = |name: &str, reason: Value, in_use: bool| json!({ "gateway": name, "available": reason.is_null(), "reason": reason, "inUse": in_use, "account": null });
    let told = |reason: &str, in_use: bool| {
        json!({ "gateways": [
            gateway("managed", Value::Null, in_use),
            gateway("stripe_connect", Value::Null, false),
            gateway("stripe_platform", json!(reason), false),
        ] })
    };
    let to_owners = "Not configured here: KL_STRIPE_SECRET_KEY is missing.";
    assert_eq!(shop.service.get(path, &shop.owner).await.json(), told(to_owners, true));
    assert_eq!(shop.service.get(path, &shop.member()).await.json(), told("Not configured here.", true));
    shop.service.post(DISABLE, &shop.owner).await;
    assert_eq!(shop.service.get(path, &shop.owner).await.json(), told(to_owners, false));
}
