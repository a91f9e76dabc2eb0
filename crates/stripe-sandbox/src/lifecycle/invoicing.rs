//! From what is owed to a paid invoice.

use super::standing;
use crate::{
    clock::{DAY, Timestamp},
    currency,
    resources::{
        balance_transactions::{BalanceChange, BalanceTransaction},
        coupons::Duration,
        customers::Customer,
        discounts::Discount,
        invoice_items::InvoiceItem,
        invoice_payments::{InvoicePayment, InvoicePaymentStatus},
        invoices::{
            BillingReason, CollectionMethod, CustomerBalance, Invoice, InvoiceStatus, Line, Period,
            Transitions,
        },
        payment_intents::PaymentIntent,
    },
    store::{Resource, Tx},
    wire::{ApiError, Metadata},
};

/// What a new invoice is about.
pub struct NewInvoice {
    pub reason: BillingReason,
    pub currency: String,
    pub subscription: Option<String>,
    pub period: Period,
    pub lines: Vec<Line>,
    pub discounts: Vec<String>,
    pub collection_method: CollectionMethod,
    pub days_until_due: Option<u32>,
    pub default_payment_method: Option<String>,
    pub auto_advance: bool,
    /// When it finalizes itself.
    pub finalizes_at: Option<Timestamp>,
    pub customer_balance: CustomerBalance,
}

/// Stores a draft. What waits for the customer's next invoice is put on it when `takes_pending`.
pub fn draft(tx: &mut Tx<'_>, customer: &Customer, new: NewInvoice, takes_pending: bool) -> Invoice {
    let now = customer.now(tx);
    let mut invoice = Invoice {
        id: tx.new_id("in_"),
        created: now,
        customer: customer.id.clone(),
        starting_balance: new.customer_balance.of(customer, &new.currency),
        customer_balance: new.customer_balance,
        currency: new.currency,
        status: InvoiceStatus::Draft,
        billing_reason: new.reason,
        collection_method: new.collection_method,
        subscription: new.subscription,
        lines: new.lines,
        discounts: new.discounts,
        period: new.period,
        ending_balance: None,
        amount_paid: 0,
        pre_credited: 0,
        post_credited: 0,
        attempt_count: 0,
        is_attempted: false,
        is_overdue: false,
        next_payment_attempt: None,
        auto_advance: new.auto_advance,
        finalizes_at: new.finalizes_at,
        number: None,
        due_date: new.days_until_due.map(|days| now + Timestamp::from(days) * DAY),
        description: None,
        footer: None,
        default_payment_method: new.default_payment_method,
        payment_intent: None,
        transitions: Transitions::default(),
        metadata: Metadata::new(),
        particulars: None,
        token: format!("test_{}", tx.secret(32)),
        test_clock: customer.test_clock.clone(),
    };
    if takes_pending {
        take_pending(tx, &mut invoice);
    }
    apply_discounts(tx, &mut invoice);
    tx.create(&invoice, "invoice.created");
    invoice
}

/// A subscription's own invoices take what waits for it and what waits for no subscription in particular. One that
/// is made by hand takes what waits for the subscription it names, or all that waits when it names none.
fn take_pending(tx: &mut Tx<'_>, invoice: &mut Invoice) {
    let is_manual = invoice.billing_reason == BillingReason::Manual;
    let waits = |item: &&InvoiceItem| {
        item.invoice.is_none()
            && item.currency == invoice.currency
            && match &item.subscription {
                Some(_) if is_manual && invoice.subscription.is_none() => true,
                Some(_) => item.subscription == invoice.subscription,
                None => !is_manual || invoice.subscription.is_none(),
            }
    };
    let items: Vec<_> = tx.of_owner::<InvoiceItem>(&invoice.customer).filter(waits).cloned().collect();
    // They come before the lines of the new period, oldest first.
    let mut lines: Vec<_> = items.iter().rev().map(|item| item.as_line(tx)).collect();
    lines.append(&mut invoice.lines);
    invoice.lines = lines;
    for item in items {
        tx.put(InvoiceItem { invoice: Some(invoice.id.clone()), ..item });
    }
}

/// Puts an item on a draft.
///
/// # Errors
///
/// The item is in another currency.
pub fn add_item(tx: &mut Tx<'_>, mut invoice: Invoice, item: &InvoiceItem) -> Result<(), ApiError> {
    if invoice.currency != item.currency {
        let message = format!("The invoice is in {}, and the item in {}.", invoice.currency, item.currency);
        return Err(ApiError::invalid(message).about("currency"));
    }
    let line = item.as_line(tx);
    invoice.lines.push(line);
    apply_discounts(tx, &mut invoice);
    tx.update(&invoice, "invoice.updated");
    Ok(())
}

/// Tells on a draft what became of one of its items; `None` takes it away.
pub fn change_item(tx: &mut Tx<'_>, mut invoice: Invoice, id: &str, item: Option<&InvoiceItem>) {
    let Some(place) = invoice.lines.iter().position(|line| line.invoice_item.as_deref() == Some(id)) else {
        return;
    };
    let old = invoice.lines.remove(place);
    if let Some(item) = item {
        let line = Line { id: old.id, ..item.as_line(tx) };
        invoice.lines.insert(place, line);
    }
    apply_discounts(tx, &mut invoice);
    tx.update(&invoice, "invoice.updated");
}

/// Takes the discounts of an invoice off its lines.
pub fn apply_discounts(tx: &Tx<'_>, invoice: &mut Invoice) {
    discount(tx, &invoice.discounts, &mut invoice.lines, &invoice.currency);
}

/// Each discount takes its part off what those before it left of each line.
pub fn discount(tx: &Tx<'_>, discounts: &[String], lines: &mut [Line], currency: &str) {
    for line in lines.iter_mut() {
        line.discounts.clear();
    }
    for id in discounts {
        let Some(discount) = tx.find::<Discount>(id) else { continue };
        let can = |line: &Line| line.is_discountable && line.net() > 0;
        let lefts: Vec<_> = lines.iter().filter(|line| can(line)).map(Line::net).collect();
        let whole = lefts.iter().fold(0_i64, |sum, left| sum.saturating_add(*left));
        let off = discount.coupon.off(whole, currency);
        let parts = currency::spread(off, &lefts, currency);
        for (line, part) in lines.iter_mut().filter(|line| can(line)).zip(parts) {
            line.discounts.push((id.clone(), part));
        }
    }
}

/// Makes a draft final: it gets its number, and uses the customer's balance unless it leaves that.
pub fn finalize(tx: &mut Tx<'_>, mut invoice: Invoice) -> Invoice {
    let Some(mut customer) = tx.find::<Customer>(&invoice.customer).cloned() else { return invoice };
    let now = customer.now(tx);
    use_up_discounts(tx, &invoice);
    invoice.number = Some(format!("{}-{:04}", customer.invoice_prefix, customer.next_invoice_number));
    invoice.particulars = Some(invoice.particulars(tx));
    invoice.status = InvoiceStatus::Open;
    invoice.finalizes_at = None;
    invoice.transitions.finalized_at = Some(now);
    let starting = invoice.customer_balance.of(&customer, &invoice.currency);
    invoice.starting_balance = starting;
    let ending = invoice.left_on_balance();
    invoice.ending_balance = Some(ending);
    let is_new_to_customer = starting != ending || customer.currency.is_none();
    customer.next_invoice_number += 1;
    if starting != ending {
        let (applied, of) = (ending - starting, (invoice.id.as_str(), invoice.currency.as_str()));
        let kind = BalanceChange::AppliedToInvoice;
        BalanceTransaction::book_invoice(tx, &mut customer, kind, applied, of);
    }
    customer.currency.get_or_insert_with(|| invoice.currency.clone());
    if is_new_to_customer {
        tx.update(&customer, "customer.updated");
    } else {
        tx.put(customer);
    }
    tx.put(invoice.clone());
    tx.emit("invoice.finalized", &invoice);
    if invoice.amount_due() == 0 { paid(tx, invoice) } else { invoice }
}

/// A discount for once is used up by the first invoice that it takes something off, which that of a trial is not.
fn use_up_discounts(tx: &mut Tx<'_>, invoice: &Invoice) {
    let takes = |id: &&String| {
        invoice.lines.iter().flat_map(|line| &line.discounts).any(|(of, off)| of == *id && *off > 0)
    };
    for id in invoice.discounts.iter().filter(takes) {
        if let Some(discount) =
            tx.find::<Discount>(id).filter(|it| it.coupon.duration == Duration::Once).cloned()
        {
            tx.put(Discount { is_used: true, ..discount });
        }
    }
}

/// Nothing is owed any more.
pub fn paid(tx: &mut Tx<'_>, mut invoice: Invoice) -> Invoice {
    let now = tx.now(invoice.test_clock.as_deref());
    invoice.status = InvoiceStatus::Paid;
    invoice.amount_paid = invoice.amount_due();
    invoice.is_attempted = true;
    invoice.next_payment_attempt = None;
    invoice.transitions.paid_at = Some(now);
    end_payments(tx, &invoice, InvoicePaymentStatus::Paid, now);
    tx.update(&invoice, "invoice.updated");
    tx.emit("invoice.paid", &invoice);
    tx.emit("invoice.payment_succeeded", &invoice);
    standing::set_delinquent(tx, &invoice.customer, false);
    standing::invoice_paid(tx, &invoice);
    invoice
}

/// It was paid where the sandbox does not see it, or was credited in full, and so nobody pays it here as well.
pub fn paid_without_payment(tx: &mut Tx<'_>, invoice: Invoice) -> Invoice {
    cancel_payment(tx, &invoice);
    paid(tx, invoice)
}

/// What was asked for is no longer what it is paid by.
pub fn cancel_open_payments(tx: &mut Tx<'_>, invoice: &Invoice) {
    let now = tx.now(invoice.test_clock.as_deref());
    end_payments(tx, invoice, InvoicePaymentStatus::Canceled, now);
}

fn cancel_payment(tx: &mut Tx<'_>, invoice: &Invoice) {
    cancel_open_payments(tx, invoice);
    if let Some(intent) = &invoice.payment_intent {
        PaymentIntent::abandon(tx, intent, "void_invoice");
    }
}

/// It will never be paid. Its payment is cancelled, so that nobody can pay it by another way.
pub fn void(tx: &mut Tx<'_>, mut invoice: Invoice) -> Invoice {
    let now = tx.now(invoice.test_clock.as_deref());
    invoice.status = InvoiceStatus::Void;
    invoice.auto_advance = false;
    invoice.next_payment_attempt = None;
    invoice.transitions.voided_at = Some(now);
    cancel_payment(tx, &invoice);
    give_back_credit(tx, &invoice);
    tx.put(invoice.clone());
    tx.emit("invoice.voided", &invoice);
    standing::invoice_dropped(tx, &invoice);
    invoice
}

/// What was used of the customer's balance is theirs again.
fn give_back_credit(tx: &mut Tx<'_>, invoice: &Invoice) {
    let Some(ending) = invoice.ending_balance.filter(|ending| *ending != invoice.starting_balance) else {
        return;
    };
    if let Some(mut customer) = tx.find::<Customer>(&invoice.customer).cloned() {
        let (unapplied, of) = (
            invoice.starting_balance.saturating_sub(ending),
            (invoice.id.as_str(), invoice.currency.as_str()),
        );
        let kind = BalanceChange::UnappliedFromInvoice;
        BalanceTransaction::book_invoice(tx, &mut customer, kind, unapplied, of);
        tx.update(&customer, "customer.updated");
    }
}

pub fn mark_uncollectible(tx: &mut Tx<'_>, mut invoice: Invoice) -> Invoice {
    invoice.status = InvoiceStatus::Uncollectible;
    invoice.auto_advance = false;
    invoice.next_payment_attempt = None;
    invoice.transitions.marked_uncollectible_at = Some(tx.now(invoice.test_clock.as_deref()));
    tx.put(invoice.clone());
    tx.emit("invoice.marked_uncollectible", &invoice);
    standing::set_delinquent(tx, &invoice.customer, false);
    standing::invoice_dropped(tx, &invoice);
    invoice
}

fn end_payments(tx: &mut Tx<'_>, invoice: &Invoice, status: InvoicePaymentStatus, now: Timestamp) {
    let open: Vec<_> = invoice
        .payments(tx)
        .filter(|payment| payment.status == InvoicePaymentStatus::Open)
        .cloned()
        .collect();
    for payment in open {
        let payment = InvoicePayment { status, ended_at: Some(now), ..payment };
        tx.put(payment.clone());
        if status == InvoicePaymentStatus::Paid {
            tx.emit("invoice_payment.paid", &payment);
        }
    }
}

/// A draft is thrown away; what it took waits again.
pub fn delete_draft(tx: &mut Tx<'_>, invoice: &Invoice) {
    let items: Vec<_> = tx
        .of_owner::<InvoiceItem>(&invoice.customer)
        .filter(|item| item.invoice.as_ref() == Some(&invoice.id))
        .cloned()
        .collect();
    for item in items {
        tx.put(InvoiceItem { invoice: None, ..item });
    }
    tx.emit("invoice.deleted", invoice);
    tx.remove::<Invoice>(invoice.id());
}
