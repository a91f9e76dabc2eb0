use std::sync::Arc;
use std::time::Duration;

use billing_tokens::DashboardTokens;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::issuer::{Answer, Issuer, key_set, published};
use crate::{Outcome, is_unavailable, token, verifier, verify};

const CALLERS: usize = 64;
const TIMEOUT: Duration = Duration::from_secs(5);

fn call(tokens: &Arc<DashboardTokens>) -> JoinSet<Outcome> {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let tokens = Arc::clone(tokens);
        callers.spawn(async move { verify(&tokens, &token(1, &format!("key{caller}"))).await });
    }
    callers
}

#[tokio::test]
async fn all_callers_of_a_cold_start_share_one_timeout() {
    let issuer = Issuer::answering(Answer::Nothing).await;
    let tokens = verifier(&issuer);
    let began = Instant::now();
    let callers = call(&tokens);
    issuer.is_asked().await;
    tokio::time::pause();
    assert!(callers.join_all().await.iter().all(is_unavailable));
    assert!(began.elapsed() < 2 * TIMEOUT, "{:?}", began.elapsed());

    // The next callers do not wait for another.
    let began = Instant::now();
    assert!(call(&tokens).join_all().await.iter().all(is_unavailable));
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn callers_that_gave_up_leave_one_fetch_to_the_next() {
    let issuer = Issuer::answering(Answer::Nothing).await;
    let tokens = verifier(&issuer);
    let began = Instant::now();
    for _ in 0..3 {
        let mut callers = call(&tokens);
        issuer.is_asked().await;
        callers.shutdown().await;
    }
    tokio::time::pause();
    assert!(is_unavailable(&verify(&tokens, &token(1, "key")).await));
    assert!(began.elapsed() < 2 * TIMEOUT, "{:?}", began.elapsed());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn all_callers_of_a_cold_start_share_one_key_set() {
    let issuer = Issuer::publishing(&[published(1, "key7")]).await;
    let outcomes = call(&verifier(&issuer)).join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Verified).count(), 1);
    assert!(!outcomes.iter().any(is_unavailable), "{outcomes:?}");
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn timeout_covers_an_answer_that_comes_byte_by_byte() {
    let Answer::Whole(bytes) = key_set(&[published(1, "key")]) else { panic!("a whole answer") };
    let body = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    for at_once in [0, body] {
        let (start, rest) = bytes.split_at(at_once);
        let issuer = Issuer::answering(Answer::Slow(start.to_vec(), rest.to_vec())).await;
        let tokens = verifier(&issuer);
        let began = Instant::now();
        let mut callers = call(&tokens);
        issuer.is_asked().await;
        tokio::time::pause();
        assert!(is_unavailable(&callers.join_next().await.unwrap().unwrap()));
        assert!(began.elapsed() < 2 * TIMEOUT, "{:?}", began.elapsed());
        tokio::time::resume();
    }
}
