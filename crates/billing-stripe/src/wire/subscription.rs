use billing_domain::{
    ChangeableSubscription, Currency, GatewaySubscription, Recurring, StripeId, StripeSubscriptionId,
    SubscriptionStatus, SubscriptionTimes, Timestamp,
};
use serde::Deserialize;
use serde_json::Value;

use super::{HasId, Reference, moment, recurring, stripe_id, subscription_id};
use crate::{answer::Unreadable, metadata::Metadata};

/// A subscription.
#[derive(Debug, Deserialize)]
pub(crate) struct Subscription {
    id: Option<String>,
    status: Option<String>,
    customer: Option<Reference>,
    items: Option<Items>,
    created: Option<i64>,
    start_date: Option<i64>,
    trial_end: Option<i64>,
    cancel_at: Option<i64>,
    cancel_at_period_end: Option<bool>,
    canceled_at: Option<i64>,
    ended_at: Option<i64>,
    schedule: Option<Reference>,
    collection_method: Option<String>,
    pause_collection: Option<Value>,
    currency: Option<String>,
    discounts: Option<Vec<Value>>,
    latest_invoice: Option<Reference>,
    metadata: Option<Metadata>,
    trial_start: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Items {
    data: Vec<Item>,
    #[serde(default)]
    has_more: bool,
}

/// Since API 2025-03-31 the present period is the item's.
#[derive(Debug, Default, Deserialize)]
struct Item {
    id: Option<String>,
    price: Option<Reference>,
    quantity: Option<u64>,
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
}

impl HasId for Subscription {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        stripe_id(self.id.as_deref())
    }
}

impl Subscription {
    fn id(&self) -> Result<StripeSubscriptionId, Unreadable> {
        subscription_id(&self.stripe_id()?).ok_or(Unreadable::Field("id"))
    }

    pub(crate) fn status(&self) -> Result<SubscriptionStatus, Unreadable> {
        self.status.as_deref().map(SubscriptionStatus::from_stripe).ok_or(Unreadable::Field("status"))
    }

    /// The subscription with what a change of its plan needs.
    pub(crate) fn changeable(mut self, is_platforms: bool) -> Result<ChangeableSubscription, Unreadable> {
        let item = match &self.items {
            Some(Items { data, has_more: false }) if data.len() == 1 => {
                Some(stripe_id(data[0].id.as_deref())?)
            }
            _ => None,
        };
        Ok(ChangeableSubscription {
            item,
            schedule: self.schedule.take().and_then(|schedule| schedule.id()),
            is_charged_automatically: self.collection_method.as_deref() == Some("charge_automatically"),
            is_collection_paused: self.pause_collection.take().is_some_and(|pause| !pause.is_null()),
            mirrored: self.mirrored(is_platforms)?,
        })
    }

    /// The subscription. Only on the platform's own account does a workspace pay for itself.
    pub(crate) fn mirrored(mut self, is_platforms: bool) -> Result<GatewaySubscription, Unreadable> {
        let (id, status) = (self.id()?, self.status()?);
        let items = self.items.take().map(|items| items.data).unwrap_or_default();
        let recurring = self.recurring(&items);
        let item = items.into_iter().next().unwrap_or_default();
        let period_end = moment(item.current_period_end);
        let ends_with_period = self.cancel_at_period_end == Some(true);
        let metadata = self.metadata.unwrap_or_default();
        Ok(GatewaySubscription {
            id,
            customer: self
                .customer
                .and_then(|customer| customer.id())
                .ok_or(Unreadable::Field("customer"))?,
            status,
            price: item.price.and_then(|price| price.id()),
            quantity: item.quantity.map_or(1, |quantity| u32::try_from(quantity).unwrap_or(u32::MAX)),
            recurring,
            billed_at: self.latest_invoice.as_ref().and_then(|invoice| billed_at(invoice.expanded())),
            times: SubscriptionTimes {
                created_at: moment(self.created),
                started_at: moment(self.start_date),
                period_start: moment(item.current_period_start),
                period_end,
                trial_start: moment(self.trial_start),
                trial_end: moment(self.trial_end),
                cancel_at: moment(self.cancel_at).or(period_end.filter(|_| ends_with_period)),
                ends_with_period,
                canceled_at: moment(self.canceled_at),
                ended_at: moment(self.ended_at),
            },
            intent_id: metadata.intent(),
            paying_workspace: if is_platforms { metadata.paying_workspace() } else { None },
        })
    }

    /// What it charges. `None` if that cannot be read, which must not keep the rest from being mirrored.
    fn recurring(&self, items: &[Item]) -> Option<Recurring> {
        let currency = Currency::parse(self.currency.as_deref()?).ok()?;
        let charge = |item: &Item| {
            let price = item.price.as_ref()?.expanded();
            recurring::charge(price, item.quantity.unwrap_or(1), currency)
        };
        Some(Recurring {
            currency,
            charges: items.iter().filter_map(charge).collect(),
            discounts: recurring::discounts(self.discounts.as_deref().unwrap_or_default(), currency),
        })
    }
}

/// The moment of an invoice of a change. One of a renewal says nothing of when the price changed.
fn billed_at(invoice: &Value) -> Option<Timestamp> {
    let is_of_change = invoice["billing_reason"] == "subscription_update";
    moment(invoice["created"].as_i64().filter(|_| is_of_change))
}
