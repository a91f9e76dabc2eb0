//! What the next invoice would be: the change is made, its invoice looked at, and everything undone.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Invoice, InvoiceStatus, Transitions};
use crate::{
    clock::Timestamp,
    lifecycle::{
        billing, invoicing,
        proration::{Drafts, credit_unused},
        scheduling, subscribing,
    },
    resources::{
        customers::Customer,
        discounts::{AskedDiscount, Discount},
        subscriptions::{
            self, AnchorChange, AskedBillingMode, AskedItem, Change, Proration, Status, Subscription,
        },
    },
    store::{Resource, Tx},
    wire::{Answer, ApiError, Call, Moment, Reply},
};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct SubscriptionDetails {
    items: Option<Vec<AskedItem>>,
    proration_behavior: Proration,
    proration_date: Option<Timestamp>,
    #[serde(deserialize_with = "subscriptions::anchor_change")]
    billing_cycle_anchor: Option<AnchorChange>,
    cancel_at_period_end: Option<bool>,
    cancel_now: Option<bool>,
    trial_end: Option<Moment>,
    #[serde(rename = "billing_mode")]
    _billing_mode: Option<AskedBillingMode>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Preview {
    customer: Option<String>,
    subscription: Option<String>,
    subscription_details: Option<SubscriptionDetails>,
    discounts: Option<Vec<AskedDiscount>>,
    currency: Option<String>,
}

impl Preview {
    /// A preview is of one subscription, and not of whatever a customer has.
    fn check(&self) -> Result<(), ApiError> {
        let has_items = self.subscription_details.as_ref().is_some_and(|details| details.items.is_some());
        if self.subscription.is_some() || has_items {
            return Ok(());
        }
        Err(ApiError::invalid(
            "You must provide at least one of: `subscription`, `schedule`, `subscription_details.items`, \
             `schedule_details.phases`, `invoice_items`.",
        )
        .coded("parameter_missing"))
    }

    /// What is said beside the subscription must go with it.
    fn check_against(&self, invoice: &Invoice) -> Result<(), ApiError> {
        if self.customer.as_ref().is_some_and(|customer| *customer != invoice.customer) {
            let message = "The subscription does not belong to this customer.";
            return Err(ApiError::invalid(message).about("customer"));
        }
        if self.currency.as_ref().is_some_and(|currency| *currency != invoice.currency) {
            let message = format!("The invoice would be in `{}`.", invoice.currency);
            return Err(ApiError::invalid(message).about("currency"));
        }
        Ok(())
    }
}

/// `POST /v1/invoices/create_preview`
pub fn create_preview(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: Preview = call.params()?;
    let before = tx.savepoint();
    let previewed = preview(tx, params);
    tx.roll_back(before);
    previewed.map(Answer::Json)
}

fn preview(tx: &mut Tx<'_>, mut params: Preview) -> Result<Value, ApiError> {
    params.check()?;
    let details = params.subscription_details.take().unwrap_or_default();
    let invoice = if let Some(id) = &params.subscription {
        of_subscription(tx, id, details)?
    } else {
        let customer = params.customer.as_ref().ok_or_else(|| ApiError::missing_param("customer"))?;
        let customer = Customer::present(tx, "customer", customer)?;
        of_new(tx, &customer, details)?
    };
    let mut invoice = invoice.ok_or_else(|| {
        ApiError::invalid("No upcoming invoices for customer: the subscription ends before the next one.")
            .coded("invoice_upcoming_none")
    })?;
    params.check_against(&invoice)?;
    if let Some(asked) = params.discounts {
        let customer = tx.get::<Customer>(&invoice.customer)?;
        invoice.discounts.clear();
        for (index, asked) in asked.iter().enumerate() {
            invoice.discounts.push(Discount::asked(
                tx,
                &customer,
                None,
                &format!("discounts[{index}]"),
                asked,
            )?);
        }
        Discount::check_currency(tx, &invoice.discounts, &invoice.currency, "discounts")?;
        invoicing::apply_discounts(tx, &mut invoice);
    }
    let mut invoice = as_draft(invoice);
    invoice.ending_balance = Some(invoice.left_on_balance());
    invoice.id = format!("upcoming_{}", invoice.id);
    let mut body = invoice.render(tx);
    body["billing_reason"] = json!("upcoming");
    tx.keep_preview(invoice);
    Ok(body)
}

/// The invoice of the next renewal, if there will be one, which has no id yet.
pub fn preview_renewal(tx: &mut Tx<'_>, subscription: &str) -> Option<Value> {
    let before = tx.savepoint();
    let asked = Preview { subscription: Some(subscription.to_owned()), ..Preview::default() };
    let previewed = preview(tx, asked);
    tx.roll_back(before);
    let mut invoice = previewed.ok()?;
    invoice.as_object_mut()?.remove("id");
    Some(invoice)
}

/// The invoice that would bill a change of a subscription, if any would, and when the period it leads to ends.
///
/// # Errors
///
/// A change that cannot be made.
pub fn preview_change(
    tx: &mut Tx<'_>,
    id: &str,
    change: Change,
) -> Result<(Option<Invoice>, Timestamp), ApiError> {
    let details = SubscriptionDetails {
        items: change.items,
        proration_behavior: change.proration_behavior,
        billing_cycle_anchor: change.billing_cycle_anchor,
        trial_end: change.trial_end,
        ..SubscriptionDetails::default()
    };
    let before = tx.savepoint();
    let invoice = of_subscription(tx, id, details);
    let after = tx.get::<Subscription>(id);
    tx.roll_back(before);
    Ok((invoice?, after?.period.end))
}

/// Nothing was finalized, tried or paid of what is only looked at.
fn as_draft(invoice: Invoice) -> Invoice {
    Invoice {
        status: InvoiceStatus::Draft,
        number: None,
        transitions: Transitions::default(),
        amount_paid: 0,
        attempt_count: 0,
        is_attempted: false,
        next_payment_attempt: None,
        payment_intent: None,
        ..invoice
    }
}

fn of_subscription(
    tx: &mut Tx<'_>,
    id: &str,
    details: SubscriptionDetails,
) -> Result<Option<Invoice>, ApiError> {
    let before = tx.named::<Subscription>("subscription", id)?;
    if !before.status.is_live() || before.status == Status::Paused {
        return Ok(None);
    }
    // A pause of the collection does nothing to what is only looked at.
    let before = Subscription { pause_collection: None, ..before };
    tx.put(before.clone());
    if details.cancel_now == Some(true) {
        return Ok(of_end(tx, before, details.proration_behavior));
    }
    let bills_now = details.proration_behavior == Proration::AlwaysInvoice
        || details.billing_cycle_anchor == Some(AnchorChange::Now);
    let subscription = subscriptions::change(tx, id, details.into_change())?;
    if subscription.latest_invoice != before.latest_invoice {
        return Ok(subscription.latest_invoice.and_then(|id| tx.find::<Invoice>(&id).cloned()));
    }
    if bills_now {
        return Ok(of_what_waits(tx, subscription));
    }
    Ok(of_renewal(tx, subscription))
}

impl SubscriptionDetails {
    fn into_change(self) -> Change {
        Change {
            items: self.items,
            // What would be billed at once is looked at as what waits.
            proration_behavior: match self.proration_behavior {
                Proration::None => Proration::None,
                Proration::CreateProrations | Proration::AlwaysInvoice => Proration::CreateProrations,
            },
            proration_date: self.proration_date,
            cancel_at_period_end: self.cancel_at_period_end,
            trial_end: self.trial_end,
            billing_cycle_anchor: self.billing_cycle_anchor,
            ..Change::default()
        }
    }
}

/// The invoice of a subscription that is cancelled now.
fn of_end(tx: &mut Tx<'_>, subscription: Subscription, proration: Proration) -> Option<Invoice> {
    let now = tx.now(subscription.test_clock.as_deref());
    if subscription.is_billed() && proration != Proration::None {
        credit_unused(tx, &subscription, now, Drafts::AreStranded);
    }
    of_what_waits(tx, subscription)
}

fn of_what_waits(tx: &mut Tx<'_>, mut subscription: Subscription) -> Option<Invoice> {
    billing::bill_change(tx, &mut subscription, Vec::new(), true)
}

/// The invoice of the next period, if there is one.
fn of_renewal(tx: &mut Tx<'_>, subscription: Subscription) -> Option<Invoice> {
    if !subscription.status.is_live() {
        return None;
    }
    let mut subscription = scheduling::as_of_renewal(tx, subscription);
    let ends = subscription.cancels_at().is_some_and(|at| at <= subscription.period.end);
    let (false, Some(recurring)) = (ends, subscription.recurring(tx)) else { return None };
    let ended = subscription.period;
    let start = ended.end;
    subscription.period = subscription.period_from(start, recurring);
    let lines = subscribing::lines(tx, &subscription, false);
    billing::bill_cycle(tx, &mut subscription, ended, lines, true)
}

fn of_new(
    tx: &mut Tx<'_>,
    customer: &Customer,
    details: SubscriptionDetails,
) -> Result<Option<Invoice>, ApiError> {
    let items = details.items.ok_or_else(|| ApiError::missing_param("subscription_details[items]"))?;
    let mut subscription = subscriptions::draft(tx, customer, items, details.trial_end)?;
    let is_trial = subscription.status == Status::Trialing;
    let lines = subscribing::lines(tx, &subscription, is_trial);
    tx.put(subscription.clone());
    Ok(billing::bill_first(tx, &mut subscription, lines, true, false))
}
