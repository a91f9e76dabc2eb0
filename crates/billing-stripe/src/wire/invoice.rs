use billing_domain::{
    Currency, GatewayInvoice, InvoiceDetails, InvoiceLine, InvoicePayment, InvoiceStatus, InvoiceSums, Money,
    PreviewedInvoice, StripeId,
};
use serde::Deserialize;

use super::{HasId, Page, Payment, Reference, moment, stripe_id, subscription_id};
use crate::answer::Unreadable;

/// An invoice.
#[derive(Debug, Deserialize)]
pub(crate) struct Invoice {
    id: Option<String>,
    status: Option<String>,
    customer: Option<Reference>,
    parent: Option<Parent>,
    number: Option<String>,
    currency: Option<String>,
    subtotal: Option<i64>,
    total_discount_amounts: Option<Vec<Amount>>,
    total_taxes: Option<Vec<Amount>>,
    total: Option<i64>,
    amount_paid: Option<i64>,
    amount_due: Option<i64>,
    created: Option<i64>,
    status_transitions: Option<Transitions>,
    due_date: Option<i64>,
    collection_method: Option<String>,
    next_payment_attempt: Option<i64>,
    hosted_invoice_url: Option<String>,
    #[serde(rename = "invoice_pdf")]
    pdf: Option<String>,
    lines: Option<Page<Line>>,
    /// Given on request only.
    payments: Option<Page<Payment>>,
}

/// A discount or a tax.
#[derive(Debug, Deserialize)]
struct Amount {
    amount: Option<i64>,
}

/// Since API 2025-03-31 the subscription is named here.
#[derive(Debug, Deserialize)]
struct Parent {
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Debug, Deserialize)]
struct SubscriptionDetails {
    subscription: Option<Reference>,
    /// Of a preview only.
    subscription_proration_date: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Transitions {
    paid_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    description: Option<String>,
    quantity: Option<u64>,
    amount: Option<i64>,
    period: Option<Period>,
    parent: Option<LineParent>,
}

#[derive(Debug, Deserialize)]
struct LineParent {
    subscription_item_details: Option<ItemDetails>,
}

#[derive(Debug, Deserialize)]
struct ItemDetails {
    proration: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Period {
    start: Option<i64>,
    end: Option<i64>,
}

impl HasId for Invoice {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        stripe_id(self.id.as_deref())
    }
}

impl Invoice {
    pub(crate) fn has_more_lines(&self) -> bool {
        self.lines.as_ref().is_some_and(|lines| lines.has_more)
    }

    pub(crate) fn set_lines(&mut self, lines: Page<Line>) {
        self.lines = Some(lines);
    }

    pub(crate) fn currency(&self) -> Result<Currency, Unreadable> {
        let currency = self.currency.as_deref().and_then(|code| Currency::parse(code).ok());
        currency.ok_or(Unreadable::Field("currency"))
    }

    /// The invoice that a change would make. Where Stripe does not say as of when it is prorated, the lines do.
    pub(crate) fn previewed(self) -> Result<PreviewedInvoice, Unreadable> {
        let (currency, has_more_lines) = (self.currency()?, self.has_more_lines());
        let lines = self.lines.map(|page| page.data).unwrap_or_default();
        let said = self.parent.and_then(|parent| parent.subscription_details?.subscription_proration_date);
        let prorated = lines.iter().filter(|line| line.is_proration());
        let as_of = said.or(prorated.filter_map(|line| line.period.as_ref()?.start).max());
        Ok(PreviewedInvoice {
            as_of: moment(as_of),
            total: money(self.total, currency, "total")?,
            amount_due: money(self.amount_due, currency, "amount_due")?,
            lines: lines.into_iter().map(|line| line.mirrored(currency)).collect::<Result<_, _>>()?,
            has_more_lines,
        })
    }

    fn sums(&self, currency: Currency) -> Result<Option<InvoiceSums>, Unreadable> {
        if self.subtotal.is_none() {
            return Ok(None);
        }
        let sum = |amounts: Option<&Vec<Amount>>, field| {
            let amounts = amounts.into_iter().flatten().map(|of| of.amount.ok_or(Unreadable::Field(field)));
            let sum = amounts.sum::<Result<i64, _>>()?;
            money(Some(sum), currency, field)
        };
        Ok(Some(InvoiceSums {
            subtotal: money(self.subtotal, currency, "subtotal")?,
            discount: sum(self.total_discount_amounts.as_ref(), "total_discount_amounts")?,
            tax: sum(self.total_taxes.as_ref(), "total_taxes")?,
        }))
    }

    /// The payments that came with it; `None` if Stripe has more.
    pub(crate) fn take_payments(&mut self) -> Option<Vec<Payment>> {
        self.payments.take().filter(|page| !page.has_more).map(|page| page.data)
    }

    pub(crate) fn mirrored(self, payments: Vec<InvoicePayment>) -> Result<GatewayInvoice, Unreadable> {
        let currency = self.currency()?;
        let status =
            self.status.as_deref().map(InvoiceStatus::from_stripe).ok_or(Unreadable::Field("status"))?;
        let has_more_lines = self.has_more_lines();
        let sums = self.sums(currency)?;
        let lines = self.lines.map(|page| page.data).unwrap_or_default();
        let subscription = self.parent.and_then(|parent| parent.subscription_details?.subscription?.id());
        Ok(GatewayInvoice {
            id: stripe_id(self.id.as_deref())?,
            customer: self.customer.and_then(|customer| customer.id()),
            subscription: subscription.as_ref().and_then(subscription_id),
            details: InvoiceDetails {
                status,
                number: self.number,
                total: money(self.total, currency, "total")?,
                amount_paid: money(self.amount_paid, currency, "amount_paid")?,
                amount_due: money(self.amount_due, currency, "amount_due")?,
                created_at: moment(self.created).ok_or(Unreadable::Field("created"))?,
                paid_at: moment(self.status_transitions.and_then(|transitions| transitions.paid_at)),
                due_at: moment(self.due_date),
                hosted_url: self.hosted_invoice_url,
                pdf_url: self.pdf,
                lines: lines.into_iter().map(|line| line.mirrored(currency)).collect::<Result<_, _>>()?,
                has_more_lines,
                next_attempt_at: moment(self.next_payment_attempt),
                payments: Some(payments),
                is_charged_automatically: self
                    .collection_method
                    .map(|collection_method| collection_method == "charge_automatically"),
                sums,
            },
        })
    }
}

impl Line {
    fn is_proration(&self) -> bool {
        let details = self.parent.as_ref().and_then(|parent| parent.subscription_item_details.as_ref());
        details.is_some_and(|details| details.proration == Some(true))
    }

    /// The line, which is in the invoice's currency.
    fn mirrored(self, currency: Currency) -> Result<InvoiceLine, Unreadable> {
        let period = self.period.ok_or(Unreadable::Field("period"))?;
        Ok(InvoiceLine {
            description: self.description.unwrap_or_default(),
            quantity: self.quantity.map(|quantity| u32::try_from(quantity).unwrap_or(u32::MAX)),
            amount: money(self.amount, currency, "amount")?,
            period_start: moment(period.start).ok_or(Unreadable::Field("period"))?,
            period_end: moment(period.end).ok_or(Unreadable::Field("period"))?,
        })
    }
}

pub(super) fn money(
    amount: Option<i64>,
    currency: Currency,
    field: &'static str,
) -> Result<Money, Unreadable> {
    amount.and_then(|amount| Money::from_stripe(amount, currency).ok()).ok_or(Unreadable::Field(field))
}
