use billing_domain::BillingSwitch;
use billing_domain::ports::MockBillingStore;

use super::*;
use crate::testing::{closing, enabled, one_blocker, workspace_id};

fn preflight(switch: BillingSwitch) -> PreflightDisable {
    let mut store = MockBillingStore::new();
    store.expect_billing_switch().return_once(move |_| Ok(switch));
    store.expect_blockers().times(..=1).return_once(|_| Ok(one_blocker()));
    PreflightDisable::new(Arc::new(store))
}

#[tokio::test]
async fn what_blocks_is_told_while_billing_is_on_or_closing() {
    for switch in [enabled(), closing()] {
        let blockers = preflight(switch).execute(&workspace_id()).await.unwrap();
        assert_eq!(blockers, one_blocker());
    }
}

#[tokio::test]
async fn there_is_no_forecast_while_billing_is_off() {
    let error = preflight(BillingSwitch::Disabled).execute(&workspace_id()).await.unwrap_err();
    assert!(matches!(error, PreflightDisableError::NotEnabled));
}
