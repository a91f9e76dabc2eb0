//! A credit note as its customer reads it.

use super::{
    date,
    invoice::{addressee, discount, sender},
    merchant,
};
use crate::{
    pages::{
        format_money,
        views::{AmountRow, Badge, Document, DocumentKind, DocumentLine, Fact, Tone},
    },
    resources::{
        credit_notes::{CreditLine, CreditNote, CreditNoteStatus, CreditReason},
        invoices::Invoice,
    },
    store::Tx,
};

pub(crate) fn document(tx: &Tx<'_>, invoice: &Invoice, note: &CreditNote) -> Document {
    Document {
        kind: DocumentKind::CreditNote,
        number: note.number.clone(),
        status: match note.status {
            CreditNoteStatus::Issued => Badge::new("Issued", Tone::Good),
            CreditNoteStatus::Void => Badge::new("Void", Tone::Neutral),
        },
        merchant: merchant(tx),
        from: sender(tx),
        to: addressee(invoice.particulars(tx)),
        facts: facts(invoice, note),
        lines: note.lines.iter().map(|it| line(note, it)).collect(),
        totals: totals(tx, note),
        amount: money(note, note.total()),
        notes: ways(note).into_iter().chain(note.memo.clone()).collect(),
    }
}

fn money(note: &CreditNote, amount: i64) -> String {
    format_money(amount, &note.currency)
}

fn facts(invoice: &Invoice, note: &CreditNote) -> Vec<Fact> {
    let facts = [
        ("Invoice number", invoice.number.clone()),
        ("Date of issue", Some(date(note.effective_at))),
        ("Reason", note.reason.map(|reason| self::reason(reason).to_owned())),
        ("Voided on", note.voided_at.map(date)),
    ];
    let known = facts.into_iter().filter_map(|(label, value)| Some((label, value?)));
    known.map(|(label, value)| Fact { label: label.to_owned(), value }).collect()
}

fn reason(reason: CreditReason) -> &'static str {
    match reason {
        CreditReason::Duplicate => "Duplicate",
        CreditReason::Fraudulent => "Fraudulent",
        CreditReason::OrderChange => "Order change",
        CreditReason::ProductUnsatisfactory => "Product unsatisfactory",
    }
}

fn line(note: &CreditNote, line: &CreditLine) -> DocumentLine {
    DocumentLine {
        description: line.description.clone().unwrap_or_else(|| "Credit".to_owned()),
        period: None,
        quantity: line.quantity.map(|it| it.to_string()).unwrap_or_default(),
        unit_price: line.unit_amount().map(|it| money(note, it)).unwrap_or_default(),
        amount: money(note, line.amount),
    }
}

fn totals(tx: &Tx<'_>, note: &CreditNote) -> Vec<AmountRow> {
    let row = |label: String, amount| AmountRow { label, amount: money(note, amount) };
    let mut rows = vec![row("Subtotal".to_owned(), note.subtotal())];
    rows.extend(note.discounts().into_iter().map(|(id, amount)| row(discount(tx, &id), -amount)));
    rows
}

/// What became of the money, in sentences.
fn ways(note: &CreditNote) -> Vec<String> {
    if note.status == CreditNoteStatus::Void {
        return vec!["This credit note is void: it takes nothing off.".to_owned()];
    }
    let refunded = note.refunds.iter().fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount));
    let otherwise = note.out_of_band.unwrap_or(0);
    let parts = [
        (note.pre_payment, "was taken off what is due."),
        (refunded, "was refunded."),
        (note.post_payment() - refunded - otherwise, "was added to your credit balance."),
        (otherwise, "is paid back in another way."),
    ];
    let some = parts.into_iter().filter(|(amount, _)| *amount > 0);
    some.map(|(amount, what)| format!("{} {what}", money(note, amount))).collect()
}
