use chrono::TimeDelta;

use crate::prelude::*;
use crate::testing::{Expecting, closing, enabled, now, ports, work_on, workspace, workspace_id};

fn request() -> OpenCheckoutIntentRequest {
    OpenCheckoutIntentRequest {
        workspace_id: workspace_id(),
        app_id: AppId::parse("app_1").unwrap(),
        environment_id: EnvironmentId::parse("env_1").unwrap(),
        payer: Payer::User(UserId::parse("user_1").unwrap()),
    }
}

fn open_checkout_intent(work: MockUnitOfWork) -> OpenCheckoutIntent {
    OpenCheckoutIntent::new(ports(vec![work]))
}

#[tokio::test]
async fn a_new_intent_is_unresolved_with_its_own_key() {
    let mut work = work_on(workspace(enabled(), 1));
    work.checkout_intents.expect_insert_checkout_intent().once().return_once(|_| Ok(()));
    work.ending.expect_commit().once().return_once(|| Ok(()));

    let intent = open_checkout_intent(work).execute(request()).await.unwrap();

    assert_eq!(intent.state, CheckoutIntentState::Unresolved);
    assert_eq!(intent.gateway, Gateway::Managed);
    assert_eq!(intent.idempotency_key, IdempotencyKey::from_uuid(2));
}

#[tokio::test]
async fn the_session_expires_within_the_limits_of_stripe() {
    let mut work = work_on(workspace(enabled(), 1));
    work.checkout_intents.expect_insert_checkout_intent().once().return_once(|_| Ok(()));
    work.ending.expect_commit().once().return_once(|| Ok(()));

    let intent = open_checkout_intent(work).execute(request()).await.unwrap();

    let lifetime = intent.expires_at - now();
    assert!(lifetime > TimeDelta::minutes(30) && lifetime < TimeDelta::hours(24));
}

#[tokio::test]
async fn no_intent_is_written_while_billing_is_closing_or_off() {
    for (switch, expected) in
        [(BillingSwitch::Disabled, CheckoutRefused::NotEnabled), (closing(), CheckoutRefused::Closing)]
    {
        let work = work_on(workspace(switch, 1)).rolling_back();

        let error = open_checkout_intent(work).execute(request()).await.unwrap_err();

        assert!(matches!(error, OpenCheckoutIntentError::Refused(refusal) if refusal == expected));
    }
}
