//! The schemas of the document, as a reader wants them: kinds, fields and examples.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::html::Html;

/// A longer list of words has a page of its own.
const MOST_WORDS: usize = 12;
const REFERENCE: &str = "#/components/schemas/";

/// A property of an object, or a parameter.
pub(super) struct Field {
    pub name: String,
    pub kind: Html,
    pub is_required: bool,
    pub description: Html,
}

/// An object, or one form of it.
pub(super) struct Form {
    pub description: Html,
    pub fields: Vec<Field>,
}

/// The schemas by name.
pub(super) struct Schemas<'a>(pub &'a Value);

impl<'a> Schemas<'a> {
    fn named(&self, schema: &'a Value) -> Option<(&'a str, &'a Value)> {
        let name = schema["$ref"].as_str()?.strip_prefix(REFERENCE)?;
        Some((name, &self.0[name]))
    }

    /// The name of an object with a section of its own.
    fn object(&self, schema: &'a Value) -> Option<&'a str> {
        self.named(schema).filter(|(_, target)| is_object(target)).map(|(name, _)| name)
    }

    /// The object of which a schema is a list, in the form of all lists.
    fn listed(&self, schema: &'a Value) -> Option<&'a str> {
        self.named(schema)?.0.strip_prefix("ListBody_")
    }

    /// The object that an answer or the items of its list are.
    pub(super) fn body(&self, schema: &'a Value) -> Option<&'a str> {
        self.listed(schema).or_else(|| self.object(schema))
    }

    /// Such as "string, at most 100 characters" or "list of `PriceBody`".
    pub(super) fn kind(&self, schema: &'a Value) -> Html {
        if let Some(name) = self.listed(schema) {
            return Html::text("list of ").and(&Html::link(&format!("#{name}"), name));
        }
        if let Some(name) = self.object(schema) {
            return Html::link(&format!("#{name}"), name);
        }
        if let Some((_, target)) = self.named(schema) {
            return self.kind(target);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            return Html::joined(choices.iter().map(|choice| self.kind(choice)), " or ");
        }
        if let Some(values) = schema["enum"].as_array().filter(|values| values.len() <= MOST_WORDS) {
            return Html::joined(values.iter().filter_map(Value::as_str).map(Html::code), ", ");
        }
        if schema["type"] == "array" {
            return Html::text("list of ").and(&self.kind(&schema["items"]));
        }
        Html::text(&format!("{}{}", types(schema), limits(schema)))
    }

    /// What a schema says of itself, or else what it refers to, unless that has a section of its own.
    fn description(&self, schema: &'a Value) -> Html {
        let own = schema["description"].as_str().or_else(|| schema["oneOf"][0]["description"].as_str());
        let target = self.named(schema).filter(|(_, target)| !is_object(target));
        let of_target = || target.and_then(|(_, target)| target["description"].as_str());
        Html::prose(own.or_else(of_target).unwrap_or_default())
    }

    /// The forms of an object: one, or one for each kind of it.
    pub(super) fn forms(&self, schema: &'a Value) -> Vec<Form> {
        let schema = self.named(schema).map_or(schema, |(_, target)| target);
        let forms = schema["oneOf"].as_array().map_or_else(|| vec![schema], |all| all.iter().collect());
        forms
            .into_iter()
            .map(|form| Form { description: self.description(form), fields: self.fields(form) })
            .collect()
    }

    /// Required ones first, in the order of the code.
    fn fields(&self, object: &'a Value) -> Vec<Field> {
        let required: Vec<_> =
            object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = object["properties"].as_object();
        let optional = properties.into_iter().flat_map(Map::keys).map(String::as_str);
        let optional = optional.filter(|name| !required.contains(name));
        let names =
            required.iter().copied().map(|name| (name, true)).chain(optional.map(|name| (name, false)));
        names
            .map(|(name, is_required)| {
                let schema = &object["properties"][name];
                let (kind, description) = (self.kind(schema), self.description(schema));
                Field { name: name.to_owned(), kind, is_required, description }
            })
            .collect()
    }

    /// A value of the schema.
    pub(super) fn example(&self, schema: &'a Value) -> Value {
        if let Some(example) = schema.get("example") {
            return example.clone();
        }
        if let Some((_, target)) = self.named(schema) {
            return self.example(target);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            return choices.first().map_or(Value::Null, |first| self.example(first));
        }
        if let Some(values) = schema["enum"].as_array() {
            return values.first().cloned().unwrap_or_default();
        }
        match schema["type"].as_str() {
            Some("object") => {
                let properties = schema["properties"].as_object().into_iter().flatten();
                properties.map(|(name, property)| (name.clone(), self.example(property))).collect()
            }
            Some("array") => json!([self.example(&schema["items"])]),
            Some("boolean") => json!(true),
            Some("integer") => schema.get("minimum").cloned().unwrap_or(json!(0)),
            Some("string") if schema["format"] == "date-time" => json!("2026-11-22T12:34:56.789Z"),
            Some("string") => json!("…"),
            _ => Value::Null,
        }
    }

    /// Adds the names of the objects that a schema consists of, itself included.
    pub(super) fn collect_objects(&self, schema: &'a Value, names: &mut BTreeSet<&'a str>) {
        if let Some((name, target)) = self.named(schema) {
            let is_new = match self.listed(schema) {
                None if is_object(target) => names.insert(name),
                Some(listed) => names.insert(listed),
                None => false,
            };
            if is_new {
                self.collect_objects(target, names);
            }
        }
        let parts = schema["oneOf"].as_array().into_iter().flatten();
        let properties = schema["properties"].as_object().into_iter().flat_map(Map::values);
        for part in parts.chain(properties).chain(schema.get("items")) {
            self.collect_objects(part, names);
        }
    }
}

fn is_object(schema: &Value) -> bool {
    schema["type"] == "object" || schema["oneOf"][0]["type"] == "object"
}

/// Such as "string or null".
fn types(schema: &Value) -> String {
    let type_of = |name: &Value| match name.as_str() {
        Some("string") if schema["format"] == "date-time" => "time".to_owned(),
        name => name.unwrap_or("any value").to_owned(),
    };
    match &schema["type"] {
        Value::Array(types) => types.iter().map(type_of).collect::<Vec<_>>().join(" or "),
        name => type_of(name),
    }
}

/// Such as ", 0 to 730" or ", at most 100 characters".
fn limits(schema: &Value) -> String {
    let most = schema["maximum"].as_i64().filter(|most| *most != i64::from(u32::MAX));
    match (schema["minimum"].as_i64(), most, schema["maxLength"].as_i64()) {
        (Some(least), Some(most), _) => format!(", {least} to {most}"),
        (Some(least), None, _) => format!(", at least {least}"),
        (None, None, Some(most)) => format!(", at most {most} characters"),
        _ => String::new(),
    }
}
