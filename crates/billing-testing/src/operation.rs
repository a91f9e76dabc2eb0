use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use std::fmt;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::{Answer, Ids, Service, example_body, names};

/// An operation of the API, from the service's own document: one method of one path.
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path, with names in braces.
    pub template: String,
    /// A body it accepts.
    pub body: Option<Value>,
    /// The schema of its body, or null.
    pub schema: Value,
    parameters: Vec<Value>,
}

/// Every operation of the dashboard's API.
pub fn dashboard_operations(service: &Service) -> Vec<Operation> {
    let mut operations = operations(service);
    operations.retain(|operation| operation.template.starts_with("/v1/dashboard/"));
    assert!(operations.len() >= 24, "the document lists {} operations only", operations.len());
    operations
}

/// Every operation there is.
pub fn operations(service: &Service) -> Vec<Operation> {
    let document = service.document();
    let paths = document["paths"].as_object().expect("a document has paths").iter();
    let operations = paths.flat_map(|(template, item)| {
        item.as_object().expect("a path has operations").iter().map(move |(method, operation)| Operation {
            method: method.to_uppercase().parse().unwrap(),
            template: template.clone(),
            body: example_body(document, operation),
            schema: operation["requestBody"]["content"]["application/json"]["schema"].clone(),
            parameters: operation["parameters"].as_array().cloned().unwrap_or_default(),
        })
    });
    operations.collect()
}

/// As `DELETE /v1/…`, which is all that a failing test needs.
impl fmt::Debug for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.template)
    }
}

impl Operation {
    /// Whether it changes nothing.
    pub fn reads(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether it is about what an app sells.
    pub fn is_of_the_catalog(&self) -> bool {
        self.template.starts_with("/v1/dashboard/apps/{appId}/billing/")
    }

    /// Whether a repeat under the same key gets the first answer.
    pub fn takes_a_request_key(&self) -> bool {
        self.parameters("header").any(|parameter| parameter["name"] == "Idempotency-Key")
    }

    /// The names of the query parameters.
    pub fn query_parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters("query").map(|parameter| text(parameter, "name"))
    }

    /// The names in braces, each with the document's example.
    pub(crate) fn path_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters("path").map(|parameter| (text(parameter, "name"), text(parameter, "example")))
    }

    /// The described parameters of the query or header.
    pub fn parameters(&self, place: &str) -> impl Iterator<Item = &Value> {
        self.parameters.iter().filter(move |parameter| parameter["in"] == place)
    }

    /// The names in braces.
    pub fn names(&self) -> Vec<String> {
        names(&self.template)
    }

    /// The path with these ids.
    pub fn path(&self, ids: &Ids) -> String {
        ids.fill(&self.template)
    }

    /// Asks for it with a token, or without, as a request of its own.
    pub async fn ask(&self, service: &Service, ids: &Ids, token: Option<&str>) -> Answer {
        let request = self.new_request(service, ids);
        self.send(service, token.into_iter().fold(request, RequestBuilder::bearer_auth)).await
    }

    /// A request without token and body, with a key of its own where one is required.
    pub fn new_request(&self, service: &Service, ids: &Ids) -> RequestBuilder {
        static KEYS: AtomicU64 = AtomicU64::new(0);
        let request = service.request(self.method.clone(), &self.path(ids));
        let mut keys = self.parameters("header").filter(|parameter| parameter["name"] == "Idempotency-Key");
        if keys.any(|key| key["required"] == true) {
            return request.header("idempotency-key", format!("own-{}", KEYS.fetch_add(1, Relaxed)));
        }
        request
    }

    /// Asks for it with a token, as the request of this key.
    pub async fn ask_once(&self, service: &Service, ids: &Ids, token: &str, key: &str) -> Answer {
        let request = service.request(self.method.clone(), &self.path(ids)).bearer_auth(token);
        self.send(service, request.header("idempotency-key", key)).await
    }

    async fn send(&self, service: &Service, request: RequestBuilder) -> Answer {
        service.send(self.body.iter().fold(request, RequestBuilder::json)).await
    }
}

fn text<'a>(parameter: &'a Value, field: &str) -> &'a str {
    parameter[field].as_str().unwrap_or_else(|| panic!("no {field} in {parameter}"))
}
