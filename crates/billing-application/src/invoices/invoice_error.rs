use billing_domain::ports::{GatewayError, error_chain};
use billing_domain::{InvoiceActionRefused, Money, RefundRefused};

use crate::refusal::{ErrorCode, Facts, Refusal, Told};

/// The rules that refuse a change of an invoice.
#[derive(Debug, thiserror::Error)]
pub enum InvoiceError {
    /// The refund is not possible.
    #[error(transparent)]
    Refund(#[from] RefundRefused),
    /// The invoice does not allow it.
    #[error(transparent)]
    Action(#[from] InvoiceActionRefused),
    /// Stripe refused a part of a refund of several payments; the rest was refunded.
    #[error("{refunded} was refunded. Stripe refused the rest: {reason}")]
    PartlyRefunded {
        /// The part that was refunded.
        refunded: Money,
        /// Stripe's reason.
        reason: String,
    },
    /// Stripe refused.
    #[error("Stripe refused: {0}")]
    GatewayRefused(String),
    /// The outcome of an earlier change is not known, and this one was not made. May be repeated.
    #[error(
        "An earlier change of this invoice is not settled yet, so this one was not made. Try again in a minute."
    )]
    EarlierUnsettled,
    /// The invoice could not be fetched, and nothing was changed. May be repeated.
    #[error("Stripe cannot be reached at this moment, and nothing was changed. Try again in a minute.")]
    NotFetched,
    /// Stripe did not answer, or its answer is not known. The change is on its way.
    #[error("Stripe cannot be reached at this moment. The change is tried again until it is known.")]
    GatewayUnavailable,
}

impl Refusal for InvoiceError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Refund(RefundRefused::NotPaid | RefundRefused::PaidElsewhere) => {
                ErrorCode::InvoiceNotRefundable.into()
            }
            Self::Refund(RefundRefused::Exceeds { asked, state }) => {
                ErrorCode::RefundConflict.with(Facts::Refund { asked: *asked, state })
            }
            Self::Refund(RefundRefused::NotPositive | RefundRefused::Amount(_)) => {
                ErrorCode::InvalidRequest.with(Facts::Field("amount"))
            }
            Self::Action(InvoiceActionRefused::Status { status, .. }) => {
                ErrorCode::InvoiceStatusForbids.with(Facts::InvoiceStatus(status))
            }
            Self::Action(InvoiceActionRefused::ChargedAutomatically { hosted_url }) => {
                ErrorCode::InvoiceChargedAutomatically.with(Facts::HostedPage(hosted_url.as_deref()))
            }
            Self::GatewayRefused(reason) => ErrorCode::PaymentGatewayRefused.with(Facts::Reason(reason)),
            Self::PartlyRefunded { refunded, reason } => {
                ErrorCode::RefundIncomplete.with(Facts::RefundedPart { refunded: *refunded, reason })
            }
            Self::EarlierUnsettled | Self::NotFetched | Self::GatewayUnavailable => {
                ErrorCode::PaymentGatewayUnavailable.into()
            }
        }
    }
}

impl From<GatewayError> for InvoiceError {
    fn from(error: GatewayError) -> Self {
        tracing::warn!(error = %error_chain(&error), "the payment gateway did not answer");
        Self::GatewayUnavailable
    }
}
