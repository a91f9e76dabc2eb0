use billing_domain::ports::StoreError;
use billing_domain::{FeatureKey, Plan, PlanKey, PlanOffer, PlanRefused};

use super::access::{Absent, CatalogError};
use crate::once::{OnceError, RequestKeyReused};

/// Why a plan is as it was. Nothing was changed, except that after a failed commit ([`StoreError::Unavailable`]) it is
/// unknown whether it was.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The catalog cannot be changed, or something of what was asked for is not there.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A rule of plans forbids it.
    #[error(transparent)]
    Refused(#[from] PlanRefused),
    /// Code could not tell two plans of one key apart.
    #[error("Another plan of this app has the key `{0}`. Choose another key, or archive that plan first.")]
    KeyTaken(PlanKey),
    /// Everyone who has not subscribed has one plan, not two.
    #[error(
        "“{name}” is the default plan for this kind of subscriber. Make it an ordinary plan or archive it first.",
        name = .0.details.name
    )]
    DefaultTaken(Box<Plan>),
    /// Somebody changed the plan after it was loaded; this is how it is now.
    #[error("Somebody changed this plan in the meantime. Look at it again before you change it.")]
    EditedMeanwhile(Box<PlanOffer>),
    /// A feature is to be made and has no name.
    #[error("There is no feature with the key `{0}` yet. Give it a name to create it.")]
    FeatureNameMissing(FeatureKey),
    /// The key of the request was used for another one.
    #[error(transparent)]
    RequestKeyReused(#[from] RequestKeyReused),
}

impl From<StoreError> for PlanError {
    fn from(error: StoreError) -> Self {
        Self::Catalog(error.into())
    }
}

impl From<Absent> for PlanError {
    fn from(absent: Absent) -> Self {
        Self::Catalog(CatalogError::NotFound(absent))
    }
}

impl From<OnceError> for PlanError {
    fn from(error: OnceError) -> Self {
        match error {
            OnceError::KeyReused(reused) => reused.into(),
            OnceError::Store(error) => error.into(),
        }
    }
}
