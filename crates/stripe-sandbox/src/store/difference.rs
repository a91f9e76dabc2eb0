//! `previous_attributes` of an event: what the changed fields were before.

use serde_json::{Map, Value};

pub fn difference(before: &Value, after: &Value) -> Map<String, Value> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else { return Map::new() };
    let mut previous = Map::new();
    for (name, now) in after {
        let then = before.get(name).unwrap_or(&Value::Null);
        if then == now {
            continue;
        }
        // A map that was a map before shows only the names in it that changed.
        let shown = match (then, now) {
            (Value::Object(_), Value::Object(_)) => Value::Object(difference(then, now)),
            _ => then.clone(),
        };
        previous.insert(name.clone(), shown);
    }
    for (name, then) in before {
        if !after.contains_key(name) {
            previous.insert(name.clone(), then.clone());
        }
    }
    previous
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_changed_is_told_with_its_old_value() {
        let before = json!({ "name": "a", "email": "e", "metadata": { "kept": "1", "gone": "2" } });
        let after = json!({ "name": "b", "email": "e", "metadata": { "kept": "1", "new": "3" } });
        let wanted = json!({ "name": "a", "metadata": { "gone": "2", "new": null } });
        assert_eq!(Value::Object(difference(&before, &after)), wanted);
    }
}
