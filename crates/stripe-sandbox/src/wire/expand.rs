//! `expand[]`: puts objects in the place of their ids.

use serde_json::{Map, Value};

use super::ApiError;
use crate::store::Tx;

const DEEPEST: usize = 4;

/// The fields that hold the id of an object which can stand in its place.
const HOLD_IDS: [&str; 37] = [
    "account",
    "balance_transaction",
    "charge",
    "checkout_session",
    "configuration",
    "coupon",
    "credit_note",
    "customer",
    "customer_balance_transaction",
    "default_payment_method",
    "default_price",
    "default_source",
    "discount",
    "discounts",
    "dispute",
    "failure_balance_transaction",
    "invoice",
    "latest_attempt",
    "latest_charge",
    "latest_invoice",
    "latest_revision",
    "on_behalf_of",
    "payment_intent",
    "payment_method",
    "pending_setup_intent",
    "plan",
    "price",
    "product",
    "promotion_code",
    "refund",
    "schedule",
    "setup_intent",
    "source",
    "subscription",
    "subscription_schedule",
    "test_clock",
    "transaction",
];

/// # Errors
///
/// A path that is too deep, or leads to something that is no object's id.
pub fn expand(tx: &Tx<'_>, value: &mut Value, path: &str) -> Result<(), ApiError> {
    let mut names: Vec<_> = path.split('.').collect();
    let is_list = value.get("object").is_some_and(|object| object == "list");
    if is_list && names.first() == Some(&"data") {
        names.remove(0);
        let elements = value.get_mut("data").and_then(Value::as_array_mut);
        if names.len() > DEEPEST {
            return Err(too_deep(path));
        }
        return elements.into_iter().flatten().try_for_each(|element| {
            if names.is_empty() { Err(not_expandable(path)) } else { expand_in(tx, element, &names, path) }
        });
    }
    if names.len() > DEEPEST {
        return Err(too_deep(path));
    }
    expand_in(tx, value, &names, path)
}

fn expand_in(tx: &Tx<'_>, value: &mut Value, names: &[&str], path: &str) -> Result<(), ApiError> {
    let Some((name, deeper)) = names.split_first() else { return Ok(()) };
    // What people wrote there is text, also where it reads like an id.
    if *name == "metadata" {
        return Err(not_expandable(path));
    }
    match value {
        Value::Array(elements) => {
            elements.iter_mut().try_for_each(|element| expand_in(tx, element, names, path))
        }
        Value::Object(fields) => {
            if include_within(tx, fields, names) {
                return Ok(());
            }
            if !fields.get(*name).is_some_and(|field| field.is_object() || field.is_array())
                && let Some(id) = fields.get("id").and_then(Value::as_str)
                && let Some(included) = tx.any(id).and_then(|object| object.includable(tx, name))
            {
                fields.insert((*name).to_owned(), included);
            } else {
                let field = fields.get_mut(*name).ok_or_else(|| not_expandable(path))?;
                put_object(tx, field, name, path, deeper.is_empty())?;
            }
            let field = fields.get_mut(*name).ok_or_else(|| not_expandable(path))?;
            if field.is_null() { Ok(()) } else { expand_in(tx, field, deeper, path) }
        }
        _ => Err(not_expandable(path)),
    }
}

/// Puts in what an object tells only when it is asked for, where that is within one of its fields.
fn include_within(tx: &Tx<'_>, fields: &mut Map<String, Value>, names: &[&str]) -> bool {
    let [first, between @ .., last] = names else { return false };
    let object = fields.get("id").and_then(Value::as_str).and_then(|id| tx.any(id));
    let included = object.and_then(|object| object.includable(tx, &names.join(".")));
    let mut holder = fields.get_mut(*first);
    for name in between {
        holder = holder.and_then(|holder| holder.get_mut(name));
    }
    match (included, holder) {
        (Some(included), Some(Value::Object(holder))) => {
            holder.insert((*last).to_owned(), included);
            true
        }
        _ => false,
    }
}

fn put_object(tx: &Tx<'_>, field: &mut Value, name: &str, path: &str, is_last: bool) -> Result<(), ApiError> {
    match field {
        Value::String(id) if HOLD_IDS.contains(&name) => {
            *field = tx.any(id).ok_or_else(|| not_expandable(path))?.render(tx);
            Ok(())
        }
        Value::Array(elements) if is_last => {
            elements.iter_mut().try_for_each(|element| put_object(tx, element, name, path, true))
        }
        Value::Array(elements) => elements
            .iter_mut()
            .filter(|element| element.is_string())
            .try_for_each(|element| put_object(tx, element, name, path, false)),
        Value::Null => Ok(()),
        Value::Object(fields) if !is_last || fields.contains_key("object") => Ok(()),
        _ => Err(not_expandable(path)),
    }
}

fn not_expandable(path: &str) -> ApiError {
    let message = format!("This property cannot be expanded ({path}).");
    ApiError::invalid(message).about("expand")
}

fn too_deep(path: &str) -> ApiError {
    ApiError::invalid(format!("Only {DEEPEST} levels can be expanded ({path}).")).about("expand")
}
