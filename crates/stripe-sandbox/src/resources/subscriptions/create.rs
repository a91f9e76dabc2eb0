//! A subscription as it is asked for.

use serde::{Deserialize, Serialize};

use super::{
    AskedBillingMode, AskedItem, Cancellation, EndAt, MissingMethod, Proration, Status, Subscription, Trial,
    items, start,
};
use crate::{
    clock::{DAY, Timestamp},
    lifecycle::{collection::Payer, periods::next_end},
    resources::{
        customers::Customer,
        discounts::{AskedDiscount, Discount},
        invoices::{CollectionMethod, Period, checked_days_of},
        payment_methods::PaymentMethod,
        prices::{Price, Recurring},
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

impl TrialSettings {
    pub fn missing_method(self) -> MissingMethod {
        self.end_behavior.missing_payment_method
    }
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
    #[serde(rename = "billing_mode")]
    pub _billing_mode: Option<AskedBillingMode>,
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
    mut params: CreateSubscription,
) -> Result<Subscription, ApiError> {
    let now = customer.now(tx);
    let items = items::wanted(tx, Vec::new(), std::mem::take(&mut params.items), now, "items")?;
    let price = tx.get::<Price>(&items[0].price)?;
    check_currency(customer, params.currency.as_deref(), &price.currency)?;
    let recurring = price.recurring.ok_or_else(|| ApiError::missing_param("items[0][price]"))?;
    let trial = asked_trial(now, recurring, &params)?;
    let default_payment_method = paid_with(tx, customer, params.default_payment_method.take())?;
    let id = tx.new_id("sub_");
    let discounts = discounts(tx, customer, &id, params.discounts.take(), &price.currency)?;
    let period = first_period(now, recurring, trial, &params)?;
    let collection_method = params.collection_method.unwrap_or(CollectionMethod::ChargeAutomatically);
    let cancel_at_period_end = params.cancel_at_period_end == Some(true);
    let is_canceled = params.cancel_at.is_some() || cancel_at_period_end;
    let reason = is_canceled.then(|| "cancellation_requested".to_owned());
    let anchor = params.billing_cycle_anchor.unwrap_or_else(|| trial.map_or(now, |trial| trial.end));
    Ok(Subscription {
        id,
        created: now,
        customer: customer.id.clone(),
        status: if trial.is_some() { Status::Trialing } else { Status::Incomplete },
        items,
        currency: price.currency,
        period,
        start_date: now,
        billing_cycle_anchor: anchor,
        cancel_at: params.cancel_at.map(|at| at.of(period)),
        cancel_at_period_end,
        canceled_at: is_canceled.then_some(now),
        ended_at: None,
        cancellation: Cancellation { reason, ..Cancellation::default() },
        collection_method,
        days_until_due: checked_days_of(collection_method, params.days_until_due, "days_until_due")?,
        default_payment_method,
        saves_payment_method: saves(params.payment_settings.as_ref()).unwrap_or(false),
        description: params.description,
        discounts,
        latest_invoice: None,
        metadata: new_metadata(params.metadata)?,
        trial,
        missing_method: params.trial_settings.map(TrialSettings::missing_method).unwrap_or_default(),
        is_trial_notice_sent: false,
        pause_collection: None,
        resumes_with: None,
        resumes_until: None,
        renewal_told: None,
        stub_proration: params.proration_behavior.unwrap_or_default(),
        end_proration: params.proration_behavior.unwrap_or_default(),
        schedule: None,
        pending_setup_intent: None,
        test_clock: customer.test_clock.clone(),
    })
}

fn paid_with(
    tx: &mut Tx<'_>,
    customer: &Customer,
    asked: Option<String>,
) -> Result<Option<String>, ApiError> {
    let Some(id) = asked else { return Ok(None) };
    Ok(Some(PaymentMethod::of_customer(tx, customer, "default_payment_method", &id)?.id))
}

fn asked_trial(
    now: Timestamp,
    recurring: Recurring,
    params: &CreateSubscription,
) -> Result<Option<Trial>, ApiError> {
    let is_from_plan = params.trial_from_plan == Some(true);
    if params.trial_end.is_some() && is_from_plan {
        let message = "`trial_from_plan` cannot be set together with `trial_end`.";
        return Err(ApiError::invalid(message).about("trial_from_plan"));
    }
    let from_plan = recurring.trial_period_days.filter(|_| is_from_plan);
    trial(now, params.trial_end, params.trial_period_days.or(from_plan))
}

fn check_currency(customer: &Customer, asked: Option<&str>, of_prices: &str) -> Result<(), ApiError> {
    if asked.is_some_and(|asked| !asked.eq_ignore_ascii_case(of_prices)) {
        return Err(ApiError::invalid("The prices are in another currency.").about("currency"));
    }
    if customer.currency.as_ref().is_some_and(|currency| currency != of_prices) {
        let message = "You cannot combine currencies on a single customer. This customer has been billed in another one.";
        return Err(ApiError::invalid(message).about("customer"));
    }
    Ok(())
}

fn discounts(
    tx: &mut Tx<'_>,
    customer: &Customer,
    subscription: &str,
    asked: Option<Vec<AskedDiscount>>,
    currency: &str,
) -> Result<Vec<String>, ApiError> {
    let mut discounts = Vec::new();
    for (index, asked) in asked.unwrap_or_default().iter().enumerate() {
        let param = format!("discounts[{index}]");
        discounts.push(Discount::asked(tx, customer, Some(subscription), &param, asked)?);
    }
    Discount::check_currency(tx, &discounts, currency, "discounts")?;
    Ok(discounts)
}

/// The trial, or what comes before the anchor or the end that is asked for, or a whole period.
fn first_period(
    now: Timestamp,
    recurring: Recurring,
    trial: Option<Trial>,
    params: &CreateSubscription,
) -> Result<Period, ApiError> {
    let billed_from = trial.map_or(now, |trial| trial.end);
    let is_ahead = |anchor| anchor > billed_from && anchor <= next_end(billed_from, recurring, billed_from);
    if params.billing_cycle_anchor.is_some_and(|anchor| !is_ahead(anchor)) {
        let message =
            "The anchor must be ahead, after the trial if there is one, and at most one billing period away.";
        return Err(ApiError::invalid(message).about("billing_cycle_anchor"));
    }
    let cancel_at = params.cancel_at.and_then(EndAt::time);
    if cancel_at.is_some_and(|at| at <= now) {
        return Err(ApiError::invalid("`cancel_at` must be ahead.").about("cancel_at"));
    }
    let end = trial.map_or_else(
        || {
            let end = params.billing_cycle_anchor.unwrap_or_else(|| next_end(now, recurring, now));
            cancel_at.map_or(end, |at| at.min(end))
        },
        |trial| trial.end,
    );
    Ok(Period { start: now, end })
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

/// # Errors
///
/// A trial that has ended already, or is longer than two years; or its end and its length are both given.
pub fn trial(now: Timestamp, end: Option<Moment>, days: Option<u32>) -> Result<Option<Trial>, ApiError> {
    let refuse = |param: &str, message: &str| Err(ApiError::invalid(message).about(param));
    let (end, param) = match (end, days) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: trial_end, trial_period_days.";
            return refuse("trial_period_days", message);
        }
        (Some(Moment::At(end)), None) => (end, "trial_end"),
        (Some(Moment::Now), None) | (None, None | Some(0)) => return Ok(None),
        (None, Some(days)) => (now + Timestamp::from(days) * DAY, "trial_period_days"),
    };
    if end <= now {
        return refuse(param, "The end of a trial must be ahead.");
    }
    if end - now > LONGEST_TRIAL {
        return refuse(param, "A trial may last at most two years.");
    }
    Ok(Some(Trial { start: now, end }))
}
