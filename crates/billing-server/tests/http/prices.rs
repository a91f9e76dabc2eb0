use billing_domain::{BillingInterval, Currency, Money, PlanOffer, Price, WorkspaceId};
use billing_testing::{Suite, TestDatabase, builders};
use serde_json::{Value, json};

use crate::shop::{Shop, assert_names_field, usd};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("new_amount_archives_the_old_price", new_amount_archives_the_old_price)
        .on_every_database("archived_price_is_not_offered", archived_price_is_not_offered)
        .on_every_database("money_is_exact_in_every_currency", money_is_exact_in_every_currency)
        .on_sqlite(
            "a_price_with_a_wrong_field_is_refused_by_name",
            a_price_with_a_wrong_field_is_refused_by_name,
        )
        .on_sqlite("plan_with_200_prices_takes_no_more", plan_with_200_prices_takes_no_more)
        .on_sqlite("price_that_stripe_cannot_charge_is_refused", price_that_stripe_cannot_charge_is_refused)
        .on_every_database(
            "stored_price_that_stripe_cannot_charge_is_shown_and_archived",
            stored_price_that_stripe_cannot_charge_is_shown_and_archived,
        )
}

/// Whether each price of the plan is offered.
async fn offered(shop: &Shop, plan: &str) -> Vec<(i64, bool)> {
    let plan = shop.get(plan).await.json();
    let prices = plan["prices"].as_array().unwrap().iter();
    prices.map(|it| (it["amount"]["minorUnits"].as_i64().unwrap(), it["archivedAt"].is_null())).collect()
}

async fn new_amount_archives_the_old_price(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let prices = format!("{plan}/prices");

    let added = shop.post(&prices, &usd(1500)).await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.json()["amount"], json!({ "minorUnits": 1500, "currency": "USD" }));
    assert_eq!(format!("/plans/{}", added.json()["planId"].as_str().unwrap()), plan);
    assert_eq!(offered(&shop, &plan).await, [(1250, false), (1500, true)]);

    let version = shop.get(&plan).await.json()["version"].clone();
    let again = shop.post(&prices, &usd(1500)).await;
    assert_eq!((again.status.as_u16(), &again.text), (200, &added.text));
    assert_eq!(shop.get(&plan).await.json()["version"], version);

    // Another interval or currency stands beside it.
    let mut yearly = usd(15_000);
    yearly["interval"] = json!("year");
    assert_eq!(shop.post(&prices, &yearly).await.status, 201);
    let mut euros = usd(1400);
    euros["amount"]["currency"] = json!("EUR");
    assert_eq!(shop.post(&prices, &euros).await.status, 201);
    let all = [(1250, false), (1500, true), (15_000, true), (1400, true)];
    assert_eq!(offered(&shop, &plan).await, all);

    // An old amount comes back as a new price.
    let back = shop.post(&prices, &usd(1250)).await;
    assert_eq!(back.status, 201);
    assert_eq!(offered(&shop, &plan).await[4], (1250, true));
}

async fn archived_price_is_not_offered(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let price = shop.get(&plan).await.json()["prices"][0].clone();
    let path = format!("{plan}/prices/{}", price["id"].as_str().unwrap());

    let archived = shop.delete(&path).await;

    assert_eq!(archived.status, 200, "{}", archived.text);
    assert!(archived.json()["archivedAt"].is_string());
    assert_eq!(archived.json()["id"], price["id"]);
    assert_eq!(shop.delete(&path).await.text, archived.text, "the second time changes nothing");
    assert_eq!(offered(&shop, &plan).await, [(1250, false)]);
    // A price of another plan is not one of this.
    let other = shop.sold_plan("other").await;
    let elsewhere = format!("{other}/prices/{}", price["id"].as_str().unwrap());
    assert_eq!(shop.delete(&elsewhere).await.refusal(), (404, "not_found".to_owned()));
}

async fn money_is_exact_in_every_currency(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.plan(&json!({ "key": "pro", "name": "Pro" })).await;
    for (minor_units, currency) in
        [(1, "USD"), (999_999_999_999_i64, "IDR"), (1, "JPY"), (4_510, "KWD"), (500, "ISK"), (1099, "gbp")]
    {
        let amount = json!({ "minorUnits": minor_units, "currency": currency });
        let added =
            shop.post(&format!("{plan}/prices"), &json!({ "amount": amount, "interval": "year" })).await;
        assert_eq!(added.status, 201, "{}", added.text);
        let read = added.json()["amount"].clone();
        assert_eq!(read, json!({ "minorUnits": minor_units, "currency": currency.to_uppercase() }));
    }
    assert_eq!(offered(&shop, &plan).await[1], (999_999_999_999, true));
}

async fn a_price_with_a_wrong_field_is_refused_by_name(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.plan(&json!({ "key": "pro", "name": "Pro" })).await;
    let amount = |minor_units: Value| json!({ "minorUnits": minor_units, "currency": "USD" });
    let cases: Vec<(&str, &str, Value)> = vec![
        ("amount.minorUnits", "amount", amount(json!(0))),
        ("amount.minorUnits", "amount", amount(json!(-1))),
        ("amount.minorUnits", "amount", amount(json!(100_000_000))),
        ("amount.minorUnits", "amount", amount(json!(i64::MAX))),
        ("amount.minorUnits", "amount", json!({ "minorUnits": 4_505, "currency": "KWD" })),
        ("amount.currency", "amount", json!({ "minorUnits": 1_000, "currency": "CLF" })),
        ("amount", "amount", json!([1_250, "USD"])),
        ("amount.minorUnits", "amount", amount(json!(12.5))),
        ("amount.minorUnits", "amount", amount(json!(12.0))),
        ("amount.minorUnits", "amount", amount(json!("1250"))),
        ("amount.minorUnits", "amount", amount(json!(u64::MAX))),
        ("amount.currency", "amount", json!({ "minorUnits": 1, "currency": "XXX" })),
        ("amount.currency", "amount", json!({ "minorUnits": 1, "currency": "" })),
        ("amount.currency", "amount", json!({ "minorUnits": 1, "currency": 840 })),
        ("amount.decimals", "amount", json!({ "minorUnits": 1, "currency": "USD", "decimals": 2 })),
        ("currency", "amount", json!({ "minorUnits": 1 })),
        ("amount", "amount", json!(1250)),
        ("amount", "amount", Value::Null),
        ("interval", "interval", json!("week")),
        ("interval", "interval", json!("Month")),
        ("interval", "interval", Value::Null),
        ("version", "version", json!("1")),
        ("planId", "planId", json!("plan_other")),
    ];
    for (field, name, value) in cases {
        let mut body = usd(1250);
        body[name] = value;
        assert_names_field(&shop.post(&format!("{plan}/prices"), &body).await, field);
    }
    for missing in ["amount", "interval"] {
        let mut body = usd(1250);
        body.as_object_mut().unwrap().remove(missing);
        assert_names_field(&shop.post(&format!("{plan}/prices"), &body).await, missing);
    }
    assert!(offered(&shop, &plan).await.is_empty());
}

async fn plan_with_200_prices_takes_no_more(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let mut terms = all_terms();
    let most: Vec<_> = terms.by_ref().take(PlanOffer::MOST_PRICES).collect();
    let plan = shop.plan(&json!({ "key": "pro", "name": "Pro", "prices": most })).await;
    let prices = format!("{plan}/prices");

    let one_more = shop.post(&prices, &terms.next().unwrap()).await;

    assert_eq!(one_more.refusal(), (400, "limit_reached".to_owned()));
    assert_eq!(shop.post(&prices, &most[0]).await.status, 200, "it is sold at this price already");
}

/// Terms that can stand beside each other: in each currency that Stripe can charge, for each interval.
fn all_terms() -> impl Iterator<Item = Value> {
    let amounts = Currency::all().map(|currency| Money::new(100, currency));
    amounts.filter(|amount| amount.stripe_amount().is_ok()).flat_map(|amount| {
        ["month", "year"].map(|interval| json!({ "amount": amount, "interval": interval }))
    })
}

/// The sentence says what would be taken.
async fn price_that_stripe_cannot_charge_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.plan(&json!({ "key": "pro", "name": "Pro" })).await;
    for (minor_units, currency, field, told) in [
        (4_505, "KWD", "minorUnits", "Stripe takes KWD amounts whose last digit is 0, such as KWD 4.500."),
        (99, "MGA", "minorUnits", "Stripe takes MGA amounts whose last 2 digits are 0, such as MGA 1.00."),
        (1_000, "CLF", "currency", "Stripe cannot charge CLF. Enter a currency that it can, such as USD."),
        (100_000_000, "USD", "minorUnits", "Stripe takes at most $999,999.99."),
        (1_000_000, "ISK", "minorUnits", "Stripe takes at most ISK 999,999."),
    ] {
        let price =
            json!({ "amount": { "minorUnits": minor_units, "currency": currency }, "interval": "month" });
        let added = shop.post(&format!("{plan}/prices"), &price).await;
        assert_names_field(&added, &format!("amount.{field}"));
        assert_eq!(added.json()["message"], told);
        let body = json!({ "key": "other", "name": "Other", "prices": [usd(1), price] });
        let created = shop.post("/plans", &body).await;
        assert_names_field(&created, &format!("prices[1].amount.{field}"));
        assert_eq!(created.json()["message"], told);
    }
    assert!(offered(&shop, &plan).await.is_empty());
    assert_eq!(shop.get("/plans").await.json()["items"].as_array().unwrap().len(), 1);
}

/// Releases before this rule sold them.
async fn stored_price_that_stripe_cannot_charge_is_shown_and_archived(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let plan_id = plan.trim_start_matches("/plans/").parse().unwrap();
    let workspace = WorkspaceId::parse(&shop.workspace).unwrap();
    let store = billing_diesel::open(&database.url.parse().unwrap()).unwrap();
    let mut work = store.begin(&workspace).await.unwrap();
    work.switches().lock_workspace(&workspace).await.unwrap();
    let unsellable = [(4_505, "KWD"), (1_000, "CLF"), (100_000_000, "EUR")];
    for (number, (minor_units, currency)) in (1..).zip(unsellable) {
        let terms = builders::price_terms(minor_units, currency, BillingInterval::Month);
        let price = Price { plan_id, terms, ..builders::price(number, &builders::plan(1)) };
        work.plans().insert_price(&workspace, &price).await.unwrap();
    }
    work.commit().await.unwrap();

    let read = shop.get(&plan).await.json();
    let mut prices = read["prices"].as_array().unwrap().clone();
    prices.sort_by_key(|price| price["sellable"] == true);
    let sellable: Vec<_> = prices.iter().map(|price| price["sellable"].as_bool().unwrap()).collect();
    assert_eq!(sellable, [false, false, false, true], "{read}");
    assert_eq!(shop.get("/plans").await.json()["items"][0], read);

    for price in &prices[..2] {
        let archived = shop.delete(&format!("{plan}/prices/{}", price["id"].as_str().unwrap())).await.json();
        assert!(archived["archivedAt"].is_string() && archived["sellable"] == false, "{archived}");
    }
    // The third one gives way to an amount that Stripe can charge.
    let mut euros = usd(99_999_999);
    euros["amount"]["currency"] = json!("EUR");
    assert_eq!(shop.post(&format!("{plan}/prices"), &euros).await.json()["sellable"], true);
    let events = shop.log().await;
    let count = |word: &str| {
        events.iter().filter(|(of, event)| (of.as_str(), event.as_str()) == ("price", word)).count()
    };
    assert_eq!((count("archived"), count("replaced")), (2, 1));
}
