use serde_json::{Map, Value};

/// The body of a request for this operation of an `OpenAPI` document, made of the examples in its description: of an
/// object, what is required and what has an example. `None` when the operation takes no body or can do without.
///
/// # Panics
/// When the description does not say what would be accepted, so that no operation goes untested unseen.
pub fn example_body(document: &Value, operation: &Value) -> Option<Value> {
    let body = operation.get("requestBody").filter(|body| body["required"] == true)?;
    let content = &body["content"]["application/json"];
    let name = operation["operationId"].as_str().unwrap_or("an operation");
    let example = content.get("example").cloned();
    let example = example.unwrap_or_else(|| Examples { document }.of(name, &content["schema"]));
    assert_ne!(example, Value::Object(Map::new()), "the body of {name} has no example");
    Some(example)
}

struct Examples<'a> {
    document: &'a Value,
}

impl Examples<'_> {
    /// A value that this schema accepts. `name` is where it stands.
    fn of(&self, name: &str, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        let choices = schema["enum"].as_array().and_then(|choices| choices.first());
        if let Some(example) = schema.get("example").or(choices) {
            return example.clone();
        }
        let Some(properties) = schema["properties"].as_object() else { panic!("{name} has no example") };
        let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
        let is_given = |(name, property): &(&String, &Value)| {
            required.iter().any(|required| **required == **name) || property.get("example").is_some()
        };
        let given = properties.iter().filter(is_given);
        given
            .map(|(field, property)| (field.clone(), self.of(&format!("{name}: {field}"), property)))
            .collect()
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let Some(reference) = schema["$ref"].as_str() else { return schema };
        let found = reference.strip_prefix('#').and_then(|path| self.document.pointer(path));
        self.resolved(found.unwrap_or_else(|| panic!("{reference} is not in the document")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({ "components": { "schemas": {
            "Interval": { "type": "string", "enum": ["month", "year"] },
            "Price": {
                "required": ["amount", "interval"],
                "properties": {
                    "amount": { "type": "integer", "example": 1250 },
                    "interval": { "$ref": "#/components/schemas/Interval" },
                    "quantity": { "type": "integer", "example": 14 },
                    "version": { "type": "integer" },
                },
            },
        } } })
    }

    fn taking(schema: &Value) -> Value {
        let content = json!({ "application/json": { "schema": schema } });
        json!({ "operationId": "addPrice", "requestBody": { "required": true, "content": content } })
    }

    #[test]
    fn a_body_has_what_is_required_and_what_has_an_example() {
        let operation = taking(&json!({ "$ref": "#/components/schemas/Price" }));
        let expected = json!({ "amount": 1250, "interval": "month", "quantity": 14 });
        assert_eq!(example_body(&document(), &operation), Some(expected));
    }

    #[test]
    fn an_example_of_the_whole_body_goes_first() {
        let mut operation = taking(&json!({ "$ref": "#/components/schemas/Price" }));
        operation["requestBody"]["content"]["application/json"]["example"] = json!({ "amount": 7 });
        assert_eq!(example_body(&document(), &operation), Some(json!({ "amount": 7 })));
    }

    #[test]
    fn no_body_is_sent_where_none_is_required() {
        let mut operation = taking(&json!({ "$ref": "#/components/schemas/Price" }));
        operation["requestBody"]["required"] = json!(false);
        assert_eq!(example_body(&document(), &operation), None);
        assert_eq!(example_body(&document(), &json!({ "operationId": "readPrice" })), None);
    }

    #[test]
    #[should_panic(expected = "addPrice: amount: currency has no example")]
    fn a_required_field_without_example_fails() {
        let amount = json!({ "required": ["currency"], "properties": { "currency": { "type": "string" } } });
        let price = json!({ "required": ["amount"], "properties": { "amount": amount } });
        example_body(&document(), &taking(&price));
    }

    #[test]
    #[should_panic(expected = "the body of addPrice has no example")]
    fn a_required_body_without_any_example_fails() {
        let price = json!({ "properties": { "version": { "type": "integer" } } });
        example_body(&document(), &taking(&price));
    }
}
