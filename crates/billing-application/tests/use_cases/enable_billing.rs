use crate::prelude::*;
use crate::testing::{Expecting, change, closing, enabled, now, owner, ports, work_on, workspace};

const CONNECT: Gateway = Gateway::StripeConnect;

fn through(gateway: Gateway) -> EnableBilling {
    EnableBilling { gateway, wish: EnableWish::EnableOrSwitch }
}

#[tokio::test]
async fn enabling_saves_the_switch_and_the_audit_entry_in_one_transaction() {
    let expected = BillingSwitch::Enabled { since: now(), gateway: CONNECT };
    let work = work_on(workspace(BillingSwitch::Disabled, 0)).saving(0, expected, owner());

    let switch = change(ports(vec![work]), through(CONNECT)).await.unwrap();

    assert_eq!(switch, expected);
}

#[tokio::test]
async fn enabling_again_writes_nothing() {
    let work = work_on(workspace(enabled(), 1)).rolling_back();

    let switch = change(ports(vec![work]), through(Gateway::Managed)).await.unwrap();

    assert_eq!(switch, enabled());
}

#[tokio::test]
async fn enabling_while_closing_is_refused_and_writes_nothing() {
    let work = work_on(workspace(closing(), 2)).rolling_back();

    let refusal = change(ports(vec![work]), through(CONNECT)).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(EnableBillingError::Closing)));
}

#[tokio::test]
async fn a_gateway_without_configuration_is_refused_and_writes_nothing() {
    let work = work_on(workspace(BillingSwitch::Disabled, 0)).rolling_back();
    let availability = GatewayAvailability::default().missing(CONNECT, vec!["KL_SOME_SETTING"]);
    let ports = Ports { availability, ..ports(vec![work]) };

    let refusal = change(ports, through(CONNECT)).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(EnableBillingError::GatewayNotConfigured(_))));
}

#[tokio::test]
async fn a_lost_race_is_reported_and_nothing_is_committed() {
    let mut work = work_on(workspace(BillingSwitch::Disabled, 0));
    work.switches.expect_save_switch().once().return_once(|_, _, _| Err(StoreError::Conflict));
    let work = work.rolling_back();

    let error = change(ports(vec![work]), through(CONNECT)).await.unwrap_err();

    assert!(matches!(error, Refused::Store(StoreError::Conflict)));
}

#[tokio::test]
async fn an_enable_form_does_not_switch_the_gateway() {
    let work = work_on(workspace(enabled(), 3)).rolling_back();
    let asked = EnableBilling { wish: EnableWish::Enable, ..through(CONNECT) };

    let refused = change(ports(vec![work]), asked).await;

    assert!(
        matches!(refused, Err(Refused::Rule(EnableBillingError::OnAlready(Gateway::Managed)))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_switch_form_does_not_enable_billing() {
    let work = work_on(workspace(BillingSwitch::Disabled, 3)).rolling_back();
    let asked = EnableBilling { wish: EnableWish::Switch, ..through(CONNECT) };

    let refused = change(ports(vec![work]), asked).await;

    assert!(matches!(refused, Err(Refused::Rule(EnableBillingError::NotEnabled))), "{refused:?}");
}
