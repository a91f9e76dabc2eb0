use billing_domain::{AuditRecord, wire_time};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One line of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEntryBody {
    #[schema(example = "audit_01kapzv5e8f6ws8j4kq1bdx0mj")]
    id: String,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    at: String,
    actor: ActorBody,
    /// The kind of the changed object: `billing_switch`, `app`, `plan`, `price`, `feature`, `plan_feature`, `checkout`,
    /// `subscription`, `invoice`, `refund` (what a person asked for), `workspace_subscription` (what the workspace itself pays), `stripe_object` (one that
    /// Stripe does not have any more) or `stripe_call`.
    #[schema(example = "plan")]
    subject: String,
    /// The change, such as `created`, `changed`, `archived`, `replaced`, `deleted`, `attached`, `enabled`, `lost`,
    /// `given_up` (a change at Stripe that was not carried out in time), `cancel_requested`,
    /// `cancel_at_period_end_requested`, `resume_requested`, `change_trial_requested`, `end_trial_requested` and
    /// `payment_method_link_requested` (what a person asked for), `done` or `refused` (the end or refund of a duplicate
    /// subscription, for which nobody waits). `replaced` is a new price in place of one of the
    /// same currency and interval, which it archives: `before` is the old price as it was, and `replacedPrice` in
    /// `after` has its `id` and `archivedAt`.
    #[schema(example = "changed")]
    event: String,
    /// The app the object belongs to; null for `billing_switch`, `workspace_subscription`, `stripe_object` and
    /// `stripe_call`, and for an entry of an earlier version whose app is not known.
    #[schema(required = true, example = "app_01kapzv5e8f6ws8j4kq1bdx0mj")]
    app_id: Option<String>,
    /// As it was; null when it was made.
    #[schema(value_type = Option<Object>, required = true)]
    before: Value,
    /// As it was then; null when it was deleted.
    #[schema(value_type = Option<Object>, required = true)]
    after: Value,
}

/// The actor of a change.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActorBody {
    /// `dashboard_user`, `recovery` for the service itself, or `stripe` for what was seen at Stripe.
    #[schema(example = "dashboard_user")]
    kind: String,
    /// The person's id; null for others.
    #[schema(required = true, example = "dashboard_user_1")]
    id: Option<String>,
    /// The name then, for display. Absent where none was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ada Yılmaz")]
    name: Option<String>,
}

impl From<AuditRecord> for AuditEntryBody {
    fn from(record: AuditRecord) -> Self {
        Self {
            id: record.id.to_string(),
            at: wire_time(record.at),
            actor: ActorBody { kind: record.actor_kind, id: record.actor_id, name: record.actor_name },
            subject: record.subject,
            event: record.event,
            app_id: record.app_id,
            before: record.before,
            after: record.after,
        }
    }
}
