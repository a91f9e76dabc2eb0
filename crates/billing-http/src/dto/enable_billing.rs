use billing_domain::Gateway;
use serde::Deserialize;
use utoipa::ToSchema;

use super::GatewayName;

/// The options of enabling billing. An empty body means the same as an empty object.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnableBillingBody {
    /// The gateway to use from now on; `managed` when omitted.
    gateway: Option<GatewayName>,
}

impl EnableBillingBody {
    pub(crate) fn gateway(self) -> Gateway {
        self.gateway.map(Gateway::from).unwrap_or_default()
    }
}

/// Disabling takes nothing: an empty body or an empty object.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisableBillingBody {}
