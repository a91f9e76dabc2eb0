//! What a credit note does: it takes off what is still to be paid, and gives back what was.

use super::invoicing;
use crate::{
    resources::{
        balance_transactions::{BalanceChange, BalanceTransaction},
        charges::Charge,
        credit_notes::{AskedNote, CreditNote, CreditNoteStatus},
        customers::Customer,
        invoice_payments::{InvoicePayment, InvoicePaymentStatus},
        invoices::Invoice,
        payment_intents::{PaymentIntent, Status},
        refunds::Refund,
    },
    store::Tx,
    wire::{ApiError, Metadata},
};

/// Puts a credit note into effect. An invoice that is credited in full is paid.
///
/// # Errors
///
/// More than the invoice is for, a payment that is under way, or money that is given back in part only or twice.
pub fn issue(
    tx: &mut Tx<'_>,
    mut invoice: Invoice,
    mut note: CreditNote,
    asked: &AskedNote,
) -> Result<CreditNote, ApiError> {
    let left = invoice.total() - invoice.pre_credited - invoice.post_credited;
    let total = note.total();
    if !(1..=left).contains(&total) {
        let message = format!(
            "The credit note is for {total}, and must be for at least 1 and at most what is left of the invoice ({left})."
        );
        let param = if asked.amount.is_some() { "amount" } else { "lines" };
        return Err(ApiError::invalid(message).about(param));
    }
    refuse_while_processing(tx, &invoice)?;
    note.pre_payment = total.min(invoice.amount_remaining());
    give_back(tx, &invoice, &mut note, asked)?;
    tx.create(&note, "credit_note.created");
    invoice.pre_credited += note.pre_payment;
    invoice.post_credited += note.post_payment();
    owe_less(tx, invoice);
    Ok(note)
}

fn refuse_while_processing(tx: &Tx<'_>, invoice: &Invoice) -> Result<(), ApiError> {
    let intent = invoice.payment_intent.as_ref().and_then(|id| tx.find::<PaymentIntent>(id));
    if intent.is_some_and(|intent| intent.status == Status::Processing) {
        let message = "A payment of this invoice is under way. Wait until it has arrived or failed.";
        return Err(ApiError::invalid(message).about("invoice"));
    }
    Ok(())
}

/// The payment that is asked for is of what remains.
fn owe_less(tx: &mut Tx<'_>, invoice: Invoice) {
    if invoice.is_open() && invoice.amount_remaining() == 0 {
        invoicing::paid_without_payment(tx, invoice);
        return;
    }
    tx.update(&invoice, "invoice.updated");
    if !invoice.is_open() {
        return;
    }
    let amount = invoice.amount_remaining();
    if let Some(intent) = invoice.payment_intent.as_ref().and_then(|id| tx.find::<PaymentIntent>(id)).cloned()
    {
        tx.put(PaymentIntent { amount, ..intent });
    }
    let is_open = |payment: &&InvoicePayment| payment.status == InvoicePaymentStatus::Open;
    for payment in invoice.payments(tx).filter(is_open).cloned().collect::<Vec<_>>() {
        tx.put(InvoicePayment { amount, ..payment });
    }
}

/// All of what was paid goes back in one way or another.
fn give_back(
    tx: &mut Tx<'_>,
    invoice: &Invoice,
    note: &mut CreditNote,
    asked: &AskedNote,
) -> Result<(), ApiError> {
    let post = note.post_payment();
    let mut given = asked.credit_amount.unwrap_or(0) + asked.out_of_band_amount.unwrap_or(0);
    link_refunds(tx, invoice, note, asked)?;
    given = note.refunds.iter().fold(given, |sum, (_, amount)| sum.saturating_add(*amount));
    given = given.saturating_add(asked.refund_amount.unwrap_or(0));
    if given != post {
        let message = format!(
            "The sum of `credit_amount`, `refund_amount`, `refunds` and `out_of_band_amount` ({given}) must be the \
             amount that is credited of what was paid ({post})."
        );
        return Err(ApiError::invalid(message).about(asked.way_back()));
    }
    if let Some(amount) = asked.refund_amount.filter(|amount| *amount > 0) {
        let charge = charge(tx, invoice).ok_or_else(|| {
            ApiError::invalid("The invoice was not paid with a charge that can be refunded.")
                .about("refund_amount")
        })?;
        let refund = Refund::make(tx, charge, Some(amount), None, Metadata::new(), "refund_amount")?;
        note.refunds.push((refund.id, amount));
    }
    if let Some(amount) = asked.credit_amount.filter(|amount| *amount > 0) {
        let mut customer = Customer::present(tx, "credit_amount", &invoice.customer)?;
        let kind = BalanceChange::CreditNote;
        let booked = BalanceTransaction::book(tx, &mut customer, kind, -amount, &invoice.currency);
        note.balance_transaction = Some(booked.id.clone());
        tx.put(BalanceTransaction {
            credit_note: Some(note.id.clone()),
            invoice: Some(invoice.id.clone()),
            ..booked
        });
        tx.update(&customer, "customer.updated");
    }
    Ok(())
}

fn charge(tx: &Tx<'_>, invoice: &Invoice) -> Option<Charge> {
    let intent = tx.find::<PaymentIntent>(invoice.payment_intent.as_ref()?)?;
    let charge = tx.find::<Charge>(intent.latest_charge.as_ref()?)?;
    (intent.status == Status::Succeeded).then(|| charge.clone())
}

/// Refunds of the invoice's payment that were made before are what it gives back.
fn link_refunds(
    tx: &Tx<'_>,
    invoice: &Invoice,
    note: &mut CreditNote,
    asked: &AskedNote,
) -> Result<(), ApiError> {
    let charge = charge(tx, invoice);
    for (index, asked) in asked.refunds.iter().flatten().enumerate() {
        let param = format!("refunds[{index}]");
        let refund = tx.named::<Refund>(&format!("{param}[refund]"), &asked.refund)?;
        if charge.as_ref().is_none_or(|charge| charge.id != refund.charge) {
            let message = format!("The refund {} is not of a payment of this invoice.", refund.id);
            return Err(ApiError::invalid(message).about(&format!("{param}[refund]")));
        }
        let issued = tx.of_owner::<CreditNote>(&invoice.id).flat_map(|other| &other.refunds);
        let used = issued.chain(&note.refunds).filter(|(id, _)| *id == refund.id);
        let left = used.fold(refund.amount, |left, (_, amount)| left.saturating_sub(*amount));
        let amount = asked.amount_refunded.unwrap_or(left);
        if !(1..=left).contains(&amount) {
            let message = format!("Only {left} of this refund can be credited still.");
            return Err(ApiError::invalid(message).about(&format!("{param}[amount_refunded]")));
        }
        note.refunds.push((refund.id, amount));
    }
    Ok(())
}

/// Takes back what a credit note took off an open invoice.
///
/// # Errors
///
/// It is void already, it gave back what was paid, or its invoice is no longer open.
pub fn void(tx: &mut Tx<'_>, mut note: CreditNote) -> Result<CreditNote, ApiError> {
    let mut invoice = tx.get::<Invoice>(&note.invoice)?;
    if note.status == CreditNoteStatus::Void || note.post_payment() > 0 || !invoice.is_open() {
        let message = "Only a credit note that is issued, of an invoice that is open, can be voided.";
        return Err(ApiError::invalid(message));
    }
    refuse_while_processing(tx, &invoice)?;
    note.status = CreditNoteStatus::Void;
    note.voided_at = Some(tx.now(note.test_clock.as_deref()));
    tx.put(note.clone());
    tx.emit("credit_note.voided", &note);
    invoice.pre_credited -= note.pre_payment;
    owe_less(tx, invoice);
    Ok(note)
}
