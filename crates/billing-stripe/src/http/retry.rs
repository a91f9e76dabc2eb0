use std::time::Duration;

/// The attempts at a request. Stripe repeats a stored failure, so many would not help.
const ATTEMPTS: u32 = 4;
/// The attempts that may be lost. With the time for a connection they end before a person gives up waiting for a Stripe
/// that cannot be reached.
const LOSSES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// A longer wait that Stripe asks for is left to whoever repeats the whole request.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// The attempts at one request so far.
#[derive(Debug, Default)]
pub(super) struct Retries {
    attempts: u32,
}

/// The step after an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The attempt's outcome is the request's.
    Stop,
    /// Another attempt after a pause.
    Wait(Duration),
}

impl Retries {
    /// The step after an answer, which Stripe's header `Stripe-Should-Retry` decides where it is there.
    pub(super) fn after_answer(
        &mut self,
        status: u16,
        retry_after: Option<Duration>,
        should_retry: Option<bool>,
    ) -> Next {
        // 409 is another request with the key, 429 also `lock_timeout`: two operations on one object.
        let is_passing = matches!(status, 408 | 409 | 424 | 425 | 429 | 500..=599);
        let repeats = should_retry.unwrap_or(is_passing) && status != 200;
        if repeats { self.next(ATTEMPTS, retry_after) } else { Next::Stop }
    }

    /// The step after a lost connection or a timeout.
    pub(super) fn after_loss(&mut self) -> Next {
        self.next(LOSSES, None)
    }

    fn next(&mut self, most: u32, retry_after: Option<Duration>) -> Next {
        self.attempts += 1;
        let asked = retry_after.unwrap_or_default();
        if self.attempts >= most || asked > LONGEST_PAUSE {
            return Next::Stop;
        }
        let pause = FIRST_PAUSE * 2_u32.pow(self.attempts - 1);
        Next::Wait(asked + pause.mul_f64(0.5 + fastrand::f64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_failures_are_repeated_and_others_are_not() {
        for status in [409, 424, 429, 500, 502, 503, 504] {
            assert_ne!(Retries::default().after_answer(status, None, None), Next::Stop, "{status}");
        }
        for status in [200, 301, 400, 401, 402, 403, 404] {
            assert_eq!(Retries::default().after_answer(status, None, None), Next::Stop, "{status}");
        }
    }

    #[test]
    fn stripes_word_on_a_repeat_is_followed() {
        assert_eq!(Retries::default().after_answer(500, None, Some(false)), Next::Stop);
        assert_ne!(Retries::default().after_answer(400, None, Some(true)), Next::Stop);
    }

    #[test]
    fn pauses_grow_and_attempts_are_bounded() {
        let mut retries = Retries::default();
        for most in [375, 750, 1_500] {
            let next = retries.after_answer(503, None, None);
            let Next::Wait(pause) = next else { panic!("another attempt was due") };
            assert!((most / 3..=most).contains(&u64::try_from(pause.as_millis()).unwrap()), "{pause:?}");
        }
        assert_eq!(retries.after_answer(503, None, None), Next::Stop);

        let mut lost = Retries::default();
        let waits = (0..3).filter(|_| lost.after_loss() != Next::Stop).count();
        assert_eq!(waits, 2);
    }

    #[test]
    fn retry_after_is_honoured_within_bounds() {
        let two = Some(Duration::from_secs(2));
        let Next::Wait(pause) = Retries::default().after_answer(429, two, None) else {
            panic!("a pause was due")
        };
        assert!(pause >= Duration::from_secs(2), "{pause:?}");
        let hour = Some(Duration::from_hours(1));
        assert_eq!(Retries::default().after_answer(429, hour, None), Next::Stop);
    }
}
