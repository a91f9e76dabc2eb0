use billing_testing::{Service, Suite, TestDatabase, tokens};
use serde_json::{Value, json};

use crate::{BINARY, DISABLE, ENABLE, OFF, PREFLIGHT, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("the_gate_goes_on_and_off", the_gate_goes_on_and_off)
        .on_every_database(
            "every_gateway_can_be_enabled_and_switched_to",
            every_gateway_can_be_enabled_and_switched_to,
        )
        .on_every_database(
            "the_state_survives_a_restart_and_a_crash",
            the_state_survives_a_restart_and_a_crash,
        )
        .on_every_database("workspaces_do_not_see_each_other", workspaces_do_not_see_each_other)
        .on_sqlite(
            "a_gateway_without_settings_is_refused_by_name",
            a_gateway_without_settings_is_refused_by_name,
        )
        .on_sqlite("an_admin_may_do_what_an_owner_may", an_admin_may_do_what_an_owner_may)
        .on_sqlite("a_member_reads_and_changes_nothing", a_member_reads_and_changes_nothing)
}

async fn the_gate_goes_on_and_off(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");

    assert_eq!(service.get(STATUS, &owner).await.text, OFF);
    assert_eq!(service.post(DISABLE, &owner).await.text, OFF);
    assert_eq!(service.get(PREFLIGHT, &owner).await.refusal(), (403, "billing_not_enabled".to_owned()));

    let enabled = service.post(ENABLE, &owner).await;
    assert_eq!(enabled.status, 200);
    let status = enabled.json();
    assert_eq!(status["billingEnabled"], true);
    assert_eq!(status["billingGateway"], "managed");
    assert_is_wire_time(&status["billingEnabledAt"]);

    assert_eq!(service.post_json(ENABLE, &owner, &json!({})).await.text, enabled.text);
    assert_eq!(service.get(STATUS, &owner).await.text, enabled.text);
    let preflight = service.get(PREFLIGHT, &owner).await;
    assert_eq!(preflight.json(), json!({ "canDisable": true, "blockers": [], "total": 0 }));

    assert_eq!(service.post_json(DISABLE, &owner, &json!({})).await.text, OFF);
    assert_eq!(service.get(STATUS, &owner).await.text, OFF);
}

fn assert_is_wire_time(value: &Value) {
    let text = value.as_str().unwrap();
    assert_eq!(text.len(), "2026-11-22T12:34:56.789Z".len(), "{text}");
    assert!(text.ends_with('Z') && text.as_bytes()[19] == b'.', "{text}");
}

async fn every_gateway_can_be_enabled_and_switched_to(database: TestDatabase) {
    let variables =
        [("KL_DASHBOARD_JWT_SECRET", tokens::SECRET), ("KL_STRIPE_SECRET_KEY", "sk_test_of_the_deployment")];
    let service = Service::start_with(BINARY, &database.url, database.folder.path(), &variables).await;
    let owner = tokens::owner("ws_demo");
    let mut since = Value::Null;
    for gateway in ["stripe_connect", "stripe_platform", "managed"] {
        let body = json!({ "gateway": gateway });
        let first = service.post_json(ENABLE, &owner, &body).await;
        let again = service.post_json(ENABLE, &owner, &body).await;

        assert_eq!(first.json()["billingGateway"], gateway, "{}", first.text);
        assert_eq!(again.text, first.text);
        if since.is_null() {
            since = first.json()["billingEnabledAt"].clone();
        }
        assert_eq!(first.json()["billingEnabledAt"], since, "a switch keeps the period");
    }
    service.post(DISABLE, &owner).await;
    let next_period = service.post(ENABLE, &owner).await;
    assert_ne!(next_period.json()["billingEnabledAt"], since);
}

async fn the_state_survives_a_restart_and_a_crash(database: TestDatabase) {
    let owner = tokens::owner("ws_demo");
    let mut first = service(&database).await;
    let enabled = first.post(ENABLE, &owner).await;
    first.terminate();
    assert!(first.wait().success());

    let second = service(&database).await;
    assert_eq!(second.get(STATUS, &owner).await.text, enabled.text);
    second.kill();

    let third = service(&database).await;
    assert_eq!(third.get(STATUS, &owner).await.text, enabled.text);
    third.post(DISABLE, &owner).await;
    third.kill();

    let fourth = service(&database).await;
    assert_eq!(fourth.get(STATUS, &owner).await.text, OFF);
}

async fn workspaces_do_not_see_each_other(database: TestDatabase) {
    let service = service(&database).await;
    service.post(ENABLE, &tokens::owner("ws_one")).await;

    assert_eq!(service.get(STATUS, &tokens::owner("ws_two")).await.text, OFF);
    service.post(DISABLE, &tokens::owner("ws_two")).await;
    assert_eq!(service.get(STATUS, &tokens::owner("ws_one")).await.json()["billingEnabled"], true);
}

async fn a_gateway_without_settings_is_refused_by_name(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");
    let body = json!({ "gateway": "stripe_platform" });

    let refused = service.post_json(ENABLE, &owner, &body).await;

    assert_eq!(refused.refusal(), (400, "payment_gateway_not_configured".to_owned()));
    let details = json!({ "gateway": "stripe_platform", "missing": ["KL_STRIPE_SECRET_KEY"] });
    assert_eq!(refused.json()["details"], details);
    assert_eq!(service.get(STATUS, &owner).await.text, OFF);
}

async fn an_admin_may_do_what_an_owner_may(database: TestDatabase) {
    let service = service(&database).await;
    let admin = tokens::signed(&tokens::claims("ws_demo", "admin"));

    assert_eq!(service.post(ENABLE, &admin).await.status, 200);
    assert_eq!(service.post(DISABLE, &admin).await.text, OFF);
}

async fn a_member_reads_and_changes_nothing(database: TestDatabase) {
    let service = service(&database).await;
    let member = tokens::signed(&tokens::claims("ws_demo", "member"));

    assert_eq!(service.get(STATUS, &member).await.text, OFF);
    for path in [ENABLE, DISABLE] {
        assert_eq!(service.post(path, &member).await.refusal(), (403, "insufficient_role".to_owned()));
        // Who may not change anything is not told what is wrong with a change either.
        let nonsense = json!({ "nonsense": 1 });
        assert_eq!(service.post_json(path, &member, &nonsense).await.status, 403);
    }
    assert_eq!(service.get(STATUS, &member).await.text, OFF);

    service.post(ENABLE, &tokens::owner("ws_demo")).await;
    assert_eq!(service.get(PREFLIGHT, &member).await.status, 200);
}
