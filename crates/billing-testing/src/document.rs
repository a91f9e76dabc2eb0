use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};

use crate::Answer;

/// The service's `OpenAPI` document, to check responses against.
pub(crate) struct Document {
    json: Value,
    /// Cached by path, method and status: building one is slow.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Document {
    pub(crate) fn new(json: Value) -> Self {
        Self { json, validators: Mutex::default() }
    }

    pub(crate) fn json(&self) -> &Value {
        &self.json
    }

    /// Checks that the response matches the document. Unknown paths pass.
    pub(crate) fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let Some((template, item)) = self.path(path) else { return };
        let name = if *method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
        // An unknown method of a path is checked as a documented one.
        let operation =
            item.get(&name).or_else(|| item.as_object()?.values().next()).expect("a path has an operation");
        let status = answer.status.as_str();
        let response = operation["responses"].get(status).unwrap_or_else(|| {
            panic!("{method} {path} answered {status}, which is not in its document: {}", answer.text)
        });
        let schema = &response["content"]["application/json"]["schema"];
        if *method == Method::HEAD {
            return;
        }
        if response.get("content").is_none() {
            assert!(answer.text.is_empty(), "{method} {path} {status} has a body: {}", answer.text);
        }
        if !schema.is_null() {
            let body = answer.json();
            if let Err(error) = self.validator(&format!("{name} {template} {status}"), schema).validate(&body)
            {
                panic!("{method} {path} {status} is not as documented: {error}: {body}");
            }
        }
    }

    /// The path of the document that matches: an exact match first, then one with parameters.
    fn path(&self, path: &str) -> Option<(&str, &Value)> {
        let paths = self.json["paths"].as_object().expect("a document has paths");
        let same = |(template, item)| Some((String::as_str(template), item));
        paths
            .get_key_value(path)
            .and_then(same)
            .or_else(|| paths.iter().find(|(template, _)| is_instance(path, template)).and_then(same))
    }

    fn validator(&self, name: &str, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let made =
            validators.entry(name.to_owned()).or_insert_with(|| Arc::new(validator(&self.json, schema)));
        Arc::clone(made)
    }
}

/// Which values a schema of the document takes.
pub fn taken_by(document: &Value, schema: &Value) -> impl Fn(&Value) -> bool + use<> {
    let validator = validator(document, schema);
    move |value| validator.is_valid(value)
}

fn validator(document: &Value, schema: &Value) -> Validator {
    let schema = json!({ "allOf": [schema], "components": document["components"] });
    jsonschema::validator_for(&schema).unwrap()
}

fn is_instance(path: &str, template: &str) -> bool {
    let (given, named): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
    given.len() == named.len()
        && given
            .iter()
            .zip(named)
            .all(|(given, named)| *given == named || (named.starts_with('{') && !given.is_empty()))
}
