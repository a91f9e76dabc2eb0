//! A customer pays for a checkout on its page.

use serde_json::Value;

use super::{assert_page, form::Form, location};
use crate::{
    client::{Answer, Client, ids},
    sandbox,
};

const GOOD: &str = "4242 4242 4242 4242";
const DECLINED: &str = "4000 0000 0000 0002";
const AUTHENTICATES: &str = "4000 0000 0000 3220";

/// A session for a monthly plan, and the path of its page.
async fn session(client: &Client, currency: &str, amount: i64, more: &[(&str, &str)]) -> (String, String) {
    let price = client.monthly_price("Pro", currency, amount).await;
    let mut form = vec![
        ("mode", "subscription"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
        ("success_url", "https://shop.example/welcome?id={CHECKOUT_SESSION_ID}"),
        ("cancel_url", "https://shop.example/pricing"),
    ];
    form.extend_from_slice(more);
    let session = client.post("/v1/checkout/sessions", &form).await.ok();
    let path = reqwest::Url::parse(session["url"].as_str().unwrap()).unwrap().path().to_owned();
    (session["id"].as_str().unwrap().to_owned(), path)
}

fn filled(page: &Answer, path: &str, number: &str) -> Form {
    Form::of(page, path)
        .with("email", "jenny@example.com")
        .with("card_number", number)
        .with("card_expiry", "12 / 34")
        .with("card_cvc", "123")
        .with("card_name", "Jenny Rosen")
}

async fn pays(client: &Client, path: &str, number: &str) -> Answer {
    filled(&client.get(path).await, path, number).send(client).await
}

async fn read(client: &Client, session: &str) -> Value {
    client.get(&format!("/v1/checkout/sessions/{session}?expand[]=subscription")).await.ok()
}

async fn subscriptions(client: &Client) -> Value {
    client.get("/v1/subscriptions?status=all").await.ok()["data"].clone()
}

#[track_caller]
fn assert_says(page: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(page.text.contains(text), "{text} is missing in {}", page.text);
    }
}

#[tokio::test]
async fn who_pays_is_subscribed_and_goes_back_to_the_shop() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = session(&client, "usd", 2000, &[]).await;
    let page = client.get(&path).await;
    assert_page(&page, 200);
    assert_says(&page, &["Subscribe to Pro", "$20.00 per month", "https://shop.example/pricing"]);
    let done = location(&filled(&page, &path, GOOD).send(&client).await);
    assert_eq!(done, format!("https://shop.example/welcome?id={id}"));
    let session = read(&client, &id).await;
    assert_eq!(
        (&session["status"], &session["subscription"]["status"]),
        (&"complete".into(), &"active".into())
    );
    assert_eq!(session["customer_details"]["email"], "jenny@example.com");
    assert_eq!(session["customer_details"]["name"], "Jenny Rosen");
    let page = client.get(&path).await;
    assert_page(&page, 200);
    assert_says(&page, &["This checkout is complete", &done]);
}

#[tokio::test]
async fn a_double_click_pays_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (_, path) = session(&client, "usd", 2000, &[]).await;
    let form = filled(&client.get(&path).await, &path, GOOD);
    let (first, second) = tokio::join!(form.send(&client), form.send(&client));
    assert_eq!(location(&first), location(&second));
    assert_eq!(subscriptions(&client).await.as_array().unwrap().len(), 1);
    assert_eq!(ids(&client.get("/v1/charges").await.ok()).len(), 1);
}

#[tokio::test]
async fn a_declined_card_is_told_and_leaves_nothing() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = session(&client, "usd", 2000, &[]).await;
    let declined = pays(&client, &path, DECLINED).await;
    assert_page(&declined, 422);
    assert_says(&declined, &["Your card was declined.", "jenny@example.com", DECLINED]);
    assert_eq!(subscriptions(&client).await.as_array().unwrap().len(), 0);
    assert_eq!(ids(&client.get("/v1/customers").await.ok()).len(), 0);
    location(&filled(&declined, &path, GOOD).send(&client).await);
    assert_eq!(read(&client, &id).await["status"], "complete");
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named_at_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (_, path) = session(&client, "usd", 2000, &[]).await;
    let form =
        filled(&client.get(&path).await, &path, "4242").with("email", "jenny").with("card_expiry", "1");
    let refused = form.send(&client).await;
    assert_page(&refused, 422);
    assert_says(
        &refused,
        &["Enter a whole e-mail address.", "Your card number is incomplete.", "value=\"jenny\""],
    );
    assert_page(&client.post(&path, &[("email", "")]).await, 422);
}

#[tokio::test]
async fn who_authenticates_is_subscribed_and_who_fails_can_pay_with_another_card() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for outcome in ["complete", "fail"] {
        let (id, path) = session(&client, "usd", 2000, &[]).await;
        let authentication = location(&pays(&client, &path, AUTHENTICATES).await);
        assert_eq!(read(&client, &id).await["status"], "open");
        let form = Form::of(&client.get(&authentication).await, &authentication).with("outcome", outcome);
        let back = location(&form.send(&client).await);
        let back = location(&client.get(back.strip_prefix(sandbox.url()).unwrap()).await);
        if outcome == "complete" {
            assert_eq!(back, format!("https://shop.example/welcome?id={id}"));
            assert_eq!(read(&client, &id).await["subscription"]["status"], "active");
        } else {
            assert_eq!(back, path);
            let page = client.get(&path).await;
            assert_says(&page, &["There is a problem", "authenticat"]);
            location(&filled(&page, &path, GOOD).send(&client).await);
            assert_eq!(read(&client, &id).await["subscription"]["status"], "active");
        }
    }
    let all = subscriptions(&client).await;
    let live = all.as_array().unwrap().iter().filter(|it| it["status"] == "active").count();
    assert_eq!(live, 2);
}

#[tokio::test]
async fn a_trial_is_worded_in_the_money_of_its_currency() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let trial = [("subscription_data[trial_period_days]", "14")];
    for (currency, amount, then) in [
        ("usd", 2000, "Then $20.00 per month starting 15 January 2026"),
        ("jpy", 2000, "Then ¥2,000 per month starting 15 January 2026"),
        ("kwd", 12_500, "Then KWD 12.500 per month starting 15 January 2026"),
    ] {
        let (id, path) = session(&client, currency, amount, &trial).await;
        let page = client.get(&path).await;
        assert_says(&page, &["Try Pro", "14 days free", then, "Start trial"]);
        location(&filled(&page, &path, GOOD).send(&client).await);
        assert_eq!(read(&client, &id).await["subscription"]["status"], "trialing");
    }
}

fn discounted(coupon: &str) -> [(&str, &str); 1] {
    [("discounts[0][coupon]", coupon)]
}

/// What a session is asked for with, its price, and the note below it.
type Told<'a> = (&'a [(&'a str, &'a str)], &'a str, Option<&'a str>);

/// A price that is paid today alone is not told as one that is paid each period.
#[tokio::test]
async fn what_is_paid_later_is_told_where_it_is_not_what_is_paid_today() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let one_time = [("currency", "usd"), ("unit_amount", "500"), ("product_data[name]", "Setup")];
    let one_time = client.post("/v1/prices", &one_time).await.id();
    let coupon = async |form: &[(&str, &str)]| {
        client.post("/v1/coupons", &[&[("percent_off", "20")], form].concat()).await.id()
    };
    let once = coupon(&[("duration", "once")]).await;
    let forever = coupon(&[("duration", "forever")]).await;
    let month = coupon(&[("duration", "repeating"), ("duration_in_months", "1")]).await;
    let quarter = coupon(&[("duration", "repeating"), ("duration_in_months", "3")]).await;
    let fee = [("line_items[1][price]", one_time.as_str()), ("line_items[1][quantity]", "1")];
    let trial = [discounted(&once)[0], ("subscription_data[trial_period_days]", "14")];
    let cases: [Told<'_>; 7] = [
        (&discounted(&once), "$10.00 today", Some("Then $12.50 per month")),
        (&discounted(&month), "$10.00 today", Some("Then $12.50 per month")),
        (&discounted(&quarter), "$10.00 per month", Some("Then $12.50 per month after the discount ends")),
        (&discounted(&forever), "$10.00 per month", None),
        (&fee, "$17.50 today", Some("Then $12.50 per month")),
        (
            &trial,
            "14 days free",
            Some(
                "Then $10.00 per month starting 15 January 2026, and $12.50 per month after the discount ends",
            ),
        ),
        (&[], "$12.50 per month", None),
    ];
    for (more, price, note) in cases {
        let (_, path) = session(&client, "usd", 1250, more).await;
        let page = client.get(&path).await;
        assert_says(&page, &[&format!("<p class=\"price\">{price}</p>")]);
        match note {
            Some(note) => assert_says(&page, &[&format!("<p class=\"quiet\">{note}</p>")]),
            None => assert!(!page.text.contains("Then "), "{}", page.text),
        }
    }
}

#[tokio::test]
async fn a_card_is_left_on_a_page_without_amounts() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = [("mode", "setup"), ("currency", "usd"), ("success_url", "https://shop.example/done")];
    let session = client.post("/v1/checkout/sessions", &form).await.ok();
    let path = reqwest::Url::parse(session["url"].as_str().unwrap()).unwrap().path().to_owned();
    let page = client.get(&path).await;
    assert_page(&page, 200);
    assert_says(&page, &["Save a card with", "Your card is saved for later", "Save card"]);
    for amount in ["Nothing", "Subtotal", "Total due today", "$0.00"] {
        assert!(!page.text.contains(amount), "{amount} in {}", page.text);
    }
    assert_eq!(location(&filled(&page, &path, GOOD).send(&client).await), "https://shop.example/done");
}

#[tokio::test]
async fn the_button_of_a_payment_is_worded_as_the_shop_asks() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for (kind, button) in [("auto", "Pay $15.00"), ("book", "Book"), ("donate", "Donate $15.00")] {
        let form = [
            ("mode", "payment"),
            ("submit_type", kind),
            ("line_items[0][price_data][currency]", "usd"),
            ("line_items[0][price_data][unit_amount]", "1500"),
            ("line_items[0][price_data][product_data][name]", "Hat"),
            ("line_items[0][quantity]", "1"),
            ("success_url", "https://shop.example/done"),
        ];
        let session = client.post("/v1/checkout/sessions", &form).await.ok();
        let path = reqwest::Url::parse(session["url"].as_str().unwrap()).unwrap().path().to_owned();
        assert_says(&client.get(&path).await, &[&format!(">{button}</button>")]);
    }
}

#[tokio::test]
async fn a_code_is_applied_and_taken_back() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client
        .post("/v1/coupons", &[("id", "quarter"), ("percent_off", "25"), ("duration", "forever")])
        .await
        .ok();
    let code = [("promotion[type]", "coupon"), ("promotion[coupon]", "quarter"), ("code", "LAUNCH25")];
    client.post("/v1/promotion_codes", &code).await.ok();
    let (id, path) = session(&client, "usd", 2000, &[("allow_promotion_codes", "true")]).await;
    let enter = Form::of(&client.get(&path).await, "/promotion_code");
    let refused = enter.with("promotion_code", "NOSUCH").send(&client).await;
    assert_page(&refused, 422);
    assert_says(&refused, &["This code is invalid.", "value=\"NOSUCH\""]);
    assert_eq!(location(&enter.with("promotion_code", "launch25").send(&client).await), path);
    let page = client.get(&path).await;
    assert_says(&page, &["LAUNCH25", "25% off", "$15.00"]);
    let remove = Form::of(&page, "/remove").with("remove", "");
    assert_eq!(location(&remove.send(&client).await), path);
    assert!(!client.get(&path).await.text.contains("$15.00"));
    location(&enter.with("promotion_code", "LAUNCH25").send(&client).await);
    location(&pays(&client, &path, GOOD).await);
    assert_eq!(read(&client, &id).await["amount_total"], 1500);
}

#[tokio::test]
async fn an_expired_session_takes_no_money() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (id, path) = session(&client, "usd", 2000, &[]).await;
    let form = filled(&client.get(&path).await, &path, GOOD);
    client.advance_by(25 * 3600).await;
    let late = form.send(&client).await;
    assert_page(&late, 200);
    assert_says(&late, &["This checkout has expired", "https://shop.example/pricing"]);
    assert_eq!(read(&client, &id).await["status"], "expired");
    assert_eq!(subscriptions(&client).await.as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn nothing_is_found_under_a_session_that_is_none() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for path in ["/c/pay/cs_test_none", "/c/pay/cs_test_none/return"] {
        assert_page(&client.get(path).await, 404);
    }
    for path in ["/c/pay/cs_test_none", "/c/pay/x/promotion_code", "/c/pay/x/promotion_code/remove"] {
        assert_page(&client.post(path, &[("promotion_code", "A")]).await, 404);
    }
}

/// A session whose first whole period begins in twenty hours.
async fn anchored(client: &Client, more: &[(&str, &str)]) -> (String, String) {
    let anchor = (crate::NEW_YEAR + 20 * 3600).to_string();
    let anchor = ("subscription_data[billing_cycle_anchor]", anchor.as_str());
    session(client, "usd", 31_000, &[&[anchor], more].concat()).await
}

#[tokio::test]
async fn a_page_that_says_less_than_is_due_by_now_takes_nothing_and_says_so() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (session, path) = anchored(&client, &[]).await;
    let page = client.get(&path).await;
    assert_says(&page, &["$8.33 today"]);
    client.advance_by(21 * 3600).await;
    let page = filled(&page, &path, GOOD).send(&client).await;
    assert_page(&page, 422);
    assert_says(&page, &["What is due has changed", "$310.00", "jenny@example.com"]);
    assert_eq!(subscriptions(&client).await, serde_json::json!([]));
    location(&filled(&page, &path, GOOD).send(&client).await);
    assert_eq!(read(&client, &session).await["status"], "complete");
}

#[tokio::test]
async fn once_coupon_used_before_the_anchor_is_not_promised_for_renewal() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for (duration, renewal) in [("once", "Then $310.00"), ("forever", "Then $155.00")] {
        let coupon = client.post("/v1/coupons", &[("percent_off", "50"), ("duration", duration)]).await.id();
        let (_, path) = anchored(&client, &[("discounts[0][coupon]", &coupon)]).await;
        assert_says(&client.get(&path).await, &[renewal]);
    }
}
