use crate::prelude::*;
use crate::testing::{
    Expecting, administrator, closing, enabled, one_blocker, owner, ports, work_on, workspace,
};

async fn disable_billing(units: Vec<MockUnitOfWork>) -> Result<BillingSwitch, Refused<DisableBillingError>> {
    Executor::new(ports(units)).disable_billing(&administrator()).await
}

fn begins_closing() -> MockUnitOfWork {
    work_on(workspace(enabled(), 1)).scheduling().saving(1, closing(), owner())
}

#[tokio::test]
async fn billing_goes_off_through_closing_when_nothing_blocks_it() {
    let ends = work_on(workspace(closing(), 2)).finding(Blockers::none()).cancelling().saving(
        2,
        BillingSwitch::Disabled,
        owner(),
    );

    let switch = disable_billing(vec![begins_closing(), ends]).await.unwrap();

    assert_eq!(switch, BillingSwitch::Disabled);
}

#[tokio::test]
async fn a_refused_closing_leaves_billing_as_it_was() {
    let ends =
        work_on(workspace(closing(), 2)).finding(one_blocker()).cancelling().saving(2, enabled(), owner());

    let error = disable_billing(vec![begins_closing(), ends]).await.unwrap_err();

    assert!(
        matches!(error, Refused::Rule(DisableBillingError::Blocked(blockers)) if blockers == one_blocker())
    );
}

#[tokio::test]
async fn disabling_while_off_writes_nothing() {
    let work = work_on(workspace(BillingSwitch::Disabled, 3)).rolling_back();

    let switch = disable_billing(vec![work]).await.unwrap();

    assert_eq!(switch, BillingSwitch::Disabled);
}

#[tokio::test]
async fn a_second_caller_joins_the_closing_of_the_first() {
    let joins = work_on(workspace(closing(), 2)).rolling_back();
    let ends = work_on(workspace(closing(), 2)).finding(Blockers::none()).cancelling().saving(
        2,
        BillingSwitch::Disabled,
        owner(),
    );

    let switch = disable_billing(vec![joins, ends]).await.unwrap();

    assert_eq!(switch, BillingSwitch::Disabled);
}

#[tokio::test]
async fn a_closing_finished_by_another_caller_is_a_success() {
    let finds_it_ended =
        work_on(workspace(BillingSwitch::Disabled, 3)).finding(Blockers::none()).rolling_back();
    let begins_again = work_on(workspace(BillingSwitch::Disabled, 3)).rolling_back();

    let switch = disable_billing(vec![begins_closing(), finds_it_ended, begins_again]).await.unwrap();

    assert_eq!(switch, BillingSwitch::Disabled);
}

#[tokio::test]
async fn a_later_closing_ignores_the_blockers_of_an_earlier_one() {
    let finds_a_later_closing = work_on(workspace(closing(), 4)).finding(Blockers::none()).rolling_back();
    let joins_it = work_on(workspace(closing(), 4)).rolling_back();
    let ends_it = work_on(workspace(closing(), 4)).finding(Blockers::none()).cancelling().saving(
        4,
        BillingSwitch::Disabled,
        owner(),
    );

    let switch =
        disable_billing(vec![begins_closing(), finds_a_later_closing, joins_it, ends_it]).await.unwrap();

    assert_eq!(switch, BillingSwitch::Disabled);
}

#[tokio::test]
async fn a_closing_refused_to_another_caller_returns_the_present_blockers() {
    let finds_it_refused = work_on(workspace(enabled(), 3)).finding(one_blocker()).rolling_back();

    let error = disable_billing(vec![begins_closing(), finds_it_refused]).await.unwrap_err();

    assert!(
        matches!(error, Refused::Rule(DisableBillingError::Blocked(blockers)) if blockers == one_blocker())
    );
}

#[tokio::test]
async fn disabling_gives_up_under_contention() {
    let mut units = Vec::new();
    for _ in 0..16 {
        units.push(begins_closing());
        units.push(work_on(workspace(enabled(), 7)).finding(Blockers::none()).rolling_back());
    }

    let error = disable_billing(units).await.unwrap_err();

    assert!(matches!(error, Refused::Rule(DisableBillingError::Contended)));
}

#[tokio::test]
async fn a_store_failure_leaves_the_workspace_closing() {
    let mut fails = work_on(workspace(closing(), 2));
    fails.switches.expect_blockers().once().return_once(|_| Err(StoreError::Unavailable("down".into())));
    let fails = fails.rolling_back();

    let error = disable_billing(vec![begins_closing(), fails]).await.unwrap_err();

    assert!(matches!(error, Refused::Store(StoreError::Unavailable(_))));
}
