//! What a change in the middle of a period costs, to the second.

use super::{billing, invoicing, periods, subscribing};
use crate::{
    clock::Timestamp,
    currency,
    resources::{
        invoice_items::InvoiceItem,
        invoices::{Invoice, InvoiceStatus, Period, Pricing},
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
    let come = charges.into_iter().filter(|charge| before.items.iter().all(|old| !same(old, &charge.item)));
    pend_credits(tx, before, credits, at);
    for charge in come {
        pend(tx, after, &charge, at, "Remaining");
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

/// What an item costs or gives back up to a time.
struct Part {
    item: Item,
    amount: i64,
    end: Timestamp,
}

fn credits<'a>(
    tx: &Tx<'_>,
    subscription: &Subscription,
    gone: impl Iterator<Item = &'a Item>,
    at: Timestamp,
    drafts: Drafts,
) -> Vec<Part> {
    gone.filter_map(|item| unused(tx, subscription, item, at, drafts)).collect()
}

fn pend_credits(tx: &mut Tx<'_>, subscription: &Subscription, credits: Vec<Part>, at: Timestamp) {
    for credit in credits.into_iter().filter(|credit| credit.amount != 0) {
        pend(tx, subscription, &credit, at, "Unused");
    }
}

fn same(a: &Item, b: &Item) -> bool {
    (&a.id, &a.price, a.quantity) == (&b.id, &b.price, b.quantity)
}

/// What was debited or credited for an item, its discounts taken off, and for which time.
#[derive(Debug, Clone, Copy)]
struct Entry {
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
) -> Option<Part> {
    let Entry { amount, period } = last_debit(&entries(tx, subscription, item, drafts), subscription, at)?;
    let (left, whole) = (period.end - at.max(period.start), period.end - period.start);
    let amount = -currency::portion(amount, left, whole, &subscription.currency);
    Some(Part { item: item.clone(), amount, end: period.end })
}

/// That for the period, or where there is none, as after a change of the interval without prorations, the one for a
/// time that is not over and was not credited.
fn last_debit(entries: &[Entry], subscription: &Subscription, at: Timestamp) -> Option<Entry> {
    let is_credited =
        |end: Timestamp| entries.iter().any(|entry| entry.amount < 0 && entry.period.end == end);
    let mut debits = entries.iter().filter(|entry| entry.amount >= 0);
    let of_period = debits.clone().find(|entry| entry.period.end == subscription.period.end);
    let left = || debits.find(|entry| entry.period.end > at && !is_credited(entry.period.end));
    of_period.or_else(left).copied()
}

/// Of an item, the last one first.
fn entries(tx: &Tx<'_>, subscription: &Subscription, item: &Item, drafts: Drafts) -> Vec<Entry> {
    let is_of_item = |of: &Option<String>| of.as_ref() == Some(&item.id);
    let pending = tx
        .of_owner::<InvoiceItem>(&subscription.customer)
        .filter(|it| it.invoice.is_none() && is_of_item(&it.subscription_item))
        .map(|it| Entry { amount: it.amount, period: it.period });
    let is_debited = |invoice: &&Invoice| match invoice.status {
        InvoiceStatus::Open | InvoiceStatus::Paid => true,
        InvoiceStatus::Draft => drafts == Drafts::WillBeCollected,
        InvoiceStatus::Void | InvoiceStatus::Uncollectible => false,
    };
    let billed = tx
        .of_owner::<Invoice>(&subscription.customer)
        .filter(is_debited)
        .flat_map(|invoice| invoice.lines.iter().rev())
        .filter(|line| is_of_item(&line.subscription_item))
        .map(|line| Entry { amount: line.net(), period: line.period });
    pending.chain(billed).collect()
}

/// What each item costs from now to the end of the period, with the discounts of the subscription shared among all of
/// them as an invoice would.
fn remaining(tx: &mut Tx<'_>, subscription: &Subscription, at: Timestamp) -> Vec<Part> {
    let Some(recurring) = subscription.recurring(tx) else { return Vec::new() };
    let Period { start, end } = subscription.period;
    let whole = periods::around(subscription.billing_cycle_anchor, recurring, start);
    let in_full = Subscription { period: whole, ..subscription.clone() };
    let mut lines = subscribing::lines(tx, &in_full, false);
    let discounts = billing::discounts_at(tx, subscription, at);
    invoicing::discount(tx, &discounts, &mut lines, &subscription.currency);
    let cost = |item: &Item| {
        let line = lines.iter().find(|line| line.subscription_item.as_ref() == Some(&item.id))?;
        let amount = currency::portion(line.net(), end - at, whole.end - whole.start, &subscription.currency);
        Some(Part { item: item.clone(), amount, end })
    };
    subscription.items.iter().filter_map(cost).collect()
}

/// A proration is of what is really paid, and takes no further discount.
fn pend(tx: &mut Tx<'_>, subscription: &Subscription, part: &Part, at: Timestamp, what: &str) {
    let Part { item, amount, end } = part;
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
        amount: *amount,
        quantity: item.quantity,
        description: Some(format!("{what} time on {many}{name} after {day}")),
        is_discountable: false,
        is_proration: true,
        invoice: None,
        subscription: Some(subscription.id.clone()),
        subscription_item: Some(item.id.clone()),
        period: Period { start: at, end: *end },
        pricing: Some(Pricing { price: price.id, product: price.product, unit_amount: price.unit_amount }),
        metadata: Metadata::new(),
        test_clock: subscription.test_clock.clone(),
    };
    tx.create(&pending, "invoiceitem.created");
}
