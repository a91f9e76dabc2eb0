//! Failures that a test asks for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire::ApiError;

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

/// For the next so many requests that match.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    #[serde(default, skip_deserializing)]
    id: u64,
    #[serde(rename = "fault")]
    pub damage: Damage,
    method: Option<String>,
    /// As in `/v1/customers`, `/v1/customers/*` or `/v1/customers/**`.
    path: Option<String>,
    #[serde(default = "once")]
    times: u32,
    #[serde(default = "always")]
    probability: f64,
    #[serde(default)]
    seed: u64,
    /// How long a connection without an answer is held.
    #[serde(default = "a_minute")]
    pub hold_ms: u64,
    #[serde(default, skip_deserializing)]
    fired: u32,
    #[serde(default, skip_deserializing)]
    seen: u64,
}

fn once() -> u32 {
    1
}

fn always() -> f64 {
    1.0
}

fn a_minute() -> u64 {
    60_000
}

#[derive(Debug, Default)]
pub struct Faults {
    pub active: Vec<Fault>,
    last: u64,
}

impl Faults {
    /// Gives its id.
    pub fn add(&mut self, fault: Fault) -> u64 {
        self.last += 1;
        self.active.push(Fault { id: self.last, ..fault });
        self.last
    }

    /// The fault that hits this request, if one does.
    pub fn strike(&mut self, method: &str, path: &str) -> Option<Fault> {
        let fault =
            self.active.iter_mut().find(|fault| fault.fired < fault.times && fault.matches(method, path))?;
        let mut random =
            fastrand::Rng::with_seed(fault.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ fault.seen);
        fault.seen += 1;
        if random.f64() >= fault.probability {
            return None;
        }
        fault.fired += 1;
        Some(fault.clone())
    }
}

impl Fault {
    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|pattern| matches_path(pattern, path))
    }
}

fn matches_path(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    for wanted in pattern.split('/') {
        match (wanted, segments.next()) {
            ("**", _) => return true,
            ("*", Some(_)) => {}
            (wanted, Some(segment)) if wanted == segment => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

impl Damage {
    /// A refusal before the request is begun, of which nothing is kept.
    pub fn refusal(self) -> Option<ApiError> {
        match self {
            Self::RateLimit => Some(ApiError::too_many("Request rate limit exceeded.").coded("rate_limit")),
            Self::LockTimeout => Some(
                ApiError::too_many(
                    "This object cannot be accessed right now because another API request or Stripe process is \
                     currently accessing it. If you see this error intermittently, retry the request.",
                )
                .coded("lock_timeout"),
            ),
            Self::Conflict => {
                Some(ApiError::conflict("The request conflicts with another one that is being worked on.").coded("idempotency_key_in_use"))
            }
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
                let name = ["status", "type", "object"]
                    .into_iter()
                    .find(|name| body.get(name).is_some_and(Value::is_string));
                if let Some(name) = name {
                    body[name] = json!("sandbox_unknown_value");
                }
            }
            Self::UnknownField if body.is_object() => {
                body["sandbox_unknown_field"] = json!({ "nested": true });
            }
            _ => {}
        }
    }
}

fn failure() -> ApiError {
    ApiError::internal("An unknown error occurred (a fault that was asked for under /_sandbox/faults).")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(given: Value) -> Fault {
        serde_json::from_value(given).unwrap()
    }

    #[test]
    fn a_fault_hits_what_it_matches_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults.add(fault(
            json!({ "fault": "conflict", "method": "POST", "path": "/v1/customers/*", "times": 2 }),
        ));
        assert!(faults.strike("GET", "/v1/customers/cus_1").is_none());
        assert!(faults.strike("POST", "/v1/customers").is_none());
        assert!(faults.strike("POST", "/v1/customers/cus_1/sources").is_none());
        assert!(faults.strike("POST", "/v1/customers/cus_1").is_some());
        assert!(faults.strike("post", "/v1/customers/cus_2").is_some());
        assert!(faults.strike("POST", "/v1/customers/cus_3").is_none());
    }

    #[test]
    fn a_chance_is_decided_by_its_seed() {
        let hits = |seed: u64| {
            let mut faults = Faults::default();
            let given = json!({ "fault": "error_500", "times": 1000, "probability": 0.5, "seed": seed });
            faults.add(fault(given));
            (0..64).map(|_| faults.strike("GET", "/v1/a").is_some()).collect::<Vec<_>>()
        };
        assert_eq!(hits(1), hits(1));
        assert_ne!(hits(1), hits(2));
        let count = hits(1).iter().filter(|hit| **hit).count();
        assert!((16..48).contains(&count), "{count}");
    }
}
