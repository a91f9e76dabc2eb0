//! What the document says a request may hold is what the service takes, and no more.

use std::iter::once;

use billing_domain::{AppDetails, PlanOffer};
use billing_testing::{
    Answer, Ids, Operation, Service, Suite, Tenant, TestDatabase, dashboard_operations, taken_by,
};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::service;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite("each_field_takes_what_its_schema_says", each_field_takes_what_its_schema_says)
        .on_sqlite("each_parameter_takes_what_its_schema_says", each_parameter_takes_what_its_schema_says)
        .on_sqlite("lists_of_requests_have_documented_maxima", lists_of_requests_have_documented_maxima)
}

/// Values at the bounds of the schemas, one beyond them, and of every other type.
fn probes() -> Vec<Value> {
    let texts = ["", "   ", "x", "X-1"].map(str::to_owned).into_iter();
    let long = [64, 65, 100, 101, 500, 501].into_iter().map(|length| "x".repeat(length));
    let numbers: [i64; 13] = [
        i64::MIN,
        -1,
        0,
        1,
        100,
        730,
        731,
        4_294_967_295,
        4_294_967_296,
        999_999_999_999,
        1_000_000_000_000,
        9_007_199_254_740_992,
        i64::MAX,
    ];
    let others = [json!(1.5), json!(true), json!([]), json!({}), json!([7, "IDR"]), Value::Null];
    texts.chain(long).map(Value::from).chain(numbers.map(Value::from)).chain(others).collect()
}

/// A field of a body: the pointer to it, and its schema.
struct Field {
    pointer: String,
    schema: Value,
}

impl Field {
    /// The field as errors name it: `prices[0].amount`.
    fn name(&self) -> String {
        let steps = self.pointer.split('/').skip(1).map(|step| match step.parse::<usize>() {
            Ok(position) => format!("[{position}]"),
            Err(_) => format!(".{step}"),
        });
        steps.collect::<String>().trim_start_matches('.').to_owned()
    }
}

/// The fields of an object of this schema, those of its objects and of the first item of its lists included.
fn fields(document: &Value, schema: &Value, pointer: &str) -> Vec<Field> {
    let schema = resolved(document, schema);
    let properties = schema["properties"].as_object().into_iter().flatten();
    let items = schema.get("items").map(|items| ("0".to_owned(), items));
    let inner = properties.map(|(name, schema)| (name.clone(), schema)).chain(items);
    let below = |(step, schema): (String, &Value)| {
        let pointer = format!("{pointer}/{step}");
        let inner = fields(document, schema, &pointer);
        once(Field { pointer, schema: schema.clone() }).chain(inner).collect::<Vec<_>>()
    };
    inner.flat_map(below).collect()
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let found =
        schema["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    found.map_or(schema, |found| resolved(document, found))
}

/// The body with this value there, if it has such a place.
fn with(body: &Value, pointer: &str, value: &Value) -> Option<Value> {
    let mut body = body.clone();
    let (parent, step) = pointer.rsplit_once('/')?;
    match body.pointer_mut(parent)? {
        Value::Object(object) => drop(object.insert(step.to_owned(), value.clone())),
        list => *list.get_mut(step.parse::<usize>().ok()?)? = value.clone(),
    }
    Some(body)
}

/// A price of the currency with the largest amounts.
fn rupiah() -> Value {
    json!({ "amount": { "minorUnits": 1250, "currency": "IDR" }, "interval": "month" })
}

fn valid_body(operation: &Operation) -> Value {
    let mut body = operation.body.clone().unwrap_or_else(|| json!({}));
    if body.get("amount").is_some_and(Value::is_object) {
        body["amount"] = rupiah()["amount"].clone();
    }
    if body.get("prices").is_some() {
        body["prices"] = json!([rupiah()]);
    }
    body
}

async fn ask(service: &Service, operation: &Operation, ids: &Ids, token: &str, body: &Value) -> Answer {
    service.send(operation.new_request(service, ids).bearer_auth(token).json(body)).await
}

/// Whether the request was refused because of this field. Another refusal comes after the body was read.
fn is_refused(answer: &Answer, field: &str) -> bool {
    answer.status == 400 && answer.json()["details"]["field"].as_str().is_some_and(|it| it.starts_with(field))
}

async fn each_field_takes_what_its_schema_says(database: TestDatabase) {
    let service = service(&database).await;
    let Tenant { token, ids, .. } = Tenant::new(&service, "ws_shop", "stocked").await;
    let document = service.document();
    let mut seen = 0;
    for operation in dashboard_operations(&service).iter().filter(|operation| !operation.schema.is_null()) {
        let body = valid_body(operation);
        for field in fields(document, &operation.schema, "") {
            let (is_taken, name) = (taken_by(document, &field.schema), field.name());
            for value in probes() {
                let Some(body) = with(&body, &field.pointer, &value) else { continue };
                let answer = ask(&service, operation, &ids, &token, &body).await;
                assert_eq!(
                    is_refused(&answer, &name),
                    !is_taken(&value),
                    "{operation:?}: {name} = {value}, which is documented as {}: {}",
                    field.schema,
                    answer.text
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 800, "{seen}");
}

fn parameters(operation: &Operation) -> Vec<(&'static str, Value)> {
    let placed = |place| operation.parameters(place).map(move |parameter| (place, parameter.clone()));
    ["query", "header"].into_iter().flat_map(placed).collect()
}

async fn each_parameter_takes_what_its_schema_says(database: TestDatabase) {
    let service = service(&database).await;
    let Tenant { token, ids, .. } = Tenant::new(&service, "ws_shop", "stocked").await;
    let long = |length| "k".repeat(length);
    let texts = ["", "0", "1", "100", "101", "-1", "1.5", "true", "false", "yes", "null", "a b"];
    let texts: Vec<_> = texts.map(str::to_owned).into_iter().chain([long(255), long(256)]).collect();
    let mut seen = 0;
    for operation in dashboard_operations(&service) {
        for (place, parameter) in parameters(&operation) {
            let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            let is_taken = taken_by(service.document(), schema);
            for text in &texts {
                let value = if schema["type"] == "string" {
                    Value::from(text.as_str())
                } else {
                    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()))
                };
                // A cursor is one that the list has given: only the empty one is refused by its form.
                if name == "cursor" && !text.is_empty() {
                    continue;
                }
                let query = if place == "query" {
                    format!("?{name}={}", text.replace(' ', "+"))
                } else {
                    String::new()
                };
                let path = operation.path(&ids) + &query;
                let request = service.request(operation.method.clone(), &path).bearer_auth(&token);
                let request = operation.body.iter().fold(request, RequestBuilder::json);
                let request = if place == "header" { request.header(name, text) } else { request };
                let answer = service.send(request).await;
                let details =
                    if answer.status == 400 { answer.json()["details"].clone() } else { Value::Null };
                let is_refused = details["parameter"] == name || details["header"] == name;
                assert_eq!(
                    is_refused,
                    !is_taken(&value),
                    "{operation:?}: {name} = {text:?}: {}",
                    answer.text
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

/// One more is refused as too many: see `prices.rs` and `apps.rs`.
async fn lists_of_requests_have_documented_maxima(database: TestDatabase) {
    let service = service(&database).await;
    let document = service.document();
    let mut maxima = Vec::new();
    for operation in dashboard_operations(&service) {
        for field in fields(document, &operation.schema, "") {
            if field.schema["type"] == "array" {
                maxima.push((field.name(), field.schema["maxItems"].as_u64()));
            }
        }
    }
    maxima.sort();
    maxima.dedup();
    let maximum = |name: &str, most: usize| (name.to_owned(), Some(most as u64));
    assert_eq!(
        maxima,
        [
            maximum("allowedRedirectOrigins", AppDetails::MOST_ORIGINS),
            maximum("features", PlanOffer::MOST_FEATURES),
            maximum("prices", PlanOffer::MOST_PRICES),
        ]
    );
}
