use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    App, AuditEntryId, DashboardUserId, Feature, FeatureKey, Plan, PlanId, PlanKey, Price, SwitchChange,
    SwitchEvent, Timestamp, WorkspaceId,
};

/// Who caused a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// A person in the dashboard.
    DashboardUser(DashboardUserId),
    /// The service itself, finishing what a crash left half done.
    Recovery,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DashboardUser(id) => write!(f, "dashboard user {id}"),
            Self::Recovery => f.write_str("recovery"),
        }
    }
}

/// A value before and after. What was made has no before, what was deleted no after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<T> {
    /// As it was.
    pub before: Option<Box<T>>,
    /// As it is.
    pub after: Option<Box<T>>,
}

impl<T> Change<T> {
    /// Something new.
    pub fn created(after: T) -> Self {
        Self { before: None, after: Some(Box::new(after)) }
    }

    /// Something that is different now.
    pub fn changed(before: T, after: T) -> Self {
        Self { before: Some(Box::new(before)), after: Some(Box::new(after)) }
    }

    /// Something that is gone.
    pub fn deleted(before: T) -> Self {
        Self { before: Some(Box::new(before)), after: None }
    }

    fn event(&self, is_archived: impl Fn(&T) -> bool) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "created",
            (Some(_), None) => "deleted",
            (Some(before), Some(after)) if !is_archived(before) && is_archived(after) => "archived",
            (Some(_), Some(_)) => "changed",
        }
    }
}

/// That a feature is attached to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanFeature {
    /// The plan.
    pub plan_id: PlanId,
    /// Its key.
    pub plan_key: PlanKey,
    /// The feature's key.
    pub feature_key: FeatureKey,
}

/// What was changed, with its state before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditedChange {
    /// The billing switch of the workspace.
    BillingSwitch(SwitchChange),
    /// An app.
    App(Change<App>),
    /// A plan, apart from its prices and features.
    Plan(Change<Plan>),
    /// A price of a plan.
    Price(Change<Price>),
    /// A feature.
    Feature(Change<Feature>),
    /// That a feature is attached to a plan.
    PlanFeature(Change<PlanFeature>),
}

/// Does something with the states before and after a change, whatever their type.
pub trait StateVisitor {
    /// What comes of it.
    type Output;

    /// Looks at the states.
    fn visit<T: Serialize>(self, before: Option<&T>, after: Option<&T>) -> Self::Output;
}

impl AuditedChange {
    /// The word for what was changed.
    #[must_use]
    pub fn subject(&self) -> &'static str {
        match self {
            Self::BillingSwitch(_) => "billing_switch",
            Self::App(_) => "app",
            Self::Plan(_) => "plan",
            Self::Price(_) => "price",
            Self::Feature(_) => "feature",
            Self::PlanFeature(_) => "plan_feature",
        }
    }

    /// The word for what happened to it.
    #[must_use]
    pub fn event(&self) -> &'static str {
        match self {
            Self::BillingSwitch(change) => match change.event {
                SwitchEvent::Enabled => "enabled",
                SwitchEvent::GatewaySwitched => "gateway_switched",
                SwitchEvent::ClosingStarted => "closing_started",
                SwitchEvent::Disabled => "disabled",
                SwitchEvent::DisableRefused => "disable_refused",
            },
            Self::App(change) => change.event(|_| false),
            Self::Plan(change) => change.event(Plan::is_archived),
            Self::Price(change) => change.event(|price| !price.is_offered()),
            Self::Feature(change) => change.event(|_| false),
            Self::PlanFeature(change) => match change.event(|_| false) {
                "created" => "attached",
                "deleted" => "detached",
                event => event,
            },
        }
    }

    /// Shows the states before and after to a visitor.
    pub fn visit_states<V: StateVisitor>(&self, visitor: V) -> V::Output {
        fn both<V: StateVisitor, T: Serialize>(visitor: V, change: &Change<T>) -> V::Output {
            visitor.visit(change.before.as_deref(), change.after.as_deref())
        }
        match self {
            Self::BillingSwitch(change) => visitor.visit(Some(&change.before), Some(&change.after)),
            Self::App(change) => both(visitor, change),
            Self::Plan(change) => both(visitor, change),
            Self::Price(change) => both(visitor, change),
            Self::Feature(change) => both(visitor, change),
            Self::PlanFeature(change) => both(visitor, change),
        }
    }
}

/// One line of a workspace's audit log: who, what, when, before and after (invariant I10). Written in the
/// transaction that makes the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Sorts by the time the entry was made.
    pub id: AuditEntryId,
    /// The tenant whose state changed.
    pub workspace_id: WorkspaceId,
    /// Who caused it.
    pub actor: Actor,
    /// What changed.
    pub change: AuditedChange,
    /// When.
    pub at: Timestamp,
}
