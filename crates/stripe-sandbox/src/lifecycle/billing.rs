//! The invoices of a subscription: of its periods, its changes and its end.

use super::invoicing::{self, NewInvoice};
use crate::{
    clock::{HOUR, Timestamp},
    resources::{
        customers::Customer,
        discounts::Discount,
        invoices::{BillingReason, CustomerBalance, Invoice, Line, Period},
        subscriptions::{PauseBehavior, Status, Subscription},
    },
    store::Tx,
};

/// How long an invoice can still be changed that is not final at once.
const DRAFT_FOR: Timestamp = HOUR;

/// The reason and the lines of a subscription invoice.
struct Bill {
    reason: BillingReason,
    lines: Vec<Line>,
    is_draft: bool,
    /// It is for these lines with the subscription's own discounts and nothing else: what waits, the customer's balance
    /// and their own discount are for the next one.
    is_agreed: bool,
    /// The period that has ended with it.
    ended: Option<Period>,
}

/// Makes the invoice of a change: what waited for it, and the lines of a period that begins with it.
pub fn bill_change(
    tx: &mut Tx<'_>,
    subscription: &mut Subscription,
    lines: Vec<Line>,
    is_draft: bool,
) -> Option<Invoice> {
    let reason = BillingReason::SubscriptionUpdate;
    make(tx, subscription, Bill { reason, lines, is_draft, is_agreed: false, ended: None })
}

/// Makes the invoice at the end of a period: what waited for it, and the lines of the next one.
pub fn bill_cycle(
    tx: &mut Tx<'_>,
    subscription: &mut Subscription,
    ended: Period,
    lines: Vec<Line>,
    is_draft: bool,
) -> Option<Invoice> {
    let reason = BillingReason::SubscriptionCycle;
    make(tx, subscription, Bill { reason, lines, is_draft, is_agreed: false, ended: Some(ended) })
}

/// Makes the first invoice, which may be agreed on.
pub fn bill_first(
    tx: &mut Tx<'_>,
    subscription: &mut Subscription,
    lines: Vec<Line>,
    is_draft: bool,
    is_agreed: bool,
) -> Option<Invoice> {
    let reason = BillingReason::SubscriptionCreate;
    make(tx, subscription, Bill { reason, lines, is_draft, is_agreed, ended: None })
}

fn make(tx: &mut Tx<'_>, subscription: &mut Subscription, bill: Bill) -> Option<Invoice> {
    let Bill { reason, lines, is_draft, is_agreed, ended } = bill;
    let customer = tx.find::<Customer>(&subscription.customer).cloned()?;
    let now = customer.now(tx);
    // A renewal that is looked at ahead has the discounts of its own time.
    let (discounts, customer_balance) = if is_agreed {
        (subscription.current_discounts(tx), CustomerBalance::LeftForTheNext)
    } else {
        (discounts_at(tx, subscription, now.max(subscription.period.start)), CustomerBalance::Applied)
    };
    let collects = !matches!(subscription.status, Status::Unpaid);
    let new = NewInvoice {
        reason,
        currency: subscription.currency.clone(),
        subscription: Some(subscription.id.clone()),
        // Stripe's looks back: on the period that ended, if one did, and never on the one that is paid for.
        period: ended.unwrap_or(Period { start: now, end: now }),
        lines,
        discounts,
        collection_method: subscription.collection_method,
        days_until_due: subscription.days_until_due,
        default_payment_method: None,
        auto_advance: collects,
        finalizes_at: is_draft.then_some(now + DRAFT_FOR),
        customer_balance,
    };
    let invoice = invoicing::draft(tx, &customer, new, !is_agreed);
    subscription.latest_invoice = Some(invoice.id.clone());
    let pause =
        subscription.pause_collection.as_ref().filter(|_| reason != BillingReason::SubscriptionCreate);
    Some(match pause.map(|pause| pause.behavior) {
        Some(behavior) => hold(tx, invoice, behavior),
        None => invoice,
    })
}

/// While collection is paused, an invoice is made and nobody is asked to pay it.
fn hold(tx: &mut Tx<'_>, invoice: Invoice, behavior: PauseBehavior) -> Invoice {
    let invoice = Invoice { auto_advance: false, finalizes_at: None, ..invoice };
    tx.put(invoice.clone());
    if behavior == PauseBehavior::KeepAsDraft {
        return invoice;
    }
    let invoice = invoicing::finalize(tx, invoice);
    match behavior {
        _ if !invoice.is_open() => invoice,
        PauseBehavior::MarkUncollectible => invoicing::mark_uncollectible(tx, invoice),
        PauseBehavior::Void | PauseBehavior::KeepAsDraft => invoicing::void(tx, invoice),
    }
}

/// Its own discounts that apply at this time, or else its customer's.
pub fn discounts_at(tx: &Tx<'_>, subscription: &Subscription, at: Timestamp) -> Vec<String> {
    let applies = |id: &&String| Discount::is_current(tx, id, at);
    let own: Vec<_> = subscription.discounts.iter().filter(applies).cloned().collect();
    if !own.is_empty() {
        return own;
    }
    let customer = tx.find::<Customer>(&subscription.customer);
    customer.and_then(|customer| customer.discount.as_ref()).filter(applies).cloned().into_iter().collect()
}
