//! An invoice as its customer reads it.

use super::{date, invoice_status, merchant, off, payment_method, period, unit_price};
use crate::{
    pages::{
        format_money,
        views::{AmountRow, Document, DocumentKind, DocumentLine, Fact, HostedInvoicePage, InvoicePayment},
    },
    resources::{
        accounts::Account,
        customers::Address,
        discounts::Discount,
        invoices::{Invoice, InvoiceStatus, Line, Particulars},
        payment_intents::{PaymentIntent, Status},
        payment_methods::PaymentMethod,
        promotion_codes::PromotionCode,
    },
    store::Tx,
};

/// `payment` is shown while the invoice can be paid.
pub(crate) fn page(tx: &Tx<'_>, invoice: &Invoice, payment: InvoicePayment) -> HostedInvoicePage {
    let (headline, explanation) = headline(tx, invoice);
    let (account, token) = (tx.account().to_owned(), invoice.token.clone());
    let is_payable = invoice.is_payable() && !is_on_its_way(tx, invoice);
    let submit = format!("Pay {}", money(invoice, invoice.amount_remaining()));
    HostedInvoicePage {
        headline,
        explanation,
        document: document(tx, invoice),
        pdf_url: format!("/i/{account}/{token}/pdf"),
        payment: is_payable.then_some(InvoicePayment { submit, ..payment }),
        account,
        token,
    }
}

fn money(invoice: &Invoice, amount: i64) -> String {
    format_money(amount, &invoice.currency)
}

fn intent<'a>(tx: &'a Tx<'_>, invoice: &Invoice) -> Option<&'a PaymentIntent> {
    tx.find::<PaymentIntent>(invoice.payment_intent.as_ref()?)
}

fn is_on_its_way(tx: &Tx<'_>, invoice: &Invoice) -> bool {
    intent(tx, invoice).is_some_and(|intent| intent.status == Status::Processing)
}

/// Why the last payment was refused.
pub(crate) fn last_refusal(tx: &Tx<'_>, invoice: &Invoice) -> Option<String> {
    intent(tx, invoice)?.last_error.as_ref().map(|error| error.message.clone())
}

fn headline(tx: &Tx<'_>, invoice: &Invoice) -> (String, Option<String>) {
    match invoice.status {
        InvoiceStatus::Draft => ("This invoice is a draft".to_owned(), None),
        InvoiceStatus::Open | InvoiceStatus::Uncollectible => {
            let due = money(invoice, invoice.amount_remaining());
            let by = invoice.due_date.map(|at| format!(" {}", date(at))).unwrap_or_default();
            let explanation = if is_on_its_way(tx, invoice) {
                Some("A payment is on its way. Its bank takes a while.".to_owned())
            } else {
                invoice.transitions.marked_uncollectible_at.map(|at| {
                    format!("It was marked as uncollectible on {}, and can still be paid.", date(at))
                })
            };
            (format!("{due} due{by}"), explanation)
        }
        InvoiceStatus::Paid => {
            let on = invoice.transitions.paid_at.map(|at| format!(" on {}", date(at))).unwrap_or_default();
            let with = paid_with(tx, invoice).map(|it| format!(" with {it}")).unwrap_or_default();
            (
                format!("{} paid", money(invoice, invoice.amount_paid)),
                Some(format!("Paid{on}{with}. Nothing is left to do.")),
            )
        }
        InvoiceStatus::Void => ("This invoice is void".to_owned(), Some("It is no longer owed.".to_owned())),
    }
}

fn paid_with(tx: &Tx<'_>, invoice: &Invoice) -> Option<String> {
    let intent = intent(tx, invoice).filter(|intent| intent.status == Status::Succeeded)?;
    tx.find::<PaymentMethod>(intent.payment_method.as_ref()?).map(payment_method)
}

pub(crate) fn document(tx: &Tx<'_>, invoice: &Invoice) -> Document {
    let owed = if invoice.status == InvoiceStatus::Void { 0 } else { invoice.amount_remaining() };
    Document {
        kind: DocumentKind::Invoice,
        number: invoice.number.clone().unwrap_or_else(|| "Draft".to_owned()),
        status: invoice_status(invoice.status),
        merchant: merchant(tx),
        from: sender(tx),
        to: addressee(invoice.particulars(tx)),
        facts: facts(invoice),
        lines: invoice.lines.iter().map(|it| line(invoice, it)).collect(),
        totals: totals(tx, invoice),
        amount: money(invoice, owed),
        notes: invoice.description.iter().chain(&invoice.footer).cloned().collect(),
    }
}

/// What stands under the merchant's name.
pub(super) fn sender(tx: &Tx<'_>) -> Vec<String> {
    tx.find::<Account>(tx.account()).and_then(|account| account.email.clone()).into_iter().collect()
}

pub(super) fn addressee(particulars: Particulars) -> Vec<String> {
    let address = particulars.address.as_ref().map(address_lines).unwrap_or_default();
    particulars.name.into_iter().chain(address).chain(particulars.email).collect()
}

pub(super) fn address_lines(address: &Address) -> Vec<String> {
    let together = |parts: [&Option<String>; 2]| {
        let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        parts.join(" ")
    };
    let lines = [
        address.line1.clone().unwrap_or_default(),
        address.line2.clone().unwrap_or_default(),
        together([&address.postal_code, &address.city]),
        together([&address.state, &address.country]),
    ];
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

fn facts(invoice: &Invoice) -> Vec<Fact> {
    let times = [
        ("Date of issue", invoice.transitions.finalized_at),
        ("Date due", invoice.due_date),
        ("Paid on", invoice.transitions.paid_at),
    ];
    let known = times.into_iter().filter_map(|(label, at)| Some((label, at?)));
    known.map(|(label, at)| Fact { label: label.to_owned(), value: date(at) }).collect()
}

fn line(invoice: &Invoice, line: &Line) -> DocumentLine {
    let pricing = line.pricing.as_ref().filter(|_| !line.is_proration);
    let is_of_time = line.period.start != line.period.end;
    DocumentLine {
        description: line.description.clone().unwrap_or_else(|| "Item".to_owned()),
        period: is_of_time.then(|| period(line.period.start, line.period.end)),
        quantity: line.quantity.to_string(),
        unit_price: pricing.map(|it| unit_price(it.unit_amount, &invoice.currency)).unwrap_or_default(),
        amount: money(invoice, line.amount),
    }
}

fn totals(tx: &Tx<'_>, invoice: &Invoice) -> Vec<AmountRow> {
    let row = |label: String, amount| AmountRow { label, amount: money(invoice, amount) };
    let mut rows = vec![row("Subtotal".to_owned(), invoice.subtotal())];
    rows.extend(invoice.taken_off().iter().map(|(id, amount)| row(discount(tx, id), -amount)));
    rows.push(row("Total".to_owned(), invoice.total()));
    let balance = invoice.amount_due().saturating_add(invoice.pre_credited).saturating_sub(invoice.total());
    let label = match balance {
        0 => None,
        _ if invoice.total() < 0 => Some("Kept as credit"),
        1.. => Some("Owed from before"),
        _ => Some("Applied balance"),
    };
    rows.extend(label.map(|label| row(label.to_owned(), balance)));
    if invoice.pre_credited > 0 {
        rows.push(row("Credit notes".to_owned(), -invoice.pre_credited));
    }
    if invoice.amount_paid > 0 {
        rows.push(row("Amount paid".to_owned(), -invoice.amount_paid));
    }
    rows
}

/// Such as "LAUNCH20 (20% off)".
pub(super) fn discount(tx: &Tx<'_>, id: &str) -> String {
    let Some(discount) = tx.find::<Discount>(id) else { return "Discount".to_owned() };
    let code = discount.promotion_code.as_ref().and_then(|id| tx.find::<PromotionCode>(id));
    let coupon = &discount.coupon;
    let name = code.map(|code| &code.code).or(coupon.name.as_ref()).unwrap_or(&coupon.id);
    format!("{name} ({})", off(&coupon.off))
}
