//! Every operation of the API, from the service's own document, and how to ask for it.

use std::collections::BTreeMap;
use std::fmt;

use billing_testing::{Answer, Service, example_body};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// One method of one path.
pub(crate) struct Operation {
    pub method: Method,
    pub template: String,
    /// A body it accepts.
    pub body: Option<Value>,
    parameters: Vec<Value>,
}

/// What stands for the names in braces.
#[derive(Debug, Clone)]
pub(crate) struct Ids(BTreeMap<String, String>);

impl Ids {
    pub(crate) fn new<const N: usize>(ids: [(&str, String); N]) -> Self {
        Self(ids.into_iter().map(|(name, id)| (name.to_owned(), id)).collect())
    }

    /// Ids of the right form that nothing has: those of the document's examples, with another end.
    pub(crate) fn fictitious(service: &Service) -> Self {
        let fictitious = |example: &str| {
            let (kind, _) = example.split_once('_').expect("an id begins with what it is of");
            format!("{kind}_7zzzzzzzzzzzzzzzzzzzzzzzzz")
        };
        Self::from_examples(service, fictitious)
    }

    /// The same text for every name.
    pub(crate) fn all(service: &Service, text: &str) -> Self {
        Self::from_examples(service, |_| text.to_owned())
    }

    fn from_examples(service: &Service, id: impl Fn(&str) -> String) -> Self {
        let operations = operations(service);
        let parameters = operations.iter().flat_map(|operation| operation.parameters("path"));
        let ids = parameters.map(|parameter| {
            let example = parameter["example"].as_str().expect("a name in a path has an example");
            (parameter["name"].as_str().unwrap().to_owned(), id(example))
        });
        Self(ids.collect())
    }

    /// The value for a name in braces. A path with another name needs an id here, so that it is tested.
    pub(crate) fn named(&mut self, name: &str) -> &mut String {
        self.0.get_mut(name).unwrap_or_else(|| panic!("no test knows what to put for {{{name}}} in a path"))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

impl std::ops::Index<&str> for Ids {
    type Output = String;

    fn index(&self, name: &str) -> &String {
        &self.0[name]
    }
}

/// Every operation of the dashboard's API.
pub(crate) fn dashboard_operations(service: &Service) -> Vec<Operation> {
    let mut operations = operations(service);
    operations.retain(|operation| operation.template.starts_with("/v1/dashboard/"));
    assert!(operations.len() >= 24, "the document lists {} operations only", operations.len());
    operations
}

/// Every operation there is.
pub(crate) fn operations(service: &Service) -> Vec<Operation> {
    let document = service.document();
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(template, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| Operation {
            method: method.to_uppercase().parse().unwrap(),
            template: template.clone(),
            body: example_body(document, operation),
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
    pub(crate) fn reads(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether it is about what an app sells.
    pub(crate) fn is_of_the_catalog(&self) -> bool {
        self.template.starts_with("/v1/dashboard/apps/{appId}/billing/")
    }

    /// Whether a repeat under the same key gets the first answer.
    pub(crate) fn takes_a_request_key(&self) -> bool {
        self.parameters("header").any(|parameter| parameter["name"] == "Idempotency-Key")
    }

    /// What may stand in its query.
    pub(crate) fn query_parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters("query").map(|parameter| parameter["name"].as_str().unwrap())
    }

    fn parameters(&self, place: &str) -> impl Iterator<Item = &Value> {
        self.parameters.iter().filter(move |parameter| parameter["in"] == place)
    }

    /// The names in braces.
    pub(crate) fn names(&self) -> Vec<String> {
        let segments = self.template.split('/');
        let names = segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        names.map(str::to_owned).collect()
    }

    pub(crate) fn path(&self, ids: &Ids) -> String {
        let mut ids = ids.clone();
        self.names()
            .iter()
            .fold(self.template.clone(), |path, name| path.replace(&format!("{{{name}}}"), ids.named(name)))
    }

    /// Asks for it with a token, or without.
    pub(crate) async fn ask(&self, service: &Service, ids: &Ids, token: Option<&str>) -> Answer {
        let request = service.request(self.method.clone(), &self.path(ids));
        self.send(service, token.into_iter().fold(request, RequestBuilder::bearer_auth)).await
    }

    /// Asks for it with a token, as the request of this key.
    pub(crate) async fn ask_once(&self, service: &Service, ids: &Ids, token: &str, key: &str) -> Answer {
        let request = service.request(self.method.clone(), &self.path(ids)).bearer_auth(token);
        self.send(service, request.header("idempotency-key", key)).await
    }

    async fn send(&self, service: &Service, request: RequestBuilder) -> Answer {
        service.send(self.body.iter().fold(request, RequestBuilder::json)).await
    }
}
