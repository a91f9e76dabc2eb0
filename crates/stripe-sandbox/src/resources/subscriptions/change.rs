//! Changes a running subscription.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    AskedItem, EndAt, PauseCollection, Status, Subscription,
    create::{PaymentBehavior, PaymentSettings, TrialSettings, saves},
    end_at::end_later,
    items,
    rebilling::{bill_now, restart, retrial},
};
use crate::{
    clock::Timestamp,
    lifecycle::{collection::Payer, periods::around, proration::prorate},
    resources::{
        customers::Customer,
        discounts::{AskedDiscount, Discount},
        invoices::{CollectionMethod, Period, checked_days_of},
        payment_methods::PaymentMethod,
    },
    store::Tx,
    wire::{ApiError, Either, Metadata, Moment, Patch, values::merge_metadata},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proration {
    #[default]
    CreateProrations,
    AlwaysInvoice,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorChange {
    Now,
    Unchanged,
}

impl FromStr for AnchorChange {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "now" => Ok(Self::Now),
            "unchanged" => Ok(Self::Unchanged),
            _ => Err(format!("Invalid billing_cycle_anchor: {word}")),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnchorOfType {
    #[serde(rename = "type")]
    kind: AnchorChange,
}

/// A change of the anchor as it is asked for: by its `type`, or by the word of earlier versions.
///
/// # Errors
///
/// It is neither of the two.
pub fn anchor_change<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AnchorChange>, D::Error> {
    let asked = Option::<Either<AnchorChange, AnchorOfType>>::deserialize(deserializer)?;
    Ok(asked.map(|asked| match asked {
        Either::Text(change) => change,
        Either::Map(AnchorOfType { kind }) => kind,
    }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancellationDetails {
    #[serde(default)]
    pub comment: Patch<String>,
    #[serde(default)]
    pub feedback: Patch<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    pub items: Option<Vec<AskedItem>>,
    pub proration_behavior: Proration,
    pub proration_date: Option<Timestamp>,
    #[serde(deserialize_with = "anchor_change")]
    pub billing_cycle_anchor: Option<AnchorChange>,
    pub payment_behavior: PaymentBehavior,
    pub payment_settings: Option<PaymentSettings>,
    pub trial_end: Option<Moment>,
    pub trial_from_plan: Option<bool>,
    pub trial_settings: Option<TrialSettings>,
    pub cancel_at_period_end: Option<bool>,
    pub cancel_at: Patch<EndAt>,
    pub cancellation_details: Option<CancellationDetails>,
    pub collection_method: Option<CollectionMethod>,
    pub days_until_due: Option<u32>,
    pub default_payment_method: Patch<String>,
    pub description: Patch<String>,
    pub discounts: Patch<Vec<AskedDiscount>>,
    pub metadata: Patch<Metadata>,
    pub pause_collection: Patch<PauseCollection>,
    pub off_session: Option<bool>,
}

/// Changes a subscription. Its anchor moves only when that is asked for, as in Stripe's flexible billing.
///
/// # Errors
///
/// A subscription that has ended, or a change that cannot be made.
pub fn change(tx: &mut Tx<'_>, id: &str, mut change: Change) -> Result<Subscription, ApiError> {
    let before = tx.get::<Subscription>(id)?;
    if !before.status.is_live() {
        return only_notes(tx, before, change);
    }
    check(&before, &change)?;
    let customer = tx.get::<Customer>(&before.customer)?;
    let now = customer.now(tx);
    let mut subscription = before.clone();
    notes(tx, &mut subscription, &customer, &change)?;
    merge_metadata(&mut subscription.metadata, std::mem::take(&mut change.metadata))?;
    let gone = discounts(tx, &mut subscription, &customer, std::mem::take(&mut change.discounts))?;
    if let Some(asked) = change.items.take() {
        subscription.items = items::wanted(tx, subscription.items, asked, now, "items")?;
        check_currency(tx, &subscription)?;
        follow_interval(tx, &before, &mut subscription, change.proration_behavior, now);
    }
    change.trial_end =
        change.trial_end.filter(|end| *end != Moment::Now || before.status == Status::Trialing);
    end_later(tx, &mut subscription, &mut change, now)?;
    tell_why(&mut subscription, change.cancellation_details.take());
    pause(&mut subscription, std::mem::take(&mut change.pause_collection), now)?;
    let changed = bill(tx, &before, subscription, &change, now)?;
    // Until here events tell of them as what the subscription had before.
    for discount in gone {
        Discount::end(tx, &discount);
    }
    Ok(changed)
}

/// # Errors
///
/// What the sandbox cannot do, or an incomplete subscription cannot be asked for.
fn check(subscription: &Subscription, change: &Change) -> Result<(), ApiError> {
    if change.payment_behavior == PaymentBehavior::PendingIfIncomplete {
        let message = "The sandbox keeps no pending updates: use another `payment_behavior`.";
        return Err(ApiError::invalid(message).about("payment_behavior"));
    }
    if change.trial_from_plan == Some(true) {
        let message = "The sandbox takes over the trial of a plan at the start only: give `trial_end`.";
        return Err(ApiError::invalid(message).about("trial_from_plan"));
    }
    match subscription.status {
        Status::Incomplete => refuse_for_incomplete(change),
        _ => Ok(()),
    }
}

/// Bills the change as it says: by a trial, from a new anchor, or in the period that runs.
fn bill(
    tx: &mut Tx<'_>,
    before: &Subscription,
    subscription: Subscription,
    change: &Change,
    now: Timestamp,
) -> Result<Subscription, ApiError> {
    let (proration, behavior) = (change.proration_behavior, change.payment_behavior);
    let at = proration_date(change.proration_date, before, now)?;
    let payer = if change.off_session == Some(true) { Payer::Absent } else { Payer::Present };
    if let Some(end) = change.trial_end {
        return retrial(tx, before, subscription, end, proration, behavior);
    }
    if subscription.is_billed() && change.billing_cycle_anchor == Some(AnchorChange::Now) {
        return restart(tx, before, subscription, proration, (now, at), behavior);
    }
    // Nothing is left to prorate of a period that is over: the next one is billed as the change has it.
    let is_prorated = subscription.is_billed() && now < before.period.end && proration != Proration::None;
    if is_prorated {
        prorate(tx, before, &subscription, at);
    }
    let (id, is_changed) = (subscription.id.clone(), !same_items(before, &subscription));
    tx.update(&subscription, "customer.subscription.updated");
    if is_prorated && is_changed && proration == Proration::AlwaysInvoice {
        bill_now(tx, subscription, behavior, payer)?;
    }
    tx.get::<Subscription>(&id)
}

/// With another interval a subscription is in another period of the same anchor: the one around now, or where its period
/// is over, the part that is left of it.
fn follow_interval(
    tx: &Tx<'_>,
    before: &Subscription,
    subscription: &mut Subscription,
    proration: Proration,
    now: Timestamp,
) {
    let interval = |it: &Subscription| it.recurring(tx).map(|it| (it.interval, it.interval_count));
    let Some(recurring) = subscription.recurring(tx) else { return };
    if !before.is_billed() || interval(before) == interval(subscription) {
        return;
    }
    if now < before.period.end {
        let Period { start, end } = around(subscription.billing_cycle_anchor, recurring, now);
        subscription.period = Period { start: start.max(subscription.start_date), end };
    } else {
        subscription.stub_proration = proration;
    }
}

fn same_items(a: &Subscription, b: &Subscription) -> bool {
    let facts = |subscription: &Subscription| -> Vec<_> {
        subscription.items.iter().map(|item| (item.id.clone(), item.price.clone(), item.quantity)).collect()
    };
    facts(a) == facts(b)
}

/// What has ended can still be annotated, and nothing else.
fn only_notes(
    tx: &mut Tx<'_>,
    mut subscription: Subscription,
    change: Change,
) -> Result<Subscription, ApiError> {
    let Change {
        metadata,
        cancellation_details,
        items,
        proration_behavior: _,
        proration_date: _,
        billing_cycle_anchor,
        payment_behavior: _,
        payment_settings,
        trial_end,
        trial_from_plan,
        trial_settings,
        cancel_at_period_end,
        cancel_at,
        collection_method,
        days_until_due,
        default_payment_method,
        description,
        discounts,
        pause_collection,
        off_session: _,
    } = change;
    let touches_more = items.is_some()
        || billing_cycle_anchor.is_some()
        || payment_settings.is_some()
        || trial_end.is_some()
        || trial_from_plan.is_some()
        || trial_settings.is_some()
        || cancel_at_period_end.is_some()
        || cancel_at != Patch::Keep
        || collection_method.is_some()
        || days_until_due.is_some()
        || default_payment_method != Patch::Keep
        || description != Patch::Keep
        || discounts != Patch::Keep
        || pause_collection != Patch::Keep;
    if touches_more {
        let message = "A canceled subscription can only update its cancellation_details and metadata.";
        return Err(ApiError::invalid(message).coded("invalid_canceled_subscription_fields"));
    }
    merge_metadata(&mut subscription.metadata, metadata)?;
    tell_why(&mut subscription, cancellation_details);
    tx.update(&subscription, "customer.subscription.updated");
    Ok(subscription)
}

/// What the first invoice asks for is not changed under it: until it is paid, little else than how it is paid can be.
fn refuse_for_incomplete(change: &Change) -> Result<(), ApiError> {
    let asked = [
        ("items", change.items.is_some()),
        ("trial_end", change.trial_end.is_some()),
        ("trial_from_plan", change.trial_from_plan.is_some()),
        ("billing_cycle_anchor", change.billing_cycle_anchor.is_some()),
        ("discounts", change.discounts != Patch::Keep),
        ("collection_method", change.collection_method.is_some()),
        ("pause_collection", change.pause_collection != Patch::Keep),
    ];
    let Some((param, _)) = asked.iter().find(|(_, is_asked)| *is_asked) else { return Ok(()) };
    let message = format!(
        "The `{param}` of an incomplete subscription cannot be updated: pay its first invoice first."
    );
    Err(ApiError::invalid(message).about(param))
}

/// Why it is, or was, canceled.
/// What is not said stays.
pub fn tell_why(subscription: &mut Subscription, details: Option<CancellationDetails>) {
    if let Some(details) = details {
        details.comment.apply(&mut subscription.cancellation.comment);
        details.feedback.apply(&mut subscription.cancellation.feedback);
    }
}

fn pause(
    subscription: &mut Subscription,
    change: Patch<PauseCollection>,
    now: Timestamp,
) -> Result<(), ApiError> {
    if let Patch::Set(PauseCollection { resumes_at: Some(at), .. }) = &change
        && *at <= now
    {
        return Err(ApiError::invalid("`resumes_at` must be ahead.").about("pause_collection[resumes_at]"));
    }
    change.apply(&mut subscription.pause_collection);
    Ok(())
}

fn notes(
    tx: &mut Tx<'_>,
    subscription: &mut Subscription,
    customer: &Customer,
    change: &Change,
) -> Result<(), ApiError> {
    match &change.default_payment_method {
        Patch::Keep => {}
        Patch::Clear => subscription.default_payment_method = None,
        Patch::Set(id) => {
            let method = PaymentMethod::of_customer(tx, customer, "default_payment_method", id)?;
            subscription.default_payment_method = Some(method.id);
        }
    }
    change.description.clone().apply(&mut subscription.description);
    if let Some(saves) = saves(change.payment_settings.as_ref()) {
        subscription.saves_payment_method = saves;
    }
    if let Some(settings) = change.trial_settings {
        subscription.missing_method = settings.missing_method();
    }
    let method = change.collection_method.unwrap_or(subscription.collection_method);
    let kept = subscription.days_until_due.filter(|_| method == CollectionMethod::SendInvoice);
    subscription.collection_method = method;
    subscription.days_until_due = checked_days_of(method, change.days_until_due.or(kept), "days_until_due")?;
    Ok(())
}

/// Returns those that it has no longer.
fn discounts(
    tx: &mut Tx<'_>,
    subscription: &mut Subscription,
    customer: &Customer,
    change: Patch<Vec<AskedDiscount>>,
) -> Result<Vec<String>, ApiError> {
    let asked = match change {
        Patch::Keep => return Ok(Vec::new()),
        Patch::Clear => Vec::new(),
        Patch::Set(asked) => asked,
    };
    let current = subscription.current_discounts(tx);
    subscription.discounts.retain(|id| !current.contains(id));
    for (index, asked) in asked.iter().enumerate() {
        let param = format!("discounts[{index}]");
        subscription.discounts.push(Discount::asked(tx, customer, Some(&subscription.id), &param, asked)?);
    }
    Discount::check_currency(tx, &subscription.discounts, &subscription.currency, "discounts")?;
    Ok(current.into_iter().filter(|id| !subscription.discounts.contains(id)).collect())
}

fn check_currency(tx: &Tx<'_>, subscription: &Subscription) -> Result<(), ApiError> {
    let price = tx.find::<crate::resources::prices::Price>(&subscription.items[0].price);
    if price.is_some_and(|price| price.currency != subscription.currency) {
        return Err(ApiError::invalid("A subscription cannot change its currency.").about("items"));
    }
    Ok(())
}

fn proration_date(
    date: Option<Timestamp>,
    subscription: &Subscription,
    now: Timestamp,
) -> Result<Timestamp, ApiError> {
    let Some(date) = date else { return Ok(now) };
    let Period { start, end } = subscription.period;
    if (start..=end).contains(&date) {
        Ok(date)
    } else {
        Err(ApiError::invalid("`proration_date` must be within the current period.").about("proration_date"))
    }
}
