//! The life of a subscription: its periods, its trial, its end.

use super::{
    billing,
    collection::{self, Payer},
    invoicing,
    periods::{self, next_end},
    proration::{Drafts, credit_unused},
    scheduling,
};
use crate::{
    clock::{DAY, Timestamp},
    currency,
    resources::{
        customers::Customer,
        invoice_items::InvoiceItem,
        invoices::{CollectionMethod, Invoice, InvoiceStatus, Line, Period, Pricing},
        prices::{Price, Recurring},
        products::Product,
        subscriptions::{Item, MissingMethod, Proration, Status, Subscription},
    },
    store::Tx,
    unit_amount::UnitAmount,
};

/// How long before the end of a trial it is told of.
pub const TRIAL_NOTICE: Timestamp = 3 * DAY;

/// The lines that a period of the subscription costs.
pub fn lines(tx: &mut Tx<'_>, subscription: &Subscription, is_trial: bool) -> Vec<Line> {
    let period = subscription.period;
    let items = subscription.items.clone();
    items.iter().filter_map(|item| line(tx, subscription, item, period, is_trial)).collect()
}

fn line(
    tx: &mut Tx<'_>,
    subscription: &Subscription,
    item: &Item,
    period: Period,
    is_trial: bool,
) -> Option<Line> {
    let price = tx.find::<Price>(&item.price).cloned()?;
    let name = tx.find::<Product>(&price.product).map_or_else(String::new, |product| product.name.clone());
    let description = if is_trial {
        format!("Free trial for {} × {name}", item.quantity)
    } else {
        format!(
            "{} × {name} (at {} / {})",
            item.quantity,
            price.unit_amount.plain(&price.currency),
            every(&price)
        )
    };
    let amount = if is_trial { 0 } else { price.unit_amount.times(item.quantity, &price.currency) };
    Some(Line {
        id: tx.new_id("il_"),
        amount: match subscription.terms(tx) {
            Some(terms) => part_of(amount, &subscription.currency, terms, period),
            None => amount,
        },
        description: Some(description),
        is_discountable: true,
        is_proration: false,
        invoice_item: None,
        subscription: Some(subscription.id.clone()),
        subscription_item: Some(item.id.clone()),
        period,
        pricing: Some(Pricing {
            price: price.id,
            product: price.product,
            unit_amount: if is_trial { UnitAmount::ZERO } else { price.unit_amount },
        }),
        quantity: item.quantity,
        metadata: subscription.metadata.clone(),
        discounts: Vec::new(),
    })
}

/// What a period costs. One that is shorter than a whole one costs its part. When there are to be no prorations, one that
/// only leads up to a whole one costs nothing, and one that an end cuts short costs all of it.
pub fn part_of(amount: i64, currency: &str, terms: Terms, period: Period) -> i64 {
    let Terms { anchor, recurring, late_start, early_end } = terms;
    let Period { start, end } = period;
    let whole = periods::around(anchor, recurring, start);
    match (start > whole.start, end < whole.end) {
        (false, false) => amount,
        (true, _) if late_start == Proration::None => 0,
        (false, true) if early_end == Proration::None => amount,
        _ => currency::portion(amount, end - start, whole.end - whole.start, currency),
    }
}

/// How the periods of a subscription follow each other, and whether those that start late or end early are prorated.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub anchor: Timestamp,
    pub recurring: Recurring,
    pub late_start: Proration,
    pub early_end: Proration,
}

fn every(price: &Price) -> String {
    let recurring =
        price.recurring.map(|it| (it.interval_count, format!("{:?}", it.interval).to_lowercase()));
    match recurring {
        Some((1, interval)) => interval,
        Some((count, interval)) => format!("{count} {interval}s"),
        None => "once".to_owned(),
    }
}

/// The next thing that time does to a subscription.
pub fn fall_due(tx: &mut Tx<'_>, subscription: Subscription) {
    let now = tx.now(subscription.test_clock.as_deref());
    if subscription.status == Status::Incomplete {
        return expire_incomplete(tx, subscription);
    }
    if subscription.cancels_at().is_some_and(|at| at <= now) {
        return run_out(tx, subscription);
    }
    if subscription.collects_again_at().is_some_and(|at| at <= now) {
        let subscription = Subscription { pause_collection: None, ..subscription };
        tx.update(&subscription, "customer.subscription.updated");
        return;
    }
    if subscription.status == Status::Paused {
        return expire_resumption(tx, &subscription);
    }
    match subscription.trial {
        Some(trial) if subscription.status == Status::Trialing => {
            if trial.end <= now {
                end_trial(tx, subscription, true);
            } else if !subscription.is_trial_notice_sent {
                tell_trial_ends(tx, subscription);
            }
        }
        _ => renew(tx, subscription),
    }
}

/// Nobody paid the first invoice within 23 hours.
fn expire_incomplete(tx: &mut Tx<'_>, mut subscription: Subscription) {
    subscription.status = Status::IncompleteExpired;
    subscription.ended_at = Some(tx.now(subscription.test_clock.as_deref()));
    let latest = subscription.latest_invoice.clone();
    tx.update(&subscription, "customer.subscription.updated");
    scheduling::subscription_ended(tx, &subscription);
    if let Some(invoice) = latest.and_then(|id| tx.find::<Invoice>(&id).cloned()).filter(Invoice::is_payable)
    {
        invoicing::void(tx, invoice);
    }
}

/// Nobody paid for going on within 23 hours: it stays paused, and can be resumed anew.
fn expire_resumption(tx: &mut Tx<'_>, subscription: &Subscription) {
    let invoice = subscription.resumes_with.as_ref().and_then(|id| tx.find::<Invoice>(id).cloned());
    match invoice.filter(Invoice::is_payable) {
        Some(invoice) => drop(invoicing::void(tx, invoice)),
        None => tx.put(Subscription { resumes_with: None, resumes_until: None, ..subscription.clone() }),
    }
}

/// The end that was set has come. What it leaves unused of its period is credited, and what waits is billed once more.
pub fn run_out(tx: &mut Tx<'_>, mut subscription: Subscription) {
    let now = tx.now(subscription.test_clock.as_deref());
    if subscription.is_billed()
        && subscription.end_proration != Proration::None
        && now < subscription.period.end
    {
        credit_unused(tx, &subscription, now, Drafts::AreStranded);
    }
    let ended = Period { start: subscription.period.start, end: now };
    if something_waits(tx, &subscription)
        && let Some(invoice) = billing::bill_cycle(tx, &mut subscription, ended, Vec::new(), false)
    {
        tx.put(subscription.clone());
        settle_now(tx, invoice, Payer::Absent);
    }
    let subscription = tx.find::<Subscription>(&subscription.id).filter(|it| it.status.is_live()).cloned();
    if let Some(subscription) = subscription {
        cancel(tx, subscription);
    }
}

/// Whether its next invoice would have more on it than its period.
pub fn something_waits(tx: &Tx<'_>, subscription: &Subscription) -> bool {
    tx.of_owner::<InvoiceItem>(&subscription.customer).any(|item| {
        item.invoice.is_none()
            && item.currency == subscription.currency
            && item.subscription.as_ref().is_none_or(|of| *of == subscription.id)
    })
}

pub fn tell_trial_ends(tx: &mut Tx<'_>, mut subscription: Subscription) -> Subscription {
    subscription.is_trial_notice_sent = true;
    tx.put(subscription.clone());
    tx.emit("customer.subscription.trial_will_end", &subscription);
    subscription
}

/// From trial to paid. `is_draft` leaves the first invoice open to changes for an hour, as time does it.
pub fn end_trial(tx: &mut Tx<'_>, mut subscription: Subscription, is_draft: bool) {
    let now = tx.now(subscription.test_clock.as_deref());
    let has_anchor = keeps_anchor(tx, &subscription, now);
    if let Some(trial) = &mut subscription.trial {
        trial.end = trial.end.min(now);
    }
    let has_method = subscription.default_payment_method.is_some()
        || tx.find::<Customer>(&subscription.customer).is_some_and(|it| it.pays_with().is_some());
    if !has_method && subscription.collection_method == CollectionMethod::ChargeAutomatically {
        match subscription.missing_method {
            MissingMethod::CreateInvoice => {}
            MissingMethod::Cancel => {
                cancel(tx, subscription);
                return;
            }
            MissingMethod::Pause => {
                subscription.status = Status::Paused;
                tx.update(&subscription, "customer.subscription.updated");
                tx.emit("customer.subscription.paused", &subscription);
                return;
            }
        }
    }
    subscription.status = Status::Active;
    if has_anchor {
        return go_on(tx, subscription, now, is_draft);
    }
    subscription.billing_cycle_anchor = now;
    go_on(tx, subscription, now, is_draft);
}

/// Whether an anchor after the trial was asked for, up to which there is a part of a period.
fn keeps_anchor(tx: &Tx<'_>, subscription: &Subscription, now: Timestamp) -> bool {
    let anchor = subscription.billing_cycle_anchor;
    let is_later = subscription.trial.is_some_and(|trial| anchor > trial.end);
    is_later && subscription.recurring(tx).is_some_and(|recurring| anchor <= next_end(now, recurring, now))
}

fn renew(tx: &mut Tx<'_>, subscription: Subscription) {
    let start = subscription.period.end;
    go_on(tx, subscription, start, true);
}

/// The next period begins at `start`, and is billed.
fn go_on(tx: &mut Tx<'_>, mut subscription: Subscription, start: Timestamp, is_draft: bool) {
    let Some(recurring) = subscription.recurring(tx) else { return };
    let ended = Period { start: subscription.period.start, end: start };
    subscription.period = subscription.period_from(start, recurring);
    let lines = lines(tx, &subscription, false);
    let invoice = billing::bill_cycle(tx, &mut subscription, ended, lines, is_draft);
    subscription.stub_proration = Proration::default();
    tx.update(&subscription, "customer.subscription.updated");
    if let Some(invoice) = invoice.filter(|_| !is_draft) {
        settle_now(tx, invoice, Payer::Absent);
    }
}

/// Finalizes an invoice and tries to pay it at once, unless collection is paused.
pub fn settle_now(tx: &mut Tx<'_>, invoice: Invoice, payer: Payer) -> Invoice {
    let subscription = invoice.subscription.as_ref().and_then(|id| tx.find::<Subscription>(id));
    if subscription.is_some_and(|it| it.pause_collection.is_some()) {
        return invoice;
    }
    let invoice = invoicing::finalize(tx, invoice);
    if invoice.is_open() && invoice.collection_method == CollectionMethod::ChargeAutomatically {
        collection::pay(tx, invoice, None, payer)
    } else {
        invoice
    }
}

/// Ends it now. Open invoices of a subscription that never began are void; others stay payable.
pub fn cancel(tx: &mut Tx<'_>, mut subscription: Subscription) -> Subscription {
    let now = tx.now(subscription.test_clock.as_deref());
    let was_incomplete = subscription.status == Status::Incomplete;
    subscription.status = Status::Canceled;
    subscription.canceled_at.get_or_insert(now);
    subscription.ended_at = Some(now);
    subscription.pause_collection = None;
    tx.put(subscription.clone());
    tx.emit("customer.subscription.deleted", &subscription);
    scheduling::subscription_ended(tx, &subscription);
    let invoices: Vec<_> = tx
        .of_owner::<Invoice>(&subscription.customer)
        .filter(|invoice| invoice.subscription.as_ref() == Some(&subscription.id))
        .filter(|invoice| invoice.status == InvoiceStatus::Draft || invoice.is_payable())
        .cloned()
        .collect();
    for invoice in invoices {
        if was_incomplete && invoice.is_payable() {
            invoicing::void(tx, invoice);
        } else {
            // Nothing is collected by itself any more.
            let invoice =
                Invoice { auto_advance: false, next_payment_attempt: None, finalizes_at: None, ..invoice };
            tx.update(&invoice, "invoice.updated");
        }
    }
    subscription
}
