//! Bills the first period of a subscription, and brings it to life.

use super::{PaymentBehavior, Status, Subscription};
use crate::{
    lifecycle::{
        billing,
        collection::{self, Payer},
        invoicing, subscribing,
    },
    resources::{
        customers::Customer,
        invoices::{CollectionMethod, Invoice, Line},
        payment_intents::{self, PaymentIntent},
        setup_intents::SetupIntent,
    },
    store::Tx,
    wire::ApiError,
};

/// How a subscription starts.
pub struct Start {
    pub behavior: PaymentBehavior,
    pub payer: Payer,
    /// For the first invoice, where it is not the default one.
    pub payment_method: Option<String>,
    /// What a checkout said that it would cost: the first invoice is for that and nothing else.
    pub agreed: Option<Agreed>,
}

pub struct Agreed {
    /// Of each item, in minor units.
    pub recurring: Vec<i64>,
    /// What is billed once, with the first period.
    pub once: Vec<Line>,
}

/// Bills the first period, and pays for it as the behaviour says.
pub fn start(
    tx: &mut Tx<'_>,
    subscription: Subscription,
    behavior: PaymentBehavior,
    payer: Payer,
) -> Result<(), ApiError> {
    start_as(tx, subscription, Start { behavior, payer, payment_method: None, agreed: None })
}

/// As [`start`]. A trial that costs something at once begins when that is paid.
pub fn start_as(tx: &mut Tx<'_>, mut subscription: Subscription, start: Start) -> Result<(), ApiError> {
    let Start { behavior, payer, payment_method, agreed } = start;
    let is_trial = subscription.trial.is_some();
    let is_sent = subscription.collection_method == CollectionMethod::SendInvoice;
    if is_sent && !is_trial {
        subscription.status = Status::Active;
    }
    tx.put(subscription.clone());
    let mut lines = subscribing::lines(tx, &subscription, is_trial);
    let is_agreed = agreed.is_some();
    if let Some(Agreed { recurring, once }) = agreed {
        lines.iter_mut().zip(recurring).for_each(|(line, amount)| line.amount = amount);
        lines.extend(once);
    }
    let invoice = billing::bill_first(tx, &mut subscription, lines, is_sent, is_agreed);
    let invoice = invoice.ok_or_else(|| ApiError::no_such("customer", &subscription.customer))?;
    if is_trial && !is_sent && invoice.amount_due() > 0 {
        subscription.status = Status::Incomplete;
    }
    tx.put(subscription.clone());
    tx.emit("customer.subscription.created", &subscription);
    // Stripe keeps a sent invoice as a draft for an hour.
    let invoice = if is_sent { invoice } else { invoicing::finalize(tx, invoice) };
    if subscription.status == Status::Trialing {
        return started_trial(tx, &subscription.id);
    }
    if !invoice.is_open() {
        return Ok(());
    }
    if behavior == PaymentBehavior::DefaultIncomplete {
        collection::ask(tx, invoice);
        return Ok(());
    }
    if payment_method.is_none() && collection::payment_method(tx, &invoice).is_none() {
        return Err(no_payment_method());
    }
    let invoice = collection::pay(tx, invoice, payment_method, payer);
    match refusal(tx, &invoice) {
        Some(error) if behavior == PaymentBehavior::ErrorIfIncomplete => Err(error.undoing_everything()),
        _ => Ok(()),
    }
}

/// A trial without a payment method asks for one; one that ends soon is told of at once.
fn started_trial(tx: &mut Tx<'_>, id: &str) -> Result<(), ApiError> {
    let mut subscription = tx.get::<Subscription>(id)?;
    let customer = tx.get::<Customer>(&subscription.customer)?;
    if subscription.default_payment_method.is_none() && customer.pays_with().is_none() {
        subscription.pending_setup_intent = Some(SetupIntent::begin(tx, &customer).id);
        tx.put(subscription.clone());
    }
    if subscription.trial.is_some_and(|it| it.end - it.start <= subscribing::TRIAL_NOTICE) {
        subscribing::tell_trial_ends(tx, subscription);
    }
    Ok(())
}

pub fn no_payment_method() -> ApiError {
    ApiError::invalid(
        "This customer has no attached payment source or default payment method. Please consider adding a default \
         payment method.",
    )
    .coded("resource_missing")
}

/// Why an invoice that should have been paid was not.
pub fn refusal(tx: &Tx<'_>, invoice: &Invoice) -> Option<ApiError> {
    let intent = tx.find::<PaymentIntent>(invoice.payment_intent.as_ref()?)?;
    if !invoice.is_payable() || intent.status == payment_intents::Status::Processing {
        return None;
    }
    let refused = intent.last_error.as_ref().map(|error| error.to_api_error(tx, intent));
    refused.or_else(|| {
        Some(ApiError::card(
            "invoice_payment_intent_requires_action",
            None,
            "This payment requires additional user action before it can be completed successfully.",
        ))
    })
}
