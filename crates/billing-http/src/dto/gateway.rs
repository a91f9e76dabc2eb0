use billing_domain::{PaymentGateway, UnknownGateway};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose Stripe account sells: `managed` is the platform's shared test account, `stripe_connect` the
/// workspace's own account linked by OAuth, `stripe_platform` a single-tenant deployment's own key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub(crate) enum GatewayName {
    Managed,
    StripeConnect,
    StripePlatform,
}

impl TryFrom<String> for GatewayName {
    type Error = UnknownGateway;

    fn try_from(name: String) -> Result<Self, UnknownGateway> {
        name.parse().map(PaymentGateway::into)
    }
}

impl From<PaymentGateway> for GatewayName {
    fn from(gateway: PaymentGateway) -> Self {
        match gateway {
            PaymentGateway::Managed => Self::Managed,
            PaymentGateway::StripeConnect => Self::StripeConnect,
            PaymentGateway::StripePlatform => Self::StripePlatform,
        }
    }
}

impl From<GatewayName> for PaymentGateway {
    fn from(name: GatewayName) -> Self {
        match name {
            GatewayName::Managed => Self::Managed,
            GatewayName::StripeConnect => Self::StripeConnect,
            GatewayName::StripePlatform => Self::StripePlatform,
        }
    }
}
