//! The parts of a refusal: a code from a closed list, a sentence and facts. Each error enum maps them once, in
//! [`Refusal::told`].

mod error_code;

use std::convert::Infallible;
use std::error::Error;

use billing_domain::ports::StoreError;
use billing_domain::{
    App, Blockers, Feature, GatewayNotConfigured, InvoiceStatus, Money, Plan, PlanOffer, RefundState,
    Subscription,
};

pub use error_code::ErrorCode;

use crate::reads::InvalidCursor;
use crate::remembered::RequestKeyReused;
use crate::subscriptions::OutdatedPreview;

/// The refusal of a use case. Its `Display` is a sentence to act on.
pub trait Refusal: Error + Send + Sync + 'static {
    /// The code and facts.
    fn told(&self) -> Told<'_>;
}

/// The code and facts of a refusal.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The code from the closed list.
    pub code: ErrorCode,
    /// The facts to act on.
    pub facts: Facts<'a>,
}

/// The facts of a refusal.
#[derive(Debug, Clone, Copy)]
pub enum Facts<'a> {
    /// None.
    None,
    /// The field of the request that is wrong.
    Field(&'static str),
    /// The part of a price's amount that is wrong.
    Amount {
        /// `minorUnits` or `currency`.
        part: &'static str,
        /// The position of the price in a list; `None` for a request of one price.
        position: Option<usize>,
    },
    /// The query parameter that is wrong.
    Parameter(&'static str),
    /// The list of the request that is too long.
    TooMany(&'static str),
    /// The conflicting plan.
    PlanInTheWay(&'a Plan),
    /// The plans that have the feature.
    Plans(&'a [Plan]),
    /// The app as it is now.
    App(&'a App),
    /// The plan as it is now.
    Plan(&'a PlanOffer),
    /// The feature as it is now.
    Feature(&'a Feature),
    /// The subscription as it is now.
    Subscription(&'a Subscription),
    /// A preview of a change that does not hold any more, and the present one.
    PlanChange(&'a OutdatedPreview),
    /// The settings the gateway lacks.
    Gateway(&'a GatewayNotConfigured),
    /// The blockers of disabling.
    Blockers(&'a Blockers),
    /// The reason the payment gateway gave.
    Reason(&'a str),
    /// The present status of the invoice.
    InvoiceStatus(&'a InvoiceStatus),
    /// The page on which the invoice can be paid.
    HostedPage(Option<&'a str>),
    /// The part of a refund that was made, and the reason that the payment gateway gave for the rest.
    RefundedPart {
        /// The part.
        refunded: Money,
        /// The reason.
        reason: &'a str,
    },
    /// The refund that was asked for, and what is left.
    Refund {
        /// The amount; `None` for all that is left.
        asked: Option<Money>,
        /// The sums paid, refunded and refundable.
        state: &'a RefundState,
    },
}

impl ErrorCode {
    /// The code with facts.
    #[must_use]
    pub fn with(self, facts: Facts<'_>) -> Told<'_> {
        Told { code: self, facts }
    }
}

impl From<ErrorCode> for Told<'_> {
    fn from(code: ErrorCode) -> Self {
        code.with(Facts::None)
    }
}

/// An object that does not exist or belongs to another workspace: the two are not told apart (invariant I7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Absent {
    /// The app.
    #[error("There is no such app in this workspace.")]
    App,
    /// The plan.
    #[error("There is no such plan in this app.")]
    Plan,
    /// The price.
    #[error("This plan has no such price.")]
    Price,
    /// The feature.
    #[error("There is no such feature in this app.")]
    Feature,
    /// The checkout link.
    #[error("There is no such checkout link in this app.")]
    CheckoutLink,
    /// The subscription.
    #[error("There is no such subscription in this app.")]
    Subscription,
    /// The invoice.
    #[error("There is no such invoice in this app.")]
    Invoice,
    /// A payer to whom something was sold.
    #[error("Nothing was sold to such a payer in this app.")]
    Payer,
}

/// The refusal or failure of a use case: a rule of its own, or one of every use case.
#[derive(Debug, thiserror::Error)]
pub enum Refused<E: Refusal> {
    /// Billing is off.
    #[error("Billing is not enabled in this workspace.")]
    NotEnabled,
    /// An object of the request does not exist.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// The idempotency key was used for another request.
    #[error(transparent)]
    RequestKeyReused(#[from] RequestKeyReused),
    /// A rule of the use case.
    #[error(transparent)]
    Rule(E),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<E: Refusal> From<E> for Refused<E> {
    fn from(rule: E) -> Self {
        Self::Rule(rule)
    }
}

impl<E: Refusal> Refused<E> {
    /// The code and facts.
    pub fn told(&self) -> Told<'_> {
        match self {
            Self::NotEnabled => ErrorCode::BillingNotEnabled.into(),
            Self::Absent(_) => ErrorCode::NotFound.into(),
            Self::RequestKeyReused(_) => ErrorCode::IdempotencyKeyReused.into(),
            Self::Rule(rule) => rule.told(),
            Self::Store(StoreError::Conflict) => ErrorCode::ConcurrentChange.into(),
            Self::Store(StoreError::Unavailable(_)) => ErrorCode::DatabaseUnavailable.into(),
            Self::Store(StoreError::Corrupt { .. } | StoreError::Unexpected(_)) => {
                ErrorCode::InternalError.into()
            }
        }
    }
}

impl Refused<Infallible> {
    /// The same refusal of a use case with rules of its own.
    pub(crate) fn widened<E: Refusal>(self) -> Refused<E> {
        match self {
            Self::NotEnabled => Refused::NotEnabled,
            Self::Absent(absent) => Refused::Absent(absent),
            Self::RequestKeyReused(reused) => Refused::RequestKeyReused(reused),
            Self::Rule(never) => match never {},
            Self::Store(error) => Refused::Store(error),
        }
    }
}

/// The failure of a use case that only the store can refuse.
impl From<Refused<Infallible>> for StoreError {
    fn from(refused: Refused<Infallible>) -> Self {
        match refused {
            Refused::Store(error) => error,
            refused => Self::Unexpected(Box::new(refused)),
        }
    }
}

/// The refusal of a use case without rules of its own.
impl Refusal for Infallible {
    fn told(&self) -> Told<'_> {
        match *self {}
    }
}

impl Refusal for InvalidCursor {
    fn told(&self) -> Told<'_> {
        ErrorCode::InvalidRequest.with(Facts::Parameter("cursor"))
    }
}
