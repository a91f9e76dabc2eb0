//! What an endpoint answers with.

use serde_json::Value;

use super::ApiError;
use crate::store::{Kind, Resource};

pub type Reply = Result<Answer, ApiError>;

#[derive(Debug, Clone)]
pub enum Answer {
    /// A stored object, rendered once the request is done.
    Object(Kind, String),
    Json(Value),
}

impl Answer {
    pub fn object<T: Resource>(resource: &T) -> Self {
        Self::Object(T::KIND, resource.id().to_owned())
    }

    /// What Stripe answers for an object that is no more.
    pub fn deleted(object: &str, id: &str) -> Self {
        Self::Json(serde_json::json!({ "id": id, "object": object, "deleted": true }))
    }
}

/// One object of the fields of all.
pub fn merged<const N: usize>(parts: [Value; N]) -> Value {
    let fields = parts.into_iter().filter_map(|part| match part {
        Value::Object(fields) => Some(fields),
        _ => None,
    });
    Value::Object(fields.flatten().collect())
}
