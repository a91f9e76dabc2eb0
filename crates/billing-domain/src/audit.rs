use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::{
    AppId, AuditEntryId, Audited, DashboardUserId, DisplayName, SwitchChange, Timestamp, WorkspaceId,
};

/// The originator of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person in the dashboard.
    DashboardUser {
        /// The person.
        id: DashboardUserId,
        /// The person's name at the time, for display only: it identifies nobody and grants nothing.
        name: Option<DisplayName>,
    },
    /// The service itself, in crash recovery.
    Recovery,
    /// Stripe: the change was seen there by a fetch.
    Stripe,
}

impl Actor {
    /// The stored and wire name of the kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DashboardUser { .. } => "dashboard_user",
            Self::Recovery => "recovery",
            Self::Stripe => "stripe",
        }
    }

    /// The person's id; `None` for the service.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::DashboardUser { id, .. } => Some(id.as_str()),
            Self::Recovery | Self::Stripe => None,
        }
    }

    /// The person's name, if the session had one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::DashboardUser { name, .. } => name.as_ref().map(DisplayName::as_str),
            Self::Recovery | Self::Stripe => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DashboardUser { id, .. } => write!(f, "dashboard user {id}"),
            Self::Recovery => f.write_str("recovery"),
            Self::Stripe => f.write_str("Stripe"),
        }
    }
}

/// A change as the audit log stores it. It is words and JSON text, so that old entries stay readable after a rule
/// changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedChange {
    /// The kind of the changed object.
    pub subject: &'static str,
    /// The event.
    pub event: &'static str,
    /// The app the object belongs to; `None` for an object of the workspace.
    pub app_id: Option<AppId>,
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
        Self::of(after.app_id(), T::CREATED, None, Some(after))
    }

    /// A change of an object; its archiving when `after` is archived and `before` is not.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn changed<T: Audited>(before: &T, after: &T) -> serde_json::Result<Self> {
        let event = if !before.is_archived() && after.is_archived() { "archived" } else { "changed" };
        Self::of(after.app_id(), event, Some(before), Some(after))
    }

    /// The replacement of an object by a new one of its kind. `before` is the old object as it was until then; `after`
    /// has what became of it.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn replaced<T: Audited>(before: &T, after: &T) -> serde_json::Result<Self> {
        Self::of(after.app_id(), "replaced", Some(before), Some(after))
    }

    /// The deletion of an object.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn deleted<T: Audited>(before: &T) -> serde_json::Result<Self> {
        Self::of(before.app_id(), T::DELETED, Some(before), None)
    }

    /// A change of the billing switch.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn of_switch(change: &SwitchChange) -> serde_json::Result<Self> {
        Self::new("billing_switch", change.event.as_str(), Some(&change.before), Some(&change.after))
    }

    fn of<T: Audited>(
        app: Option<&AppId>,
        event: &'static str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> serde_json::Result<Self> {
        Ok(Self { app_id: app.cloned(), ..Self::new(T::SUBJECT, event, before, after)? })
    }

    fn new<T: Serialize>(
        subject: &'static str,
        event: &'static str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> serde_json::Result<Self> {
        let (before, after) = (serde_json::to_string(&before)?, serde_json::to_string(&after)?);
        Ok(Self { subject, event, app_id: None, before, after })
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
    /// The originator's name at the time: [`Actor::name`]. `None` also for an entry that was written without it.
    pub actor_name: Option<String>,
    /// The kind of the changed object.
    pub subject: String,
    /// The event.
    pub event: String,
    /// The app the object belongs to: [`AuditedChange::app_id`]. `None` also for an entry that was written without it.
    pub app_id: Option<String>,
    /// The state before; null for a creation.
    pub before: Value,
    /// The state after; null for a deletion.
    pub after: Value,
    /// The moment of the change.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        App, AppDetails, BillingInterval, Currency, DisplayName, Feature, FeatureDetails, FeatureId,
        FeatureKey, Money, PayerKind, Plan, PlanDetails, PlanFeature, PlanId, PlanKey, PlanPrice, Price,
        PriceId, PriceTerms, Version,
    };

    fn moment() -> Timestamp {
        "2026-11-22T12:34:56.789012Z".parse().unwrap()
    }

    fn plan() -> Plan {
        Plan {
            id: PlanId::from_uuid(2),
            workspace_id: WorkspaceId::parse("ws_test").unwrap(),
            app_id: AppId::parse("app_shop").unwrap(),
            key: PlanKey::parse("pro").unwrap(),
            payer_kind: PayerKind::User,
            details: PlanDetails::named(DisplayName::parse("Pro").unwrap()),
            archived_at: None,
            version: Version::NEW,
            created_at: moment(),
        }
    }

    fn price(number: u128, minor_units: i64) -> Price {
        let amount = Money::new(minor_units, Currency::parse("USD").unwrap());
        Price {
            id: PriceId::from_uuid(number),
            plan_id: plan().id,
            terms: PriceTerms::new(amount, BillingInterval::Month).unwrap(),
            archived_at: None,
            created_at: moment(),
        }
    }

    fn feature() -> Feature {
        Feature {
            id: FeatureId::from_uuid(3),
            workspace_id: plan().workspace_id,
            app_id: plan().app_id,
            key: FeatureKey::parse("export").unwrap(),
            details: FeatureDetails { name: DisplayName::parse("Export").unwrap(), description: None },
            version: Version::NEW,
            created_at: moment(),
        }
    }

    fn value(state: &str) -> Value {
        serde_json::from_str(state).unwrap()
    }

    #[test]
    fn archiving_is_audited_as_archived_only_once() {
        let (plan, offered) = (plan(), price(1, 1_250));
        let archived = offered.archive(moment()).unwrap();
        let event = |before: &Price, after: &Price| {
            let (before, after) = (PlanPrice::new(&plan, before), PlanPrice::new(&plan, after));
            AuditedChange::changed(&before, &after).unwrap().event
        };
        assert_eq!(event(&offered, &archived), "archived");
        assert_eq!(event(&archived, &archived), "changed");
        assert_eq!(event(&offered, &offered), "changed");
    }

    #[test]
    fn a_price_is_audited_with_its_plan_and_times_in_milliseconds() {
        let created = AuditedChange::created(&PlanPrice::new(&plan(), &price(1, 1_250))).unwrap();
        assert_eq!((created.subject, created.event), ("price", "created"));
        assert_eq!((created.app_id, created.before.as_str()), (Some(plan().app_id), "null"));
        let expected = json!({
            "id": price(1, 1_250).id, "planId": plan().id, "appId": "app_shop", "planKey": "pro", "planName": "Pro",
            "amount": { "minorUnits": 1_250, "currency": "USD" }, "interval": "month", "archivedAt": null,
            "createdAt": "2026-11-22T12:34:56.789Z",
        });
        assert_eq!(value(&created.after), expected);
    }

    #[test]
    fn an_attachment_is_audited_with_the_names_of_both() {
        let detached = AuditedChange::deleted(&PlanFeature::new(&plan(), &feature())).unwrap();
        assert_eq!((detached.subject, detached.event), ("plan_feature", "detached"));
        assert_eq!((detached.app_id, detached.after.as_str()), (Some(plan().app_id), "null"));
        let expected = json!({
            "planId": plan().id, "planKey": "pro", "featureKey": "export", "appId": "app_shop", "planName": "Pro",
            "featureName": "Export",
        });
        assert_eq!(value(&detached.before), expected);
    }

    #[test]
    fn a_replacement_has_the_old_and_the_new_object() {
        let (plan, old, new) = (plan(), price(1, 1_250), price(2, 1_500));
        let archived = old.archive(moment()).unwrap();
        let created = |price| AuditedChange::created(&PlanPrice::new(&plan, price)).unwrap().after;

        let after = PlanPrice::in_place_of(&archived, &plan, &new);
        let replaced = AuditedChange::replaced(&PlanPrice::new(&plan, &old), &after).unwrap();

        assert_eq!((replaced.subject, replaced.event), ("price", "replaced"));
        assert_eq!(replaced.before, created(&old));
        let mut expected = value(&created(&new));
        expected["replacedPrice"] = json!({ "id": old.id, "archivedAt": "2026-11-22T12:34:56.789Z" });
        assert_eq!(value(&replaced.after), expected);
    }

    #[test]
    fn the_app_of_a_change_is_the_objects() {
        let app = App {
            id: AppId::parse("app_own").unwrap(),
            workspace_id: plan().workspace_id,
            details: AppDetails { name: feature().details.name, allowed_redirect_origins: vec![] },
            environments: vec![],
            version: Version::NEW,
            created_at: moment(),
        };
        assert_eq!(AuditedChange::changed(&app, &app).unwrap().app_id, Some(app.id));
        assert_eq!(AuditedChange::created(&plan()).unwrap().app_id, Some(plan().app_id));
        assert_eq!(AuditedChange::deleted(&feature()).unwrap().app_id, Some(feature().app_id));
    }
}
