use async_trait::async_trait;
use std::sync::Arc;

use billing_domain::{
    SyncTarget,
    ports::{BoxError, FixedMode, GatewayAccounts},
};
use serde_json::json;

use super::*;
use crate::{ApiAnswer, ApiRequest, StripeSettings, StripeSource};

const NOW: i64 = 1_700_000_000;

/// No answer to anything.
struct Silence;

#[async_trait]
impl StripeTransport for Silence {
    async fn send(&self, _request: &ApiRequest) -> Result<ApiAnswer, BoxError> {
        Err("silence".into())
    }
}

fn source(key: &str, secrets: &[&str]) -> StripeSource {
    let webhook_secrets = secrets.iter().map(|secret| (*secret).into()).collect();
    StripeSource { webhook_secrets, ..StripeSource::new(key.into()) }
}

/// A gateway whose managed account is known.
fn gateway() -> StripePaymentGateway<Silence> {
    let settings = StripeSettings {
        managed: Some(source("sk_test_a", &["whsec_old", "whsec_new"])),
        platform: Some(source("sk_live_b", &["whsec_platform"])),
        connect: Some(source("sk_live_c", &["whsec_connect"])),
        ..StripeSettings::new(StripeSettings::STRIPE)
    };
    let gateway = StripePaymentGateway::over(Silence, &settings, Arc::new(FixedMode(None)));
    let managed = gateway.managed.as_ref().unwrap();
    managed.account.set(GatewayAccountId::parse("acct_managed").unwrap()).unwrap();
    gateway
}

fn event(kind: &str, object: &Value) -> Value {
    json!({
        "id": "evt_a", "object": "event", "type": kind, "created": NOW - 5, "livemode": false,
        "data": { "object": object },
    })
}

fn verified(event: &Value, secret: &str) -> Result<GatewayEvent, WebhookRefused> {
    signed_at(event, secret, NOW)
}

fn signed_at(event: &Value, secret: &str, seconds: i64) -> Result<GatewayEvent, WebhookRefused> {
    verified_by(&gateway(), event, secret, seconds)
}

fn verified_by(
    gateway: &StripePaymentGateway<impl StripeTransport>,
    event: &Value,
    secret: &str,
    seconds: i64,
) -> Result<GatewayEvent, WebhookRefused> {
    let body = event.to_string();
    let header = signature::header_of(secret, seconds, body.as_bytes());
    gateway.verified_event(body.as_bytes(), &header, Timestamp::from_timestamp(NOW, 0).unwrap())
}

fn target(kind: &str, object: &Value) -> Option<SyncTarget> {
    verified(&event(kind, object), "whsec_new").unwrap().object.map(|object| object.target)
}

#[test]
fn an_event_is_of_the_account_whose_secret_signed_it() {
    let subscription =
        json!({ "id": "sub_a", "customer": "cus_a", "metadata": { "kl_workspace_id": "ws_a" } });
    let event = event("customer.subscription.updated", &subscription);
    for secret in ["whsec_old", "whsec_new"] {
        let verified = verified(&event, secret).unwrap();
        assert_eq!((verified.id.as_str(), verified.account.as_str()), ("evt_a", "acct_managed"));
        assert_eq!((verified.created_at.timestamp(), verified.body), (NOW - 5, event.to_string()));
        let object = verified.object.unwrap();
        assert_eq!(object.target.id().as_str(), "sub_a");
        assert_eq!(object.customer.unwrap().as_str(), "cus_a");
        assert_eq!(object.workspace_hint.unwrap().as_str(), "ws_a");
    }
    assert_eq!(verified(&event, "whsec_other"), Err(signature::OTHER_SECRET));
}

#[test]
fn only_the_platforms_own_account_tells_which_workspace_pays() {
    let gateway = gateway();
    for source in [&gateway.platform, &gateway.connect].into_iter().flatten() {
        source.account.set(GatewayAccountId::parse("acct_platform").unwrap()).unwrap();
    }
    let mut event = event("customer.subscription.updated", &Value::Null);
    let mut paying = |secret: &str, metadata: Value| {
        event["livemode"] = json!(secret != "whsec_new");
        event["account"] = if secret == "whsec_connect" { json!("acct_merchant") } else { Value::Null };
        event["data"]["object"] = json!({ "id": "sub_a", "metadata": metadata });
        let object = verified_by(&gateway, &event, secret, NOW).unwrap().object.unwrap();
        object.paying_workspace.map(String::from)
    };
    let own = json!({ "kl_workspace_id": "ws_a" });
    assert_eq!(paying("whsec_platform", own.clone()).as_deref(), Some("ws_a"));
    assert_eq!(paying("whsec_new", own.clone()), None);
    assert_eq!(paying("whsec_connect", own), None);
    let sold = json!({ "kl_workspace_id": "ws_a", "kl_intent_id": "checkout_x" });
    assert_eq!(paying("whsec_platform", sold), None);
}

#[test]
fn an_event_signed_at_another_time_is_refused() {
    let event = event("invoice.paid", &json!({ "id": "in_a" }));
    for (offset, is_taken) in [(-301, false), (-300, true), (300, true), (301, false)] {
        assert_eq!(signed_at(&event, "whsec_new", NOW + offset).is_ok(), is_taken, "{offset}");
    }
}

#[test]
fn an_event_of_the_other_mode_is_refused() {
    let mut event = event("invoice.paid", &json!({ "id": "in_a" }));
    assert_eq!(verified(&event, "whsec_platform"), Err(WebhookRefused::Mode));
    event["livemode"] = json!(true);
    assert_eq!(verified(&event, "whsec_new"), Err(WebhookRefused::Mode));
}

#[test]
fn an_event_of_an_account_that_is_not_known_yet_is_to_be_sent_again() {
    let mut event = event("invoice.paid", &json!({ "id": "in_a" }));
    event["livemode"] = json!(true);
    assert_eq!(verified(&event, "whsec_platform"), Err(WebhookRefused::NotReady));
}

/// A Stripe at which every key is of one account.
struct OneAccount;

#[async_trait]
impl StripeTransport for OneAccount {
    async fn send(&self, _request: &ApiRequest) -> Result<ApiAnswer, BoxError> {
        Ok(ApiAnswer { is_replayed: false, status: 200, body: br#"{"id":"acct_one"}"#.to_vec() })
    }
}

#[tokio::test]
async fn an_event_of_an_account_used_in_the_other_mode_is_to_be_sent_again() {
    let event = event("invoice.paid", &json!({ "id": "in_a" }));
    for (used, answer) in [(true, Some(WebhookRefused::NotReady)), (false, None)] {
        let settings = StripeSettings {
            managed: Some(source("sk_test_a", &["whsec_new"])),
            ..StripeSettings::new(StripeSettings::STRIPE)
        };
        let gateway = StripePaymentGateway::over(OneAccount, &settings, Arc::new(FixedMode(Some(used))));
        assert_eq!(gateway.account_of(Gateway::Managed).await.is_ok(), answer.is_none());
        assert_eq!(verified_by(&gateway, &event, "whsec_new", NOW).err(), answer);
    }
}

#[test]
fn an_event_of_connect_is_of_the_account_it_names_or_else_the_platforms() {
    let gateway = gateway();
    let paid = json!({ "id": "sub_a", "metadata": { "kl_workspace_id": "ws_a" } });
    let mut event = event("customer.subscription.updated", &paid);
    event["livemode"] = json!(true);
    let told = |event: &Value| verified_by(&gateway, event, "whsec_connect", NOW);
    let payers = |told: GatewayEvent| (told.account.to_string(), told.object.unwrap().paying_workspace);
    for account in [Value::Null, json!("acct_merchant")] {
        event["account"] = account;
        assert_eq!(told(&event), Err(WebhookRefused::NotReady));
    }

    event["account"] = Value::Null;
    let connect = gateway.connect.as_ref().unwrap();
    connect.account.set(GatewayAccountId::parse("acct_platform").unwrap()).unwrap();
    let workspace = billing_domain::WorkspaceId::parse("ws_a").unwrap();
    assert_eq!(payers(told(&event).unwrap()), ("acct_platform".to_owned(), Some(workspace)));

    event["account"] = json!("acct_merchant");
    assert_eq!(payers(told(&event).unwrap()), ("acct_merchant".to_owned(), None));
}

#[test]
fn an_event_that_names_another_account_than_its_secrets_is_refused() {
    let mut event = event("invoice.paid", &json!({ "id": "in_a" }));
    event["account"] = json!("acct_other");
    assert!(matches!(verified(&event, "whsec_new"), Err(WebhookRefused::Body(_))));
}

#[test]
fn an_event_leads_to_the_object_that_is_fetched() {
    let id = |text: &str| StripeId::parse(text).unwrap();
    for (kind, object, expected) in [
        ("customer.subscription.deleted", json!({ "id": "sub_a" }), SyncTarget::Subscription(id("sub_a"))),
        ("checkout.session.completed", json!({ "id": "cs_a" }), SyncTarget::CheckoutSession(id("cs_a"))),
        ("invoice.voided", json!({ "id": "in_a" }), SyncTarget::Invoice(id("in_a"))),
        (
            "subscription_schedule.updated",
            json!({ "id": "sub_sched_a", "subscription": "sub_a" }),
            SyncTarget::Subscription(id("sub_a")),
        ),
        (
            "subscription_schedule.released",
            json!({ "id": "sub_sched_a", "subscription": null, "released_subscription": "sub_a" }),
            SyncTarget::Subscription(id("sub_a")),
        ),
        (
            "customer.discount.deleted",
            json!({ "id": "di_a", "customer": "cus_a", "subscription": "sub_a" }),
            SyncTarget::Subscription(id("sub_a")),
        ),
        (
            "invoice_payment.paid",
            json!({ "id": "inpay_a", "invoice": "in_a" }),
            SyncTarget::Invoice(id("in_a")),
        ),
        (
            "charge.refunded",
            json!({ "id": "ch_a", "invoice": { "id": "in_a" } }),
            SyncTarget::Invoice(id("in_a")),
        ),
        (
            "charge.refunded",
            json!({ "id": "ch_a", "payment_intent": "pi_a" }),
            SyncTarget::Payment(id("pi_a")),
        ),
        (
            "charge.refund.updated",
            json!({ "id": "re_a", "payment_intent": { "id": "pi_a" } }),
            SyncTarget::Payment(id("pi_a")),
        ),
        ("refund.failed", json!({ "id": "re_a", "payment_intent": "pi_a" }), SyncTarget::Payment(id("pi_a"))),
        ("credit_note.voided", json!({ "id": "cn_a", "invoice": "in_a" }), SyncTarget::Invoice(id("in_a"))),
    ] {
        assert_eq!(target(kind, &object), Some(expected), "{kind}");
    }
}

#[test]
fn an_event_of_nothing_mirrored_leads_to_no_object() {
    for (kind, object) in [
        ("invoice.upcoming", json!({ "object": "invoice", "customer": "cus_a" })),
        ("customer.updated", json!({ "id": "cus_a" })),
        ("customer.discount.created", json!({ "id": "di_a", "customer": "cus_a", "subscription": null })),
        ("invoiceitem.created", json!({ "id": "ii_a", "invoice": null })),
        ("subscription_schedule.created", json!({ "id": "sub_sched_a", "subscription": null })),
        ("payment_intent.succeeded", json!({ "id": "pi_a" })),
        ("charge.succeeded", json!({ "id": "ch_a", "payment_intent": "pi_a" })),
        ("refund.created", json!({ "id": "re_a", "payment_intent": null })),
        ("invented.tomorrow", json!({ "id": "in_a", "invoice": "in_a" })),
        ("invoice.paid", Value::Null),
    ] {
        assert_eq!(target(kind, &object), None, "{kind}");
    }
}

#[test]
fn a_signed_body_that_is_no_event_is_refused() {
    for body in [json!({}), json!([]), json!({ "id": "evt_a", "object": "v2.core.event" })] {
        assert!(matches!(verified(&body, "whsec_new"), Err(WebhookRefused::Body(_))), "{body}");
    }
    let mut other = event("invoice.paid", &json!({ "id": "in_a" }));
    other["object"] = json!("invoice");
    assert!(matches!(verified(&other, "whsec_new"), Err(WebhookRefused::Body(_))));
}
