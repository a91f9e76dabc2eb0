//! What the page shows, read from the document.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use serde_json::Value;

use super::html::Html;
use super::schema::{Field, Form, Schemas};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// A refusal that so many operations share is told once.
const SHARED_BY: usize = 10;
/// A parameter that so many operations take is described once.
const TAKEN_BY: usize = 3;

/// `/docs/api/`.
#[derive(Template)]
#[template(path = "reference.html")]
pub(super) struct ReferencePage {
    server: String,
    version: String,
    description: Html,
    token: Html,
    groups: Vec<Group>,
    shared_parameters: Vec<Field>,
    shared_refusals: Vec<Answer>,
    objects: Vec<Object>,
}

struct Group {
    id: String,
    name: String,
    description: Html,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: Html,
    description: Html,
    /// Its own; those it shares with others are only named, unless they stand in its path.
    parameters: Vec<Field>,
    shared_parameters: Html,
    body: Option<Body>,
    /// Without the refusals that it shares with others.
    answers: Vec<Answer>,
}

struct Body {
    kind: Html,
    example: Html,
}

struct Answer {
    status: String,
    description: Html,
    body: Option<Html>,
}

struct Object {
    name: String,
    forms: Vec<Form>,
    /// Of what an answer consists of; a request has its own.
    example: Option<Html>,
}

impl ReferencePage {
    pub(super) fn of(document: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let reader = Reader::of(document);
        let groups = document["tags"].as_array().into_iter().flatten().map(|tag| Group {
            id: text(&tag["name"]).to_lowercase().replace(' ', "-"),
            name: text(&tag["name"]),
            description: Html::prose(tag["description"].as_str().unwrap_or_default()),
            operations: reader.operations(&tag["name"]),
        });
        let token = &document["components"]["securitySchemes"]["dashboardToken"]["description"];
        Self {
            server: text(&document["servers"][0]["url"]),
            version: text(&document["info"]["version"]),
            description: Html::prose(document["info"]["description"].as_str().unwrap_or_default()),
            token: Html::prose(token.as_str().unwrap_or_default()),
            groups: groups.collect(),
            shared_parameters: reader.parameters.iter().map(|shared| reader.parameter(shared)).collect(),
            shared_refusals: reader.refusals.iter().map(|(status, told)| refusal(status, told)).collect(),
            objects: reader.objects(),
        }
    }
}

/// Reads the operations of a document.
struct Reader<'a> {
    document: &'a Value,
    schemas: Schemas<'a>,
    /// Those that operations share.
    parameters: Vec<&'a Value>,
    /// Statuses with what they mean, which operations share.
    refusals: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Reader<'a> {
    fn of(document: &'a Value) -> Self {
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        for (.., operation) in all_operations(document) {
            for (status, answer) in answers(operation).filter(|(status, _)| is_refusal(status)) {
                *counts.entry((status, answer["description"].as_str().unwrap_or_default())).or_default() += 1;
            }
        }
        let refusals = counts.into_iter().filter(|(_, count)| *count >= SHARED_BY).map(|(told, _)| told);
        let schemas = Schemas(&document["components"]["schemas"]);
        Self { document, schemas, parameters: shared_parameters(document), refusals: refusals.collect() }
    }

    fn operations(&self, tag: &Value) -> Vec<Operation> {
        let of_tag = all_operations(self.document).filter(|(.., operation)| operation["tags"][0] == *tag);
        of_tag.map(|(path, method, operation)| self.operation(path, method, operation)).collect()
    }

    fn operation(&self, path: &str, method: &str, operation: &'a Value) -> Operation {
        let text = |name: &str| operation[name].as_str().unwrap_or_default();
        let own = answers(operation).filter(|(status, answer)| {
            !self.refusals.contains(&(*status, answer["description"].as_str().unwrap_or_default()))
        });
        let (named, described): (Vec<_>, Vec<_>) =
            parameters(operation).partition(|parameter| self.parameters.contains(parameter));
        let named = named.into_iter().filter(|parameter| parameter["in"] != "path");
        let named = named.map(|parameter| Html::code(parameter["name"].as_str().unwrap_or_default()));
        Operation {
            id: text("operationId").to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: Html::prose(text("summary")),
            description: Html::prose(text("description")),
            parameters: described.into_iter().map(|parameter| self.parameter(parameter)).collect(),
            shared_parameters: Html::joined(named, ", "),
            body: self.body(operation),
            answers: own.map(|(status, answer)| self.answer(status, answer)).collect(),
        }
    }

    fn parameter(&self, parameter: &'a Value) -> Field {
        let text = |name: &str| parameter[name].as_str().unwrap_or_default();
        Field {
            name: text("name").to_owned(),
            kind: Html::text(text("in")).and(&Html::text(", ")).and(&self.schemas.kind(&parameter["schema"])),
            is_required: parameter["required"] == true,
            description: Html::prose(text("description")),
        }
    }

    /// With the object it answers with, unless that is an error's.
    fn answer(&self, status: &str, answer: &'a Value) -> Answer {
        let schema = answer["content"]["application/json"].get("schema").filter(|_| !is_refusal(status));
        let description = Html::prose(answer["description"].as_str().unwrap_or_default());
        Answer {
            status: status.to_owned(),
            description,
            body: schema.map(|schema| self.schemas.kind(schema)),
        }
    }

    fn body(&self, operation: &'a Value) -> Option<Body> {
        let body = &operation["requestBody"]["content"]["application/json"];
        let schema = body.get("schema")?;
        let example = body.get("example").cloned().unwrap_or_else(|| self.schemas.example(schema));
        Some(Body { kind: self.schemas.kind(schema), example: Html::text(&indented(&example)) })
    }

    /// The objects of requests and answers.
    fn objects(&self) -> Vec<Object> {
        let (mut names, mut answered) = (BTreeSet::new(), BTreeSet::new());
        for (.., operation) in all_operations(self.document) {
            for (_, answer) in answers(operation) {
                let schema = &answer["content"]["application/json"]["schema"];
                answered.extend(self.schemas.body(schema));
                self.schemas.collect_objects(schema, &mut names);
            }
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            self.schemas.collect_objects(body, &mut names);
        }
        let object = |name: &str| {
            let schema = &self.schemas.0[name];
            let example = || Html::text(&indented(&self.schemas.example(schema)));
            Object {
                name: name.to_owned(),
                forms: self.schemas.forms(schema),
                example: answered.contains(name).then(example),
            }
        };
        names.into_iter().map(object).collect()
    }
}

fn all_operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        let of_path = METHODS.into_iter().filter_map(|method| Some((method, item.get(method)?)));
        of_path.map(|(method, operation)| (path.as_str(), method, operation))
    })
}

fn answers(operation: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let answers = operation["responses"].as_object().into_iter().flatten();
    answers.map(|(status, answer)| (status.as_str(), answer))
}

fn parameters(operation: &Value) -> impl Iterator<Item = &Value> {
    operation["parameters"].as_array().into_iter().flatten()
}

fn shared_parameters(document: &Value) -> Vec<&Value> {
    let all: Vec<_> = all_operations(document).flat_map(|(.., operation)| parameters(operation)).collect();
    let mut shared = Vec::new();
    for &parameter in &all {
        let taken_by = all.iter().filter(|other| **other == parameter).count();
        if taken_by >= TAKEN_BY && !shared.contains(&parameter) {
            shared.push(parameter);
        }
    }
    shared
}

fn refusal(status: &str, told: &str) -> Answer {
    Answer { status: status.to_owned(), description: Html::prose(told), body: None }
}

fn is_refusal(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

fn indented(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
