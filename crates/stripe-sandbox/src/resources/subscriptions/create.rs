//! Starts a subscription.

use serde::{Deserialize, Serialize};

use super::{
    AskedItem, BillingMode, Cancellation, EndAt, MissingMethod, Proration, Status, Subscription, Trial, items,
};
use crate::{
    clock::{DAY, Timestamp},
    lifecycle::{
        collection::{self, Payer},
        invoicing,
        periods::next_end,
        subscribing,
    },
    resources::{
        customers::Customer,
        discounts::{AskedDiscount, Discount},
        invoices::{BillingReason, CollectionMethod, Invoice, Line, Period},
        payment_intents::{self, PaymentIntent},
        payment_methods::PaymentMethod,
        prices::Price,
        setup_intents::SetupIntent,
    },
    store::Tx,
    wire::{Answer, ApiError, Call, Metadata, Moment, Reply, values::new_metadata},
};

const LONGEST_TRIAL: Timestamp = 730 * DAY;

#[expect(clippy::enum_variant_names, reason = "the values of Stripe's API")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentBehavior {
    #[default]
    AllowIncomplete,
    DefaultIncomplete,
    ErrorIfIncomplete,
    PendingIfIncomplete,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialSettings {
    pub end_behavior: EndBehavior,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndBehavior {
    pub missing_payment_method: MissingMethod,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaveMethod {
    Off,
    OnSubscription,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentSettings {
    pub save_default_payment_method: Option<SaveMethod>,
    #[serde(rename = "payment_method_types")]
    _payment_method_types: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSubscription {
    pub customer: String,
    pub items: Vec<AskedItem>,
    #[serde(default)]
    pub payment_behavior: PaymentBehavior,
    pub payment_settings: Option<PaymentSettings>,
    pub default_payment_method: Option<String>,
    pub collection_method: Option<CollectionMethod>,
    pub days_until_due: Option<u32>,
    pub description: Option<String>,
    pub discounts: Option<Vec<AskedDiscount>>,
    pub currency: Option<String>,
    pub metadata: Option<Metadata>,
    pub trial_period_days: Option<u32>,
    pub trial_end: Option<Moment>,
    pub trial_from_plan: Option<bool>,
    pub trial_settings: Option<TrialSettings>,
    pub cancel_at: Option<EndAt>,
    pub cancel_at_period_end: Option<bool>,
    pub billing_cycle_anchor: Option<Timestamp>,
    pub proration_behavior: Option<Proration>,
    pub off_session: Option<bool>,
    pub billing_mode: Option<AskedBillingMode>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedBillingMode {
    #[serde(rename = "type")]
    pub kind: BillingMode,
}

/// `POST /v1/subscriptions`
pub fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateSubscription = call.params()?;
    if params.payment_behavior == PaymentBehavior::PendingIfIncomplete {
        let message =
            "`pending_if_incomplete` is for updates: a new subscription has nothing to keep meanwhile.";
        return Err(ApiError::invalid(message).about("payment_behavior"));
    }
    let customer = Customer::present(tx, "customer", &params.customer)?;
    let behavior = params.payment_behavior;
    let payer = if params.off_session == Some(true) { Payer::Absent } else { Payer::Present };
    let subscription = begin(tx, &customer, params)?;
    start(tx, subscription.clone(), behavior, payer)?;
    Ok(Answer::object(&subscription))
}

/// A subscription as it is asked for, not stored yet.
///
/// # Errors
///
/// Parameters that do not go together.
pub fn begin(
    tx: &mut Tx<'_>,
    customer: &Customer,
    params: CreateSubscription,
) -> Result<Subscription, ApiError> {
    let now = customer.now(tx);
    let items = items::wanted(tx, Vec::new(), params.items, now, "items")?;
    let billing_mode = params.billing_mode.map(|asked| asked.kind).unwrap_or_default();
    items::check_distinct(&items, billing_mode, "items")?;
    let price = tx.get::<Price>(&items[0].price)?;
    if params.currency.as_ref().is_some_and(|currency| !currency.eq_ignore_ascii_case(&price.currency)) {
        return Err(ApiError::invalid("The prices are in another currency.").about("currency"));
    }
    if customer.currency.as_ref().is_some_and(|currency| *currency != price.currency) {
        let message = "You cannot combine currencies on a single customer. This customer has been billed in another one.";
        return Err(ApiError::invalid(message).about("customer"));
    }
    let from_plan =
        price.recurring.and_then(|it| it.trial_period_days).filter(|_| params.trial_from_plan == Some(true));
    let trial = trial(now, params.trial_end, params.trial_period_days.or(from_plan))?;
    let method = params
        .default_payment_method
        .map(|id| PaymentMethod::of_customer(tx, customer, "default_payment_method", &id))
        .transpose()?;
    let id = tx.new_id("sub_");
    let mut discounts = Vec::new();
    for (index, asked) in params.discounts.unwrap_or_default().iter().enumerate() {
        discounts.push(Discount::asked(tx, customer, Some(&id), &format!("discounts[{index}]"), asked)?);
    }
    let recurring = price.recurring.ok_or_else(|| ApiError::missing_param("items[0][price]"))?;
    let billed_from = trial.map_or(now, |trial| trial.end);
    if params
        .billing_cycle_anchor
        .is_some_and(|anchor| anchor <= billed_from || anchor > next_end(billed_from, recurring, billed_from))
    {
        let message =
            "The anchor must be ahead, after the trial if there is one, and at most one billing period away.";
        return Err(ApiError::invalid(message).about("billing_cycle_anchor"));
    }
    let anchor = trial.map_or(now, |trial| trial.end);
    let end = trial.map_or_else(|| next_end(now, recurring, now), |trial| trial.end);
    let end = params.billing_cycle_anchor.filter(|_| trial.is_none()).unwrap_or(end);
    let cancel_at = params.cancel_at.and_then(EndAt::time);
    let end = cancel_at.filter(|at| trial.is_none() && *at > now && *at < end).unwrap_or(end);
    Discount::check_currency(tx, &discounts, &price.currency, "discounts")?;
    let collection_method = params.collection_method.unwrap_or(CollectionMethod::ChargeAutomatically);
    if cancel_at.is_some_and(|at| at <= now) {
        return Err(ApiError::invalid("`cancel_at` must be ahead.").about("cancel_at"));
    }
    let period = Period { start: now, end };
    Ok(Subscription {
        id,
        created: now,
        customer: customer.id.clone(),
        status: if trial.is_some() { Status::Trialing } else { Status::Incomplete },
        items,
        currency: price.currency,
        period,
        start_date: now,
        billing_cycle_anchor: params.billing_cycle_anchor.unwrap_or(anchor),
        cancel_at: params.cancel_at.map(|at| at.of(period)),
        cancel_at_period_end: params.cancel_at_period_end.unwrap_or(false),
        canceled_at: (params.cancel_at.is_some() || params.cancel_at_period_end == Some(true)).then_some(now),
        ended_at: None,
        cancellation: Cancellation::default(),
        collection_method,
        days_until_due: days_until_due(collection_method, params.days_until_due)?,
        default_payment_method: method.map(|method| method.id),
        saves_payment_method: saves(params.payment_settings.as_ref()).unwrap_or(false),
        description: params.description,
        discounts,
        latest_invoice: None,
        metadata: new_metadata(params.metadata)?,
        trial,
        missing_method: params
            .trial_settings
            .map(|it| it.end_behavior.missing_payment_method)
            .unwrap_or_default(),
        is_trial_notice_sent: false,
        pause_collection: None,
        resumes_with: None,
        resumes_until: None,
        renewal_told: None,
        stub_proration: params.proration_behavior.unwrap_or_default(),
        end_proration: params.proration_behavior.unwrap_or_default(),
        schedule: None,
        pending_setup_intent: None,
        billing_mode,
        test_clock: customer.test_clock.clone(),
    })
}

/// What a subscription to these items would be.
///
/// # Errors
///
/// See [`begin`].
pub fn draft(
    tx: &mut Tx<'_>,
    customer: &Customer,
    items: Vec<AskedItem>,
    trial_end: Option<Moment>,
) -> Result<Subscription, ApiError> {
    begin(tx, customer, CreateSubscription { items, trial_end, ..CreateSubscription::default() })
}

pub fn saves(settings: Option<&PaymentSettings>) -> Option<bool> {
    Some(settings?.save_default_payment_method? == SaveMethod::OnSubscription)
}

fn days_until_due(method: CollectionMethod, days: Option<u32>) -> Result<Option<u32>, ApiError> {
    match (method, days) {
        (CollectionMethod::ChargeAutomatically, Some(_)) => Err(ApiError::invalid(
            "`days_until_due` can be given only with `collection_method=send_invoice`.",
        )
        .about("days_until_due")),
        (CollectionMethod::SendInvoice, None) => Err(ApiError::missing_param("days_until_due")),
        (_, days) => Ok(days.map(|days| days.min(730))),
    }
}

/// # Errors
///
/// A trial that has ended already, or is longer than two years.
pub fn trial(now: Timestamp, end: Option<Moment>, days: Option<u32>) -> Result<Option<Trial>, ApiError> {
    let end = match (end, days) {
        (Some(Moment::At(end)), _) => end,
        (Some(Moment::Now), _) | (None, None | Some(0)) => return Ok(None),
        (None, Some(days)) => now + Timestamp::from(days) * DAY,
    };
    if end <= now {
        return Err(ApiError::invalid("The end of a trial must be ahead.").about("trial_end"));
    }
    if end - now > LONGEST_TRIAL {
        return Err(ApiError::invalid("A trial may last at most two years.").about("trial_end"));
    }
    Ok(Some(Trial { start: now, end }))
}

/// How a subscription starts.
pub struct Start {
    pub behavior: PaymentBehavior,
    pub payer: Payer,
    /// For the first invoice, where it is not the default one.
    pub payment_method: Option<String>,
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
    start_as(tx, subscription, Start { behavior, payer, payment_method: None, once: Vec::new() })
}

/// As [`start`]. A trial that costs something at once begins when that is paid.
pub fn start_as(tx: &mut Tx<'_>, mut subscription: Subscription, start: Start) -> Result<(), ApiError> {
    let Start { behavior, payer, payment_method, once } = start;
    let is_trial = subscription.trial.is_some();
    let is_sent = subscription.collection_method == CollectionMethod::SendInvoice;
    if is_sent && !is_trial {
        subscription.status = Status::Active;
    }
    tx.put(subscription.clone());
    let mut lines = subscribing::lines(tx, &subscription, is_trial);
    lines.extend(once);
    let invoice = subscribing::bill(tx, &mut subscription, BillingReason::SubscriptionCreate, lines, false);
    let invoice = invoice.ok_or_else(|| ApiError::no_such("customer", &subscription.customer))?;
    if is_trial && !is_sent && invoice.amount_due() > 0 {
        subscription.status = Status::Incomplete;
    }
    tx.put(subscription.clone());
    tx.emit("customer.subscription.created", &subscription);
    let invoice = invoicing::finalize(tx, invoice);
    if subscription.status == Status::Trialing {
        return started_trial(tx, &subscription.id);
    }
    if !invoice.is_open() || is_sent {
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
