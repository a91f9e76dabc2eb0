//! Bills the changes of a subscription: at once, from a new anchor, or from the end of a trial.

use super::{
    Proration, Status, Subscription, Trial,
    create::{PaymentBehavior, trial},
    start::refusal,
};
use crate::{
    clock::Timestamp,
    lifecycle::{
        billing,
        collection::{self, Payer},
        invoicing,
        proration::{Drafts, credit_unused},
        subscribing,
    },
    resources::invoices::{CollectionMethod, Invoice, InvoiceStatus, Period},
    store::Tx,
    wire::{ApiError, Moment},
};

/// A trial that is moved, begun anew, or ended now.
///
/// # Errors
///
/// The payment is refused, and the change is to be made only when it is not.
pub fn retrial(
    tx: &mut Tx<'_>,
    before: &Subscription,
    mut subscription: Subscription,
    end: Moment,
    proration: Proration,
    behavior: PaymentBehavior,
) -> Result<Subscription, ApiError> {
    let id = subscription.id.clone();
    let now = tx.now(subscription.test_clock.as_deref());
    match trial(now, Some(end), None)? {
        None if subscription.status == Status::Trialing => subscribing::end_trial(tx, subscription, false),
        None => tx.update(&subscription, "customer.subscription.updated"),
        Some(trial) => {
            let ends_paid_time = before.is_billed() && proration != Proration::None;
            if ends_paid_time {
                credit_unused(tx, before, now, Drafts::WillBeCollected);
            }
            let start = subscription.trial.filter(|_| subscription.status == Status::Trialing);
            subscription.trial = Some(Trial { start: start.map_or(now, |it| it.start), ..trial });
            subscription.status = Status::Trialing;
            subscription.is_trial_notice_sent = false;
            subscription.period = Period { start: now, end: trial.end };
            subscription.billing_cycle_anchor = trial.end;
            tx.update(&subscription, "customer.subscription.updated");
            if ends_paid_time && proration == Proration::AlwaysInvoice {
                bill_now(tx, subscription, behavior, Payer::Present)?;
            }
        }
    }
    tx.get::<Subscription>(&id)
}

/// A new anchor begins a new period now: the old one is credited as of `at`, the new one billed in full.
///
/// # Errors
///
/// The payment is refused, and the change is to be made only when it is not.
pub fn restart(
    tx: &mut Tx<'_>,
    before: &Subscription,
    mut subscription: Subscription,
    proration: Proration,
    (now, at): (Timestamp, Timestamp),
    behavior: PaymentBehavior,
) -> Result<Subscription, ApiError> {
    if proration != Proration::None {
        credit_unused(tx, before, at, Drafts::WillBeCollected);
    }
    let Some(recurring) = subscription.recurring(tx) else { return Ok(subscription) };
    subscription.billing_cycle_anchor = now;
    subscription.period = subscription.period_from(now, recurring);
    let lines = subscribing::lines(tx, &subscription, false);
    let invoice = billing::bill_change(tx, &mut subscription, lines, false);
    let id = subscription.id.clone();
    tx.update(&subscription, "customer.subscription.updated");
    if let Some(invoice) = invoice {
        settle(tx, invoice, behavior, Payer::Present)?;
    }
    tx.get::<Subscription>(&id)
}

/// Bills what waits, and pays for it as the behaviour says.
///
/// # Errors
///
/// The payment is refused, and the change is to be made only when it is not.
pub fn bill_now(
    tx: &mut Tx<'_>,
    mut subscription: Subscription,
    behavior: PaymentBehavior,
    payer: Payer,
) -> Result<(), ApiError> {
    if let Some(invoice) = billing::bill_change(tx, &mut subscription, Vec::new(), false) {
        tx.put(subscription);
        settle(tx, invoice, behavior, payer)?;
    }
    Ok(())
}

fn settle(
    tx: &mut Tx<'_>,
    invoice: Invoice,
    behavior: PaymentBehavior,
    payer: Payer,
) -> Result<(), ApiError> {
    if behavior == PaymentBehavior::DefaultIncomplete {
        return wait_for_payment(tx, invoice);
    }
    let invoice = subscribing::settle_now(tx, invoice, payer);
    match refusal(tx, &invoice) {
        Some(error) if behavior == PaymentBehavior::ErrorIfIncomplete => Err(error.undoing_everything()),
        _ => Ok(()),
    }
}

/// What is to be paid is left to be confirmed by its payer; until then the subscription is behind.
fn wait_for_payment(tx: &mut Tx<'_>, invoice: Invoice) -> Result<(), ApiError> {
    let id = invoice.subscription.clone().unwrap_or_default();
    if tx.get::<Subscription>(&id)?.pause_collection.is_some() {
        return Ok(());
    }
    let invoice =
        if invoice.status == InvoiceStatus::Draft { invoicing::finalize(tx, invoice) } else { invoice };
    let subscription = tx.get::<Subscription>(&id)?;
    if invoice.is_open()
        && invoice.collection_method == CollectionMethod::ChargeAutomatically
        && subscription.is_billed()
    {
        collection::ask(tx, Invoice { is_attempted: true, ..invoice });
        tx.update(&Subscription { status: Status::PastDue, ..subscription }, "customer.subscription.updated");
    }
    Ok(())
}
