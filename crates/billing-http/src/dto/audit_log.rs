use billing_application::AuditRecord;
use billing_domain::Actor;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::wire_time;

/// One line of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntryBody {
    #[schema(example = "audit_01kapzv5e8f6ws8j4kq1bdx0mj")]
    id: String,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    at: String,
    actor: ActorBody,
    /// What was changed: `billing_switch`, `app`, `plan`, `price`, `feature` or `plan_feature`.
    #[schema(example = "plan")]
    subject: &'static str,
    /// What happened to it, such as `created`, `changed`, `archived`, `deleted`, `attached` or `enabled`.
    #[schema(example = "changed")]
    event: &'static str,
    /// As it was; null when it was made.
    #[schema(value_type = Option<Object>, required = true)]
    before: Value,
    /// As it was then; null when it was deleted.
    #[schema(value_type = Option<Object>, required = true)]
    after: Value,
}

/// Who caused a change.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActorBody {
    /// `dashboard_user`, or `recovery` for the service itself.
    #[schema(example = "dashboard_user")]
    kind: &'static str,
    /// The person's id; null for the service.
    #[schema(required = true, example = "dashboard_user_1")]
    id: Option<String>,
}

impl From<Actor> for ActorBody {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::DashboardUser(id) => Self { kind: "dashboard_user", id: Some(id.into()) },
            Actor::Recovery => Self { kind: "recovery", id: None },
        }
    }
}

impl From<AuditRecord> for AuditEntryBody {
    fn from(record: AuditRecord) -> Self {
        Self {
            id: record.id.to_string(),
            at: wire_time(record.at),
            actor: record.actor.into(),
            subject: record.subject,
            event: record.event,
            before: with_wire_times(record.before),
            after: with_wire_times(record.after),
        }
    }
}

/// A state as it is kept has finer times than the wire.
fn with_wire_times(mut state: Value) -> Value {
    for field in ["since", "closingSince", "archivedAt", "createdAt"] {
        let time = state.get(field).and_then(Value::as_str).and_then(|time| time.parse().ok());
        if let (Some(time), Some(slot)) = (time, state.get_mut(field)) {
            *slot = wire_time(time).into();
        }
    }
    state
}
