use billing_domain::ports::StoreError;
use billing_domain::{Feature, FeatureKey, Plan};

use super::access::{Absent, CatalogError};
use crate::once::{OnceError, RequestKeyReused};

/// Why a feature is as it was. Nothing was changed, except that after a failed commit ([`StoreError::Unavailable`]) it
/// is unknown whether it was.
#[derive(Debug, thiserror::Error)]
pub enum FeatureError {
    /// The catalog cannot be changed, or something of what was asked for is not there.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Code could not tell two features of one key apart.
    #[error("This app has a feature with the key `{0}` already. Choose another key.")]
    KeyTaken(FeatureKey),
    /// It is attached to plans, whose subscribers would lose it.
    #[error("This feature is attached to {}. Detach it first: whoever has such a plan would lose it.", named(.0))]
    InUse(Vec<Plan>),
    /// Somebody changed the feature after it was loaded; this is how it is now.
    #[error("Somebody changed this feature in the meantime. Look at it again before you change it.")]
    EditedMeanwhile(Box<Feature>),
    /// The key of the request was used for another one.
    #[error(transparent)]
    RequestKeyReused(#[from] RequestKeyReused),
}

fn named(plans: &[Plan]) -> String {
    let names: Vec<_> = plans.iter().take(3).map(|plan| format!("“{}”", plan.details.name)).collect();
    let more = if plans.len() > names.len() { " and more plans" } else { "" };
    format!("{}{more}", names.join(", "))
}

impl From<StoreError> for FeatureError {
    fn from(error: StoreError) -> Self {
        Self::Catalog(error.into())
    }
}

impl From<Absent> for FeatureError {
    fn from(absent: Absent) -> Self {
        Self::Catalog(CatalogError::NotFound(absent))
    }
}

impl From<OnceError> for FeatureError {
    fn from(error: OnceError) -> Self {
        match error {
            OnceError::KeyReused(reused) => reused.into(),
            OnceError::Store(error) => error.into(),
        }
    }
}
