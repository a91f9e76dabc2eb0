use serde::{Deserialize, Serialize};

use crate::{Blockers, Gateway, GatewayAvailability, GatewayNotConfigured, Timestamp, wire_time};

/// Whether a workspace's apps can charge their end users, and through which gateway.
///
/// Each rule takes the switch as it is and returns the [`SwitchChange`] to make, or `None` when there is
/// nothing to change; repeating a request is therefore harmless.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum BillingSwitch {
    /// Nothing can be sold and nobody is charged. How every workspace begins.
    #[default]
    Disabled,
    /// Plans can be sold.
    Enabled {
        /// The start of this enabled period.
        #[serde(with = "wire_time")]
        since: Timestamp,
        /// The gateway of new customers and checkouts.
        gateway: Gateway,
    },
    /// Somebody asked to switch billing off and it is being found out whether anyone can still be charged.
    /// Billing still counts as on, yet no checkout may start: otherwise one could slip in between the
    /// question and the decision.
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

/// A change a rule asks for. Making it is the caller's duty, with both states in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwitchChange {
    /// What happened.
    pub event: SwitchEvent,
    /// The state it happened in.
    pub before: BillingSwitch,
    /// The state to save.
    pub after: BillingSwitch,
}

/// What happened to a billing switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchEvent {
    /// Billing went on; a new period begins.
    Enabled,
    /// Billing stayed on and new sales go elsewhere.
    GatewaySwitched,
    /// Switching off began.
    ClosingStarted,
    /// Nobody can be charged any more and billing is off.
    Disabled,
    /// Somebody can still be charged, so billing stays on as it was.
    DisableRefused,
}

/// Why billing was not enabled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnableError {
    /// The gateway cannot be used in this deployment.
    #[error(transparent)]
    GatewayNotConfigured(#[from] GatewayNotConfigured),
    /// Billing is being switched off at this moment; whether it succeeds is decided shortly.
    #[error("billing is being switched off")]
    Closing,
}

/// Why a checkout may not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckoutRefused {
    /// Billing is off.
    #[error("billing is not enabled")]
    NotEnabled,
    /// Billing is being switched off.
    #[error("billing is being switched off")]
    Closing,
}

impl SwitchEvent {
    /// The word in the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::GatewaySwitched => "gateway_switched",
            Self::ClosingStarted => "closing_started",
            Self::Disabled => "disabled",
            Self::DisableRefused => "disable_refused",
        }
    }
}

impl BillingSwitch {
    /// Whether end users can be charged. True while closing: it is not off until it is certain that
    /// nobody is charged any more (invariant I1).
    #[must_use]
    pub fn is_on(self) -> bool {
        self.since().is_some()
    }

    /// When the current period of being on began; `None` while off.
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

    /// Switches billing on at `now`, or to another gateway if it is on already. A switch keeps `since`:
    /// the period of being on goes on. The gateway in use may be enabled again at any time, which changes
    /// nothing.
    ///
    /// # Errors
    /// [`EnableError::Closing`] while billing is being switched off, and
    /// [`EnableError::GatewayNotConfigured`] when the change needs a gateway that is not available.
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

    /// Begins switching billing off at `now`. `None` when it is off or closing already.
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

    /// Ends closing: off when nothing blocks it, and otherwise on again exactly as before. `None` when the
    /// switch is not closing.
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

    /// The gateway a new checkout goes to.
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
