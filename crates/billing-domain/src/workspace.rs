use serde::{Deserialize, Serialize};

use crate::{BillingSwitch, WorkspaceId};

/// The number of changes of an aggregate. It only grows, so that comparing two versions detects a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version(u32);

impl Version {
    /// The version of an aggregate that was never saved.
    pub const NEW: Self = Self(0);

    /// The version of a stored number.
    #[must_use]
    pub fn from_stored(number: u32) -> Self {
        Self(number)
    }

    /// The number to store.
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

/// A workspace's billing switch with its version, which guards against lost updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceBilling {
    /// The tenant.
    pub id: WorkspaceId,
    /// The billing switch.
    pub switch: BillingSwitch,
    /// Grows with each change of `switch`; [`Version::NEW`] for a workspace that never changed it.
    pub version: Version,
}
