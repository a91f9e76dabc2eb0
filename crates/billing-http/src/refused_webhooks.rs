//! Refused webhooks in the log: a line a minute at most, since anyone can send them.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const BETWEEN_LINES: Duration = Duration::from_mins(1);

/// The refusals that are not in the log yet.
#[derive(Default)]
pub(crate) struct RefusedWebhooks(Mutex<PendingRefusals>);

#[derive(Default)]
struct PendingRefusals {
    number: u64,
    last_line: Option<Instant>,
}

impl RefusedWebhooks {
    /// Logs a refusal with the number of those since the last line, unless there was a line within the minute.
    pub(crate) fn log(&self, reason: &dyn Display) {
        if let Some(number) = self.due(Instant::now()) {
            tracing::warn!(number, %reason, "webhooks are refused");
        }
    }

    /// Counts a refusal. The number of a line that is due now.
    fn due(&self, now: Instant) -> Option<u64> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.number += 1;
        if pending.last_line.is_some_and(|last| now.duration_since(last) < BETWEEN_LINES) {
            return None;
        }
        pending.last_line = Some(now);
        Some(std::mem::take(&mut pending.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_logged_once_a_minute_with_their_number() {
        let (refused, first) = (RefusedWebhooks::default(), Instant::now());
        assert_eq!(refused.due(first), Some(1));
        for second in 1..60 {
            assert_eq!(refused.due(first + Duration::from_secs(second)), None, "{second}");
        }
        assert_eq!(refused.due(first + Duration::from_mins(1)), Some(60));
        assert_eq!(refused.due(first + Duration::from_secs(61)), None);
    }
}
