//! What a fault does to a request and to its answer.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire::{ApiError, idempotency};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// No answer, and nothing done.
    TimeoutBefore,
    /// Done, and no answer.
    TimeoutAfter,
    /// Done, and the connection breaks in the middle of the answer.
    Reset,
    /// Answered 500, and not done.
    #[serde(rename = "error_500")]
    Error500,
    /// Done, and answered 500.
    #[serde(rename = "error_500_executed")]
    Error500Executed,
    RateLimit,
    LockTimeout,
    Conflict,
    /// Done, and answered with a value that no client knows.
    UnknownEnum,
    /// Done, and answered with a field that no client knows.
    UnknownField,
}

/// Fields that hold one of a few known words, the most telling first.
const ENUMS: [&str; 7] =
    ["status", "type", "interval", "billing_scheme", "duration", "collection_method", "object"];

impl Damage {
    /// A refusal before the request is begun, of which nothing is kept. `key` is the request's idempotency key.
    pub fn refusal(self, key: Option<&str>) -> Option<ApiError> {
        match self {
            Self::RateLimit => Some(ApiError::too_many("Request rate limit exceeded.").coded("rate_limit")),
            Self::LockTimeout => Some(
                ApiError::too_many(
                    "This object cannot be accessed right now because another API request or Stripe process is \
                     currently accessing it. If you see this error intermittently, retry the request.",
                )
                .coded("lock_timeout"),
            ),
            Self::Conflict => Some(key.map_or_else(
                || {
                    let message = "The request conflicts with another one that is being worked on.";
                    ApiError { status: 409, ..ApiError::invalid(message) }
                },
                idempotency::in_use,
            )),
            _ => None,
        }
    }

    pub fn failure_instead(self) -> Option<ApiError> {
        (self == Self::Error500).then(failure)
    }

    pub fn failure_afterwards(self) -> Option<ApiError> {
        (self == Self::Error500Executed).then(failure)
    }

    /// Changes what is answered, and not what is kept of it.
    pub fn spoil(self, body: &mut Value) {
        match self {
            Self::UnknownEnum => {
                if let Some(field) = enum_of(body) {
                    *field = json!("sandbox_unknown_value");
                }
            }
            Self::UnknownField if body.is_object() => {
                body["sandbox_unknown_field"] = json!({ "nested": true });
            }
            _ => {}
        }
    }
}

/// The first field that holds a known word: of the object, or of the first object of a list.
fn enum_of(body: &mut Value) -> Option<&mut Value> {
    let is_list = body.get("object").is_some_and(|object| object == "list");
    if is_list && body.pointer("/data/0").is_some() {
        return body.pointer_mut("/data/0").and_then(enum_of);
    }
    let name = ENUMS.iter().find(|name| body.get(name).is_some_and(Value::is_string))?;
    body.get_mut(name)
}

fn failure() -> ApiError {
    ApiError::internal("An unknown error occurred (a fault that was asked for under /_sandbox/faults).")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoilt(damage: Damage, mut body: Value) -> Value {
        damage.spoil(&mut body);
        body
    }

    #[test]
    fn an_unknown_word_takes_the_place_of_the_most_telling_one() {
        let unknown = "sandbox_unknown_value";
        let spoilt = |body| spoilt(Damage::UnknownEnum, body);
        assert_eq!(
            spoilt(json!({ "object": "invoice", "status": "open" })),
            json!({ "object": "invoice", "status": unknown })
        );
        assert_eq!(spoilt(json!({ "object": "customer" })), json!({ "object": unknown }));
        let list = |status| json!({ "object": "list", "data": [{ "status": status }, { "status": "open" }] });
        assert_eq!(spoilt(list("open")), list(unknown));
        assert_eq!(spoilt(json!([])), json!([]));
    }

    #[test]
    fn an_unknown_field_comes_on_top_of_the_known_ones() {
        let wanted = json!({ "id": "cus_1", "sandbox_unknown_field": { "nested": true } });
        assert_eq!(spoilt(Damage::UnknownField, json!({ "id": "cus_1" })), wanted);
    }
}
