use std::cmp::Reverse;

use actix_web::http::StatusCode;
use billing_domain::{
    App, Invoice, InvoiceAction, InvoiceDetails, InvoiceId, InvoiceLine, InvoiceStatus, Money, Refund,
    RefundState,
};

use super::invoices::row;
use super::sales::{at_stripe, environment, payer_kind, unless_zero};
use crate::lists::grouped;
use crate::present::{capitalized, moment, period};
use crate::stripe_pages::StripeKind;
use crate::views::{InvoiceFacts, InvoiceLineRow, InvoicePage, InvoiceSums, Place, RefundRow, Status};
use crate::web::{Failure, Reply, Visit, rendered};

/// The invoice of the path.
pub(super) async fn invoice(visit: &Visit, app: &App) -> Result<Invoice, Failure> {
    let (app_id, id): (_, InvoiceId) = (app.id.clone(), visit.of_path("invoice_id")?);
    visit
        .read(move |reads, session| async move { reads.invoice(&session.workspace_id, &app_id, id).await })
        .await
}

pub(super) fn path(app: &App, id: InvoiceId) -> String {
    format!("/app/{}/billing/invoices/{id}", app.id)
}

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let invoice = invoice(&visit, &app).await?;
    let admits = |action| invoice.details.admit(action) == Ok(true);
    let facts = facts(&visit, &app, &invoice);
    let can_refund = invoice.refund_state().is_some_and(|state| state.left.minor_units() > 0);
    let changes = [InvoiceAction::Void, InvoiceAction::MarkUncollectible, InvoiceAction::Send];
    let page = InvoicePage {
        layout: visit.app_layout(&app, Place::Billing)?,
        has_actions: facts.hosted.is_some()
            || facts.pdf.is_some()
            || can_refund
            || changes.map(admits).contains(&true),
        invoice: facts,
        lines: invoice.details.lines.iter().map(line).collect(),
        has_more_lines: invoice.details.has_more_lines,
        refunds: refunds(&invoice.details),
        can_refund,
        can_void: admits(InvoiceAction::Void),
        can_give_up: admits(InvoiceAction::MarkUncollectible),
        can_send: admits(InvoiceAction::Send),
    };
    rendered(StatusCode::OK, &page)
}

fn facts(visit: &Visit, app: &App, invoice: &Invoice) -> InvoiceFacts {
    let details = &invoice.details;
    InvoiceFacts {
        row: row(invoice),
        payer_kind: payer_kind(invoice.payer.kind()),
        subscription: invoice.subscription_id.as_ref().map(ToString::to_string),
        sums: sums(details),
        paid_at: details.paid_at.map(moment),
        due_at: details.due_at.map(moment),
        hosted: details.hosted_url.clone(),
        pdf: details.pdf_url.clone(),
        environment: environment(app, &invoice.environment_id),
        stripe: at_stripe(visit, StripeKind::Invoice, &invoice.gateway_account_id, &invoice.stripe_id),
        synced: moment(invoice.synced_at),
    }
}

/// The total, and how it comes to what is left to pay. Nothing is left of an invoice that is void.
fn sums(details: &InvoiceDetails) -> InvoiceSums {
    let InvoiceDetails { total, amount_paid, amount_due, .. } = *details;
    let difference = |from: Money, amount| from.checked_sub(amount).ok();
    let shown = |amount: Option<Money>| amount.and_then(unless_zero).map(|amount| amount.to_string());
    let is_due = !matches!(details.status, InvoiceStatus::Paid | InvoiceStatus::Void);
    let nothing = Money::new(0, total.currency());
    let parts = details.sums.filter(|sums| sums.discount.minor_units() != 0 || sums.tax.minor_units() != 0);
    InvoiceSums {
        subtotal: parts.map(|sums| sums.subtotal.to_string()),
        discount: shown(parts.and_then(|sums| difference(nothing, sums.discount))),
        tax: shown(parts.map(|sums| sums.tax)),
        total: total.to_string(),
        balance: shown(difference(amount_due, total)),
        paid: shown(difference(nothing, amount_paid)),
        refunded: RefundState::of(details, &[])
            .and_then(|state| unless_zero(state.refunded))
            .map(|it| it.to_string()),
        left: difference(amount_due, amount_paid).filter(|_| is_due).map(|left| left.to_string()),
    }
}

/// The refunds of all payments, newest first.
fn refunds(details: &InvoiceDetails) -> Vec<RefundRow> {
    let mut refunds: Vec<&Refund> =
        details.payments.iter().flatten().flat_map(|payment| &payment.refunds).collect();
    refunds.sort_by_key(|refund| Reverse(refund.created_at));
    let row = |refund: &Refund| RefundRow {
        id: refund.id.to_string(),
        status: Status::refund(&refund.status),
        reason: refund
            .reason
            .as_deref()
            .map(|reason| capitalized(&reason.replace('_', " ")))
            .unwrap_or_default(),
        amount: refund.amount.to_string(),
        made: moment(refund.created_at),
    };
    refunds.into_iter().map(row).collect()
}

fn line(line: &InvoiceLine) -> InvoiceLineRow {
    InvoiceLineRow {
        text: line.description.clone(),
        period: period(line.period_start, line.period_end),
        quantity: line.quantity.map(|quantity| grouped(quantity.into())).unwrap_or_default(),
        amount: line.amount.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use billing_domain::Currency;

    use super::*;

    fn invoice(status: &str, [total, due, paid]: [i64; 3]) -> [Option<String>; 4] {
        let money = |minor_units| Money::new(minor_units, Currency::parse("USD").unwrap());
        let sums = sums(&InvoiceDetails {
            status: InvoiceStatus::from_stripe(status),
            number: None,
            total: money(total),
            amount_paid: money(paid),
            amount_due: money(due),
            created_at: "2026-11-29T12:04:00Z".parse().unwrap(),
            paid_at: None,
            due_at: None,
            hosted_url: None,
            pdf_url: None,
            lines: Vec::new(),
            has_more_lines: false,
            next_attempt_at: None,
            payments: Some(Vec::new()),
            is_charged_automatically: None,
            sums: None,
        });
        [Some(sums.total), sums.balance, sums.paid, sums.left]
    }

    #[test]
    fn the_sums_of_an_invoice_add_up() {
        let expected = |sums: [&str; 4]| sums.map(|sum| (!sum.is_empty()).then(|| sum.to_owned()));
        assert_eq!(invoice("open", [1_500, 1_500, 0]), expected(["$15.00", "", "", "$15.00"]));
        assert_eq!(invoice("open", [1_500, 1_200, 0]), expected(["$15.00", "−$3.00", "", "$12.00"]));
        assert_eq!(invoice("paid", [1_500, 1_200, 1_200]), expected(["$15.00", "−$3.00", "−$12.00", ""]));
        assert_eq!(invoice("void", [1_500, 1_500, 0]), expected(["$15.00", "", "", ""]));
        assert_eq!(invoice("uncollectible", [1_500, 1_500, 500])[3].as_deref(), Some("$10.00"));
    }
}
