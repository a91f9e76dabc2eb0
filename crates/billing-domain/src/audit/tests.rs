use serde_json::json;

use super::*;
use crate::{
    App, AppDetails, BillingInterval, Currency, DisplayName, Feature, FeatureDetails, FeatureId, FeatureKey,
    Money, PayerKind, Plan, PlanDetails, PlanFeature, PlanId, PlanKey, PlanPrice, Price, PriceId, PriceTerms,
    Version,
};

fn moment() -> Timestamp {
    "2026-11-22T12:34:56.789012Z".parse().unwrap()
}

fn plan() -> Plan {
    Plan {
        id: PlanId::from_uuid(2),
        workspace_id: WorkspaceId::parse("ws_test").unwrap(),
        app_id: AppId::parse("app_shop").unwrap(),
        key: PlanKey::parse("pro").unwrap(),
        payer_kind: PayerKind::User,
        details: PlanDetails::named(DisplayName::parse("Pro").unwrap()),
        archived_at: None,
        version: Version::NEW,
        created_at: moment(),
    }
}

fn price(number: u128, minor_units: i64) -> Price {
    let amount = Money::new(minor_units, Currency::parse("USD").unwrap());
    Price {
        id: PriceId::from_uuid(number),
        plan_id: plan().id,
        terms: PriceTerms::new(amount, BillingInterval::Month).unwrap(),
        archived_at: None,
        created_at: moment(),
    }
}

fn feature() -> Feature {
    Feature {
        id: FeatureId::from_uuid(3),
        workspace_id: plan().workspace_id,
        app_id: plan().app_id,
        key: FeatureKey::parse("export").unwrap(),
        details: FeatureDetails { name: DisplayName::parse("Export").unwrap(), description: None },
        version: Version::NEW,
        created_at: moment(),
    }
}

fn value(state: &str) -> Value {
    serde_json::from_str(state).unwrap()
}

#[test]
fn archiving_is_audited_as_archived_only_once() {
    let (plan, offered) = (plan(), price(1, 1_250));
    let archived = offered.archive(moment()).unwrap();
    let event = |before: &Price, after: &Price| {
        let (before, after) = (PlanPrice::new(&plan, before), PlanPrice::new(&plan, after));
        AuditedChange::changed(&before, &after).unwrap().event
    };
    assert_eq!(event(&offered, &archived), "archived");
    assert_eq!(event(&archived, &archived), "changed");
    assert_eq!(event(&offered, &offered), "changed");
}

#[test]
fn a_price_is_audited_with_its_plan_and_times_in_milliseconds() {
    let created = AuditedChange::created(&PlanPrice::new(&plan(), &price(1, 1_250))).unwrap();
    assert_eq!((created.subject, created.event), ("price", "created"));
    assert_eq!((created.app_id, created.before.as_str()), (Some(plan().app_id), "null"));
    let expected = json!({
        "id": price(1, 1_250).id, "planId": plan().id, "appId": "app_shop", "planKey": "pro", "planName": "Pro",
        "amount": { "minorUnits": 1_250, "currency": "USD" }, "interval": "month", "archivedAt": null,
        "createdAt": "2026-11-22T12:34:56.789Z",
    });
    assert_eq!(value(&created.after), expected);
}

#[test]
fn an_attachment_is_audited_with_the_names_of_both() {
    let detached = AuditedChange::deleted(&PlanFeature::new(&plan(), &feature())).unwrap();
    assert_eq!((detached.subject, detached.event), ("plan_feature", "detached"));
    assert_eq!((detached.app_id, detached.after.as_str()), (Some(plan().app_id), "null"));
    let expected = json!({
        "planId": plan().id, "planKey": "pro", "featureKey": "export", "appId": "app_shop", "planName": "Pro",
        "featureName": "Export",
    });
    assert_eq!(value(&detached.before), expected);
}

#[test]
fn a_replacement_has_the_old_and_the_new_object() {
    let (plan, old, new) = (plan(), price(1, 1_250), price(2, 1_500));
    let archived = old.archive(moment()).unwrap();
    let created = |price| AuditedChange::created(&PlanPrice::new(&plan, price)).unwrap().after;

    let after = PlanPrice::in_place_of(&archived, &plan, &new);
    let replaced = AuditedChange::replaced(&PlanPrice::new(&plan, &old), &after).unwrap();

    assert_eq!((replaced.subject, replaced.event), ("price", "replaced"));
    assert_eq!(replaced.before, created(&old));
    let mut expected = value(&created(&new));
    expected["replacedPrice"] = json!({ "id": old.id, "archivedAt": "2026-11-22T12:34:56.789Z" });
    assert_eq!(value(&replaced.after), expected);
}

#[test]
fn the_app_of_a_change_is_the_objects() {
    let app = App {
        id: AppId::parse("app_own").unwrap(),
        workspace_id: plan().workspace_id,
        details: AppDetails { name: feature().details.name, allowed_redirect_origins: vec![] },
        environments: vec![],
        version: Version::NEW,
        created_at: moment(),
    };
    assert_eq!(AuditedChange::changed(&app, &app).unwrap().app_id, Some(app.id));
    assert_eq!(AuditedChange::created(&plan()).unwrap().app_id, Some(plan().app_id));
    assert_eq!(AuditedChange::deleted(&feature()).unwrap().app_id, Some(feature().app_id));
}

#[test]
fn lost_objects_and_failed_calls_name_what_they_were_for() {
    let account = GatewayAccountId::parse("acct_a").unwrap();
    let payer = Payer::User(crate::UserId::parse("ada").unwrap());
    let environment_id = EnvironmentId::parse("env_a").unwrap();
    let lost = AuditedChange::of_lost_link(&GatewayLink {
        workspace_id: plan().workspace_id,
        account: account.clone(),
        subject: LinkSubject::Customer { environment_id, payer },
        stripe_id: StripeId::parse("cus_1").unwrap(),
    });
    let lost = lost.unwrap();
    assert_eq!((lost.subject, lost.event, lost.after.as_str()), ("stripe_object", "lost", "null"));
    let expected = json!({
        "kind": "customer", "stripeId": "cus_1", "account": "acct_a", "environmentId": "env_a",
        "payer": { "kind": "user", "id": "ada" },
    });
    assert_eq!(value(&lost.before), expected);

    let call = GatewayCall {
        id: GatewayCallId::from_uuid(4),
        workspace_id: plan().workspace_id,
        account,
        key: crate::IdempotencyKey::from_uuid(5),
        purpose: CallPurpose::CreateProduct { plan_id: plan().id },
        request: crate::FrozenRequest {
            method: crate::RequestMethod::Post,
            path: String::new(),
            body: String::new(),
        },
        outcome: crate::CallOutcome::Unresolved,
        prepared_at: moment(),
    };
    let given_up = AuditedChange::of_given_up_call(&call).unwrap();
    assert_eq!((given_up.subject, given_up.event), ("stripe_call", "given_up"));
    let mut expected = json!({
        "callId": GatewayCallId::from_uuid(4), "account": "acct_a", "kind": "create_product", "planId": plan().id,
    });
    assert_eq!(value(&given_up.before), expected);

    let refused = AuditedChange::of_refused_call(&call, "No balance.").unwrap();
    assert_eq!((refused.subject, refused.event), ("stripe_call", "refused"));
    expected["reason"] = json!("No balance.");
    assert_eq!(value(&refused.after), expected);

    let done = AuditedChange::of_done_call(&call, &StripeId::parse("prod_1").unwrap()).unwrap();
    assert_eq!((done.subject, done.event), ("stripe_call", "done"));
    assert_eq!(value(&done.after)["object"], "prod_1");
}
