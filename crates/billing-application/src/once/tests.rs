use billing_domain::ports::MockUnitOfWork;
use chrono::TimeDelta;

use super::*;
use crate::testing::{now, request_key, workspace_id};

fn once<'a>(workspace: &'a WorkspaceId, key: Option<&'a RequestKey>, asked: &str) -> Once<'a> {
    Once::new(workspace, key, now(), "greet", &asked).unwrap()
}

/// A unit of work that remembers what `greet Ada` came to, and nothing else.
fn remembering(outcome: &str) -> MockUnitOfWork {
    let answered = AnsweredRequest { request: r#"["greet","Ada"]"#.to_owned(), outcome: outcome.to_owned() };
    let mut work = MockUnitOfWork::new();
    work.expect_answered_request()
        .once()
        .withf(|workspace, key, since| {
            *workspace == workspace_id() && *key == request_key() && now() - *since == TimeDelta::hours(24)
        })
        .return_once(|_, _, _| Ok(Some(answered)));
    work
}

#[tokio::test]
async fn the_answer_of_the_last_24_hours_is_given_again() {
    let (workspace, key) = (workspace_id(), request_key());
    let mut work = remembering(r#""Hello""#);
    let again = once(&workspace, Some(&key), "Ada").earlier_answer::<String>(&mut work).await;
    assert!(matches!(again, Ok(Some(answer)) if answer == "Hello"));
}

#[tokio::test]
async fn a_key_of_another_request_is_refused() {
    let (workspace, key) = (workspace_id(), request_key());
    let mut work = remembering(r#""Hello""#);
    let other = once(&workspace, Some(&key), "Grace").earlier_answer::<String>(&mut work).await;
    assert!(matches!(other, Err(OnceError::KeyReused(_))));

    let mut work = remembering(r#""Hello""#);
    let other_operation = Once::new(&workspace, Some(&key), now(), "dismiss", &"Ada").unwrap();
    let other = other_operation.earlier_answer::<String>(&mut work).await;
    assert!(matches!(other, Err(OnceError::KeyReused(_))));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_a_bug_and_not_a_new_request() {
    let (workspace, key) = (workspace_id(), request_key());
    let mut work = remembering("Hello");
    let answer = once(&workspace, Some(&key), "Ada").earlier_answer::<String>(&mut work).await;
    assert!(matches!(answer, Err(OnceError::Store(StoreError::Unexpected(_)))));
}

#[tokio::test]
async fn a_store_that_cannot_tell_is_told_as_such() {
    let (workspace, key) = (workspace_id(), request_key());
    let mut work = MockUnitOfWork::new();
    work.expect_answered_request().once().return_once(|_, _, _| Err(StoreError::Conflict));
    let answer = once(&workspace, Some(&key), "Ada").earlier_answer::<String>(&mut work).await;
    assert!(matches!(answer, Err(OnceError::Store(StoreError::Conflict))));
}

#[tokio::test]
async fn a_request_is_remembered_with_its_answer_from_now_on_and_for_24_hours() {
    let (workspace, key) = (workspace_id(), request_key());
    let mut work = MockUnitOfWork::new();
    work.expect_remember_request()
        .once()
        .withf(|workspace, key, answered, since, at| {
            (workspace, key, *at) == (&workspace_id(), &request_key(), now())
                && now() - *since == TimeDelta::hours(24)
                && answered.request == r#"["greet","Ada"]"#
                && answered.outcome == r#""Hello""#
        })
        .return_once(|_, _, _, _, _| Ok(()));

    once(&workspace, Some(&key), "Ada").remember(&mut work, &"Hello").await.unwrap();
}

#[tokio::test]
async fn without_a_key_nobody_asks_and_nothing_is_remembered() {
    let workspace = workspace_id();
    let mut untouched = MockUnitOfWork::new();
    let answer = once(&workspace, None, "Ada").earlier_answer::<String>(&mut untouched).await;
    assert!(matches!(answer, Ok(None)));
    once(&workspace, None, "Ada").remember(&mut untouched, &"Hello").await.unwrap();
}
