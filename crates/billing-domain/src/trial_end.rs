use std::fmt;

use chrono::{DurationRound, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{Timestamp, wire_time};

/// The end of a running trial, as it is asked of Stripe. Stored as `now` or the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TrialEnd {
    /// At once: the first period begins, and is charged.
    Now,
    /// At this moment, in whole seconds, as Stripe keeps it.
    At(Timestamp),
}

/// The rules that a moment breaks as the end of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTrialEnd {
    /// It is not in the future.
    #[error("A trial can only be made to end in the future. To end it at once, say so.")]
    Past,
    /// It is further ahead than Stripe takes.
    #[error("A trial can end at most {} days from now.", TrialEnd::FURTHEST.num_days())]
    TooFar,
}

impl TrialEnd {
    /// The furthest that Stripe lets a trial end from now.
    pub const FURTHEST: TimeDelta = TimeDelta::days(730);

    /// The end at this moment, less the fraction of its second.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self::At(moment.duration_trunc(TimeDelta::seconds(1)).unwrap_or(moment))
    }

    /// Checks that a trial can be made to end so at `now`.
    ///
    /// # Errors
    /// [`InvalidTrialEnd`].
    pub fn check(self, now: Timestamp) -> Result<(), InvalidTrialEnd> {
        match self {
            Self::At(end) if end <= now => Err(InvalidTrialEnd::Past),
            Self::At(end) if end - now > Self::FURTHEST => Err(InvalidTrialEnd::TooFar),
            Self::At(_) | Self::Now => Ok(()),
        }
    }
}

const NOW: &str = "now";

impl fmt::Display for TrialEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str(NOW),
            Self::At(end) => f.write_str(&wire_time(*end)),
        }
    }
}

impl From<TrialEnd> for String {
    fn from(end: TrialEnd) -> Self {
        end.to_string()
    }
}

impl TryFrom<String> for TrialEnd {
    type Error = chrono::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == NOW { Ok(Self::Now) } else { text.parse().map(Self::at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_trial_ends_in_the_future_and_within_two_years() {
        let now = moment("2026-11-29T12:00:00.5Z");
        let check = |at: Timestamp| TrialEnd::at(at).check(now);
        assert_eq!(TrialEnd::Now.check(now), Ok(()));
        assert_eq!(check(moment("2026-11-29T12:00:00.9Z")), Err(InvalidTrialEnd::Past));
        assert_eq!(check(moment("2026-11-29T12:00:01Z")), Ok(()));
        assert_eq!(check(now + TrialEnd::FURTHEST), Ok(()));
        let too_far = now + TrialEnd::FURTHEST + TimeDelta::seconds(1);
        assert_eq!(check(too_far), Err(InvalidTrialEnd::TooFar));
    }

    #[test]
    fn the_end_of_a_trial_is_stored_as_a_word_or_a_time() {
        for (end, stored) in [
            (TrialEnd::Now, r#""now""#),
            (TrialEnd::at(moment("2026-12-24T08:00:00.75Z")), r#""2026-12-24T08:00:00.000Z""#),
        ] {
            assert_eq!(serde_json::to_string(&end).unwrap(), stored);
            assert_eq!(serde_json::from_str::<TrialEnd>(stored).unwrap(), end);
        }
    }
}
