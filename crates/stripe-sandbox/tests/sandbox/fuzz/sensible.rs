//! Requests that are nearly right: addresses, parameters and objects that exist, with values that make trouble.

use proptest::{collection::vec, prelude::*, sample::Index};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Target, assert_answer, cases,
    known_routes::{FITTING, ROUTES, VALUES},
};
use crate::client::{Answer, Client};

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

/// The objects that requests are about, as their kind and id.
struct Objects(Vec<(&'static str, String)>);

impl Objects {
    async fn some(client: &Client) -> Self {
        let price = client.monthly_price("Basic", "usd", 2000).await;
        let pro = client.monthly_price("Pro", "usd", 5000).await;
        let dinars = client.monthly_price("Dinars", "kwd", 6000).await;
        let clock = client.post("/v1/test_helpers/test_clocks", &[("frozen_time", "1767225600")]).await.id();
        let customer = client.customer_with_card().await;
        let other = client.post("/v1/customers", &[("test_clock", &clock)]).await.id();
        let coupon = client.post("/v1/coupons", &[("percent_off", "20")]).await.id();
        let form =
            [("customer", customer.as_str()), ("items[0][price]", &price), ("items[0][quantity]", "3")];
        let subscription = client.post("/v1/subscriptions", &form).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let product = client.get(&format!("/v1/prices/{price}")).await.ok()["product"].clone();
        let intent =
            client.post("/v1/payment_intents", &[("amount", "2000"), ("currency", "usd")]).await.id();
        let methods = client.get(&format!("/v1/customers/{customer}/payment_methods")).await.ok();
        Self(vec![
            ("invoice", text(&subscription["latest_invoice"])),
            ("item", text(&subscription["items"]["data"][0]["id"])),
            ("subscription", text(&subscription["id"])),
            ("product", text(&product)),
            ("method", text(&methods["data"][0]["id"])),
            ("price", price),
            ("price", pro),
            ("price", dinars),
            ("clock", clock),
            ("customer", customer),
            ("customer", other),
            ("coupon", coupon),
            ("intent", intent),
        ])
    }

    /// What a request has made is what later ones may be about.
    fn learn(&mut self, made: &Value) {
        let kind = match made["object"].as_str() {
            Some("invoice") => "invoice",
            Some("subscription") => "subscription",
            Some("subscription_item") => "item",
            Some("customer") => "customer",
            Some("price") => "price",
            Some("payment_method") => "method",
            Some("payment_intent") => "intent",
            _ => return,
        };
        if let Some(id) = made["id"].as_str() {
            self.0.push((kind, id.to_owned()));
        }
    }

    fn of_kind(&self, kind: &str, index: Index) -> String {
        let fitting: Vec<_> = self.0.iter().filter(|(known, _)| *known == kind).collect();
        if fitting.is_empty() { format!("{kind}_none") } else { index.get(&fitting).1.clone() }
    }

    fn fill(&self, path: &str, index: Index) -> String {
        let Some((before, rest)) = path.split_once('{') else { return path.to_owned() };
        let (kind, after) = rest.split_once('}').unwrap();
        format!("{before}{}{after}", self.of_kind(kind, index))
    }

    /// An object that the parameter may mean, or a value of its type.
    fn fitting(&self, name: &str, index: Index) -> String {
        let last = name.trim_end_matches("[]").trim_end_matches(']').rsplit('[').next().unwrap();
        let kind = match last {
            "id" => "item",
            "default_payment_method" | "payment_method" => "method",
            "default_price" => "price",
            "test_clock" => "clock",
            "from_subscription" => "subscription",
            other => other,
        };
        if self.0.iter().any(|(known, _)| *known == kind) {
            self.of_kind(kind, index)
        } else {
            let of_name = FITTING.iter().find(|(names, _)| names.split(' ').any(|known| known == last));
            let values: Vec<_> =
                of_name.map_or_else(|| VALUES.to_vec(), |(_, values)| values.split(' ').collect());
            (*index.get(&values)).to_owned()
        }
    }

    fn pick(&self, name: &str, choice: &Choice) -> String {
        match choice {
            Choice::Fitting(index) => self.fitting(name, *index),
            Choice::Value(index) => (*index.get(VALUES)).to_owned(),
            Choice::Number(number) => number.to_string(),
            Choice::Text(text) => text.clone(),
        }
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
        pairs.push((name, objects.pick(name, choice)));
    }
    if !sometimes.is_empty() {
        let some = choices.map(|(name, choice)| (*name.get(&sometimes), choice));
        pairs
            .extend(some.map(|(name, choice)| (name, objects.pick(name, choice))).take(parameters.len() - 4));
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
