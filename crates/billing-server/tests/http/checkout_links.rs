//! Checkout links, up to payments at the sandbox.

use billing_testing::{MANAGED_KEY, Suite, TestDatabase};
use serde_json::{Value, json};

use crate::sales::{LINKS, checkout, path};
use crate::shop::{Shop, usd};
use crate::stripe_sandbox::{address_of, asked, client};
use crate::{APPS, DISABLE, ENABLE};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "checkout_link_is_replayed_under_its_idempotency_key",
            checkout_link_is_replayed_under_its_idempotency_key,
        )
        .on_sqlite("a_payer_has_one_open_checkout_link", a_payer_has_one_open_checkout_link)
        .on_sqlite("a_payer_who_has_paid_buys_no_second_plan", a_payer_who_has_paid_buys_no_second_plan)
        .on_sqlite(
            "return_address_of_an_unlisted_origin_is_refused",
            return_address_of_an_unlisted_origin_is_refused,
        )
        .on_sqlite("nothing_is_sold_or_shown_while_billing_is_off", nothing_is_sold_while_billing_is_off)
        .on_sqlite("refusal_of_the_payment_gateway_is_told", refusal_of_the_payment_gateway_is_told)
}

fn with(mut body: Value, field: &str, value: &str) -> Value {
    body[field] = json!(value);
    body
}

async fn checkout_link_is_replayed_under_its_idempotency_key(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let body = checkout("ada", "pro");

    let first = shop.once(LINKS, "key", &body).await;

    assert_eq!(first.status, 201, "{}", first.text);
    let link = first.json();
    let fields: Vec<_> = link.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["expiresAt", "id", "url"]);
    assert!(link["id"].as_str().unwrap().starts_with("intent_"), "{link}");
    assert!(link["url"].as_str().unwrap().starts_with(&address_of(&shop.service)), "{link}");
    let expires_at = link["expiresAt"].as_str().unwrap();
    assert!(expires_at.len() == "2026-11-22T12:34:56.789Z".len() && expires_at.ends_with('Z'), "{link}");

    // An ended link is not what a new request would be given.
    assert_eq!(shop.delete(&path(LINKS, &link)).await.status, 204);
    let again = shop.once(LINKS, "key", &body).await;
    assert_eq!((again.status.as_u16(), &again.text), (201, &first.text));
    for other in [checkout("ben", "pro"), with(body.clone(), "currency", "USD")] {
        let refused = shop.once(LINKS, "key", &other).await;
        assert_eq!(refused.refusal(), (409, "idempotency_key_reused".to_owned()), "{other}");
    }
    let another = shop.once(LINKS, "key-2", &body).await;
    assert_eq!(another.status, 201, "{}", another.text);
    assert_ne!(another.json()["id"], link["id"]);
}

async fn a_payer_has_one_open_checkout_link(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    shop.sold_plan("team").await;

    let first = shop.link("ada", "pro").await;
    assert_eq!(shop.link("ada", "pro").await, first);
    assert_ne!(shop.link("ben", "pro").await["id"], first["id"]);
    assert_eq!(shop.link_status(&first).await, "open");
    let second = shop.link("ada", "team").await;
    assert_eq!([shop.link_status(&first).await, shop.link_status(&second).await], ["expired", "open"]);

    for _ in 0..2 {
        let ended = shop.delete(&path(LINKS, &second)).await;
        assert_eq!((ended.status.as_u16(), ended.text.as_str()), (204, ""));
    }
    let ended = shop.get(&path(LINKS, &second)).await.json();
    assert_eq!((&ended["status"], &ended["url"]), (&json!("expired"), &Value::Null));
}

async fn a_payer_who_has_paid_buys_no_second_plan(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    shop.sold_plan("team").await;
    let link = shop.link("ada", "pro").await;
    shop.service.pay(link["url"].as_str().unwrap()).await;
    let completed = (409, "checkout_completed".to_owned());

    // The payment need not be known yet.
    assert_eq!(shop.delete(&path(LINKS, &link)).await.refusal(), completed);
    let subscription = shop.first_id("/subscriptions").await;
    assert_eq!(shop.delete(&path(LINKS, &link)).await.refusal(), completed);

    for plan in ["pro", "team"] {
        let refused = shop.post(LINKS, &checkout("ada", plan)).await;
        assert_eq!(refused.refusal(), (409, "already_subscribed".to_owned()), "{plan}");
    }
    // Another payer may have the same id.
    let organization = json!({ "kind": "organization", "id": "ada" });
    let of_organizations = json!({ "key": "org", "name": "Org", "payerKind": "organization",
        "prices": [usd(900)] });
    shop.plan(&of_organizations).await;
    let body = json!({ "payer": organization, "plan": "org", "interval": "month" });
    assert_eq!(shop.post(LINKS, &body).await.status, 201);

    assert_eq!(shop.cancel(&subscription, false).await.status, 200);
    shop.link("ada", "team").await;
}

async fn return_address_of_an_unlisted_origin_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let address = "https://shop.example/thanks";
    let app = format!("{APPS}/{}", shop.app);
    let refused = async |field: &str, address: &str| {
        let answer = shop.post(LINKS, &with(checkout("ada", "pro"), field, address)).await;
        assert_eq!(answer.refusal(), (400, "redirect_url_not_allowed".to_owned()), "{field}: {address}");
        assert_eq!(answer.json()["details"], json!({ "field": field }));
    };

    for field in ["successUrl", "cancelUrl"] {
        refused(field, address).await;
    }
    let origins = json!({ "allowedRedirectOrigins": ["https://shop.example"] });
    assert_eq!(shop.service.patch_json(&app, &shop.owner, &origins).await.status, 200);
    for field in ["successUrl", "cancelUrl"] {
        refused(field, "https://shop.example.evil.example/").await;
        let taken = shop.post(LINKS, &with(checkout("ada", "pro"), field, address)).await;
        assert_eq!(taken.status, 201, "{}", taken.text);
    }
}

async fn nothing_is_sold_while_billing_is_off(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let body = checkout("ada", "pro");
    let made = shop.once(LINKS, "key", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let off = shop.service.post(DISABLE, &shop.owner).await;
    assert_eq!(off.json()["billingEnabled"], false, "{}", off.text);

    // A stored answer is refused too: its link can no longer be paid.
    let replayed = shop.once(LINKS, "key", &body).await;
    let link = path(LINKS, &made.json());
    for answer in [
        replayed,
        shop.post(LINKS, &body).await,
        shop.delete(&link).await,
        shop.get(&link).await,
        shop.get("/subscriptions").await,
        shop.get("/invoices").await,
    ] {
        assert_eq!(answer.refusal(), (403, "billing_not_enabled".to_owned()));
    }

    assert_eq!(shop.service.post(ENABLE, &shop.owner).await.status, 200);
    assert_eq!(shop.link_status(&made.json()).await, "expired");
}

async fn refusal_of_the_payment_gateway_is_told(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let link = shop.link("ada", "pro").await;
    shop.delete(&path(LINKS, &link)).await;
    // Somebody deletes the customer at Stripe.
    let customers = format!("{}/v1/customers", address_of(&shop.service));
    let listed = asked(client().get(&customers).bearer_auth(MANAGED_KEY).send().await).await;
    let customer = listed["data"][0]["id"].as_str().unwrap();
    asked(client().delete(format!("{customers}/{customer}")).bearer_auth(MANAGED_KEY).send().await).await;

    let refused = shop.post(LINKS, &checkout("ada", "pro")).await;

    assert_eq!(refused.refusal(), (502, "payment_gateway_refused".to_owned()), "{}", refused.text);
    let reason = refused.json()["details"]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains(&format!("No such customer: '{customer}'")), "{reason}");
    // The next sale makes another customer.
    shop.link("ada", "pro").await;
}
