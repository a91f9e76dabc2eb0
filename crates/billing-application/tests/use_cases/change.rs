//! The rules of the executor for every change, or every change of a kind.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::prelude::*;
use crate::testing::{
    Stored, Write, Written, add_price, administrator, archive_plan, archive_price, attach_feature, catalog,
    change, change_once, closing, create_app, create_feature, create_plan, delete_feature, detach_feature,
    other_app_id, ports, pro, request_key, sso, update_app, update_feature, update_plan, workspace,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

type Ran = (Result<String, Refused<AnyRule>>, Written);

/// A change of any type.
struct Case {
    name: &'static str,
    is_keyed: bool,
    run: Box<dyn Fn(Stored) -> BoxFuture<'static, Ran>>,
}

/// The refusal of any change.
#[derive(Debug, thiserror::Error)]
#[error("a rule")]
struct AnyRule;

impl Refusal for AnyRule {
    fn told(&self) -> Told<'_> {
        unreachable!("nobody asks")
    }
}

fn erased<T: std::fmt::Debug, E: Refusal>(result: Result<T, Refused<E>>) -> Result<String, Refused<AnyRule>> {
    result.map(|answer| format!("{answer:?}")).map_err(|refused| match refused {
        Refused::NotEnabled => Refused::NotEnabled,
        Refused::Absent(absent) => Refused::Absent(absent),
        Refused::RequestKeyReused(reused) => Refused::RequestKeyReused(reused),
        Refused::Rule(_) => Refused::Rule(AnyRule),
        Refused::Store(error) => Refused::Store(error),
    })
}

/// A change that takes no idempotency key.
fn plain<C: Change<Answer: std::fmt::Debug> + Clone>(asked: C) -> Case {
    let run = move |stored: Stored| {
        let ((ports, written), asked) = (stored.ports(), asked.clone());
        async move { (erased(change(ports, asked).await), written) }.boxed()
    };
    Case { name: C::NAME, is_keyed: false, run: Box::new(run) }
}

/// A change under the [`request_key`].
fn keyed<C>(asked: C) -> Case
where
    C: Change<Answer: std::fmt::Debug + Serialize + DeserializeOwned> + Serialize + Clone,
{
    let run = move |stored: Stored| {
        let ((ports, written), asked) = (stored.ports(), asked.clone());
        async move { (erased(change_once(ports, asked).await), written) }.boxed()
    };
    Case { name: C::NAME, is_keyed: true, run: Box::new(run) }
}

fn catalog_changes() -> Vec<Case> {
    vec![
        keyed(create_plan()),
        keyed(add_price()),
        keyed(attach_feature()),
        keyed(create_feature()),
        plain(update_plan()),
        plain(archive_plan()),
        plain(archive_price()),
        plain(detach_feature()),
        plain(update_feature()),
        plain(delete_feature()),
    ]
}

fn app_changes() -> Vec<Case> {
    vec![keyed(create_app()), plain(update_app())]
}

fn every_change() -> Vec<Case> {
    catalog_changes().into_iter().chain(app_changes()).collect()
}

fn keyed_changes() -> Vec<Case> {
    every_change().into_iter().filter(|case| case.is_keyed).collect()
}

/// An answered request in a catalog that would refuse it as a new one.
fn answered_before(answered: AnsweredRequest) -> Stored {
    let mut with_the_key = pro();
    with_the_key.plan.id = PlanId::from_uuid(2_000);
    with_the_key.plan.key = create_plan().key;
    Stored {
        plans: vec![with_the_key],
        features: vec![Feature { key: create_feature().key, ..sso() }],
        answered: Some((request_key(), answered)),
        ..catalog()
    }
}

#[tokio::test]
async fn the_catalog_is_not_changed_while_billing_is_off() {
    for case in catalog_changes() {
        let (answer, written) = (case.run)(Stored { switch: BillingSwitch::Disabled, ..catalog() }).await;
        let not_enabled = matches!(answer, Err(Refused::NotEnabled));
        assert!(not_enabled && written.is_nothing(), "{}: {answer:?}", case.name);
    }
}

#[tokio::test]
async fn the_catalog_can_be_changed_while_closing() {
    for case in catalog_changes() {
        let (answer, written) = (case.run)(Stored { switch: closing(), ..catalog() }).await;
        assert!(answer.is_ok() && written.writes().ends_with(&[Write::Commit]), "{}: {answer:?}", case.name);
    }
}

#[tokio::test]
async fn apps_can_be_changed_while_billing_is_off() {
    for case in app_changes() {
        let (answer, written) = (case.run)(Stored { switch: BillingSwitch::Disabled, ..catalog() }).await;
        assert!(answer.is_ok() && written.writes().ends_with(&[Write::Commit]), "{}: {answer:?}", case.name);
    }
}

#[tokio::test]
async fn the_catalog_of_another_workspaces_app_is_absent() {
    for case in catalog_changes() {
        let mut stored = catalog();
        stored.apps[0].workspace_id = WorkspaceId::parse("ws_other").unwrap();
        let (answer, written) = (case.run)(stored).await;
        let absent = matches!(answer, Err(Refused::Absent(Absent::App)));
        assert!(absent && written.is_nothing(), "{}: {answer:?}", case.name);
    }
}

#[tokio::test]
async fn a_plan_of_another_app_is_absent() {
    for case in catalog_changes() {
        if ["create_plan", "create_feature", "update_feature", "delete_feature"].contains(&case.name) {
            continue;
        }
        let mut stored = catalog();
        stored.plans[0].plan.app_id = other_app_id();
        let (answer, written) = (case.run)(stored).await;
        let absent = matches!(answer, Err(Refused::Absent(Absent::Plan)));
        assert!(absent && written.is_nothing(), "{}: {answer:?}", case.name);
    }
}

#[tokio::test]
async fn a_store_failure_at_any_call_commits_nothing() {
    for case in every_change() {
        let mut call = 0;
        loop {
            let (answer, written) = (case.run)(Stored { fails_at: Some(call), ..catalog() }).await;
            let Err(refused) = answer else { break };
            let Refused::Store(StoreError::Unavailable(cause)) = refused else {
                panic!("{}: call {call} became {refused:?}", case.name)
            };
            assert_eq!(cause.to_string(), format!("call {call}"), "{}", case.name);
            assert!(!written.writes().contains(&Write::Commit), "{}: call {call}", case.name);
            call += 1;
        }
        assert!(call >= 5, "{}: the lock, a read, a write, its audit entry and the commit", case.name);
    }
}

#[tokio::test]
async fn a_repeat_under_the_same_key_replays_the_answer_and_writes_nothing() {
    for case in keyed_changes() {
        let (first, written) = (case.run)(catalog()).await;
        let [(key, answered)] = written.remembered().try_into().unwrap();
        assert_eq!(key, request_key());
        assert_eq!(written.writes().last(), Some(&Write::Commit), "remembered with the change itself");

        let (repeat, written) = (case.run)(answered_before(answered)).await;

        assert_eq!(repeat.unwrap(), first.unwrap(), "{}", case.name);
        assert!(written.is_nothing(), "{}", case.name);
    }
}

#[tokio::test]
async fn a_key_that_was_used_for_another_kind_of_change_is_refused() {
    let cases = keyed_changes();
    for (case, other) in cases.iter().zip(cases.iter().cycle().skip(1)) {
        let (_, written) = (other.run)(catalog()).await;
        let [(_, answered)] = written.remembered().try_into().unwrap();

        let (answer, written) = (case.run)(answered_before(answered)).await;

        let reused = matches!(answer, Err(Refused::RequestKeyReused(_))) && written.is_nothing();
        assert!(reused, "{} after {}: {answer:?}", case.name, other.name);
    }
}

#[tokio::test]
async fn without_a_key_no_answer_is_stored() {
    for case in every_change().into_iter().filter(|case| !case.is_keyed) {
        let (answer, written) = (case.run)(catalog()).await;
        assert!(answer.is_ok() && written.remembered().is_empty(), "{}: {answer:?}", case.name);
    }
    let (ports, written) = catalog().ports();
    Executor::new(ports).change_once(&administrator(), &create_plan(), None).await.unwrap();
    assert!(written.remembered().is_empty());
}

/// A changed fingerprint refuses the repeats of a day: omit new optional fields from it when they are empty.
#[tokio::test]
async fn the_fingerprint_of_a_request_is_its_name_and_all_its_fields() {
    let mut fingerprints = Vec::new();
    for case in keyed_changes() {
        let (_, written) = (case.run)(catalog()).await;
        let [(_, answered)] = written.remembered().try_into().unwrap();
        fingerprints.push(answered.request);
    }
    assert_eq!(
        fingerprints,
        [
            r#"["create_plan",{"app_id":"app_shop","key":"team","payer_kind":"organization","details":{"name":"Team","description":null,"trialDays":0,"visibility":"hidden","isDefault":false},"prices":[{"amount":{"minorUnits":5000,"currency":"USD"},"interval":"month"},{"amount":{"minorUnits":50000,"currency":"USD"},"interval":"year"}]}]"#,
            r#"["add_price",{"app_id":"app_shop","plan_id":"plan_000000000000000000000000z9","terms":{"amount":{"minorUnits":12000,"currency":"USD"},"interval":"year"},"expected_version":5}]"#,
            r#"["attach_feature",{"app_id":"app_shop","plan_id":"plan_000000000000000000000000z9","key":"sso","name":null,"description":null}]"#,
            r#"["create_feature",{"app_id":"app_shop","key":"api","details":{"name":"API","description":null}}]"#,
            r#"["create_app",{"name":"Blog","allowed_redirect_origins":["https://blog.example"]}]"#,
        ]
    );
}

#[tokio::test]
async fn an_answer_that_breaks_todays_rules_is_replayed_unchanged() {
    let (ports, written) = catalog().ports();
    let first = change_once(ports, create_plan()).await.unwrap();
    let [(key, answered)] = written.remembered().try_into().unwrap();
    let outcome = answered
        .outcome
        .replace(r#""key":"team""#, r#""key":"Team Plan 2024""#)
        .replace(r#""trialDays":0"#, r#""trialDays":9999"#)
        .replace(r#""minorUnits":5000,"#, r#""minorUnits":0,"#)
        .replace(r#""name":"Team""#, r#""name":"""#);
    let answered = Some((key, AnsweredRequest { outcome, ..answered }));

    let (ports, _) = Stored { answered, ..catalog() }.ports();
    let again = change_once(ports, create_plan()).await.unwrap();

    assert_eq!(again.plan.id, first.plan.id);
    assert_eq!(again.plan.key.as_str(), "Team Plan 2024");
    assert_eq!(again.plan.details.trial_days.days(), 9_999);
    assert_eq!(again.prices[0].terms.amount().minor_units(), 0);
    assert_eq!(again.plan.details.name.as_str(), "");
}

#[tokio::test]
async fn an_unreadable_stored_answer_is_an_error() {
    let (ports, written) = catalog().ports();
    change_once(ports, create_plan()).await.unwrap();
    let [(key, answered)] = written.remembered().try_into().unwrap();
    let answered = Some((key, AnsweredRequest { outcome: "Hello".to_owned(), ..answered }));

    let (ports, written) = Stored { answered, ..catalog() }.ports();
    let failed = change_once(ports, create_plan()).await;

    assert!(matches!(failed, Err(Refused::Store(StoreError::Unexpected(_)))) && written.is_nothing());
}

#[tokio::test]
async fn a_refusal_is_returned_even_if_the_rollback_fails() {
    let mut work = MockUnitOfWork::default();
    let off = workspace(BillingSwitch::Disabled, 1);
    work.switches.expect_lock_workspace().return_once(move |_| Ok(off));
    work.ending.expect_rollback().once().return_once(|| Err(StoreError::Unavailable("down".into())));

    let refused = change(ports(vec![work]), archive_price()).await;

    assert!(matches!(refused, Err(Refused::<PlanError>::NotEnabled)));
}
