use serde::{Deserialize, Serialize};

use crate::{Blockers, Gateway, GatewayAvailability, GatewayNotConfigured, Timestamp, wire_time};

/// The billing switch of a workspace, with its payment gateway.
///
/// Each rule returns the [`SwitchChange`] to make, or `None` when there is nothing to change, so that requests may be
/// repeated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum BillingSwitch {
    /// Billing is off: no sales, no charges. The initial state.
    #[default]
    Disabled,
    /// Billing is on.
    Enabled {
        /// The start of this enabled period.
        #[serde(with = "wire_time")]
        since: Timestamp,
        /// The gateway of new customers and checkouts.
        gateway: Gateway,
    },
    /// Disabling has begun, and the gateway is being checked for possible charges. Billing still counts as on, but no
    /// checkout may start: one could slip in between the check and the decision.
    Closing {
        /// The start of this enabled period.
        #[serde(with = "wire_time")]
        since: Timestamp,
        /// The gateway of existing customers.
        gateway: Gateway,
        /// The start of the closing.
        #[serde(with = "wire_time")]
        closing_since: Timestamp,
    },
}

/// A change that a rule returns. The caller saves it and audits both states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwitchChange {
    /// The event.
    pub event: SwitchEvent,
    /// The state before.
    pub before: BillingSwitch,
    /// The state after, to save.
    pub after: BillingSwitch,
}

/// An event of the billing switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchEvent {
    /// Billing was enabled; a new period begins.
    Enabled,
    /// The gateway of new sales was switched.
    GatewaySwitched,
    /// Disabling began.
    ClosingStarted,
    /// Billing was disabled; nobody can be charged.
    Disabled,
    /// Disabling was refused: someone can still be charged, or Stripe could not be asked. The state is as before.
    DisableRefused,
    /// Billing was off, and something that Stripe charges for appeared.
    Reopened,
}

words!(SwitchEvent {
    Enabled => "enabled",
    GatewaySwitched => "gateway_switched",
    ClosingStarted => "closing_started",
    Disabled => "disabled",
    DisableRefused => "disable_refused",
    Reopened => "reopened",
});

/// A refusal to enable billing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnableError {
    /// The gateway is not configured in this deployment.
    #[error(transparent)]
    GatewayNotConfigured(#[from] GatewayNotConfigured),
    /// Billing is being disabled at this moment.
    #[error("billing is being disabled")]
    Closing,
}

/// A refusal to start a checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckoutRefused {
    /// Billing is off.
    #[error("billing is not enabled")]
    NotEnabled,
    /// Billing is being disabled.
    #[error("billing is being disabled")]
    Closing,
}

impl BillingSwitch {
    /// Whether end users can be charged. True while closing, until it is certain that nobody is charged (invariant
    /// I1).
    #[must_use]
    pub fn is_on(self) -> bool {
        self.since().is_some()
    }

    /// The start of the enabled period; `None` while off.
    #[must_use]
    pub fn since(self) -> Option<Timestamp> {
        match self {
            Self::Disabled => None,
            Self::Enabled { since, .. } | Self::Closing { since, .. } => Some(since),
        }
    }

    /// The chosen gateway; `None` while off.
    #[must_use]
    pub fn gateway(self) -> Option<Gateway> {
        match self {
            Self::Disabled => None,
            Self::Enabled { gateway, .. } | Self::Closing { gateway, .. } => Some(gateway),
        }
    }

    /// Enables billing at `now`, or switches the gateway and keeps `since`. Enabling the gateway in use changes
    /// nothing and is always allowed.
    ///
    /// # Errors
    /// [`EnableError::Closing`] while closing; [`EnableError::GatewayNotConfigured`] for a change to an unavailable
    /// gateway.
    pub fn enable(
        self,
        gateway: Gateway,
        availability: &GatewayAvailability,
        now: Timestamp,
    ) -> Result<Option<SwitchChange>, EnableError> {
        let (event, since) = match self {
            Self::Closing { .. } => return Err(EnableError::Closing),
            Self::Enabled { gateway: current, .. } if current == gateway => return Ok(None),
            Self::Enabled { since, .. } => (SwitchEvent::GatewaySwitched, since),
            Self::Disabled => (SwitchEvent::Enabled, now),
        };
        availability.require(gateway)?;
        Ok(Some(self.change(event, Self::Enabled { since, gateway })))
    }

    /// Begins disabling at `now`; `None` while off or closing.
    #[must_use]
    pub fn begin_closing(self, now: Timestamp) -> Option<SwitchChange> {
        match self {
            Self::Disabled | Self::Closing { .. } => None,
            Self::Enabled { since, gateway } => {
                let closing = Self::Closing { since, gateway, closing_since: now };
                Some(self.change(SwitchEvent::ClosingStarted, closing))
            }
        }
    }

    /// Ends closing: off without blockers, otherwise on as before. `None` when the switch is not closing.
    #[must_use]
    pub fn finish_closing(self, blockers: &Blockers) -> Option<SwitchChange> {
        match self {
            Self::Disabled | Self::Enabled { .. } => None,
            Self::Closing { .. } if blockers.is_empty() => {
                Some(self.change(SwitchEvent::Disabled, Self::Disabled))
            }
            Self::Closing { since, gateway, .. } => {
                let reopened = Self::Enabled { since, gateway };
                Some(self.change(SwitchEvent::DisableRefused, reopened))
            }
        }
    }

    /// Ends closing with billing on as before, because it is not known whether someone can be charged. `None` when the
    /// switch is not closing.
    #[must_use]
    pub fn abort_closing(self) -> Option<SwitchChange> {
        match self {
            Self::Disabled | Self::Enabled { .. } => None,
            Self::Closing { since, gateway, .. } => {
                Some(self.change(SwitchEvent::DisableRefused, Self::Enabled { since, gateway }))
            }
        }
    }

    /// Turns billing on at `now` for a charge of this gateway that was seen while it was off (contract, section 5,
    /// I1.4). `None` while on.
    #[must_use]
    pub fn reopen(self, gateway: Gateway, now: Timestamp) -> Option<SwitchChange> {
        match self {
            Self::Enabled { .. } | Self::Closing { .. } => None,
            Self::Disabled => Some(self.change(SwitchEvent::Reopened, Self::Enabled { since: now, gateway })),
        }
    }

    /// The gateway of a new checkout.
    ///
    /// # Errors
    /// [`CheckoutRefused`] while billing is closing or off.
    pub fn admit_checkout(self) -> Result<Gateway, CheckoutRefused> {
        match self {
            Self::Disabled => Err(CheckoutRefused::NotEnabled),
            Self::Closing { .. } => Err(CheckoutRefused::Closing),
            Self::Enabled { gateway, .. } => Ok(gateway),
        }
    }

    fn change(self, event: SwitchEvent, after: Self) -> SwitchChange {
        SwitchChange { event, before: self, after }
    }
}

#[cfg(test)]
mod tests;
