//! What a refusal tells: a code from a closed list, a sentence, and facts. Each error enum says so once, in
//! [`Refusal::told`]; adapters map the code and the facts.

mod error_code;

use std::convert::Infallible;
use std::error::Error;

use billing_domain::ports::StoreError;
use billing_domain::{App, Blockers, Feature, GatewayNotConfigured, Plan, PlanOffer};

pub use error_code::ErrorCode;

use crate::reads::InvalidCursor;
use crate::remembered::RequestKeyReused;

/// The error of a use case: why a rule refuses what was asked. Its `Display` is a sentence a person can act on.
pub trait Refusal: Error + Send + Sync + 'static {
    /// The code and facts. The one place that tells the variants apart.
    fn told(&self) -> Told<'_>;
}

/// A refusal for programs and pages.
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
    /// The query parameter that is wrong.
    Parameter(&'static str),
    /// The list of the request that is too long.
    TooMany(&'static str),
    /// The plan in the way.
    PlanInTheWay(&'a Plan),
    /// The plans in the way.
    Plans(&'a [Plan]),
    /// The app as it is now.
    App(&'a App),
    /// The plan as it is now.
    Plan(&'a PlanOffer),
    /// The feature as it is now.
    Feature(&'a Feature),
    /// The settings the gateway lacks.
    Gateway(&'a GatewayNotConfigured),
    /// What blocks switching off.
    Blockers(&'a Blockers),
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

/// An object that does not exist, or belongs to somebody else: the two are not told apart (invariant I7).
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
}

/// Why a use case did nothing: a rule of its own, or what refuses any use case.
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

/// What a use case fails with that nothing but the store can refuse.
impl From<Refused<Infallible>> for StoreError {
    fn from(refused: Refused<Infallible>) -> Self {
        match refused {
            Refused::Store(error) => error,
            refused => Self::Unexpected(Box::new(refused)),
        }
    }
}

/// The refusal of a use case that no rule of its own refuses.
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
