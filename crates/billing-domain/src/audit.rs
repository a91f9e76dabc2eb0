use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::{
    App, AuditEntryId, DashboardUserId, Feature, FeatureKey, Plan, PlanId, PlanKey, Price, SwitchChange,
    Timestamp, WorkspaceId,
};

/// The originator of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person in the dashboard.
    DashboardUser(DashboardUserId),
    /// The service itself, in crash recovery.
    Recovery,
}

impl Actor {
    /// The stored and wire name of the kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DashboardUser(_) => "dashboard_user",
            Self::Recovery => "recovery",
        }
    }

    /// The person's id; `None` for the service.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::DashboardUser(id) => Some(id.as_str()),
            Self::Recovery => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DashboardUser(id) => write!(f, "dashboard user {id}"),
            Self::Recovery => f.write_str("recovery"),
        }
    }
}

/// The attachment of a feature to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanFeature {
    /// The plan.
    pub plan_id: PlanId,
    /// The plan's key.
    pub plan_key: PlanKey,
    /// The feature's key.
    pub feature_key: FeatureKey,
}

/// A kind of object whose changes are audited.
pub trait Audited: Serialize {
    /// The word for the kind. Never renamed: it is stored.
    const SUBJECT: &'static str;
    /// The word for the object's creation.
    const CREATED: &'static str = "created";
    /// The word for the object's deletion.
    const DELETED: &'static str = "deleted";

    /// Whether the object is archived, if it can be.
    fn is_archived(&self) -> bool {
        false
    }
}

impl Audited for App {
    const SUBJECT: &'static str = "app";
}

impl Audited for Plan {
    const SUBJECT: &'static str = "plan";

    fn is_archived(&self) -> bool {
        Self::is_archived(self)
    }
}

impl Audited for Price {
    const SUBJECT: &'static str = "price";

    fn is_archived(&self) -> bool {
        !self.is_offered()
    }
}

impl Audited for Feature {
    const SUBJECT: &'static str = "feature";
}

impl Audited for PlanFeature {
    const SUBJECT: &'static str = "plan_feature";
    const CREATED: &'static str = "attached";
    const DELETED: &'static str = "detached";
}

/// A change as the audit log stores it. It is words and JSON text, so that old entries stay readable after a rule
/// changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedChange {
    /// The kind of the changed object.
    pub subject: &'static str,
    /// The event.
    pub event: &'static str,
    /// The state before as JSON; `null` for a creation.
    pub before: String,
    /// The state after as JSON; `null` for a deletion.
    pub after: String,
}

impl AuditedChange {
    /// The creation of an object.
    ///
    /// # Errors
    /// When the object cannot be serialized, which is a bug in its type. The same holds for the other constructors.
    pub fn created<T: Audited>(after: &T) -> serde_json::Result<Self> {
        Self::new(T::SUBJECT, T::CREATED, None, Some(after))
    }

    /// A change of an object; its archiving when `after` is archived and `before` is not.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn changed<T: Audited>(before: &T, after: &T) -> serde_json::Result<Self> {
        let event = if !before.is_archived() && after.is_archived() { "archived" } else { "changed" };
        Self::new(T::SUBJECT, event, Some(before), Some(after))
    }

    /// The deletion of an object.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn deleted<T: Audited>(before: &T) -> serde_json::Result<Self> {
        Self::new(T::SUBJECT, T::DELETED, Some(before), None)
    }

    /// A change of the billing switch.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn of_switch(change: &SwitchChange) -> serde_json::Result<Self> {
        Self::new("billing_switch", change.event.as_str(), Some(&change.before), Some(&change.after))
    }

    fn new<T: Serialize>(
        subject: &'static str,
        event: &'static str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> serde_json::Result<Self> {
        let (before, after) = (serde_json::to_string(&before)?, serde_json::to_string(&after)?);
        Ok(Self { subject, event, before, after })
    }
}

/// A new line of a workspace's audit log: actor, change and time (invariant I10). Written in the transaction of the
/// change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Sorts by the time of the entry.
    pub id: AuditEntryId,
    /// The tenant whose state changed.
    pub workspace_id: WorkspaceId,
    /// The originator.
    pub actor: Actor,
    /// The change.
    pub change: AuditedChange,
    /// The moment of the change.
    pub at: Timestamp,
}

/// A stored line of the audit log. Kinds are text: an entry of an unknown kind can still be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Sorts by the time of the entry.
    pub id: AuditEntryId,
    /// The kind of the originator: [`Actor::kind`].
    pub actor_kind: String,
    /// The originator's id: [`Actor::id`].
    pub actor_id: Option<String>,
    /// The kind of the changed object.
    pub subject: String,
    /// The event.
    pub event: String,
    /// The state before; null for a creation.
    pub before: Value,
    /// The state after; null for a deletion.
    pub after: Value,
    /// The moment of the change.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BillingInterval, Currency, Money, PriceId, PriceTerms};

    fn price() -> Price {
        Price {
            id: PriceId::from_uuid(1),
            plan_id: PlanId::from_uuid(2),
            terms: PriceTerms::new(
                Money::new(1_250, Currency::parse("USD").unwrap()),
                BillingInterval::Month,
            )
            .unwrap(),
            archived_at: None,
            created_at: "2026-11-22T12:34:56.789012Z".parse().unwrap(),
        }
    }

    #[test]
    fn archiving_is_audited_as_archived_only_once() {
        let archived = price().archive(price().created_at).unwrap();
        let event = |before: &Price, after: &Price| AuditedChange::changed(before, after).unwrap().event;
        assert_eq!(event(&price(), &archived), "archived");
        assert_eq!(event(&archived, &archived), "changed");
        assert_eq!(event(&price(), &price()), "changed");
    }

    #[test]
    fn audited_states_have_times_in_milliseconds() {
        let created = AuditedChange::created(&price()).unwrap();
        assert_eq!((created.subject, created.event), ("price", "created"));
        assert_eq!(created.before, "null");
        let after: Value = serde_json::from_str(&created.after).unwrap();
        assert_eq!(after["createdAt"], "2026-11-22T12:34:56.789Z");
        assert_eq!(after["amount"]["minorUnits"], 1_250);
    }
}
