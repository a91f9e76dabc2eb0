use actix_web::http::StatusCode;
use billing_application::{PlanError, RequestKeyReused};
use billing_domain::PlanRefused;

use crate::views::FormError;
use crate::web::{Failure, error_of, error_of_form};

/// How a form about plans says why nothing was changed: beside the field it is about. What is no matter of the form
/// is a failure of the page.
pub(super) fn refusal(refused: PlanError) -> Result<(StatusCode, FormError), Failure> {
    let bad = |error| Ok((StatusCode::BAD_REQUEST, error));
    let conflict = |error| Ok((StatusCode::CONFLICT, error));
    match refused {
        PlanError::KeyTaken(_) => conflict(error_of("key", &refused)),
        PlanError::DefaultTaken(_) => conflict(error_of("is_default", &refused)),
        PlanError::FeatureNameMissing(_) => bad(error_of("name", &refused)),
        PlanError::Refused(PlanRefused::DefaultMustBeFree) => bad(error_of("is_default", &refused)),
        PlanError::Refused(PlanRefused::Archived) | PlanError::EditedMeanwhile(_) => {
            conflict(error_of_form(&refused))
        }
        PlanError::Refused(
            PlanRefused::PriceTwice | PlanRefused::TooManyPrices | PlanRefused::TooManyFeatures,
        ) => bad(error_of_form(&refused)),
        PlanError::RequestKeyReused(_) => conflict(error_of_form(&RequestKeyReused::OF_A_FORM)),
        PlanError::Catalog(error) => Err(error.into()),
    }
}

/// What a form that only confirms cannot be refused for is a failure.
impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Catalog(error) => error.into(),
            PlanError::Refused(_)
            | PlanError::KeyTaken(_)
            | PlanError::DefaultTaken(_)
            | PlanError::EditedMeanwhile(_)
            | PlanError::FeatureNameMissing(_)
            | PlanError::RequestKeyReused(_) => Self::refused(error.to_string()),
        }
    }
}
