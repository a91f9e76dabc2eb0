use billing_domain::{Feature, FeatureKey, Plan};

use crate::refusal::{ErrorCode, Facts, Refusal, Told};

/// The rules that refuse a change of a feature.
#[derive(Debug, thiserror::Error)]
pub enum FeatureError {
    /// Another feature of the app has the key.
    #[error("This app has a feature with the key “{0}” already. Choose another key.")]
    KeyTaken(FeatureKey),
    /// Plans include the feature; their subscribers would lose it.
    #[error("This feature is attached to {}. Detach it first: whoever has such a plan would lose it.", named(.0))]
    InUse(Vec<Plan>),
    /// The feature was changed after it was loaded; the present state.
    #[error("Somebody changed this feature in the meantime. Look at it again before you change it.")]
    EditedMeanwhile(Box<Feature>),
}

impl Refusal for FeatureError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::KeyTaken(_) => ErrorCode::FeatureKeyTaken.into(),
            Self::InUse(plans) => ErrorCode::FeatureInUse.with(Facts::Plans(plans)),
            Self::EditedMeanwhile(feature) => ErrorCode::ConcurrentChange.with(Facts::Feature(feature)),
        }
    }
}

fn named(plans: &[Plan]) -> String {
    let names: Vec<_> = plans.iter().take(3).map(|plan| format!("“{}”", plan.details.name)).collect();
    let more = if plans.len() > names.len() { " and more plans" } else { "" };
    format!("{}{more}", names.join(", "))
}
