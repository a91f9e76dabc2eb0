use billing_domain::{PayerKind, PriceTerms};

use crate::calls::CallError;
use crate::refusal::{ErrorCode, Facts, Refusal, Refused, Told};

/// The rules that refuse a checkout.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// Billing is being disabled; repeat the request later.
    #[error("Billing is being disabled at this moment. Try again in a few seconds, when that is decided.")]
    Closing,
    /// The payer has a live subscription in the app, or has just paid for one.
    #[error("This payer has a subscription in this app already. Change it instead of selling a second one.")]
    AlreadySubscribed,
    /// The checkout was paid, and can no longer be ended.
    #[error("The payer has paid. Cancel the subscription instead.")]
    Paid,
    /// The plan is for the other kind of payer.
    #[error("This plan is for {}.", for_whom(*.0))]
    OtherPayers(PayerKind),
    /// The plan has no offered price of this interval and currency.
    #[error("The plan is not offered at this interval{}. {}", in_currency(*.by_currency), offers(.offered))]
    NotOffered {
        /// The offered prices.
        offered: Vec<PriceTerms>,
        /// Whether a price of the interval is offered in another currency.
        by_currency: bool,
    },
    /// Several prices of the interval are offered, in different currencies.
    #[error("Choose a currency. {}", offers(.0))]
    CurrencyNeeded(Vec<PriceTerms>),
    /// The number of seats is not allowed.
    #[error("Enter a number of seats from 1 to {}.", super::CreateCheckoutLink::MOST_SEATS)]
    Quantity,
    /// Stripe cannot charge the sum.
    #[error("The sum is too large: {0}")]
    SumTooLarge(billing_domain::Unchargeable),
    /// The environment does not exist, or is of the other mode (invariant I8).
    #[error("{0}")]
    Environment(EnvironmentProblem),
    /// The app does not allow the origin of a return address.
    #[error("The app does not allow this address. Add its origin to the app's redirect origins first.")]
    RedirectUrlNotAllowed(&'static str),
    /// The workspace's gateway has no account yet.
    #[error("No Stripe account is linked to this workspace yet.")]
    AccountNotLinked,
    /// Stripe refused.
    #[error("Stripe refused: {0}")]
    GatewayRefused(String),
    /// Stripe did not answer, or its answer is not known. The same request under the same idempotency key goes on where
    /// this one ended.
    #[error("Stripe cannot be reached at this moment. Try again in a minute.")]
    GatewayUnavailable,
}

/// The reason why an environment cannot sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentProblem {
    /// The app has no such environment.
    #[error("The app has no such environment.")]
    Unknown,
    /// A test account sells in development only.
    #[error("This gateway is in test mode: it sells in the development environment only.")]
    TestGateway,
    /// A live account sells in production only.
    #[error("This gateway takes real money: it sells in the production environment only.")]
    LiveGateway,
}

fn for_whom(kind: PayerKind) -> &'static str {
    match kind {
        PayerKind::User => "users",
        PayerKind::Organization => "organizations",
    }
}

fn in_currency(by_currency: bool) -> &'static str {
    if by_currency { " in this currency" } else { "" }
}

fn offers(terms: &[PriceTerms]) -> String {
    if terms.is_empty() {
        return "It has no price that is offered.".to_owned();
    }
    let terms: Vec<_> = terms.iter().map(ToString::to_string).collect();
    format!("It is offered at {}.", terms.join(", "))
}

impl Refusal for CheckoutError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Closing => ErrorCode::BillingClosing.into(),
            Self::AlreadySubscribed => ErrorCode::AlreadySubscribed.into(),
            Self::Paid => ErrorCode::CheckoutCompleted.into(),
            Self::OtherPayers(_) => ErrorCode::InvalidRequest.with(Facts::Field("payer")),
            Self::NotOffered { by_currency: false, .. } => {
                ErrorCode::InvalidRequest.with(Facts::Field("interval"))
            }
            Self::NotOffered { by_currency: true, .. } | Self::CurrencyNeeded(_) => {
                ErrorCode::InvalidRequest.with(Facts::Field("currency"))
            }
            Self::Quantity | Self::SumTooLarge(_) => ErrorCode::InvalidRequest.with(Facts::Field("quantity")),
            Self::Environment(EnvironmentProblem::Unknown) => ErrorCode::NotFound.into(),
            Self::Environment(EnvironmentProblem::TestGateway | EnvironmentProblem::LiveGateway) => {
                ErrorCode::InvalidRequest.with(Facts::Field("environmentId"))
            }
            Self::RedirectUrlNotAllowed(field) => ErrorCode::RedirectUrlNotAllowed.with(Facts::Field(field)),
            Self::AccountNotLinked => ErrorCode::StripeAccountNotLinked.into(),
            Self::GatewayRefused(reason) => ErrorCode::PaymentGatewayRefused.with(Facts::Reason(reason)),
            Self::GatewayUnavailable => ErrorCode::PaymentGatewayUnavailable.into(),
        }
    }
}

impl From<CallError> for Refused<CheckoutError> {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Store(error) => error.into(),
            CallError::Gateway(error) => CheckoutError::from(error).into(),
        }
    }
}

impl From<billing_domain::ports::GatewayError> for CheckoutError {
    fn from(error: billing_domain::ports::GatewayError) -> Self {
        use billing_domain::ports::{GatewayError, error_chain};
        match error {
            GatewayError::NotLinked => Self::AccountNotLinked,
            GatewayError::Unknown(_)
            | GatewayError::Unreadable(_)
            | GatewayError::NoAccess(_)
            | GatewayError::Refused(_)
            | GatewayError::MixedModes(_) => {
                tracing::warn!(error = %error_chain(&error), "the payment gateway did not answer");
                Self::GatewayUnavailable
            }
        }
    }
}
