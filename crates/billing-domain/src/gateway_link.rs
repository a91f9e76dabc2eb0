use crate::{EnvironmentId, GatewayAccountId, Payer, PlanId, PriceId, StripeId, WorkspaceId};

/// The object at Stripe that stands for one of ours on a gateway account. Made at first need, and reused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayLink {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The account.
    pub account: GatewayAccountId,
    /// Our object.
    pub subject: LinkSubject,
    /// Stripe's object.
    pub stripe_id: StripeId,
}

/// An object of ours that has a counterpart at Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LinkSubject {
    /// A payer in an environment: a customer.
    Customer {
        /// The payer's environment.
        environment_id: EnvironmentId,
        /// The payer.
        payer: Payer,
    },
    /// A plan: a product.
    Product(PlanId),
    /// A price: a price.
    Price(PriceId),
}

impl LinkSubject {
    /// The word for the kind, as it is stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Customer { .. } => "customer",
            Self::Product(_) => "product",
            Self::Price(_) => "price",
        }
    }
}
