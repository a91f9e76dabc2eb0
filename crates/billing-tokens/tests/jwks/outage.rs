use std::sync::Arc;
use std::time::Duration;

use billing_tokens::{DashboardTokens, FetchRunner, KeyFetch};
use tokio::time::Instant;

use crate::issuer::{Answer, Issuer, published};
use crate::{Outcome, UNKNOWN, is_unavailable, pass, token, verifier, verify};

#[tokio::test]
async fn unknown_key_is_an_outage_for_as_long_as_the_issuer_is_away() {
    let issuer = Issuer::publishing(&[published(1, "old")]).await;
    let tokens = verifier(&issuer);
    assert_eq!(verify(&tokens, &token(1, "old")).await, Outcome::Verified);

    issuer.break_down();
    pass(Duration::from_secs(31)).await;
    for seconds in [0, 0, 0, 1, 5, 31, 600] {
        pass(Duration::from_secs(seconds)).await;
        let unknown = verify(&tokens, &token(2, "new")).await;
        assert_eq!(unknown, Outcome::Unavailable("the issuer answered 500 Internal Server Error".to_owned()));
        assert_eq!(verify(&tokens, &token(1, "old")).await, Outcome::Verified);
    }

    issuer.publish(&[published(1, "old"), published(2, "new")]);
    pass(Duration::from_secs(5)).await;
    assert_eq!(verify(&tokens, &token(2, "new")).await, Outcome::Verified);
    assert_eq!(verify(&tokens, &token(3, "unknown")).await, Outcome::Refused(UNKNOWN.to_owned()));
}

#[tokio::test]
async fn known_key_is_used_for_an_hour_of_an_outage() {
    let issuer = Issuer::publishing(&[published(1, "key")]).await;
    let tokens = verifier(&issuer);
    assert_eq!(verify(&tokens, &token(1, "key")).await, Outcome::Verified);
    issuer.break_down();
    pass(Duration::from_mins(59)).await;
    assert_eq!(verify(&tokens, &token(1, "key")).await, Outcome::Verified);
    pass(Duration::from_mins(1)).await;
    for _ in 0..3 {
        assert!(is_unavailable(&verify(&tokens, &token(1, "key")).await));
    }
}

#[tokio::test]
async fn known_key_waits_for_one_timeout_of_an_outage_only() {
    let issuer = Issuer::publishing(&[published(1, "key")]).await;
    let tokens = verifier(&issuer);
    assert_eq!(verify(&tokens, &token(1, "key")).await, Outcome::Verified);
    issuer.answer(Answer::Nothing);
    pass(Duration::from_mins(6)).await;
    tokio::time::pause();
    assert_eq!(verify(&tokens, &token(1, "key")).await, Outcome::Verified);
    for _ in 0..10 {
        tokio::time::advance(Duration::from_secs(7)).await;
        let began = Instant::now();
        assert_eq!(verify(&tokens, &token(1, "key")).await, Outcome::Verified);
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}

#[tokio::test]
async fn fetches_are_30_seconds_apart_and_5_after_a_failure() {
    let issuer = Issuer::publishing(&[published(1, "key")]).await;
    let tokens = verifier(&issuer);
    let mut asked = [0; 2];
    for count in &mut asked {
        for _ in 0..50 {
            verify(&tokens, &token(2, "unknown")).await;
            pass(Duration::from_secs(1)).await;
        }
        *count = issuer.asked();
        issuer.break_down();
    }
    // From the tenth of the last 50 seconds on, give or take the milliseconds that the fetches take.
    assert_eq!(asked[0], 2);
    assert!((6..=9).contains(&(asked[1] - asked[0])), "{asked:?}");
}

struct Dropped;

impl FetchRunner for Dropped {
    fn start(&self, fetch: KeyFetch) {
        drop(fetch);
    }
}

#[tokio::test]
async fn fetch_without_an_end_is_an_internal_error_and_then_an_outage() {
    let issuer = "kolaylogin".to_owned();
    let tokens =
        DashboardTokens::with_jwks_url(issuer, "http://127.0.0.1:1/jwks.json", Arc::new(Dropped)).unwrap();
    assert_eq!(verify(&tokens, &token(1, "key")).await, Outcome::Unexpected);
    assert!(is_unavailable(&verify(&tokens, &token(1, "key")).await));
    pass(Duration::from_secs(5)).await;
    assert_eq!(verify(&tokens, &token(1, "key")).await, Outcome::Unexpected);
}
