use billing_domain::{Currency, PlanOffer};
use billing_testing::{Suite, TestDatabase};
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
        [(1, "USD"), (999_999_999_999_i64, "EUR"), (1, "JPY"), (4_501, "KWD"), (12_345, "CLF"), (1099, "gbp")]
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
        ("amount.minorUnits", "amount", amount(json!(1_000_000_000_000_i64))),
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

/// Terms that can stand beside each other: in each currency, for each interval.
fn all_terms() -> impl Iterator<Item = Value> {
    let letter = |number: u32| char::from(b'A' + u8::try_from(number % 26).unwrap());
    let code = move |number: u32| String::from_iter([number / 676, number / 26, number].map(letter));
    let currencies = (0..26_u32.pow(3)).filter_map(move |number| Currency::parse(&code(number)).ok());
    currencies.flat_map(|currency| {
        let amount = json!({ "minorUnits": 1, "currency": currency.code() });
        ["month", "year"].map(|interval| json!({ "amount": amount, "interval": interval }))
    })
}
