use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The Stripe account that sells the workspace's plans (contract, section 1). One per workspace at a time.
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

words!(
    Gateway { Managed => "managed", StripeConnect => "stripe_connect", StripePlatform => "stripe_platform" },
    stored or UnknownGateway
);

/// The text names no payment gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Choose managed, stripe_connect or stripe_platform.")]
pub struct UnknownGateway;

/// The gateways this deployment is configured for: all by default, except those the composition root declares
/// [`missing`](Self::missing).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayAvailability {
    missing: BTreeMap<Gateway, Vec<&'static str>>,
}

impl GatewayAvailability {
    /// The same availability with these settings of `gateway` missing. An empty list makes the gateway available.
    #[must_use]
    pub fn missing(mut self, gateway: Gateway, settings: Vec<&'static str>) -> Self {
        if settings.is_empty() {
            self.missing.remove(&gateway);
        } else {
            self.missing.insert(gateway, settings);
        }
        self
    }

    /// Checks that the gateway is available.
    ///
    /// # Errors
    /// [`GatewayNotConfigured`] with the missing settings.
    pub fn require(&self, gateway: Gateway) -> Result<(), GatewayNotConfigured> {
        match self.missing.get(&gateway) {
            None => Ok(()),
            Some(settings) => Err(GatewayNotConfigured { gateway, missing_settings: settings.clone() }),
        }
    }
}

/// The requested gateway is not configured in this deployment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The payment gateway “{gateway}” is not configured: {} is missing.", missing_settings.join(", "))]
pub struct GatewayNotConfigured {
    /// The requested gateway.
    pub gateway: Gateway,
    /// The names of the missing settings.
    pub missing_settings: Vec<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_round_trips_through_its_wire_name() {
        for gateway in Gateway::ALL {
            assert_eq!(gateway.as_str().parse(), Ok(gateway));
            assert_eq!(serde_json::to_value(gateway).unwrap(), gateway.as_str());
        }
        assert_eq!("Managed".parse::<Gateway>(), Err(UnknownGateway));
    }

    #[test]
    fn the_managed_gateway_is_the_default() {
        assert_eq!(Gateway::default(), Gateway::Managed);
    }

    #[test]
    fn only_the_gateway_that_lacks_settings_is_unavailable() {
        let availability =
            GatewayAvailability::default().missing(Gateway::StripePlatform, vec!["KL_STRIPE_SECRET_KEY"]);

        assert_eq!(availability.require(Gateway::Managed), Ok(()));
        assert_eq!(
            availability.require(Gateway::StripePlatform).unwrap_err().to_string(),
            "The payment gateway “stripe_platform” is not configured: KL_STRIPE_SECRET_KEY is missing."
        );
        let configured = availability.missing(Gateway::StripePlatform, vec![]);
        assert_eq!(configured.require(Gateway::StripePlatform), Ok(()));
    }
}
