use billing_domain::{FeatureKey, Plan, PlanKey, PlanOffer, PlanRefused, UnsellableAmount};

use crate::refusal::{ErrorCode, Facts, Refusal, Refused, Told};

/// The rules that refuse a change of a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A rule of plans.
    #[error(transparent)]
    Refused(#[from] PlanRefused),
    /// A price of a new plan cannot be put on sale.
    #[error("{reason}")]
    Unsellable {
        /// The position of the price in the request.
        position: usize,
        /// The broken rule.
        reason: UnsellableAmount,
    },
    /// Another plan of the app has the key.
    #[error("Another plan of this app has the key “{0}”. Choose another key, or archive that plan first.")]
    KeyTaken(PlanKey),
    /// Another plan is the default for this kind of payer.
    #[error(
        "“{name}” is the default plan for this kind of subscriber. Make it an ordinary plan or archive it first.",
        name = .0.details.name
    )]
    DefaultTaken(Box<Plan>),
    /// The plan was changed after it was loaded; the present state.
    #[error("Somebody changed this plan in the meantime. Look at it again before you change it.")]
    EditedMeanwhile(Box<PlanOffer>),
    /// A feature to create has no name.
    #[error("There is no feature with the key “{0}” yet. Give it a name to create it.")]
    FeatureNameMissing(FeatureKey),
    /// A feature of a new plan does not exist.
    #[error("There is no feature with the key “{0}”. Create it first, or leave it out.")]
    FeatureUnknown(FeatureKey),
}

impl Refusal for PlanError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Refused(PlanRefused::Archived) => ErrorCode::PlanArchived.into(),
            Self::Refused(
                PlanRefused::DefaultMustBeFree { .. }
                | PlanRefused::NewDefaultMustBeFree
                | PlanRefused::DefaultTakesNoPrices,
            ) => ErrorCode::DefaultPlanMustBeFree.into(),
            Self::Refused(PlanRefused::Unsellable(reason)) => unsellable(*reason, None),
            Self::Unsellable { position, reason } => unsellable(*reason, Some(*position)),
            Self::Refused(PlanRefused::PriceTwice) => ErrorCode::InvalidRequest.with(Facts::Field("prices")),
            Self::Refused(PlanRefused::TooManyPrices) => {
                ErrorCode::LimitReached.with(Facts::TooMany("prices"))
            }
            Self::Refused(PlanRefused::TooManyFeatures) => {
                ErrorCode::LimitReached.with(Facts::TooMany("features"))
            }
            Self::KeyTaken(_) => ErrorCode::PlanKeyTaken.into(),
            Self::DefaultTaken(plan) => ErrorCode::DefaultPlanTaken.with(Facts::PlanInTheWay(plan)),
            Self::EditedMeanwhile(offer) => ErrorCode::ConcurrentChange.with(Facts::Plan(offer)),
            Self::FeatureNameMissing(_) => ErrorCode::InvalidRequest.with(Facts::Field("name")),
            Self::FeatureUnknown(_) => ErrorCode::InvalidRequest.with(Facts::Field("features")),
        }
    }
}

fn unsellable<'a>(reason: UnsellableAmount, position: Option<usize>) -> Told<'a> {
    let part = if reason.is_of_the_currency() { "currency" } else { "minorUnits" };
    ErrorCode::InvalidRequest.with(Facts::Amount { part, position })
}

impl From<PlanRefused> for Refused<PlanError> {
    fn from(refused: PlanRefused) -> Self {
        Self::Rule(refused.into())
    }
}
