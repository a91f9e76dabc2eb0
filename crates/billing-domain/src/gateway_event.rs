use crate::{GatewayAccountId, StripeId, Timestamp, WorkspaceId};

/// A verified webhook event. It says that an object has changed, never how (invariant I3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayEvent {
    /// Stripe's id. Stripe may deliver an event several times.
    pub id: StripeId,
    /// The account the event is of.
    pub account: GatewayAccountId,
    /// The type, such as `invoice.paid`.
    pub kind: String,
    /// The object to fetch.
    pub object: Option<EventObject>,
    /// The moment of the event at Stripe, with a resolution of one second: it orders nothing.
    pub created_at: Timestamp,
    /// The body as received.
    pub body: String,
}

/// The object that an event speaks of, as far as it is needed to find its workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventObject {
    /// The object to fetch: the object itself, or the one it belongs to.
    pub target: SyncTarget,
    /// The customer.
    pub customer: Option<StripeId>,
    /// The metadata `kl_workspace_id`. A merchant can write it on an own account: a hint that is checked.
    pub workspace_hint: Option<WorkspaceId>,
    /// The workspace that pays the platform: the same metadata on the platform's own account, which the platform alone
    /// writes, of what was not sold to a user.
    pub paying_workspace: Option<WorkspaceId>,
}

/// An object whose mirror is stale.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncTarget {
    /// A Checkout Session.
    CheckoutSession(StripeId),
    /// A subscription.
    Subscription(StripeId),
    /// An invoice.
    Invoice(StripeId),
    /// A payment, whose invoices are stale. Since API 2025-03-31 charges and refunds do not name them.
    Payment(StripeId),
}

impl SyncTarget {
    /// Stripe's id.
    #[must_use]
    pub fn id(&self) -> &StripeId {
        match self {
            Self::CheckoutSession(id) | Self::Subscription(id) | Self::Invoice(id) | Self::Payment(id) => id,
        }
    }

    /// The target with this id, by the prefix of Stripe's ids.
    #[must_use]
    pub fn of(id: StripeId) -> Option<Self> {
        let (prefix, _) = id.as_str().split_once('_')?;
        match prefix {
            "cs" => Some(Self::CheckoutSession(id)),
            "sub" => Some(Self::Subscription(id)),
            "in" => Some(Self::Invoice(id)),
            "pi" => Some(Self::Payment(id)),
            _ => None,
        }
    }

    /// The key of the work that fetches the object of this account.
    #[must_use]
    pub fn work_key(&self, account: &GatewayAccountId) -> String {
        format!("{account}/{}", self.id())
    }

    /// Parses [`work_key`](Self::work_key).
    #[must_use]
    pub fn parse_work_key(key: &str) -> Option<(GatewayAccountId, Self)> {
        let (account, id) = key.split_once('/')?;
        Some((GatewayAccountId::parse(account).ok()?, Self::of(StripeId::parse(id).ok()?)?))
    }
}
