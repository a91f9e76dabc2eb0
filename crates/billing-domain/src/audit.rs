use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::{
    AppId, AuditEntryId, Audited, CallPurpose, DashboardUserId, DisplayName, EnvironmentId, GatewayAccountId,
    GatewayCall, GatewayCallId, GatewayLink, Invoice, InvoiceAction, LinkSubject, Money, Payer, PlanId,
    PriceId, RefundRequest, SettledSubscription, StripeId, Subscription, SubscriptionId, SubscriptionPlan,
    SwitchChange, Timestamp, TrialEnd, WorkspaceId,
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
    /// The service itself: its worker, such as for a call or a closing that was left half done or a refund of a duplicate,
    /// and the demo data. The stored word is from when only a recovery after a crash wrote it.
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
    /// The subscription that it concerns, such as that of an invoice.
    pub subscription_id: Option<SubscriptionId>,
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
        Self::of(T::CREATED, None, Some(after))
    }

    /// A change of an object; its archiving when `after` is archived and `before` is not.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn changed<T: Audited>(before: &T, after: &T) -> serde_json::Result<Self> {
        let event = if !before.is_archived() && after.is_archived() { "archived" } else { "changed" };
        Self::of(event, Some(before), Some(after))
    }

    /// The replacement of an object by a new one of its kind. `before` is the old object as it was until then; `after`
    /// has what became of it.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn replaced<T: Audited>(before: &T, after: &T) -> serde_json::Result<Self> {
        Self::of("replaced", Some(before), Some(after))
    }

    /// The deletion of an object.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn deleted<T: Audited>(before: &T) -> serde_json::Result<Self> {
        Self::of(T::DELETED, Some(before), None)
    }

    /// A change of the billing switch.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn of_switch(change: &SwitchChange) -> serde_json::Result<Self> {
        Self::new("billing_switch", change.event.as_str(), Some(&change.before), Some(&change.after))
    }

    /// The loss of an object at Stripe that stood for one of ours.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn of_lost_link(link: &GatewayLink) -> serde_json::Result<Self> {
        Self::new("stripe_object", "lost", Some(&LinkState::new(link)), None::<&()>)
    }

    /// The end of the attempts at a call to Stripe that was not carried out.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn of_given_up_call(call: &GatewayCall) -> serde_json::Result<Self> {
        Self::of_call(call, "given_up", Some(&CallState::new(call)), None)
    }

    /// The refusal of a call of the worker's, with Stripe's reason.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn of_refused_call(call: &GatewayCall, reason: &str) -> serde_json::Result<Self> {
        let before = CallState::new(call);
        let after = CallState { reason: Some(reason), ..CallState::new(call) };
        Self::of_call(call, "refused", Some(&before), Some(&after))
    }

    /// The outcome of a call of the worker's that nobody asked for, with the object that was made or changed.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn of_done_call(call: &GatewayCall, object: &StripeId) -> serde_json::Result<Self> {
        let before = CallState::new(call);
        let after = CallState { object: Some(object), ..CallState::new(call) };
        Self::of_call(call, "done", Some(&before), Some(&after))
    }

    /// A change of a subscription that a person asked for. What became of it is an entry of its own, once it is seen at
    /// Stripe.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn requested(subscription: &Subscription, purpose: &CallPurpose) -> serde_json::Result<Self> {
        let event = match purpose {
            CallPurpose::CancelSubscription { at_period_end: true, .. } => "cancel_at_period_end_requested",
            CallPurpose::CancelSubscription { .. } => "cancel_requested",
            CallPurpose::SetTrialEnd { ends: TrialEnd::Now, .. } => "end_trial_requested",
            CallPurpose::SetTrialEnd { .. } => "change_trial_requested",
            CallPurpose::CreatePortalSession { .. } => "payment_method_link_requested",
            _ => "resume_requested",
        };
        Self::of(event, Some(subscription), Some(subscription))
    }

    /// A change of plan that a person asked for, at the cost they saw.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn plan_change_requested(
        before: &SubscriptionPlan<'_>,
        after: &SubscriptionPlan<'_>,
    ) -> serde_json::Result<Self> {
        Self::of("plan_change_requested", Some(before), Some(after))
    }

    /// The outcome of a change of plan that a person asked for, with Stripe's reason if it was refused.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn plan_change_settled(
        subscription: &Subscription,
        refusal: Option<&str>,
    ) -> serde_json::Result<Self> {
        let event = if refusal.is_some() { "plan_change_refused" } else { "plan_change_made" };
        let after = SettledSubscription { subscription, reason: refusal };
        let before = SettledSubscription { reason: None, ..after };
        Self::of(event, Some(&before), Some(&after))
    }

    /// A change of an invoice that a person asked for. What became of it is an entry of its own, once it is seen at
    /// Stripe.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn invoice_action_requested(invoice: &Invoice, action: InvoiceAction) -> serde_json::Result<Self> {
        let event = match action {
            InvoiceAction::Void => "void_requested",
            InvoiceAction::MarkUncollectible => "mark_uncollectible_requested",
            InvoiceAction::Send => "send_requested",
        };
        Self::of(event, Some(invoice), Some(invoice))
    }

    /// A refund that a person asked for, by the call that makes it.
    ///
    /// # Errors
    /// As [`created`](Self::created).
    pub fn refund_requested(
        invoice: &Invoice,
        call: GatewayCallId,
        amount: Money,
    ) -> serde_json::Result<Self> {
        Self::of("requested", None, Some(&RefundRequest::new(invoice, call, amount)))
    }

    fn of<T: Audited>(
        event: &'static str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> serde_json::Result<Self> {
        let of = after.or(before);
        let (app_id, subscription_id) = (of.and_then(T::app_id).cloned(), of.and_then(T::subscription_id));
        Ok(Self { app_id, subscription_id, ..Self::new(T::SUBJECT, event, before, after)? })
    }

    fn of_call(
        call: &GatewayCall,
        event: &'static str,
        before: Option<&CallState<'_>>,
        after: Option<&CallState<'_>>,
    ) -> serde_json::Result<Self> {
        let subscription_id = call.purpose.subscription();
        Ok(Self { subscription_id, ..Self::new("stripe_call", event, before, after)? })
    }

    fn new(
        subject: &'static str,
        event: &'static str,
        before: Option<&impl Serialize>,
        after: Option<&impl Serialize>,
    ) -> serde_json::Result<Self> {
        let (before, after) = (serde_json::to_string(&before)?, serde_json::to_string(&after)?);
        Ok(Self { subject, event, app_id: None, subscription_id: None, before, after })
    }
}

/// The audited state of a link.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LinkState<'a> {
    kind: &'static str,
    stripe_id: &'a StripeId,
    account: &'a GatewayAccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer: Option<&'a Payer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_id: Option<&'a EnvironmentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_id: Option<PlanId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price_id: Option<PriceId>,
}

impl<'a> LinkState<'a> {
    fn new(link: &'a GatewayLink) -> Self {
        let (mut payer, mut environment_id, mut plan_id, mut price_id) = (None, None, None, None);
        match &link.subject {
            LinkSubject::Customer { environment_id: environment, payer: of } => {
                (environment_id, payer) = (Some(environment), Some(of));
            }
            LinkSubject::Product(plan) => plan_id = Some(*plan),
            LinkSubject::Price(price) => price_id = Some(*price),
        }
        let (kind, stripe_id, account) = (link.subject.kind(), &link.stripe_id, &link.account);
        Self { kind, stripe_id, account, payer, environment_id, plan_id, price_id }
    }
}

/// The audited state of a call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallState<'a> {
    call_id: GatewayCallId,
    account: &'a GatewayAccountId,
    #[serde(flatten)]
    purpose: &'a CallPurpose,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a StripeId>,
}

impl<'a> CallState<'a> {
    fn new(call: &'a GatewayCall) -> Self {
        Self { call_id: call.id, account: &call.account, purpose: &call.purpose, reason: None, object: None }
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
mod tests;
