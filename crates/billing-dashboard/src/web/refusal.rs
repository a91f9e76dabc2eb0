use actix_web::http::StatusCode;
use billing_application::{ErrorCode, Facts, Refusal, Refused, RequestKeyReused, Told};

use super::{Failure, error_of, error_of_form};
use crate::views::FormError;

/// The status and form error of a refused change. A refusal that concerns no form is a failure of the page.
pub(crate) fn refusal<E: Refusal>(refused: Refused<E>) -> Result<(StatusCode, FormError), Failure> {
    let told = refused.told();
    let error = match &refused {
        Refused::NotEnabled | Refused::Absent(_) | Refused::Store(_) => return Err(refused.into()),
        Refused::RequestKeyReused(_) => error_of_form(&RequestKeyReused::OF_A_FORM),
        Refused::Rule(rule) => match field(told) {
            Some(field) => error_of(field, rule),
            None => error_of_form(rule),
        },
    };
    let status = if told.code.status() == 400 { StatusCode::BAD_REQUEST } else { StatusCode::CONFLICT };
    Ok((status, error))
}

/// The form field of a refusal, if any.
fn field(told: Told<'_>) -> Option<&'static str> {
    match (told.code, told.facts) {
        (_, Facts::Field("name")) => Some("name"),
        (_, Facts::Field("features")) => Some("feature"),
        (_, Facts::TooMany("origins")) => Some("origins"),
        (ErrorCode::PlanKeyTaken | ErrorCode::FeatureKeyTaken, _) => Some("key"),
        (ErrorCode::DefaultPlanTaken | ErrorCode::DefaultPlanMustBeFree, _) => Some("is_default"),
        (ErrorCode::PaymentGatewayNotConfigured, _) => Some("gateway"),
        _ => None,
    }
}
