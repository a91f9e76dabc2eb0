//! What is set in Stripe's dashboard.

use serde::{Deserialize, Serialize};

use crate::clock::{DAY, Timestamp};

/// What happens when a renewal cannot be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// Days from one attempt to the next.
    pub retry_days: Vec<u32>,
    pub after_retries: AfterRetries,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterRetries {
    Cancel,
    Unpaid,
    PastDue,
}

impl Default for Settings {
    fn default() -> Self {
        Self { retry_days: vec![3, 5, 7], after_retries: AfterRetries::Cancel }
    }
}

/// So that a year of retries ends.
const MOST_RETRIES: usize = 20;
const LONGEST_WAIT_DAYS: u32 = 60;

impl Settings {
    /// # Errors
    ///
    /// Retries without end, as a sentence.
    pub fn checked(self) -> Result<Self, String> {
        if self.retry_days.len() > MOST_RETRIES {
            return Err(format!("retryDays can have at most {MOST_RETRIES} entries."));
        }
        if self.retry_days.iter().any(|days| !(1..=LONGEST_WAIT_DAYS).contains(days)) {
            return Err(format!("Each of retryDays must be between 1 and {LONGEST_WAIT_DAYS}."));
        }
        Ok(self)
    }

    /// How long after the `attempt`-th failure the next attempt is made; `None` when there is none.
    pub fn retry_after(&self, attempt: u32) -> Option<Timestamp> {
        let index = usize::try_from(attempt.checked_sub(1)?).ok()?;
        self.retry_days.get(index).map(|days| Timestamp::from(*days) * DAY)
    }
}
