//! How a subscription and its customer stand by their invoices.

use super::{invoicing, subscribing};
use crate::{
    control::AfterRetries,
    resources::{
        checkout,
        customers::Customer,
        invoices::{BillingReason, Invoice, InvoiceStatus},
        subscriptions::{Status, Subscription},
    },
    store::Tx,
};

fn of_invoice(tx: &Tx<'_>, invoice: &Invoice) -> Option<Subscription> {
    tx.find::<Subscription>(invoice.subscription.as_ref()?).cloned()
}

/// The invoice by which a subscription is up to date or behind: the last one that was finalized and is neither void
/// nor forgiven. Those that were made by hand say nothing about it.
fn decisive<'a>(tx: &'a Tx<'_>, subscription: &Subscription) -> Option<&'a Invoice> {
    let oldest_first = tx.of_owner::<Invoice>(&subscription.customer).rev();
    oldest_first
        .filter(|it| it.subscription.as_ref() == Some(&subscription.id))
        .filter(|it| it.billing_reason != BillingReason::Manual)
        .filter(|it| matches!(it.status, InvoiceStatus::Open | InvoiceStatus::Paid))
        .max_by_key(|it| it.transitions.finalized_at)
}

fn is_behind(tx: &Tx<'_>, subscription: &Subscription) -> bool {
    decisive(tx, subscription)
        .is_some_and(|invoice| invoice.is_open() && (invoice.is_attempted || invoice.is_overdue))
}

/// A payment brings a subscription to life, or back to it once it is no longer behind.
pub fn invoice_paid(tx: &mut Tx<'_>, invoice: &Invoice) {
    let Some(subscription) = of_invoice(tx, invoice) else { return };
    let is_back = match subscription.status {
        Status::Incomplete => invoice.billing_reason == BillingReason::SubscriptionCreate,
        Status::PastDue | Status::Unpaid => !is_behind(tx, &subscription),
        Status::Paused => subscription.resumes_with.as_ref() == Some(&invoice.id),
        Status::Active | Status::Trialing | Status::Canceled | Status::IncompleteExpired => false,
    };
    if is_back {
        activate(tx, subscription);
    }
    checkout::invoice_paid(tx, invoice);
}

/// It runs again, or for the first time.
pub fn activate(tx: &mut Tx<'_>, mut subscription: Subscription) {
    let was_paused = subscription.status == Status::Paused;
    let now = tx.now(subscription.test_clock.as_deref());
    // What a trial costs at once is paid before it begins.
    let is_in_trial = !was_paused && subscription.trial.is_some_and(|trial| trial.end > now);
    subscription.status = if is_in_trial { Status::Trialing } else { Status::Active };
    subscription.resumes_with = None;
    subscription.resumes_until = None;
    tx.update(&subscription, "customer.subscription.updated");
    if was_paused {
        tx.emit("customer.subscription.resumed", &subscription);
    }
}

/// `is_last` when it will not be tried again.
pub fn invoice_failed(tx: &mut Tx<'_>, invoice: &Invoice, is_last: bool) {
    let Some(mut subscription) = of_invoice(tx, invoice) else { return };
    let is_running = matches!(subscription.status, Status::Active | Status::PastDue);
    if !is_running || invoice.billing_reason == BillingReason::Manual || !invoice.is_open() {
        return;
    }
    if is_behind(tx, &subscription) {
        subscription.status = Status::PastDue;
    }
    match tx.world().control.settings.after_retries {
        AfterRetries::Cancel if is_last => {
            subscription.cancellation.reason = Some("payment_failed".to_owned());
            subscribing::cancel(tx, subscription);
            return;
        }
        AfterRetries::Unpaid if is_last => subscription.status = Status::Unpaid,
        AfterRetries::Cancel | AfterRetries::Unpaid | AfterRetries::PastDue => {}
    }
    tx.update(&subscription, "customer.subscription.updated");
}

/// Void, or forgiven. A subscription whose first invoice is void never begins; one that was behind with it no longer is.
pub fn invoice_dropped(tx: &mut Tx<'_>, invoice: &Invoice) {
    let Some(mut subscription) = of_invoice(tx, invoice) else { return };
    let is_void = invoice.status == InvoiceStatus::Void;
    match subscription.status {
        Status::Incomplete if is_void && invoice.billing_reason == BillingReason::SubscriptionCreate => {
            subscription.status = Status::IncompleteExpired;
            subscription.ended_at = Some(tx.now(subscription.test_clock.as_deref()));
            tx.update(&subscription, "customer.subscription.updated");
        }
        Status::Paused if subscription.resumes_with.as_ref() == Some(&invoice.id) && is_void => {
            tx.put(Subscription { resumes_with: None, resumes_until: None, ..subscription });
        }
        Status::Paused if subscription.resumes_with.as_ref() == Some(&invoice.id) => {
            activate(tx, subscription);
        }
        Status::PastDue if !is_behind(tx, &subscription) => {
            activate(tx, subscription);
        }
        _ => {}
    }
}

/// A subscription can be told to keep what its first invoice was paid with.
pub fn remember_payment_method(tx: &mut Tx<'_>, invoice: &Invoice, method: Option<&str>) {
    let Some(subscription) = of_invoice(tx, invoice).filter(|it| it.saves_payment_method) else { return };
    let default_payment_method = method.map(str::to_owned).or(subscription.default_payment_method.clone());
    tx.put(Subscription { default_payment_method, ..subscription });
}

/// Follows the latest change of any invoice of the customer.
pub fn set_delinquent(tx: &mut Tx<'_>, customer: &str, is_delinquent: bool) {
    let customer = tx.find::<Customer>(customer).filter(|it| it.is_delinquent != is_delinquent).cloned();
    if let Some(customer) = customer {
        tx.update(&Customer { is_delinquent, ..customer }, "customer.updated");
    }
}

/// Nothing of a customer that is deleted is charged: drafts are thrown away, open invoices are left to people, and
/// payments that are not made yet are cancelled.
pub fn stop_charging(tx: &mut Tx<'_>, customer: &str) {
    for invoice in tx.of_owner::<Invoice>(customer).cloned().collect::<Vec<_>>() {
        match invoice.status {
            InvoiceStatus::Draft => invoicing::delete_draft(tx, &invoice),
            InvoiceStatus::Open => {
                let invoice = Invoice { auto_advance: false, next_payment_attempt: None, ..invoice };
                tx.update(&invoice, "invoice.updated");
            }
            InvoiceStatus::Paid | InvoiceStatus::Uncollectible | InvoiceStatus::Void => {}
        }
    }
    let intents = tx.of_owner::<crate::resources::payment_intents::PaymentIntent>(customer);
    for id in intents.map(|intent| intent.id.clone()).collect::<Vec<_>>() {
        crate::resources::payment_intents::PaymentIntent::abandon(tx, &id, "abandoned");
    }
}
