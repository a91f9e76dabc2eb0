use serde::{Deserialize, Serialize};

use crate::{BillingSwitch, WorkspaceId};

/// How often an aggregate was changed. It grows by one with each change and never goes back, so a value
/// that was read earlier tells whether anything has changed since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version(u32);

impl Version {
    /// The version of an aggregate that was never written.
    pub const NEW: Self = Self(0);

    /// A version read back from a store.
    #[must_use]
    pub fn from_stored(number: u32) -> Self {
        Self(number)
    }

    /// The number a store keeps.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The version after one more change.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A workspace as billing sees it: its switch, and the version that guards it against lost updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceBilling {
    /// The tenant.
    pub id: WorkspaceId,
    /// Whether its apps can charge their end users.
    pub switch: BillingSwitch,
    /// Grows with each change of `switch`; [`Version::NEW`] for a workspace that never changed it.
    pub version: Version,
}
