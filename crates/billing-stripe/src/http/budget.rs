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

/// The important requests after which one of the others goes first: however many people wait, what was sold is followed.
const IMPORTANT_IN_A_ROW: u32 = 4;

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

/// The rate of requests to one account: a token bucket, from which important requests take first, but for every fifth
/// token.
struct Budget {
    burst: f64,
    per_second: f64,
    state: Mutex<State>,
}

struct State {
    tokens: f64,
    refilled_at: Instant,
    important_waiting: u32,
    others_waiting: u32,
    important_in_a_row: u32,
}

impl State {
    fn waiting(&mut self, is_important: bool) -> &mut u32 {
        if is_important { &mut self.important_waiting } else { &mut self.others_waiting }
    }

    /// The number of tokens that are left to requests of the other kind.
    fn ahead(&self, is_important: bool) -> f64 {
        let is_others_turn = self.others_waiting > 0 && self.important_in_a_row >= IMPORTANT_IN_A_ROW;
        match (is_important, is_others_turn) {
            (true, true) => 1.0,
            (true, false) | (false, true) => 0.0,
            (false, false) => f64::from(self.important_waiting.min(IMPORTANT_IN_A_ROW)),
        }
    }
}

/// The place of a request that waits.
struct Place<'a> {
    state: &'a Mutex<State>,
    is_important: bool,
}

impl<'a> Place<'a> {
    fn new(state: &'a Mutex<State>, is_important: bool) -> Self {
        *locked(state).waiting(is_important) += 1;
        Self { state, is_important }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *locked(self.state).waiting(self.is_important) -= 1;
    }
}

impl Budget {
    /// At most `rate` requests in any second.
    fn new(rate: u32) -> Self {
        let rate = f64::from(rate);
        let burst = (rate * BURST).max(1.0);
        let state = State {
            tokens: burst,
            refilled_at: Instant::now(),
            important_waiting: 0,
            others_waiting: 0,
            important_in_a_row: 0,
        };
        Self { burst, per_second: (rate - burst).max(0.5), state: Mutex::new(state) }
    }

    async fn take(&self, is_important: bool) {
        let _place = Place::new(&self.state, is_important);
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
        let missing = 1.0 + state.ahead(is_important) - state.tokens;
        if missing <= 0.0 {
            state.tokens -= 1.0;
            state.important_in_a_row = if is_important { state.important_in_a_row + 1 } else { 0 };
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
        assert!(asked.elapsed() <= Duration::from_millis(700), "{:?}", asked.elapsed());
        for other in others {
            other.await.unwrap();
        }
        assert!(begun.elapsed() > Duration::from_secs(4));
    }

    #[tokio::test(start_paused = true)]
    async fn others_are_not_held_up_for_ever_by_important_requests() {
        let budget = Arc::new(Budget::new(25));
        let crowd: Vec<_> = (0..50)
            .map(|_| {
                let budget = budget.clone();
                tokio::spawn(async move {
                    loop {
                        budget.take(true).await;
                    }
                })
            })
            .collect();
        for _ in 0..10 {
            tokio::time::timeout(Duration::from_secs(1), budget.take(false)).await.unwrap();
        }
        crowd.iter().for_each(tokio::task::JoinHandle::abort);
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
