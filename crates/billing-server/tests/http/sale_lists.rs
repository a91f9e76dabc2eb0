//! The numbers of subscriptions and invoices, and their export.

use billing_testing::{Suite, TestDatabase, tokens};
use serde_json::{Value, json};

use crate::shop::{Shop, usd};
use crate::{APPS, DISABLE};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite("sales_are_counted_by_status", sales_are_counted_by_status)
        .on_sqlite("sales_are_found_by_payer_and_environment", sales_are_found_by_payer_and_environment)
        .on_sqlite("sales_are_exported_as_csv", sales_are_exported_as_csv)
        .on_sqlite("a_payer_is_told_with_all_it_has", a_payer_is_told_with_all_it_has)
}

async fn sales_are_counted_by_status(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let (ada, ben) = (shop.sold("ada", "pro").await, shop.sold("ben", "pro").await);
    shop.cancel(&ada, true).await;
    shop.cancel(&ben, false).await;
    let environment = shop.get("/subscriptions").await.json()["items"][0]["environmentId"].clone();
    let environment = environment.as_str().unwrap();

    let none = json!({
        "active": 0, "canceled": 0, "incomplete": 0, "incomplete_expired": 0, "past_due": 0, "paused": 0,
        "trialing": 0, "unpaid": 0,
    });
    let mut expected = json!({ "total": 2, "ending": 1, "byStatus": none });
    expected["byStatus"]["active"] = json!(1);
    expected["byStatus"]["canceled"] = json!(1);
    for filter in [String::new(), format!("?environmentId={environment}")] {
        assert_eq!(shop.get(&format!("/subscriptions/counts{filter}")).await.json(), expected, "{filter}");
    }
    let elsewhere = shop.get("/subscriptions/counts?environmentId=env_other").await.json();
    assert_eq!(elsewhere, json!({ "total": 0, "ending": 0, "byStatus": none }));
    let invoices = shop.get("/invoices/counts").await.json();
    let by_status = json!({ "draft": 0, "open": 0, "paid": 2, "uncollectible": 0, "void": 0 });
    assert_eq!(invoices, json!({ "total": 2, "byStatus": by_status }));
}

async fn sales_are_found_by_payer_and_environment(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let (ada, adam) = (shop.sold("ada", "pro").await, shop.sold("adam", "pro").await);
    shop.cancel(&ada, true).await;
    let environment = shop.get("/subscriptions").await.json()["items"][0]["environmentId"].clone();
    let environment = environment.as_str().unwrap();
    for (filter, expected) in [
        ("payer=ada*", vec![&adam, &ada]),
        ("payer=ada", vec![&ada]),
        ("payer=A*", vec![]),
        ("status=ending", vec![&ada]),
        (&format!("environmentId={environment}&payer=ad*"), vec![&adam, &ada]),
        ("environmentId=env_other", vec![]),
    ] {
        let listed = shop.get(&format!("/subscriptions?{filter}")).await.json();
        let ids: Vec<_> =
            listed["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{filter}");
    }
    let wrong = shop.get("/subscriptions?payer=%C3%A7*").await;
    assert_eq!(wrong.json()["details"], json!({ "parameter": "payer" }));
}

async fn sales_are_exported_as_csv(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = json!({ "key": "pro", "name": "=Pro, \"the\" best", "prices": [usd(1250)] });
    shop.plan(&plan).await;
    let id = shop.sold("-ada", "pro").await;
    shop.sold("ben", "pro").await;

    let exported = shop.get("/subscriptions/export.csv?payer=-*").await;
    assert_eq!(exported.status, 200, "{}", exported.text);
    assert_eq!(exported.headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(exported.headers["content-disposition"], "attachment; filename=\"subscriptions.csv\"");
    let rows: Vec<_> = exported.text.split("\r\n").collect();
    let [columns, row, ""] = rows[..] else { panic!("{}", exported.text) };
    assert!(
        columns.starts_with("id,status,payer_kind,payer_id,plan_id,plan_key,plan_name,price_id,unit_amount,")
    );
    assert!(row.starts_with(&format!("{id},active,user,'-ada,plan_")), "{row}");
    assert!(row.contains(r#",pro,"'=Pro, ""the"" best",price_"#), "{row}");
    assert!(row.contains(",12.50,USD,month,1,2"), "{row}");

    let invoices = shop.get(&format!("/invoices/export.csv?subscriptionId={id}")).await.text;
    let [columns, row, ""] = invoices.split("\r\n").collect::<Vec<_>>()[..] else { panic!("{invoices}") };
    assert!(columns.starts_with("id,number,status,payer_kind,payer_id,subscription_id,currency,total,"));
    assert!(row.contains(&format!(",paid,user,'-ada,{id},USD,12.50,12.50,0.00,12.50,2")), "{row}");
    let all = shop.get("/invoices/export.csv").await.text;
    assert_eq!(all.matches("\r\n").count(), 3);

    let stranger = tokens::owner("ws_stranger");
    shop.service.post(crate::ENABLE, &stranger).await;
    let foreign = shop.service.get(&shop.at("/invoices/export.csv"), &stranger).await;
    assert_eq!(foreign.refusal(), (404, "not_found".to_owned()));
    shop.service.post(DISABLE, &stranger).await;
    let app = format!("{APPS}/{}/billing/subscriptions/export.csv", shop.app);
    assert_eq!(shop.service.get(&app, &stranger).await.refusal().1, "billing_not_enabled");
    let unknown: Value = shop.get("/invoices/export.csv?limit=1").await.json();
    assert_eq!(unknown["error"], "invalid_request");
}

async fn a_payer_is_told_with_all_it_has(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let id = shop.sold("ada", "pro").await;
    let subscription = shop.get(&format!("/subscriptions/{id}")).await.json();
    let invoice = shop.first_id("/invoices?status=paid").await;
    let refund = shop.once(&format!("/invoices/{invoice}/refund"), "one", &json!({ "amount": 500 })).await;
    assert_eq!(refund.status, 200, "{}", refund.text);

    let ada = shop.get("/payers/user/ada").await.json();
    assert_eq!(ada["payer"], json!({ "kind": "user", "id": "ada" }));
    for (list, expected) in [("liveSubscriptions", &id), ("invoices", &invoice)] {
        assert_eq!((&ada[list][0]["id"], &ada[list][1]), (&json!(expected), &Value::Null), "{list}");
    }
    assert_eq!(ada["endedSubscriptions"], json!([]));
    assert_eq!(ada["paid"], json!([{ "minorUnits": 750, "currency": "USD" }]));
    assert_eq!((&ada["paidIsCut"], &ada["trialUsedAt"]), (&json!(false), &Value::Null));
    let access = &ada["access"];
    assert_eq!((&access["reason"], &access["subscriptionId"]), (&json!("subscription"), &json!(id)));
    for field in ["environmentId", "planId"] {
        assert_eq!(access[field], subscription[field], "{field}");
    }
    assert_eq!((&access["features"], &access["validUntil"]), (&json!([]), &Value::Null));

    let elsewhere = shop.get("/payers/user/ada?environmentId=env_other").await.json();
    assert_eq!((&elsewhere["liveSubscriptions"], &elsewhere["invoices"]), (&json!([]), &json!([])));
    assert_eq!(elsewhere["access"]["environmentId"], "env_other");
    assert_eq!(elsewhere["access"]["reason"], "no_plan");
    for absent in ["/payers/user/ben", "/payers/organization/ada", "/payers/robot/ada"] {
        assert_eq!(shop.get(absent).await.refusal(), (404, "not_found".to_owned()), "{absent}");
    }
}
