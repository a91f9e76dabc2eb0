//! Subscriptions and invoices, with payments at the sandbox.

use std::cmp::Reverse;

use billing_testing::{Answer, Service, Suite, TestDatabase, first_id, tokens};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::shop::{Shop, new_app, unsynced};
use crate::stripe_sandbox::{address_of, asked, client};
use crate::{APPS, ENABLE};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "sales_of_another_tenant_are_answered_like_absent_ones",
            sales_of_another_tenant_are_answered_like_absent_ones,
        )
        .on_sqlite("sales_are_listed_by_their_filters", sales_are_listed_by_their_filters)
        .on_sqlite("one_subscription_and_its_invoice_are_shown", one_subscription_and_its_invoice_are_shown)
        .on_sqlite("cancellation_is_carried_out_once", cancellation_is_carried_out_once)
}

pub(crate) const LINKS: &str = "/checkout-links";

/// A checkout by a user, at the monthly price.
pub(crate) fn checkout(user: &str, plan: &str) -> Value {
    json!({ "payer": { "kind": "user", "id": user }, "plan": plan, "interval": "month" })
}

impl Shop {
    /// A checkout link.
    pub(crate) async fn link(&self, user: &str, plan: &str) -> Value {
        let made = self.post(LINKS, &checkout(user, plan)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json()
    }

    pub(crate) async fn link_status(&self, link: &Value) -> Value {
        self.get(&path(LINKS, link)).await.json()["status"].clone()
    }

    /// The id of a subscription that its payer has paid for.
    pub(crate) async fn sold(&self, user: &str, plan: &str) -> String {
        self.service.pay(self.link(user, plan).await["url"].as_str().unwrap()).await;
        self.first_id(&format!("/subscriptions?payer={user}")).await
    }

    pub(crate) async fn first_id(&self, list: &str) -> String {
        first_id(&self.service, &self.owner, &self.at(list)).await
    }

    pub(crate) async fn cancel(&self, subscription: &str, at_period_end: bool) -> Answer {
        let path = format!("/subscriptions/{subscription}/cancel");
        self.post(&path, &json!({ "atPeriodEnd": at_period_end })).await
    }

    /// The ids in a list.
    async fn ids(&self, list: &str) -> Vec<String> {
        let listed = self.get(list).await;
        assert_eq!(listed.status, 200, "{list}: {}", listed.text);
        ids_of(listed.json()["items"].as_array().unwrap())
    }
}

fn ids_of(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn path(list: &str, item: &Value) -> String {
    format!("{list}/{}", item["id"].as_str().unwrap())
}

/// Counts this kind of request to Stripe from now on, by a fault that harms none of them.
async fn count_requests(service: &Service, method: Method, path: &str) {
    let fault =
        json!({ "fault": "unknown_field", "method": method.as_str(), "path": path, "times": 1_000_000 });
    asked(client().post(faults(service)).json(&fault).send().await).await;
}

/// The number of requests of each kind that is counted.
async fn counted_requests(service: &Service) -> Vec<u64> {
    let faults = asked(client().get(faults(service)).send().await).await;
    faults["faults"].as_array().unwrap().iter().map(|fault| fault["fired"].as_u64().unwrap()).collect()
}

fn faults(service: &Service) -> String {
    format!("{}/_sandbox/faults", address_of(service))
}

/// An id of the same kind that nothing has.
fn absent(id: &str) -> String {
    format!("{}_7zzzzzzzzzzzzzzzzzzzzzzzzz", id.split_once('_').unwrap().0)
}

async fn sales_of_another_tenant_are_answered_like_absent_ones(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let subscription = shop.sold("ada", "pro").await;
    let invoice = shop.first_id("/invoices").await;
    let link = shop.link("ben", "pro").await;
    let sibling = new_app(&shop.service, &shop.owner, "Sibling").await;
    let stranger = tokens::owner("ws_other");
    shop.service.post(ENABLE, &stranger).await;
    let strangers = new_app(&shop.service, &stranger, "Theirs").await;

    let link_id = link["id"].as_str().unwrap();
    let cancel = json!({ "atPeriodEnd": false });
    for (method, list, id, end, body) in [
        (Method::GET, LINKS, link_id, "", None),
        (Method::DELETE, LINKS, link_id, "", None),
        (Method::GET, "/subscriptions", &subscription, "", None),
        (Method::POST, "/subscriptions", &subscription, "/cancel", Some(&cancel)),
        (Method::GET, "/invoices", &invoice, "", None),
    ] {
        // With the same request id, whole answers can be compared.
        let ask = async |token: &str, app: &str, id: &str| {
            let path = format!("{APPS}/{app}/billing{list}/{id}{end}");
            let request = shop.service.request(method.clone(), &path).bearer_auth(token);
            let request = body.into_iter().fold(request, RequestBuilder::json);
            let answer = shop.service.send(request.header("x-request-id", "req_same")).await;
            assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{method} {path}");
            answer.text
        };
        let absent_id = absent(id);
        for (token, app, absent_app) in [
            (&stranger, &shop.app, absent(&shop.app)),
            (&stranger, &strangers, strangers.clone()),
            (&shop.owner, &sibling, sibling.clone()),
        ] {
            let foreign = ask(token, app, id).await;
            assert_eq!(foreign, ask(token, &absent_app, &absent_id).await, "{method} {list}{end}");
        }
    }

    assert_eq!(shop.link_status(&link).await, "open");
    let kept = shop.get(&format!("/subscriptions/{subscription}")).await.json();
    assert_eq!(kept["status"], "active");
}

async fn sales_are_listed_by_their_filters(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let pro = shop.sold_plan("pro").await.replace("/plans/", "");
    let team = shop.sold_plan("team").await.replace("/plans/", "");
    let sold = [shop.sold("ada", "pro").await, shop.sold("ben", "pro").await, shop.sold("cem", "team").await];
    let [ada, ben, cem] = sold.each_ref().map(String::as_str);
    assert_eq!(shop.cancel(ben, false).await.status, 200);

    for (filter, expected) in [
        (String::new(), vec![cem, ben, ada]),
        ("?status=active".to_owned(), vec![cem, ada]),
        ("?status=canceled".to_owned(), vec![ben]),
        ("?status=past_due".to_owned(), vec![]),
        ("?payer=ada".to_owned(), vec![ada]),
        ("?payer=nobody".to_owned(), vec![]),
        (format!("?plan={pro}"), vec![ben, ada]),
        (format!("?plan={team}&status=active"), vec![cem]),
        (format!("?plan={pro}&status=active"), vec![ada]),
        (format!("?plan={team}&payer=ada"), vec![]),
    ] {
        assert_eq!(shop.ids(&format!("/subscriptions{filter}")).await, expected, "{filter}");
    }
    for (filter, expected) in [(String::new(), vec![cem, ben, ada]), (format!("&plan={pro}"), vec![ben, ada])]
    {
        for limit in [1, 2, 3] {
            let listed = ids_of(&shop.paged("/subscriptions", &filter, limit).await);
            assert_eq!(listed, expected, "{filter} by {limit}");
        }
    }
    let invoice = async |id: &str| shop.first_id(&format!("/invoices?subscriptionId={id}")).await;
    let billed = [invoice(ada).await, invoice(ben).await, invoice(cem).await];
    let [of_ada, of_ben, of_cem] = billed.each_ref().map(String::as_str);
    for (filter, expected) in [
        ("", vec![of_cem, of_ben, of_ada]),
        ("&status=paid", vec![of_cem, of_ben, of_ada]),
        ("&status=open", vec![]),
        ("&payer=ben", vec![of_ben]),
        ("&payer=nobody", vec![]),
        (&format!("&subscriptionId={cem}"), vec![of_cem]),
        (&format!("&subscriptionId={cem}&payer=ada"), vec![]),
    ] {
        let mut listed = ids_of(&shop.paged("/invoices", filter, 1).await);
        // Any of them may be mirrored first.
        listed.sort_by_key(|id| Reverse(billed.iter().position(|billed| billed == id)));
        assert_eq!(listed, expected, "{filter}");
    }
    for list in ["/subscriptions", "/invoices"] {
        let unknown = shop.get(&format!("{list}?status=alive")).await;
        assert_eq!(unknown.refusal(), (400, "invalid_request".to_owned()), "{list}");
        assert_eq!(unknown.json()["details"], json!({ "parameter": "status" }), "{list}");
    }
}

async fn one_subscription_and_its_invoice_are_shown(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await.replace("/plans/", "");
    let mut seats = checkout("ada", "pro");
    seats["quantity"] = json!(3);
    let link = shop.post(LINKS, &seats).await;
    shop.service.pay(link.json()["url"].as_str().unwrap()).await;

    let id = shop.first_id("/subscriptions").await;
    let subscription = shop.get(&format!("/subscriptions/{id}")).await.json();
    for (field, expected) in [
        ("id", json!(id)),
        ("appId", json!(shop.app)),
        ("payer", json!({ "kind": "user", "id": "ada" })),
        ("status", json!("active")),
        ("planId", json!(plan)),
        ("quantity", json!(3)),
        ("cancelAt", Value::Null),
        ("checkoutLinkId", link.json()["id"].clone()),
    ] {
        assert_eq!(subscription[field], expected, "{field}");
    }
    assert_eq!(shop.get("/subscriptions").await.json()["items"], json!([subscription]));

    let id = shop.first_id(&format!("/invoices?subscriptionId={id}")).await;
    let mut invoice = shop.get(&format!("/invoices/{id}")).await.json();
    let total = json!({ "minorUnits": 3_750, "currency": "USD" });
    for (field, expected) in [
        ("id", json!(id)),
        ("payer", json!({ "kind": "user", "id": "ada" })),
        ("subscriptionId", subscription["id"].clone()),
        ("status", json!("paid")),
        ("total", total.clone()),
        ("amountPaid", total.clone()),
        ("hasMoreLines", json!(false)),
    ] {
        assert_eq!(invoice[field], expected, "{field}");
    }
    let lines = invoice["lines"].as_array().unwrap();
    let amounts: Vec<_> = lines.iter().map(|line| (&line["quantity"], &line["amount"])).collect();
    assert_eq!(amounts, [(&json!(3), &total)]);
    // A list leaves out the lines.
    let fields = invoice.as_object_mut().unwrap();
    fields.retain(|field, _| !["lines", "hasMoreLines", "refunds"].contains(&field.as_str()));
    assert_eq!(shop.get("/invoices").await.json()["items"], json!([invoice]));
}

async fn cancellation_is_carried_out_once(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    shop.sold_plan("pro").await;
    let id = shop.sold("ada", "pro").await;
    for method in [Method::POST, Method::DELETE] {
        count_requests(&shop.service, method, "/v1/subscriptions/*").await;
    }

    let ending = shop.cancel(&id, true).await;
    assert_eq!(ending.status, 200, "{}", ending.text);
    let shown = ending.json();
    assert_eq!((&shown["status"], &shown["endedAt"]), (&json!("active"), &Value::Null));
    assert_eq!(shown["cancelAt"], shown["currentPeriodEnd"]);
    assert!(shown["cancelAt"].is_string() && shown["canceledAt"].is_string(), "{shown}");
    let again = shop.cancel(&id, true).await;
    assert_eq!((again.status.as_u16(), unsynced(&again)), (200, unsynced(&ending)));
    assert_eq!(counted_requests(&shop.service).await, [1, 0]);

    let ended = shop.cancel(&id, false).await;
    assert_eq!(ended.status, 200, "{}", ended.text);
    let shown = ended.json();
    assert_eq!(shown["status"], "canceled");
    assert!(shown["endedAt"].is_string(), "{shown}");
    for at_period_end in [false, true] {
        let again = shop.cancel(&id, at_period_end).await;
        assert_eq!((again.status.as_u16(), unsynced(&again)), (200, unsynced(&ended)), "{at_period_end}");
    }
    assert_eq!(counted_requests(&shop.service).await, [1, 1]);
    assert_eq!(unsynced(&shop.get(&format!("/subscriptions/{id}")).await), unsynced(&ended));
}
