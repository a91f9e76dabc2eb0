//! `expand[]`: puts objects in the place of their ids, and includes what is left out otherwise.

use serde_json::{Map, Value, json};

use super::{
    ApiError,
    expandable::{Field, leads, step},
};
use crate::store::Tx;

const DEEPEST: usize = 4;

/// Judges a path by the type that is answered, before anything is done, and whatever the answer will hold.
///
/// # Errors
///
/// A path of more than four levels, the leading `data` of a list among them, or one that leads to nothing which can be
/// expanded.
pub fn check(kind: &str, is_list: bool, path: &str) -> Result<(), ApiError> {
    let names: Vec<_> = path.split('.').collect();
    if names.len() > DEEPEST {
        let message = format!("You cannot expand more than {DEEPEST} levels of a property. Property: {path}");
        return Err(ApiError::invalid(message).about("expand"));
    }
    let refuse = |hint: &str| {
        let message = format!("This property cannot be expanded ({path}).{hint}");
        Err(ApiError::invalid(message).about("expand"))
    };
    match names.as_slice() {
        ["data", names @ ..] if is_list && !names.is_empty() && leads(kind, names) => Ok(()),
        names if is_list && leads(kind, names) => {
            refuse(&format!(" You may want to try expanding 'data.{path}' instead."))
        }
        names if !is_list && leads(kind, names) => Ok(()),
        _ => refuse(""),
    }
}

/// Expands a path that was checked.
pub fn expand(tx: &Tx<'_>, body: &mut Value, kind: &str, is_list: bool, path: &str) {
    let mut names: Vec<_> = path.split('.').collect();
    let mut body = Some(body);
    if is_list {
        names.remove(0);
        body = body.and_then(|list| list.get_mut("data"));
    }
    if let Some(body) = body {
        expand_in(tx, body, kind, &names);
    }
}

fn expand_in(tx: &Tx<'_>, value: &mut Value, kind: &str, names: &[&str]) {
    match value {
        Value::Array(elements) => {
            for element in elements {
                expand_in(tx, element, kind, names);
            }
        }
        Value::Object(fields) => {
            let kind = fields.get("object").and_then(Value::as_str).unwrap_or(kind).to_owned();
            let Some((field, deeper)) = step(&kind, names) else { return };
            let object = fields.get("id").and_then(Value::as_str).and_then(|id| tx.any(id));
            let object = object.filter(|_| !fields.contains_key("deleted"));
            let included = object.and_then(|object| object.includable(tx, &field.path.join(".")));
            if let [between @ .., last] = field.path.as_slice() {
                let mut put = |holder: &mut Map<String, Value>| {
                    put_object(tx, holder, (last, field), included.as_ref(), deeper);
                };
                within(value, between, &mut put);
            }
        }
        _ => {}
    }
}

/// Each object that these names lead to, through the elements of arrays.
fn within(value: &mut Value, names: &[&str], act: &mut dyn FnMut(&mut Map<String, Value>)) {
    match (value, names) {
        (Value::Array(elements), names) => {
            for element in elements {
                within(element, names, act);
            }
        }
        (Value::Object(fields), []) => act(fields),
        (Value::Object(fields), [name, deeper @ ..]) => {
            if let Some(value) = fields.get_mut(*name) {
                within(value, deeper, act);
            }
        }
        _ => {}
    }
}

fn put_object(
    tx: &Tx<'_>,
    holder: &mut Map<String, Value>,
    (name, field): (&str, &Field),
    included: Option<&Value>,
    deeper: &[&str],
) {
    if let Some(included) = included
        && !holder.get(name).is_some_and(|value| value.is_object() || value.is_array())
    {
        holder.insert(name.to_owned(), included.clone());
    }
    let Some(value) = holder.get_mut(name) else { return };
    let kind = field.kinds.last().copied().unwrap_or_default();
    if let Value::Array(elements) = value {
        for element in elements {
            put_in_place(tx, element, kind);
        }
    } else {
        put_in_place(tx, value, kind);
    }
    let value = if field.is_list { value.get_mut("data") } else { Some(value) };
    if let Some(value) = value.filter(|_| !deeper.is_empty()) {
        expand_in(tx, value, kind, deeper);
    }
}

/// An object in the place of its id. One that is no more is told of as Stripe does.
fn put_in_place(tx: &Tx<'_>, value: &mut Value, kind: &str) {
    if let Value::String(id) = value {
        let deleted = || json!({ "id": id.as_str(), "object": kind, "deleted": true });
        *value = tx.any(id).map_or_else(deleted, |object| object.render(tx));
    }
}
