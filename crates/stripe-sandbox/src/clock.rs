//! What time it is in the sandbox. It runs with real time, or stands still for tests, and can be moved forward.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Seconds since 1970, as in Stripe's API.
pub type Timestamp = i64;

pub const MINUTE: Timestamp = 60;
pub const HOUR: Timestamp = 60 * MINUTE;
pub const DAY: Timestamp = 24 * HOUR;

/// The farthest that a clock may be moved at once.
pub const FARTHEST_MOVE: Timestamp = 5 * 366 * DAY;

/// Where a clock may be set to: from 1970 to 2100.
pub const SETTABLE: RangeInclusive<Timestamp> = 0..=4_102_444_800;

/// The sandbox-wide clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Real time and what it was moved forward by.
    Running {
        ahead: Timestamp,
    },
    Standing {
        at: Timestamp,
    },
}

impl Clock {
    pub fn now(self) -> Timestamp {
        match self {
            Self::Running { ahead } => real_now().saturating_add(ahead),
            Self::Standing { at } => at,
        }
    }

    /// The seconds by which it is ahead of real time.
    pub fn ahead(self) -> Timestamp {
        match self {
            Self::Running { ahead } => ahead,
            Self::Standing { at } => at.saturating_sub(real_now()),
        }
    }

    #[must_use]
    pub fn moved_to(self, time: Timestamp) -> Self {
        match self {
            Self::Running { .. } => Self::Running { ahead: time.saturating_sub(real_now()) },
            Self::Standing { .. } => Self::Standing { at: time },
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place of this crate where the wall clock is read")]
pub fn real_now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::try_from(since.as_secs()).unwrap_or(Timestamp::MAX)
}
