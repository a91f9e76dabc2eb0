use billing_domain::ports::MockUnitOfWork;

use super::*;
use crate::testing::{Expecting, closing, enabled, now, owner, ports, work_on, workspace, workspace_id};

const CONNECT: Gateway = Gateway::StripeConnect;

fn request(gateway: Gateway) -> EnableBillingRequest {
    EnableBillingRequest {
        workspace_id: workspace_id(),
        gateway,
        wish: EnableWish::EnableOrSwitch,
        actor: owner(),
    }
}

fn enable_billing(work: MockUnitOfWork) -> EnableBilling {
    EnableBilling::new(ports(vec![work]), GatewayAvailability::default())
}

#[tokio::test]
async fn enabling_saves_the_switch_and_the_audit_entry_in_one_transaction() {
    let expected = BillingSwitch::Enabled { since: now(), gateway: CONNECT };
    let work = work_on(workspace(BillingSwitch::Disabled, 0)).saving(0, expected, owner());

    let switch = enable_billing(work).execute(request(CONNECT)).await.unwrap();

    assert_eq!(switch, expected);
}

#[tokio::test]
async fn enabling_again_writes_nothing() {
    let work = work_on(workspace(enabled(), 1)).rolling_back();

    let switch = enable_billing(work).execute(request(Gateway::Managed)).await.unwrap();

    assert_eq!(switch, enabled());
}

#[tokio::test]
async fn enabling_while_closing_is_refused_and_writes_nothing() {
    let work = work_on(workspace(closing(), 2)).rolling_back();

    let refusal = enable_billing(work).execute(request(CONNECT)).await.unwrap_err();

    assert!(matches!(refusal, EnableBillingError::Closing));
}

#[tokio::test]
async fn a_gateway_without_configuration_is_refused_and_writes_nothing() {
    let work = work_on(workspace(BillingSwitch::Disabled, 0)).rolling_back();
    let availability = GatewayAvailability::default().missing(CONNECT, vec!["KL_SOME_SETTING"]);
    let enable_billing = EnableBilling::new(ports(vec![work]), availability);

    let refusal = enable_billing.execute(request(CONNECT)).await.unwrap_err();

    assert!(matches!(refusal, EnableBillingError::GatewayNotConfigured(_)));
}

#[tokio::test]
async fn a_lost_race_is_reported_and_nothing_is_committed() {
    let mut work = work_on(workspace(BillingSwitch::Disabled, 0));
    work.expect_save_switch().once().return_once(|_, _, _| Err(StoreError::Conflict));

    let error = enable_billing(work).execute(request(CONNECT)).await.unwrap_err();

    assert!(matches!(error, EnableBillingError::Store(StoreError::Conflict)));
}

#[tokio::test]
async fn a_form_that_enables_does_not_switch_what_somebody_else_has_enabled() {
    let work = work_on(workspace(enabled(), 3)).rolling_back();
    let request = EnableBillingRequest { wish: EnableWish::Enable, ..request(CONNECT) };

    let refused = enable_billing(work).execute(request).await;

    assert!(matches!(refused, Err(EnableBillingError::OnAlready(Gateway::Managed))), "{refused:?}");
}

#[tokio::test]
async fn a_form_that_switches_does_not_enable_what_somebody_else_has_disabled() {
    let work = work_on(workspace(BillingSwitch::Disabled, 3)).rolling_back();
    let request = EnableBillingRequest { wish: EnableWish::Switch, ..request(CONNECT) };

    let refused = enable_billing(work).execute(request).await;

    assert!(matches!(refused, Err(EnableBillingError::NotEnabled)), "{refused:?}");
}
