//! `POST /v1/invoices`

use serde::Deserialize;

use super::{BillingReason, CollectionMethod, CustomerBalance, Period, due};
use crate::{
    clock::{HOUR, Timestamp},
    currency,
    lifecycle::invoicing::{self, NewInvoice},
    resources::{
        customers::Customer,
        discounts::{AskedDiscount, Discount},
        invoice_items::InvoiceItem,
        payment_methods::PaymentMethod,
        subscriptions::Subscription,
    },
    store::Tx,
    wire::{Answer, ApiError, Call, Metadata, Reply, values::new_metadata},
};

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum PendingItems {
    Include,
    Exclude,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateInvoice {
    customer: String,
    subscription: Option<String>,
    currency: Option<String>,
    auto_advance: Option<bool>,
    collection_method: Option<CollectionMethod>,
    days_until_due: Option<u32>,
    due_date: Option<Timestamp>,
    default_payment_method: Option<String>,
    description: Option<String>,
    footer: Option<String>,
    discounts: Option<Vec<AskedDiscount>>,
    metadata: Option<Metadata>,
    pending_invoice_items_behavior: Option<PendingItems>,
}

pub fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateInvoice = call.params()?;
    let customer = Customer::present(tx, "customer", &params.customer)?;
    let now = customer.now(tx);
    let subscription = params.subscription.as_ref();
    let subscription = subscription.map(|id| Subscription::of_customer(tx, &customer, id)).transpose()?;
    let takes_pending = params
        .pending_invoice_items_behavior
        .map_or(subscription.is_some(), |asked| asked == PendingItems::Include);
    let method = params
        .default_payment_method
        .map(|id| PaymentMethod::of_customer(tx, &customer, "default_payment_method", &id))
        .transpose()?;
    let currency = match (&params.currency, subscription) {
        (Some(currency), _) => currency::checked(currency, "currency")?,
        (None, Some(subscription)) => subscription.currency,
        (None, None) => usual_currency(tx, &customer),
    };
    let collection_method = params.collection_method.unwrap_or(CollectionMethod::ChargeAutomatically);
    due::check_date(collection_method, (params.due_date, params.days_until_due), now)?;
    let auto_advance = params.auto_advance.unwrap_or(false);
    let new = NewInvoice {
        subscription: params.subscription,
        discounts: discounts(tx, &customer, params.discounts.as_deref(), &currency)?,
        collection_method,
        days_until_due: params.days_until_due,
        default_payment_method: method.map(|method| method.id),
        auto_advance,
        finalizes_at: auto_advance.then_some(now + HOUR),
        ..by_hand(currency, now)
    };
    let mut invoice = invoicing::draft(tx, &customer, new, takes_pending);
    invoice.description = params.description;
    invoice.footer = params.footer;
    invoice.due_date = params.due_date.or(invoice.due_date);
    invoice.metadata = new_metadata(params.metadata)?;
    tx.put(invoice.clone());
    Ok(Answer::object(&invoice))
}

fn by_hand(currency: String, now: Timestamp) -> NewInvoice {
    NewInvoice {
        reason: BillingReason::Manual,
        currency,
        subscription: None,
        period: Period { start: now, end: now },
        lines: Vec::new(),
        discounts: Vec::new(),
        collection_method: CollectionMethod::ChargeAutomatically,
        days_until_due: None,
        default_payment_method: None,
        auto_advance: false,
        finalizes_at: None,
        customer_balance: CustomerBalance::Applied,
    }
}

/// The customer's own, or that of what waits for them.
fn usual_currency(tx: &Tx<'_>, customer: &Customer) -> String {
    let mut waiting = tx.of_owner::<InvoiceItem>(&customer.id).filter(|item| item.invoice.is_none());
    let currency = customer.currency.clone().or_else(|| Some(waiting.next()?.currency.clone()));
    currency.unwrap_or_else(|| "usd".to_owned())
}

/// Those that are asked for, or else the customer's own.
fn discounts(
    tx: &mut Tx<'_>,
    customer: &Customer,
    asked: Option<&[AskedDiscount]>,
    currency: &str,
) -> Result<Vec<String>, ApiError> {
    let mut discounts = Vec::new();
    for (index, asked) in asked.into_iter().flatten().enumerate() {
        discounts.push(Discount::asked(tx, customer, None, &format!("discounts[{index}]"), asked)?);
    }
    if asked.is_none() {
        discounts.extend(customer.current_discount(tx).map(|discount| discount.id.clone()));
    }
    Discount::check_currency(tx, &discounts, currency, "discounts")?;
    Ok(discounts)
}
