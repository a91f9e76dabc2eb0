//! Requests that are nearly right: addresses, parameters and objects that exist, with values that make trouble.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*, sample::Index};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Target, assert_answer, cases,
    known_routes::ROUTES,
    known_values::{FITTING, VALUES},
    objects::Objects,
};
use crate::{
    client::{Answer, Client},
    shop::text,
};

/// One step: a request, or the clock.
#[derive(Debug, Clone)]
enum Step {
    /// Of the parameters, at least four, the first are for what is always given.
    Request {
        route: Index,
        object: Index,
        parameters: Vec<(Index, Choice)>,
    },
    Advance {
        seconds: i64,
    },
}

#[derive(Debug, Clone)]
enum Choice {
    /// What the parameter is made for: an object that is there, a date, a currency.
    Fitting(Index),
    Value(Index),
    Number(i64),
    Text(String),
}

fn step() -> impl Strategy<Value = Step> {
    let choice = || {
        prop_oneof![
            24 => any::<Index>().prop_map(Choice::Fitting),
            2 => any::<Index>().prop_map(Choice::Value),
            1 => any::<i64>().prop_map(Choice::Number),
            1 => (1_767_225_600_i64..1_799_000_000).prop_map(Choice::Number),
            1 => any::<String>().prop_map(Choice::Text),
        ]
    };
    let request = (any::<Index>(), any::<Index>(), vec((any::<Index>(), choice()), 4..8))
        .prop_map(|(route, object, parameters)| Step::Request { route, object, parameters });
    prop_oneof![12 => request, 1 => (1_i64..5_000_000).prop_map(|seconds| Step::Advance { seconds })]
}

/// An object that the parameter may mean, or a value of its type.
fn fitting(objects: &Objects, name: &str, index: Index) -> String {
    let last = name.trim_end_matches("[]").trim_end_matches(']').rsplit('[').next().unwrap();
    let kind = match last {
        "id" => "item",
        "default_payment_method" | "payment_method" => "method",
        "default_price" | "prices" => "price",
        "test_clock" => "clock",
        "from_subscription" => "subscription",
        "payment_intent" => "intent",
        "default_source" => "card",
        other => other,
    };
    if objects.has(kind) {
        objects.of_kind(kind, index)
    } else {
        let of_name = FITTING.iter().find(|(names, _)| names.split(' ').any(|known| known == last));
        let values: Vec<_> =
            of_name.map_or_else(|| VALUES.to_vec(), |(_, values)| values.split(' ').collect());
        (*index.get(&values)).to_owned()
    }
}

fn pick(objects: &Objects, name: &str, choice: &Choice) -> String {
    match choice {
        Choice::Fitting(index) => fitting(objects, name, *index),
        Choice::Value(index) => (*index.get(VALUES)).to_owned(),
        Choice::Number(number) => number.to_string(),
        Choice::Text(text) => text.clone(),
    }
}

async fn take(client: &Client, objects: &mut Objects, step: &Step) -> (Answer, String) {
    let Step::Request { route, object, parameters } = step else {
        let Step::Advance { seconds } = step else { unreachable!("a step is a request or the clock") };
        let answer = client.try_control("clock", &json!({ "advanceSeconds": seconds })).await;
        return (answer, format!("the clock, {seconds} seconds"));
    };
    let mut words = route.get(ROUTES).split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let path = objects.fill(path, *object);
    let (always, sometimes): (Vec<_>, Vec<_>) = words.partition(|name| name.ends_with('!'));
    let mut choices = parameters.iter();
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for (name, (_, choice)) in always.iter().map(|name| name.trim_end_matches('!')).zip(&mut choices) {
        pairs.push((name, pick(objects, name, choice)));
    }
    if !sometimes.is_empty() {
        let some = choices.map(|(name, choice)| (*name.get(&sometimes), choice));
        pairs.extend(
            some.map(|(name, choice)| (name, pick(objects, name, choice))).take(parameters.len() - 4),
        );
    }
    let form: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let asked = format!("{method} {path} {form:?}");
    let answer = match method {
        "GET" => {
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
            client.get(&format!("{path}?{query}")).await
        }
        "POST" => client.post(&path, &form).await,
        _ => client.attempt(Method::DELETE, &path, &form).await.unwrap(),
    };
    if answer.status == 200 {
        objects.learn(&answer.json());
    }
    (answer, asked)
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn known_parameters_with_troublesome_values_have_an_answer(steps in vec(step(), 40)) {
        let target = Target::new();
        let mut objects = target.run(Objects::some(&target.client));
        for step in &steps {
            let (answer, asked) = target.run(take(&target.client, &mut objects, step));
            // The control API has errors of its own shape.
            if matches!(step, Step::Advance { .. }) {
                prop_assert!(answer.status < 500, "{} to {asked}", answer.text);
            } else {
                assert_answer(&answer, &asked);
            }
        }
        target.assert_well();
    }
}

#[test]
fn every_route_there_is_is_among_those_that_are_tried() {
    let target = Target::new();
    let served = target.run(target.client.get("/_sandbox/routes")).ok();
    let served = served["routes"].as_array().unwrap().iter();
    let served = served.map(|it| nameless(text(&it["method"]), text(&it["path"])));
    let tried = ROUTES.iter().map(|route| {
        let mut words = route.split(' ');
        nameless(words.next().unwrap(), words.next().unwrap())
    });
    let (served, tried): (BTreeSet<_>, BTreeSet<_>) = (served.collect(), tried.collect());
    let untried: Vec<_> = served.difference(&tried).collect();
    let unserved: Vec<_> = tried.difference(&served).collect();
    assert!(untried.is_empty() && unserved.is_empty(), "not tried: {untried:#?}, not there: {unserved:#?}");
}

/// A route without what it calls its parts: `GET /v1/prices/{}`.
fn nameless(method: &str, path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    format!("{method} {}", parts.collect::<Vec<_>>().join("/"))
}

#[test]
fn amounts_as_large_as_they_can_be_overflow_nothing() {
    let target = Target::new();
    let client = &target.client;
    let most = i64::MAX.to_string();
    target.run(async {
        let customer = client.customer_with_card().await;
        let price = client.monthly_price("Dear", "usd", 99_999_999_999).await;
        for balance in [most.as_str(), "-9223372036854775808"] {
            let path = format!("/v1/customers/{customer}");
            assert_answer(&client.post(&path, &[("balance", balance)]).await, &balance);
            let form = [
                ("customer", customer.as_str()),
                ("items[0][price]", &price),
                ("items[0][quantity]", &most),
                ("collection_method", "send_invoice"),
                ("days_until_due", "30"),
            ];
            assert_answer(&client.post("/v1/subscriptions", &form).await, &form);
            assert_answer(&client.post("/v1/invoices/create_preview", &form[..1]).await, &form);
            client.advance_by(40 * 24 * 3600).await;
        }
    });
    target.assert_well();
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn any_json_for_the_control_api_has_an_answer(
        calls in vec((proptest::sample::select(vec!["clock", "faults", "chaos", "settings", "reset"]), json_value()), 30)
    ) {
        let target = Target::new();
        for (path, body) in &calls {
            let answer = target.run(target.client.try_control(path, body));
            prop_assert!(answer.status < 500, "{} to {path} {body}", answer.text);
        }
        target.run(target.client.delete("/_sandbox/faults"));
        target.assert_well();
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let names = proptest::sample::select(vec![
        "advanceSeconds",
        "to",
        "fault",
        "times",
        "probability",
        "seed",
        "holdMs",
        "drop",
        "duplicate",
        "shuffle",
        "delayMs",
        "retryDays",
        "afterRetries",
        "path",
    ]);
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        (-10_i64..10).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        proptest::sample::select(vec!["error_500", "conflict", "cancel", "unpaid", ""]).prop_map(Value::from),
        vec(any::<u32>(), 0..4).prop_map(Value::from),
        Just(Value::Null),
    ];
    prop_oneof![
        5 => proptest::collection::hash_map(names, leaf.clone(), 0..4)
            .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()),
        1 => leaf,
    ]
}
