use billing_application::GatewayOption;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::GatewayName;

/// The gateways a workspace can choose from, the default first.
#[derive(Serialize, ToSchema)]
pub(crate) struct GatewaysBody {
    gateways: Vec<GatewayBody>,
}

/// A gateway as a choice.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GatewayBody {
    gateway: GatewayName,
    /// Whether it can be chosen.
    available: bool,
    /// Why it cannot; null when it can. Owners and admins are told what is missing.
    #[schema(required = true)]
    reason: Option<String>,
    /// Whether new customers and checkouts go there now.
    in_use: bool,
    /// The Stripe account that is linked; null while there is none.
    #[schema(value_type = Option<Object>, required = true)]
    account: Value,
}

impl From<Vec<GatewayOption>> for GatewaysBody {
    fn from(options: Vec<GatewayOption>) -> Self {
        Self { gateways: options.into_iter().map(GatewayBody::from).collect() }
    }
}

impl From<GatewayOption> for GatewayBody {
    fn from(option: GatewayOption) -> Self {
        Self {
            gateway: option.gateway.into(),
            available: option.unavailable_because.is_none(),
            reason: option.unavailable_because,
            in_use: option.in_use,
            account: Value::Null,
        }
    }
}
