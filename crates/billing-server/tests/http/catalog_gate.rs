use billing_testing::{Ids, Operation, Suite, Tenant, TestDatabase, dashboard_operations, tokens};
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::Shop;
use crate::{APPS, DISABLE, ENABLE, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite("every_change_an_owner_asks_for_is_made", every_change_an_owner_asks_for_is_made)
        .on_every_database(
            "the_catalog_is_closed_while_billing_is_off",
            the_catalog_is_closed_while_billing_is_off,
        )
        .on_sqlite(
            "apps_and_audit_log_work_while_billing_is_off",
            apps_and_audit_log_work_while_billing_is_off,
        )
        .on_every_database(
            "member_reads_everything_and_is_refused_every_change",
            member_reads_everything_and_is_refused_every_change,
        )
        .on_sqlite("nobody_is_let_in_without_a_token", nobody_is_let_in_without_a_token)
        .on_sqlite("list_of_gateways_names_missing_settings", list_of_gateways_names_missing_settings)
}

/// Without this, what the other tests see refused might have changed nothing anyway.
async fn every_change_an_owner_asks_for_is_made(database: TestDatabase) {
    let service = service(&database).await;
    let operations = dashboard_operations(&service);
    let changes = operations.iter().filter(|operation| !operation.reads());
    for (number, change) in changes.enumerate() {
        let mut tenant = Tenant::new(&service, &format!("ws_{number}"), "stocked").await;
        if ["/void", "/mark-uncollectible", "/send"].iter().any(|end| change.template.ends_with(end)) {
            tenant = tenant.with_open_invoice(&service).await;
        }
        if [ENABLE, DISABLE].contains(&change.template.as_str()) {
            tenant.end_sales(&service).await;
        }
        if change.template.ends_with("/resume") {
            tenant.cancel(&service, true).await;
        }
        if change.template.ends_with("/trial") {
            tenant = tenant.in_trial(&service).await;
        }
        if change.template == ENABLE {
            service.post(DISABLE, &tenant.token).await;
        }
        // A feature that a plan has is not deleted: what is inside goes first.
        let is_inside = |other: &&Operation| {
            change.method == Method::DELETE
                && other.method == Method::DELETE
                && other.names().len() > change.names().len()
        };
        for inside in operations.iter().filter(is_inside) {
            inside.ask(&service, &tenant.ids, Some(&tenant.token)).await;
        }
        let seen = async || {
            let answers = tenant.reads(&service).await.into_iter();
            answers
                .map(
                    |answer| {
                        if answer.status == 200 { billing_testing::seen(answer) } else { answer.error() }
                    },
                )
                .collect::<Vec<_>>()
        };
        let before = seen().await;

        let answer = if change.template.ends_with("/change-plan") {
            tenant.change_plan(&service).await
        } else {
            change.ask(&service, &tenant.ids, Some(&tenant.token)).await
        };

        assert!(answer.status.is_success(), "{change:?}: {}", answer.text);
        // A preview changes nothing, and nothing is set aside that could be tried again.
        if ["/preview", "/work/replay"].iter().any(|end| change.template.ends_with(end)) {
            assert_eq!(seen().await, before, "{change:?}");
        } else {
            assert_ne!(seen().await, before, "{change:?}");
        }
    }
}

async fn the_catalog_is_closed_while_billing_is_off(database: TestDatabase) {
    let service = service(&database).await;
    let tenant = Tenant::new(&service, "ws_shop", "stocked").await;
    tenant.end_sales(&service).await;
    let Tenant { token, ids, .. } = tenant;
    let plan = format!("{APPS}/{}/billing/plans/{}", ids["appId"], ids["planId"]);
    let before = service.get(&plan, &token).await.text;
    service.post(DISABLE, &token).await;
    let operations = dashboard_operations(&service);
    let catalog: Vec<_> = operations.iter().filter(|operation| operation.is_of_the_catalog()).collect();
    assert!(catalog.len() >= 14, "the document lists {} operations of the catalog only", catalog.len());

    for operation in &catalog {
        // Whatever is asked for: that billing is off comes before what is there.
        for ids in [&ids, &Ids::fictitious(&service), &Ids::all(&service, "Not-an-Id")] {
            let answer = operation.ask(&service, ids, Some(&token)).await;
            assert_eq!(answer.refusal(), (403, "billing_not_enabled".to_owned()), "{operation:?}");
        }
    }

    service.post(ENABLE, &token).await;
    assert_eq!(service.get(&plan, &token).await.text, before);
}

async fn apps_and_audit_log_work_while_billing_is_off(database: TestDatabase) {
    let service = service(&database).await;
    let Tenant { token, ids, .. } = Tenant::new(&service, "ws_shop", "stocked").await;
    service.post(DISABLE, &token).await;
    for operation in dashboard_operations(&service) {
        let of_the_gate = ["/status", "/enable", "/disable", "/preflight"];
        if operation.is_of_the_catalog() || of_the_gate.iter().any(|end| operation.template.ends_with(end)) {
            continue;
        }
        let answer = operation.ask(&service, &ids, Some(&token)).await;
        assert!(answer.status.is_success(), "{operation:?}: {}", answer.text);
    }
}

/// What a member may not even read.
const FOR_ADMINISTRATORS: [&str; 2] = ["/v1/dashboard/billing/drift", "/v1/dashboard/billing/work"];

async fn member_reads_everything_and_is_refused_every_change(database: TestDatabase) {
    let service = service(&database).await;
    let shop = Tenant::new(&service, "ws_shop", "stocked").await;
    let member = tokens::member("ws_shop");
    let before = shop.everything(&service).await;
    for operation in dashboard_operations(&service) {
        let answer = operation.ask(&service, &shop.ids, Some(&member)).await;
        if operation.reads() && !FOR_ADMINISTRATORS.contains(&operation.path(&shop.ids).as_str()) {
            assert!(answer.status.is_success(), "{operation:?}: {}", answer.text);
            continue;
        }
        let refused = (403, "insufficient_role".to_owned());
        assert_eq!(answer.refusal(), refused, "{operation:?}");
        // Who may not change anything is not told what is wrong with a change, nor what is there.
        for path in [operation.path(&shop.ids), operation.path(&Ids::fictitious(&service))] {
            let request = service.request(operation.method.clone(), &path).bearer_auth(&member);
            let nonsense = request.header("idempotency-key", "not a key").body("x".repeat(70_000));
            assert_eq!(service.send(nonsense).await.refusal(), refused, "{operation:?}");
        }
    }
    assert_eq!(shop.everything(&service).await, before);
    // An admin may do what an owner may.
    let admin = tokens::signed(&tokens::claims("ws_shop", "admin"));
    let made = service.post_json(APPS, &admin, &json!({ "name": "An admin's" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

async fn nobody_is_let_in_without_a_token(database: TestDatabase) {
    let service = service(&database).await;
    let shop = Tenant::new(&service, "ws_shop", "stocked").await;
    let before = shop.everything(&service).await;
    for operation in dashboard_operations(&service) {
        for ids in [&shop.ids, &Ids::fictitious(&service)] {
            for token in [None, Some("nonsense")] {
                let answer = operation.ask(&service, ids, token).await;
                assert_eq!(answer.refusal(), (401, "unauthenticated".to_owned()), "{operation:?}");
                assert!(answer.headers.contains_key("www-authenticate"), "{operation:?}");
            }
        }
    }
    assert_eq!(shop.everything(&service).await, before);
}

async fn list_of_gateways_names_missing_settings(database: TestDatabase) {
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
