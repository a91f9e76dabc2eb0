use billing_domain::Timestamp;
use billing_domain::ports::Clock;
use chrono::{SubsecRound, TimeDelta, Utc};

/// The machine's clock, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's one adapter")]
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6)
    }
}

/// The machine's clock, ahead by the seconds that `Ahead` gives.
pub struct MovedClock<Ahead>(pub Ahead);

impl<Ahead: Fn() -> i64 + Send + Sync> Clock for MovedClock<Ahead> {
    fn now(&self) -> Timestamp {
        SystemClock.now() + TimeDelta::seconds((self.0)())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_has_the_resolution_of_the_databases() {
        for _ in 0..1_000 {
            assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1_000, 0);
        }
    }
}
