use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whose Stripe account sells the workspace's plans (contract, section 1). One per workspace at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gateway {
    /// The platform's shared test Stripe: nothing to configure, no real money.
    #[default]
    Managed,
    /// The workspace's own Stripe account, linked by OAuth.
    StripeConnect,
    /// A single-tenant deployment's own Stripe key.
    StripePlatform,
}

impl Gateway {
    /// Every gateway, the default first.
    pub const ALL: [Self; 3] = [Self::Managed, Self::StripeConnect, Self::StripePlatform];

    /// The name on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::StripeConnect => "stripe_connect",
            Self::StripePlatform => "stripe_platform",
        }
    }
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl crate::FromStored for Gateway {
    type Kept = String;

    fn from_stored(kept: String) -> Option<Self> {
        kept.parse().ok()
    }
}

impl FromStr for Gateway {
    type Err = UnknownGateway;

    fn from_str(text: &str) -> Result<Self, UnknownGateway> {
        Self::ALL.into_iter().find(|gateway| gateway.as_str() == text).ok_or(UnknownGateway)
    }
}

/// The text names no payment gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown payment gateway: it must be `managed`, `stripe_connect` or `stripe_platform`")]
pub struct UnknownGateway;

/// Which gateways this deployment is configured for. By default all of them are; a composition root
/// says what is [`missing`](Self::missing).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayAvailability {
    missing: BTreeMap<Gateway, Vec<&'static str>>,
}

impl GatewayAvailability {
    /// The same availability, except that `gateway` lacks these settings. An empty list makes it
    /// available.
    #[must_use]
    pub fn missing(mut self, gateway: Gateway, settings: Vec<&'static str>) -> Self {
        if settings.is_empty() {
            self.missing.remove(&gateway);
        } else {
            self.missing.insert(gateway, settings);
        }
        self
    }

    /// Passes when the gateway can be used.
    ///
    /// # Errors
    /// [`GatewayNotConfigured`], naming the settings an operator has to add.
    pub fn require(&self, gateway: Gateway) -> Result<(), GatewayNotConfigured> {
        match self.missing.get(&gateway) {
            None => Ok(()),
            Some(settings) => Err(GatewayNotConfigured { gateway, missing_settings: settings.clone() }),
        }
    }
}

/// The gateway was asked for, and this deployment is not configured for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("payment gateway `{gateway}` is not configured: {} is missing", missing_settings.join(", "))]
pub struct GatewayNotConfigured {
    /// The gateway that was asked for.
    pub gateway: Gateway,
    /// The names of the settings that would make it available.
    pub missing_settings: Vec<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_as_its_gateway_and_is_the_wire_form() {
        for gateway in Gateway::ALL {
            assert_eq!(gateway.as_str().parse(), Ok(gateway));
            assert_eq!(serde_json::to_value(gateway).unwrap(), gateway.as_str());
        }
        assert_eq!("Managed".parse::<Gateway>(), Err(UnknownGateway));
    }

    #[test]
    fn the_shared_test_stripe_is_the_default() {
        assert_eq!(Gateway::default(), Gateway::Managed);
    }

    #[test]
    fn only_the_gateway_that_lacks_settings_is_unavailable() {
        let availability =
            GatewayAvailability::default().missing(Gateway::StripePlatform, vec!["KL_STRIPE_SECRET_KEY"]);

        assert_eq!(availability.require(Gateway::Managed), Ok(()));
        assert_eq!(
            availability.require(Gateway::StripePlatform).unwrap_err().to_string(),
            "payment gateway `stripe_platform` is not configured: KL_STRIPE_SECRET_KEY is missing"
        );
        let configured = availability.missing(Gateway::StripePlatform, vec![]);
        assert_eq!(configured.require(Gateway::StripePlatform), Ok(()));
    }
}
