use billing_domain::{BillingSwitch, wire_time};
use serde::Serialize;
use utoipa::ToSchema;

use super::GatewayName;

/// Whether a workspace's apps can charge their end users.
#[derive(Serialize, ToSchema)]
pub(crate) struct BillingStatusBody {
    #[serde(rename = "billingEnabled")]
    enabled: bool,
    /// When the current period of being on began; null while off.
    #[schema(required = true, format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    #[serde(rename = "billingEnabledAt")]
    enabled_at: Option<String>,
    /// Null while off.
    #[serde(rename = "billingGateway")]
    #[schema(required = true)]
    gateway: Option<GatewayName>,
}

impl From<BillingSwitch> for BillingStatusBody {
    fn from(switch: BillingSwitch) -> Self {
        Self {
            enabled: switch.is_on(),
            enabled_at: switch.since().map(wire_time),
            gateway: switch.gateway().map(GatewayName::from),
        }
    }
}
