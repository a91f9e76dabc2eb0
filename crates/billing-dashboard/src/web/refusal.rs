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
    let status = StatusCode::from_u16(told.code.status()).map_err(Failure::internal)?;
    Ok((status, error))
}

/// The form field of a refusal, if any.
fn field(told: Told<'_>) -> Option<&'static str> {
    match (told.code, told.facts) {
        (_, Facts::Field("name")) => Some("name"),
        (_, Facts::Field("amount")) | (ErrorCode::RefundConflict, _) => Some("amount"),
        (_, Facts::Field("features")) => Some("feature"),
        (_, Facts::Field("payer")) | (ErrorCode::AlreadySubscribed, _) => Some("payer"),
        (_, Facts::Field("interval" | "currency")) => Some("price"),
        (_, Facts::Field("plan")) => Some("plan"),
        (_, Facts::Field("quantity")) => Some("quantity"),
        (_, Facts::Field("successUrl")) => Some("success_url"),
        (_, Facts::Field("cancelUrl")) => Some("cancel_url"),
        (_, Facts::Field("endsAt")) => Some("ends_at"),
        (_, Facts::TooMany("origins")) => Some("origins"),
        (ErrorCode::PlanKeyTaken | ErrorCode::FeatureKeyTaken, _) => Some("key"),
        (ErrorCode::DefaultPlanTaken | ErrorCode::DefaultPlanMustBeFree, _) => Some("is_default"),
        (ErrorCode::PaymentGatewayNotConfigured, _) => Some("gateway"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use billing_application::CheckoutError;

    use super::*;

    fn shown(refused: CheckoutError) -> (u16, Option<String>) {
        let (status, error) = refusal(Refused::from(refused)).unwrap();
        (status.as_u16(), error.field)
    }

    #[test]
    fn a_refused_checkout_is_shown_at_its_field() {
        let at = |field: &str| Some(field.to_owned());
        assert_eq!(shown(CheckoutError::AlreadySubscribed), (409, at("payer")));
        assert_eq!(shown(CheckoutError::CurrencyNeeded(Vec::new())), (400, at("price")));
        assert_eq!(shown(CheckoutError::Quantity), (400, at("quantity")));
        assert_eq!(shown(CheckoutError::RedirectUrlNotAllowed("successUrl")), (400, at("success_url")));
        assert_eq!(shown(CheckoutError::RedirectUrlNotAllowed("cancelUrl")), (400, at("cancel_url")));
        assert_eq!(shown(CheckoutError::Closing), (409, None));
        assert_eq!(shown(CheckoutError::GatewayRefused("no".to_owned())), (502, None));
        assert_eq!(shown(CheckoutError::GatewayUnavailable), (503, None));
    }
}
