use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::{
    Currency, FrozenRequest, GatewayAccountId, IdempotencyKey, InvoiceId, RequestMethod, SubscriptionId,
    WorkspaceId,
};

fn money(minor_units: i64) -> Money {
    Money::new(minor_units, Currency::parse("USD").unwrap())
}

fn id(text: &str) -> StripeId {
    StripeId::parse(text).unwrap()
}

fn noon() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

/// A paid invoice with payments of these amounts: `pi_0`, `pi_1`, …
fn paid_by(amounts: &[i64]) -> InvoiceDetails {
    let payment = |(number, amount): (usize, &i64)| InvoicePayment {
        payment: id(&format!("pi_{number}")),
        paid: money(*amount),
        refunds: Vec::new(),
    };
    let total = money(amounts.iter().sum());
    InvoiceDetails {
        status: InvoiceStatus::Paid,
        number: None,
        total,
        amount_paid: total,
        amount_due: total,
        created_at: noon(),
        paid_at: Some(noon()),
        due_at: None,
        hosted_url: None,
        pdf_url: None,
        lines: Vec::new(),
        has_more_lines: false,
        payments: Some(amounts.iter().enumerate().map(payment).collect()),
        is_charged_automatically: Some(true),
        sums: None,
        next_attempt_at: None,
    }
}

fn call(number: u128, purpose: CallPurpose) -> GatewayCall {
    GatewayCall {
        id: GatewayCallId::from_uuid(number),
        workspace_id: WorkspaceId::parse("ws_1").unwrap(),
        account: GatewayAccountId::parse("acct_1").unwrap(),
        key: IdempotencyKey::from_uuid(number),
        purpose,
        request: FrozenRequest {
            method: RequestMethod::Post,
            path: "/v1/refunds".to_owned(),
            body: String::new(),
        },
        outcome: CallOutcome::Unresolved,
        prepared_at: noon(),
    }
}

fn refund_of(number: u128, payment: &StripeId, amount: Money) -> GatewayCall {
    let (invoice_id, refund_id) = (InvoiceId::from_uuid(1), GatewayCallId::from_uuid(number));
    let payment = payment.clone();
    call(number, CallPurpose::RefundInvoice { invoice_id, refund_id, payment, amount })
}

fn refund(number: u128, amount: i64) -> GatewayCall {
    refund_of(number, &id("pi_0"), money(amount))
}

fn done(call: GatewayCall) -> GatewayCall {
    let outcome = CallOutcome::Done(id(&format!("re_{}", call.id)));
    GatewayCall { outcome, ..call }
}

/// The refund that a call made, as a fetch gives it.
fn fetched(call: &GatewayCall, status: &str) -> Refund {
    let CallPurpose::RefundInvoice { amount, .. } = call.purpose else { panic!("no refund") };
    Refund {
        id: id(&format!("re_{}", call.id)),
        amount,
        status: status.to_owned().into(),
        reason: None,
        created_at: noon(),
        call_id: Some(call.id),
    }
}

fn sums(details: &InvoiceDetails, calls: &[GatewayCall]) -> [i64; 4] {
    let state = RefundState::of(details, calls).unwrap();
    [state.paid, state.refunded, state.under_way, state.left].map(Money::minor_units)
}

fn planned(
    details: &InvoiceDetails,
    calls: &[GatewayCall],
    asked: Option<i64>,
) -> Result<Vec<(String, i64)>, RefundRefused> {
    let state = RefundState::of(details, calls).unwrap();
    let parts = state.plan(details, asked.map(money), None)?;
    Ok(parts.iter().map(|part| (part.payment().to_string(), part.amount().minor_units())).collect())
}

#[test]
fn what_is_left_is_what_was_paid_less_what_was_refunded_and_is_under_way() {
    let mut details = paid_by(&[2_000]);
    let [first, second] = [done(refund(1, 500)), refund(2, 300)];
    details.payments.as_mut().unwrap()[0].refunds.push(fetched(&first, "succeeded"));

    assert_eq!(sums(&details, &[first, second]), [2_000, 500, 300, 1_200]);
}

#[test]
fn a_refund_counts_once_from_its_call_to_the_fetch_that_sees_it() {
    let unseen = paid_by(&[2_000]);
    let mut seen = unseen.clone();
    let call = refund(1, 500);
    seen.payments.as_mut().unwrap()[0].refunds.push(fetched(&call, "pending"));
    let of_other_version = Refund { call_id: None, ..fetched(&call, "succeeded") };
    let mut seen_by_id = unseen.clone();
    seen_by_id.payments.as_mut().unwrap()[0].refunds.push(of_other_version);

    for calls in [[call.clone()], [done(call.clone())]] {
        assert_eq!(sums(&unseen, &calls)[3], 1_500);
        assert_eq!(sums(&seen, &calls)[3], 1_500);
    }
    assert_eq!(sums(&seen_by_id, &[done(call)])[3], 1_500);
}

#[test]
fn a_refused_or_failed_refund_gives_nothing_back() {
    let mut details = paid_by(&[2_000]);
    let refused = GatewayCall { outcome: CallOutcome::Refused("No.".to_owned()), ..refund(1, 500) };
    let failed = done(refund(2, 700));
    let refunds = &mut details.payments.as_mut().unwrap()[0].refunds;
    refunds.extend([fetched(&failed, "failed"), fetched(&refund(3, 100), "canceled")]);

    assert_eq!(sums(&details, &[refused, failed]), [2_000, 0, 0, 2_000]);
}

#[test]
fn the_refund_of_a_duplicate_takes_all_that_is_left_of_its_payment() {
    let purpose = CallPurpose::RefundDuplicate {
        subscription_id: SubscriptionId::from_uuid(1),
        payment_intent: id("pi_1"),
    };

    assert_eq!(sums(&paid_by(&[2_000, 1_000]), &[call(1, purpose)]), [3_000, 0, 1_000, 2_000]);
}

#[test]
fn a_refund_is_of_one_payment_if_one_has_that_much_left() {
    let details = paid_by(&[300, 2_000, 500]);
    let of = |payment: &str, amount| (payment.to_owned(), amount);

    assert_eq!(planned(&details, &[], Some(1_900)), Ok(vec![of("pi_1", 1_900)]));
    assert_eq!(
        planned(&details, &[], Some(2_400)),
        Ok(vec![of("pi_0", 300), of("pi_1", 2_000), of("pi_2", 100)])
    );
    assert_eq!(planned(&details, &[], None), Ok(vec![of("pi_0", 300), of("pi_1", 2_000), of("pi_2", 500)]));
}

#[test]
fn more_than_is_left_is_refused_with_both_views() {
    let told =
        |asked, calls: &[GatewayCall]| planned(&paid_by(&[2_000]), calls, asked).unwrap_err().to_string();

    assert_eq!(
        told(Some(501), &[refund(1, 1_500)]),
        "$5.01 was asked for, and $5.00 is left to refund: $20.00 was paid, $15.00 is being refunded."
    );
    assert_eq!(
        told(None, &[refund(1, 2_000)]),
        "Nothing is left to refund: $20.00 was paid, $20.00 is being refunded."
    );
}

#[test]
fn only_a_positive_amount_that_stripe_can_express_is_refunded() {
    for amount in [0, -1, i64::MIN] {
        assert_eq!(planned(&paid_by(&[2_000]), &[], Some(amount)), Err(RefundRefused::NotPositive));
    }
    let mut details = paid_by(&[2_000]);
    let kwd = Currency::parse("KWD").unwrap();
    details.total = Money::new(4_500, kwd);
    details.payments.as_mut().unwrap()[0].paid = Money::new(4_500, kwd);
    let state = RefundState::of(&details, &[]).unwrap();

    let refused = state.plan(&details, Some(Money::new(1_005, kwd)), None);
    let planned = state.plan(&details, Some(Money::new(1_010, kwd)), None).unwrap();

    assert!(matches!(refused, Err(RefundRefused::Amount(_))), "{refused:?}");
    assert_eq!(planned[0].stripe_amount(), 1_010);
}

#[test]
fn what_no_payment_through_stripe_paid_is_not_refunded() {
    let elsewhere = InvoiceDetails { amount_paid: money(2_000), ..paid_by(&[]) };
    let open = InvoiceDetails { status: InvoiceStatus::Open, ..paid_by(&[]) };

    assert_eq!(planned(&elsewhere, &[], None), Err(RefundRefused::PaidElsewhere));
    assert_eq!(planned(&open, &[], Some(1)), Err(RefundRefused::NotPaid));
    assert_eq!(RefundState::of(&InvoiceDetails { payments: None, ..open }, &[]), None);
}

#[test]
fn an_invoice_is_partly_or_fully_refunded() {
    let mut details = paid_by(&[2_000]);
    assert_eq!(details.how_refunded(), Refunded::Nothing);
    for (number, expected) in [(1, Refunded::Partly), (2, Refunded::Fully)] {
        let seen = fetched(&refund(number, 1_000), "succeeded");
        details.payments.as_mut().unwrap()[0].refunds.push(seen);
        assert_eq!(details.how_refunded(), expected);
    }
}

#[test]
fn a_mirror_of_an_earlier_version_is_completed_and_not_changed() {
    let earlier = InvoiceDetails { payments: None, is_charged_automatically: None, ..paid_by(&[2_000]) };
    let mut refunded = paid_by(&[2_000]);
    refunded.payments.as_mut().unwrap()[0].refunds.push(fetched(&refund(1, 500), "succeeded"));

    assert!(paid_by(&[2_000]).only_completes(&earlier));
    assert!(!refunded.only_completes(&earlier));
    let number = Some("KL-1".to_owned());
    assert!(!InvoiceDetails { number, ..paid_by(&[2_000]) }.only_completes(&earlier));
    let retried = InvoiceDetails { next_attempt_at: Some(noon()), ..paid_by(&[2_000]) };
    assert!(retried.only_completes(&earlier));
    let later = InvoiceDetails { next_attempt_at: Some(noon() + TimeDelta::days(3)), ..paid_by(&[2_000]) };
    assert!(!later.only_completes(&retried), "a new attempt is a change");
    let stored = serde_json::to_value(&earlier).unwrap();
    assert!(stored.get("payments").is_none() && stored.get("isChargedAutomatically").is_none());
    assert_eq!(serde_json::from_value::<InvoiceDetails>(stored).unwrap(), earlier);
}

/// What happens to a refund after it was prepared.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Unknown,
    /// Carried out and not fetched.
    Done,
    /// Carried out, its answer lost, and fetched.
    Seen,
    Refused,
    /// Made, fetched, and failed later.
    Failed,
}

proptest! {
    #[test]
    fn no_sequence_of_refunds_gives_back_more_than_was_paid(
        paid in proptest::collection::vec(1_i64..3_000, 1..4),
        asked in proptest::collection::vec((
            proptest::option::of(1_i64..2_000),
            prop_oneof![
                Just(Fate::Unknown), Just(Fate::Done), Just(Fate::Seen), Just(Fate::Refused), Just(Fate::Failed)
            ],
        ), 1..20),
    ) {
        let (mut details, mut calls, mut given) = (paid_by(&paid), Vec::new(), vec![0; paid.len()]);
        for (amount, fate) in asked {
            let state = RefundState::of(&details, &calls).unwrap();
            let Ok(parts) = state.plan(&details, amount.map(money), None) else { continue };
            for part in parts {
                let call = refund_of(calls.len() as u128 + 1, part.payment(), part.amount());
                let payment: usize = part.payment().as_str()[3..].parse().unwrap();
                let refunds = &mut details.payments.as_mut().unwrap()[payment].refunds;
                match fate {
                    Fate::Seen => refunds.push(fetched(&call, "succeeded")),
                    Fate::Failed => refunds.push(fetched(&call, "failed")),
                    Fate::Unknown | Fate::Done | Fate::Refused => {}
                }
                // One of unknown outcome may be carried out at any time.
                if !matches!(fate, Fate::Refused | Fate::Failed) {
                    given[payment] += part.amount().minor_units();
                }
                calls.push(match fate {
                    Fate::Unknown | Fate::Seen => call,
                    Fate::Done | Fate::Failed => done(call),
                    Fate::Refused => GatewayCall { outcome: CallOutcome::Refused(String::new()), ..call },
                });
            }
            for (given, paid) in given.iter().zip(&paid) {
                prop_assert!(given <= paid);
            }
        }
    }
}
