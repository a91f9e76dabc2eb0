use proptest::prelude::*;

use super::*;
use crate::{Blocker, StripeSubscriptionId, SubscriptionStatus};

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(second, 0).unwrap()
}

fn available() -> GatewayAvailability {
    GatewayAvailability::default()
}

fn without(gateway: Gateway) -> GatewayAvailability {
    available().missing(gateway, vec!["KL_SOME_SETTING"])
}

fn one_blocker() -> Blockers {
    let blocker = Blocker::WorkspaceSubscription {
        id: StripeSubscriptionId::parse("sub_1").unwrap(),
        status: SubscriptionStatus::Active,
    };
    Blockers::new(vec![blocker], 1)
}

const MANAGED: Gateway = Gateway::Managed;
const CONNECT: Gateway = Gateway::StripeConnect;

fn enabled() -> BillingSwitch {
    BillingSwitch::Enabled { since: at(10), gateway: MANAGED }
}

fn closing() -> BillingSwitch {
    BillingSwitch::Closing { since: at(10), gateway: MANAGED, closing_since: at(20) }
}

#[test]
fn billing_is_off_by_default() {
    assert_eq!(BillingSwitch::default(), BillingSwitch::Disabled);
    assert!(!BillingSwitch::Disabled.is_on());
    assert_eq!(BillingSwitch::Disabled.since(), None);
    assert_eq!(BillingSwitch::Disabled.gateway(), None);
}

#[test]
fn enabling_records_the_moment_and_the_gateway() {
    let change = BillingSwitch::Disabled.enable(CONNECT, &available(), at(10)).unwrap().unwrap();

    assert_eq!(change.event, SwitchEvent::Enabled);
    assert_eq!(change.before, BillingSwitch::Disabled);
    assert_eq!(change.after, BillingSwitch::Enabled { since: at(10), gateway: CONNECT });
}

#[test]
fn enabling_twice_with_the_same_gateway_changes_nothing() {
    assert_eq!(enabled().enable(MANAGED, &available(), at(30)), Ok(None));
}

#[test]
fn switching_the_gateway_keeps_the_enabled_period() {
    let change = enabled().enable(CONNECT, &available(), at(30)).unwrap().unwrap();

    assert_eq!(change.event, SwitchEvent::GatewaySwitched);
    assert_eq!(change.after, BillingSwitch::Enabled { since: at(10), gateway: CONNECT });
}

#[test]
fn an_unconfigured_gateway_is_refused() {
    for switch in [BillingSwitch::Disabled, enabled()] {
        let refusal = switch.enable(CONNECT, &without(CONNECT), at(30)).unwrap_err();
        assert!(matches!(refusal, EnableError::GatewayNotConfigured(_)), "{switch:?}");
    }
}

#[test]
fn the_gateway_in_use_stays_without_its_configuration() {
    assert_eq!(enabled().enable(MANAGED, &without(MANAGED), at(30)), Ok(None));
}

#[test]
fn enabling_is_refused_while_closing() {
    for gateway in Gateway::ALL {
        assert_eq!(closing().enable(gateway, &available(), at(30)), Err(EnableError::Closing));
    }
}

#[test]
fn closing_begins_only_when_billing_is_enabled() {
    let change = enabled().begin_closing(at(20)).unwrap();

    assert_eq!(change.event, SwitchEvent::ClosingStarted);
    assert_eq!(change.after, closing());
    assert_eq!(closing().begin_closing(at(21)), None);
    assert_eq!(BillingSwitch::Disabled.begin_closing(at(21)), None);
}

#[test]
fn billing_still_counts_as_on_while_closing() {
    assert!(closing().is_on());
    assert_eq!(closing().since(), Some(at(10)));
    assert_eq!(closing().gateway(), Some(MANAGED));
}

#[test]
fn closing_without_blockers_ends_disabled() {
    let change = closing().finish_closing(&Blockers::none()).unwrap();

    assert_eq!(change.event, SwitchEvent::Disabled);
    assert_eq!(change.after, BillingSwitch::Disabled);
}

#[test]
fn closing_with_blockers_ends_enabled_as_before() {
    for gateway in Gateway::ALL {
        let enabled = BillingSwitch::Enabled { since: at(10), gateway };
        let closing = enabled.begin_closing(at(20)).unwrap().after;

        let change = closing.finish_closing(&one_blocker()).unwrap();

        assert_eq!(change.event, SwitchEvent::DisableRefused);
        assert_eq!(change.after, enabled);
    }
}

#[test]
fn only_a_closing_can_be_finished() {
    assert_eq!(enabled().finish_closing(&Blockers::none()), None);
    assert_eq!(BillingSwitch::Disabled.finish_closing(&Blockers::none()), None);
}

#[test]
fn a_checkout_starts_only_while_enabled() {
    assert_eq!(enabled().admit_checkout(), Ok(MANAGED));
    assert_eq!(closing().admit_checkout(), Err(CheckoutRefused::Closing));
    assert_eq!(BillingSwitch::Disabled.admit_checkout(), Err(CheckoutRefused::NotEnabled));
}

#[test]
fn the_audited_switch_names_its_state() {
    assert_eq!(
        serde_json::to_value(closing()).unwrap(),
        serde_json::json!({
            "state": "closing",
            "since": "1970-01-01T00:00:10.000Z",
            "gateway": "managed",
            "closingSince": "1970-01-01T00:00:20.000Z",
        })
    );
}

#[derive(Debug, Clone)]
enum Step {
    Enable(Gateway),
    BeginClosing,
    FinishClosing { blocked: bool },
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        prop::sample::select(Gateway::ALL.to_vec()).prop_map(Step::Enable),
        Just(Step::BeginClosing),
        any::<bool>().prop_map(|blocked| Step::FinishClosing { blocked }),
    ]
}

fn take(switch: BillingSwitch, step: &Step, now: Timestamp) -> Option<SwitchChange> {
    match step {
        Step::Enable(gateway) => switch.enable(*gateway, &available(), now).ok().flatten(),
        Step::BeginClosing => switch.begin_closing(now),
        Step::FinishClosing { blocked: true } => switch.finish_closing(&one_blocker()),
        Step::FinishClosing { blocked: false } => switch.finish_closing(&Blockers::none()),
    }
}

proptest! {
    /// In any sequence of requests, each change starts from the last state, changes something, and keeps `since`
    /// within a period.
    #[test]
    fn an_enabled_period_has_one_since(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut switch = BillingSwitch::Disabled;
        for (second, step) in (0_i64..).zip(&steps) {
            let Some(change) = take(switch, step, at(second)) else { continue };
            prop_assert_eq!(change.before, switch);
            prop_assert_ne!(change.after, change.before);
            if change.before.is_on() && change.after.is_on() {
                prop_assert_eq!(change.after.since(), change.before.since());
            }
            if !change.before.is_on() {
                prop_assert_eq!(change.after.since(), Some(at(second)));
            }
            switch = change.after;
        }
    }

    #[test]
    fn billing_goes_off_only_through_an_unblocked_closing(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut switch = BillingSwitch::Disabled;
        for (second, step) in (0_i64..).zip(&steps) {
            let Some(change) = take(switch, step, at(second)) else { continue };
            if change.before.is_on() && !change.after.is_on() {
                let was_closing = matches!(change.before, BillingSwitch::Closing { .. });
                prop_assert!(was_closing);
                let unblocked = matches!(step, Step::FinishClosing { blocked: false });
                prop_assert!(unblocked);
            }
            switch = change.after;
        }
    }
}
