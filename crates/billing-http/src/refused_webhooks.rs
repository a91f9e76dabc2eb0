//! Refused webhooks in the log. Whoever can reach the service can send them: a line a minute at most.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use billing_domain::ports::WebhookRefused;

const BETWEEN_LINES: Duration = Duration::from_mins(1);

/// The refusals that are not in the log yet.
#[derive(Default)]
pub(crate) struct RefusedWebhooks(Mutex<Untold>);

#[derive(Default)]
struct Untold {
    number: u64,
    last_line: Option<Instant>,
}

impl RefusedWebhooks {
    /// Logs a refusal with the number of those since the last line, unless there was a line within the minute.
    pub(crate) fn tell(&self, reason: &WebhookRefused) {
        if let Some(number) = self.due(Instant::now()) {
            tracing::warn!(number, %reason, "webhooks are refused");
        }
    }

    /// Counts a refusal. The number of a line that is due now.
    fn due(&self, now: Instant) -> Option<u64> {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        untold.number += 1;
        if untold.last_line.is_some_and(|last| now.duration_since(last) < BETWEEN_LINES) {
            return None;
        }
        untold.last_line = Some(now);
        Some(std::mem::take(&mut untold.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_once_a_minute_with_their_number() {
        let (refused, first) = (RefusedWebhooks::default(), Instant::now());
        assert_eq!(refused.due(first), Some(1));
        for second in 1..60 {
            assert_eq!(refused.due(first + Duration::from_secs(second)), None, "{second}");
        }
        assert_eq!(refused.due(first + Duration::from_mins(1)), Some(60));
        assert_eq!(refused.due(first + Duration::from_secs(61)), None);
    }
}
