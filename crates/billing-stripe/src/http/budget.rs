use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::{
    settings::RateLimit,
    transport::{ApiRequest, Method},
};

/// The part of a second's requests that may go at once; the rest is spread over the second.
const BURST: f64 = 0.2;

/// The rates of all accounts.
pub(super) struct Budgets {
    rate_limit: RateLimit,
    by_account: Mutex<HashMap<Account, Arc<Budget>>>,
}

/// Reads and writes are counted apart.
#[derive(PartialEq, Eq, Hash)]
struct Account {
    secret_key: String,
    connected: Option<String>,
    is_read: bool,
}

impl Budgets {
    pub(super) fn new(rate_limit: RateLimit) -> Self {
        Self { rate_limit, by_account: Mutex::default() }
    }

    /// Waits for the request's turn.
    pub(super) async fn take(&self, request: &ApiRequest) {
        let account = Account {
            secret_key: request.secret_key.expose_secret().to_owned(),
            connected: request.stripe_account.clone(),
            is_read: request.method == Method::Get,
        };
        let budget = {
            let rate = self.rate_limit.per_second(&request.secret_key);
            locked(&self.by_account).entry(account).or_insert_with(|| Arc::new(Budget::new(rate))).clone()
        };
        budget.take(request.is_important).await;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rate of requests to one account: a token bucket, from which important requests take first.
struct Budget {
    burst: f64,
    per_second: f64,
    state: Mutex<State>,
}

struct State {
    tokens: f64,
    refilled_at: Instant,
    important_waiting: usize,
}

/// The place of an important request that waits.
struct Place<'a>(&'a Mutex<State>);

impl<'a> Place<'a> {
    fn new(state: &'a Mutex<State>) -> Self {
        locked(state).important_waiting += 1;
        Self(state)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        locked(self.0).important_waiting -= 1;
    }
}

impl Budget {
    /// At most `rate` requests in any second.
    fn new(rate: u32) -> Self {
        let rate = f64::from(rate);
        let burst = (rate * BURST).max(1.0);
        let state = State { tokens: burst, refilled_at: Instant::now(), important_waiting: 0 };
        Self { burst, per_second: (rate - burst).max(0.5), state: Mutex::new(state) }
    }

    async fn take(&self, is_important: bool) {
        let _place = is_important.then(|| Place::new(&self.state));
        while let Err(pause) = self.try_take(is_important) {
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes a token, or says after what time to ask again.
    fn try_take(&self, is_important: bool) -> Result<(), Duration> {
        let mut state = locked(&self.state);
        let now = Instant::now();
        let refill = (now - state.refilled_at).as_secs_f64() * self.per_second;
        state.tokens = (state.tokens + refill).min(self.burst);
        state.refilled_at = now;
        let ahead = if is_important {
            0.0
        } else {
            f64::from(u32::try_from(state.important_waiting).unwrap_or(u32::MAX))
        };
        let missing = 1.0 + ahead - state.tokens;
        if missing <= 0.0 {
            state.tokens -= 1.0;
            return Ok(());
        }
        // Timers have a resolution of a millisecond.
        Err(Duration::from_secs_f64(missing / self.per_second).max(Duration::from_millis(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn at_most_the_rate_goes_in_any_second() {
        let budget = Budget::new(25);
        let mut times = Vec::new();
        for _ in 0..100 {
            budget.take(false).await;
            times.push(Instant::now());
        }
        for (first, later) in times.iter().zip(&times[25..]) {
            assert!(*later - *first >= Duration::from_millis(990), "{:?}", *later - *first);
        }
        assert!(times[99] - times[0] < Duration::from_millis(5_500), "{:?}", times[99] - times[0]);
    }

    #[tokio::test(start_paused = true)]
    async fn important_requests_pass_all_that_wait() {
        let budget = Arc::new(Budget::new(25));
        let begun = Instant::now();
        let others: Vec<_> = (0..100)
            .map(|_| {
                let budget = budget.clone();
                tokio::spawn(async move { budget.take(false).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let asked = Instant::now();
        let important: Vec<_> = (0..10)
            .map(|_| {
                let budget = budget.clone();
                tokio::spawn(async move { budget.take(true).await })
            })
            .collect();
        for one in important {
            one.await.unwrap();
        }
        assert!(asked.elapsed() <= Duration::from_millis(600), "{:?}", asked.elapsed());
        for other in others {
            other.await.unwrap();
        }
        assert!(begun.elapsed() > Duration::from_secs(4));
    }

    #[tokio::test(start_paused = true)]
    async fn an_important_request_that_is_given_up_holds_up_nobody() {
        let budget = Budget::new(1);
        budget.take(true).await;
        let given_up = tokio::time::timeout(Duration::from_millis(10), budget.take(true)).await;
        assert!(given_up.is_err());
        tokio::time::timeout(Duration::from_secs(3), budget.take(false)).await.unwrap();
    }
}
