//! What a change in the middle of a period costs, to the second.

use super::{billing, invoicing, periods, subscribing};
use crate::{
    clock::Timestamp,
    currency,
    resources::{
        invoice_items::InvoiceItem,
        invoices::{Invoice, InvoiceStatus, Line, Period, Pricing},
        prices::Price,
        products::Product,
        subscriptions::{Item, Subscription},
    },
    store::Tx,
    wire::Metadata,
};

/// Credits what is left of the items before a change, in the period of before, and charges what is left for those after
/// it, in the period that it leads to.
pub fn prorate(tx: &mut Tx<'_>, before: &Subscription, after: &Subscription, at: Timestamp) {
    let at = at.clamp(before.period.start, before.period.end);
    let gone = before.items.iter().filter(|old| after.items.iter().all(|new| !same(old, new)));
    let credits = credits(tx, before, gone, at, Drafts::WillBeCollected);
    let charges = remaining(tx, after, at);
    let come = charges.into_iter().filter(|(new, _)| before.items.iter().all(|old| !same(old, new)));
    pend_credits(tx, before, credits, at);
    for (item, amount) in come {
        pend(tx, after, &item, at, amount, "Remaining");
    }
}

/// Credits what is left of the period of a subscription whose items all begin anew or end.
pub fn credit_unused(tx: &mut Tx<'_>, subscription: &Subscription, at: Timestamp, drafts: Drafts) {
    let at = at.clamp(subscription.period.start, subscription.period.end);
    let credits = credits(tx, subscription, subscription.items.iter(), at, drafts);
    pend_credits(tx, subscription, credits, at);
}

/// The prorations of a subscription that wait for an invoice that will not come are no more.
pub fn forget_pending(tx: &mut Tx<'_>, subscription: &Subscription) {
    let waits = |item: &&InvoiceItem| {
        item.is_proration && item.invoice.is_none() && item.subscription.as_ref() == Some(&subscription.id)
    };
    for item in tx.of_owner::<InvoiceItem>(&subscription.customer).filter(waits).cloned().collect::<Vec<_>>()
    {
        tx.emit("invoiceitem.deleted", &item);
        tx.remove::<InvoiceItem>(&item.id);
    }
}

/// What becomes of the drafts of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drafts {
    WillBeCollected,
    /// It ends, and nothing of it is collected by itself any more.
    AreStranded,
}

fn credits<'a>(
    tx: &Tx<'_>,
    subscription: &Subscription,
    gone: impl Iterator<Item = &'a Item>,
    at: Timestamp,
    drafts: Drafts,
) -> Vec<(Item, i64)> {
    gone.filter_map(|item| Some((item.clone(), -unused(tx, subscription, item, at, drafts)?))).collect()
}

fn pend_credits(tx: &mut Tx<'_>, subscription: &Subscription, credits: Vec<(Item, i64)>, at: Timestamp) {
    for (item, amount) in credits.into_iter().filter(|(_, amount)| *amount != 0) {
        pend(tx, subscription, &item, at, amount, "Unused");
    }
}

fn same(a: &Item, b: &Item) -> bool {
    (&a.id, &a.price, a.quantity) == (&b.id, &b.price, b.quantity)
}

/// What was debited for an item last, its discounts taken off, and for which time.
struct Debit {
    amount: i64,
    period: Period,
}

/// The part that is left of what was really debited for an item. What was never billed, is void or was forgiven gives
/// no credit.
fn unused(
    tx: &Tx<'_>,
    subscription: &Subscription,
    item: &Item,
    at: Timestamp,
    drafts: Drafts,
) -> Option<i64> {
    let Debit { amount, period } = last_debit(tx, subscription, item, drafts)?;
    let from = at.max(period.start);
    Some(currency::portion(amount, period.end - from, period.end - period.start, &subscription.currency))
}

fn last_debit(tx: &Tx<'_>, subscription: &Subscription, item: &Item, drafts: Drafts) -> Option<Debit> {
    let end = subscription.period.end;
    let pending = tx.of_owner::<InvoiceItem>(&subscription.customer).find(|it| {
        it.invoice.is_none()
            && it.subscription_item.as_ref() == Some(&item.id)
            && it.amount >= 0
            && it.period.end == end
    });
    if let Some(pending) = pending {
        return Some(Debit { amount: pending.amount, period: pending.period });
    }
    let debits = |it: &&Line| {
        it.subscription_item.as_ref() == Some(&item.id) && it.amount >= 0 && it.period.end == end
    };
    let is_debited = |invoice: &&Invoice| match invoice.status {
        InvoiceStatus::Open | InvoiceStatus::Paid => true,
        InvoiceStatus::Draft => drafts == Drafts::WillBeCollected,
        InvoiceStatus::Void | InvoiceStatus::Uncollectible => false,
    };
    tx.of_owner::<Invoice>(&subscription.customer)
        .filter(is_debited)
        .find_map(|invoice| invoice.lines.iter().rfind(debits))
        .map(|line| Debit { amount: line.net(), period: line.period })
}

/// What each item costs from now to the end of the period, with the discounts of the subscription shared among all of
/// them as an invoice would.
fn remaining(tx: &mut Tx<'_>, subscription: &Subscription, at: Timestamp) -> Vec<(Item, i64)> {
    let Some(recurring) = subscription.recurring(tx) else { return Vec::new() };
    let Period { start, end } = subscription.period;
    let whole = periods::around(subscription.billing_cycle_anchor, recurring, start);
    let in_full = Subscription { period: whole, ..subscription.clone() };
    let mut lines = subscribing::lines(tx, &in_full, false);
    let discounts = billing::discounts_at(tx, subscription, at);
    invoicing::discount(tx, &discounts, &mut lines, &subscription.currency);
    let cost = |item: &Item| {
        let line = lines.iter().find(|line| line.subscription_item.as_ref() == Some(&item.id))?;
        let cost = currency::portion(line.net(), end - at, whole.end - whole.start, &subscription.currency);
        Some((item.clone(), cost))
    };
    subscription.items.iter().filter_map(cost).collect()
}

/// A proration is of what is really paid, and takes no further discount.
fn pend(tx: &mut Tx<'_>, subscription: &Subscription, item: &Item, at: Timestamp, amount: i64, what: &str) {
    let Some(price) = tx.find::<Price>(&item.price).cloned() else { return };
    let name = tx.find::<Product>(&price.product).map_or_else(String::new, |product| product.name.clone());
    let many = if item.quantity == 1 { String::new() } else { format!("{} × ", item.quantity) };
    let day = chrono::DateTime::from_timestamp(at, 0)
        .map(|time| time.format("%d %b %Y").to_string())
        .unwrap_or_default();
    let pending = InvoiceItem {
        id: tx.new_id("ii_"),
        created: tx.now(subscription.test_clock.as_deref()),
        customer: subscription.customer.clone(),
        currency: price.currency.clone(),
        amount,
        quantity: item.quantity,
        description: Some(format!("{what} time on {many}{name} after {day}")),
        is_discountable: false,
        is_proration: true,
        invoice: None,
        subscription: Some(subscription.id.clone()),
        subscription_item: Some(item.id.clone()),
        period: Period { start: at, end: subscription.period.end },
        pricing: Some(Pricing { price: price.id, product: price.product, unit_amount: price.unit_amount }),
        metadata: Metadata::new(),
        test_clock: subscription.test_clock.clone(),
    };
    tx.create(&pending, "invoiceitem.created");
}
