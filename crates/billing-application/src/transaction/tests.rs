use billing_domain::ports::MockUnitOfWork;

use super::*;

#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("a rule forbids it")]
    Forbidden,
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("down".into())
}

fn committing(result: Result<(), StoreError>) -> Box<MockUnitOfWork> {
    let mut work = MockUnitOfWork::new();
    work.expect_commit().once().return_once(|| result);
    Box::new(work)
}

fn rolling_back(result: Result<(), StoreError>) -> Box<MockUnitOfWork> {
    let mut work = MockUnitOfWork::new();
    work.expect_rollback().once().return_once(|| result);
    Box::new(work)
}

fn forbidden() -> Result<Decision<u8>, Refusal> {
    Err(Refusal::Forbidden)
}

#[tokio::test]
async fn what_was_changed_is_committed() {
    let settled: Result<_, Refusal> = settle(committing(Ok(())), Ok(Decision::Changed(7))).await;
    assert_eq!(settled.unwrap(), 7);
}

#[tokio::test]
async fn a_failed_commit_is_told() {
    let settled = settle(committing(Err(unavailable())), Ok(Decision::Changed(7))).await;
    assert!(matches!(settled, Err(Refusal::Store(StoreError::Unavailable(_)))));
}

#[tokio::test]
async fn when_nothing_was_changed_all_is_rolled_back() {
    let settled: Result<_, Refusal> = settle(rolling_back(Ok(())), Ok(Decision::Unchanged(7))).await;
    assert_eq!(settled.unwrap(), 7);
}

#[tokio::test]
async fn a_refusal_rolls_all_back() {
    let settled = settle(rolling_back(Ok(())), forbidden()).await;
    assert!(matches!(settled, Err(Refusal::Forbidden)));
}

#[tokio::test]
async fn a_refusal_is_told_even_when_the_rollback_fails() {
    let settled = settle(rolling_back(Err(unavailable())), forbidden()).await;
    assert!(matches!(settled, Err(Refusal::Forbidden)));
}
