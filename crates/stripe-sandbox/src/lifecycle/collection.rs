//! Collects what an invoice asks for, and tries again when it cannot.

use super::{invoicing, standing};
use crate::{
    clock::HOUR,
    resources::{
        customers::Customer,
        invoice_payments::{InvoicePayment, InvoicePaymentStatus},
        invoices::{BillingReason, CollectionMethod, Invoice, InvoiceStatus},
        payment_intents::{Collect, PaymentIntent, Status},
        subscriptions::{Status as SubscriptionStatus, Subscription},
    },
    store::Tx,
    wire::Metadata,
};

/// Who starts a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    /// The customer is there, and can authenticate.
    Present,
    /// The customer is not there: what needs them fails.
    Absent,
}

/// What an attempt is to the schedule of retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Made by the schedule, and counted.
    Scheduled,
    /// Made by somebody. It is counted only as the first one, and moves no retry.
    ByHand,
    /// The end of a debit that was under way, while the schedule waited.
    Debit,
}

/// Tries to pay an invoice with this payment method, or with the one that is set for it.
pub fn pay(tx: &mut Tx<'_>, invoice: Invoice, method: Option<String>, payer: Payer) -> Invoice {
    attempt(tx, invoice, method, payer, Attempt::ByHand)
}

fn attempt(
    tx: &mut Tx<'_>,
    invoice: Invoice,
    method: Option<String>,
    payer: Payer,
    attempt: Attempt,
) -> Invoice {
    let method = method.or_else(|| payment_method(tx, &invoice));
    let is_off_session = payer == Payer::Absent;
    let known = invoice.payment_intent.as_ref().and_then(|id| tx.find::<PaymentIntent>(id));
    // One that was canceled stays so; what is still owed is asked for anew.
    let (invoice, intent) = match known.filter(|it| it.status != Status::Canceled).cloned() {
        Some(intent) => (invoice, intent.retry(tx, method, is_off_session)),
        None => with_intent(tx, invoice, method, is_off_session),
    };
    outcome(tx, invoice, &intent, attempt)
}

/// An invoice that collects itself and was finalized by somebody is paid an hour later.
pub fn schedule(tx: &Tx<'_>, invoice: Invoice) -> Invoice {
    let collects = invoice.is_open()
        && invoice.auto_advance
        && invoice.collection_method == CollectionMethod::ChargeAutomatically;
    let in_an_hour = tx.now(invoice.test_clock.as_deref()) + HOUR;
    let next_payment_attempt = collects.then(|| invoice.next_payment_attempt.unwrap_or(in_an_hour));
    Invoice { next_payment_attempt, ..invoice }
}

/// Asks for a payment without trying one: the customer will confirm it.
pub fn ask(tx: &mut Tx<'_>, invoice: Invoice) -> Invoice {
    with_intent(tx, invoice, None, false).0
}

/// What an invoice is paid with, where it does not say.
pub fn payment_method(tx: &Tx<'_>, invoice: &Invoice) -> Option<String> {
    let subscription = invoice.subscription.as_ref().and_then(|id| tx.find::<Subscription>(id));
    let of_subscription =
        || subscription.and_then(|subscription| subscription.default_payment_method.clone());
    let of_customer = || tx.find::<Customer>(&invoice.customer)?.pays_with().cloned();
    invoice.default_payment_method.clone().or_else(of_subscription).or_else(of_customer)
}

fn with_intent(
    tx: &mut Tx<'_>,
    mut invoice: Invoice,
    method: Option<String>,
    is_off_session: bool,
) -> (Invoice, PaymentIntent) {
    invoicing::cancel_open_payments(tx, &invoice);
    let intent = PaymentIntent::collect(
        tx,
        Collect {
            customer: Some(invoice.customer.clone()),
            amount: invoice.amount_remaining(),
            currency: invoice.currency.clone(),
            payment_method: method,
            invoice: Some(invoice.id.clone()),
            off_session: is_off_session,
            description: Some(match invoice.billing_reason {
                BillingReason::Manual => "Payment for Invoice".to_owned(),
                BillingReason::SubscriptionCreate => "Subscription creation".to_owned(),
                BillingReason::SubscriptionCycle | BillingReason::SubscriptionUpdate => {
                    "Subscription update".to_owned()
                }
            }),
            metadata: Metadata::new(),
            setup_future_usage: invoice.subscription.is_some(),
            test_clock: invoice.test_clock.clone(),
        },
    );
    let payment = InvoicePayment {
        id: tx.new_id("inpay_"),
        created: tx.now(invoice.test_clock.as_deref()),
        invoice: invoice.id.clone(),
        payment_intent: intent.id.clone(),
        amount: invoice.amount_remaining(),
        currency: invoice.currency.clone(),
        status: InvoicePaymentStatus::Open,
        ended_at: None,
    };
    tx.put(payment);
    invoice.payment_intent = Some(intent.id.clone());
    tx.put(invoice.clone());
    (invoice, intent)
}

/// What became of a payment decides what becomes of its invoice.
pub fn outcome(tx: &mut Tx<'_>, mut invoice: Invoice, intent: &PaymentIntent, attempt: Attempt) -> Invoice {
    let counts = attempt == Attempt::Scheduled || invoice.attempt_count == 0;
    invoice.attempt_count += u32::from(counts);
    match intent.status {
        Status::Succeeded => {
            standing::remember_payment_method(tx, &invoice, intent.payment_method.as_deref());
            invoicing::paid(tx, invoice)
        }
        Status::Processing => {
            let invoice = Invoice { is_attempted: true, next_payment_attempt: None, ..invoice };
            tx.update(&invoice, "invoice.updated");
            invoice
        }
        Status::RequiresAction
        | Status::RequiresPaymentMethod
        | Status::RequiresConfirmation
        | Status::RequiresCapture
        | Status::Canceled => {
            let needs_action = intent.status == Status::RequiresAction;
            failed(tx, invoice, needs_action, counts || attempt == Attempt::Debit)
        }
    }
}

/// `moves_schedule` when it is now that the next attempt is counted from. Without a payment method there is none.
fn failed(tx: &mut Tx<'_>, mut invoice: Invoice, needs_action: bool, moves_schedule: bool) -> Invoice {
    let now = tx.now(invoice.test_clock.as_deref());
    invoice.is_attempted = true;
    let is_retried = invoice.auto_advance
        && invoice.is_open()
        && invoice.collection_method == CollectionMethod::ChargeAutomatically
        && payment_method(tx, &invoice).is_some()
        && match invoice.billing_reason {
            BillingReason::SubscriptionCycle | BillingReason::SubscriptionUpdate => true,
            BillingReason::SubscriptionCreate => is_running(tx, &invoice),
            BillingReason::Manual => false,
        };
    let wait = tx.world().control.settings.retry_after(invoice.attempt_count).filter(|_| is_retried);
    if moves_schedule {
        invoice.next_payment_attempt = wait.map(|wait| now + wait);
    }
    tx.update(&invoice, "invoice.updated");
    if needs_action {
        tx.emit("invoice.payment_action_required", &invoice);
    }
    tx.emit("invoice.payment_failed", &invoice);
    standing::invoice_failed(tx, &invoice, moves_schedule && is_retried && wait.is_none());
    tx.find::<Invoice>(&invoice.id).cloned().unwrap_or(invoice)
}

/// Whether its subscription runs already: one that waits for its first payment is not asked for it again.
fn is_running(tx: &Tx<'_>, invoice: &Invoice) -> bool {
    let subscription = invoice.subscription.as_ref().and_then(|id| tx.find::<Subscription>(id));
    subscription.is_some_and(|it| it.status.is_live() && it.status != SubscriptionStatus::Incomplete)
}

/// A draft's hour is over, it is time for the next attempt, or it should have been paid by now.
pub fn fall_due(tx: &mut Tx<'_>, invoice: Invoice) {
    let now = tx.now(invoice.test_clock.as_deref());
    match invoice.status {
        InvoiceStatus::Draft => {
            let invoice = invoicing::finalize(tx, invoice);
            if invoice.is_open() && invoice.collection_method == CollectionMethod::ChargeAutomatically {
                collect(tx, invoice);
            }
        }
        InvoiceStatus::Open if invoice.next_payment_attempt.is_some_and(|at| at <= now) => {
            let invoice = Invoice { next_payment_attempt: None, ..invoice };
            // The payment method of the attempt before was taken away: there is nothing to try again.
            if invoice.is_attempted && payment_method(tx, &invoice).is_none() {
                tx.update(&invoice, "invoice.updated");
            } else {
                collect(tx, invoice);
            }
        }
        InvoiceStatus::Open => overdue(tx, &Invoice { is_overdue: true, ..invoice }),
        InvoiceStatus::Paid | InvoiceStatus::Uncollectible | InvoiceStatus::Void => {}
    }
}

fn collect(tx: &mut Tx<'_>, invoice: Invoice) {
    let invoice = attempt(tx, invoice, None, Payer::Absent, Attempt::Scheduled);
    let has_failed = invoice.is_open() && !is_under_way(tx, &invoice);
    if has_failed {
        standing::set_delinquent(tx, &invoice.customer, true);
    }
}

fn overdue(tx: &mut Tx<'_>, invoice: &Invoice) {
    tx.put(invoice.clone());
    tx.emit("invoice.overdue", invoice);
    standing::set_delinquent(tx, &invoice.customer, true);
    standing::invoice_failed(tx, invoice, false);
}

/// A debit was begun and has not arrived yet.
fn is_under_way(tx: &Tx<'_>, invoice: &Invoice) -> bool {
    let intent = invoice.payment_intent.as_ref().and_then(|id| tx.find::<PaymentIntent>(id));
    intent.is_some_and(|intent| intent.status == Status::Processing)
}
