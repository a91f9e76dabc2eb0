use billing_domain::{
    ChangeableSubscription, GatewaySubscription, StripeId, StripeSubscriptionId, SubscriptionStatus,
    SubscriptionTimes,
};
use serde::Deserialize;
use serde_json::Value;

use super::{HasId, Reference, Schedule, moment, stripe_id, subscription_id};
use crate::{answer::Unreadable, metadata::Metadata};

/// A subscription, with the payments of its latest invoice where they were asked for.
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
    latest_invoice: Option<Reference>,
    schedule: Option<Reference>,
    collection_method: Option<String>,
    pause_collection: Option<Value>,
    metadata: Option<Metadata>,
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

    pub(crate) fn schedule_id(&self) -> Option<StripeId> {
        self.schedule.as_ref()?.id()
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
            is_charged_automatically: self.collection_method.as_deref() == Some("charge_automatically"),
            is_collection_paused: self.pause_collection.take().is_some_and(|pause| !pause.is_null()),
            mirrored: self.mirrored(is_platforms)?,
        })
    }

    /// The subscription. Only on the platform's own account does a workspace pay for itself.
    pub(crate) fn mirrored(mut self, is_platforms: bool) -> Result<GatewaySubscription, Unreadable> {
        let (id, status) = (self.id()?, self.status()?);
        let items = self.items.take().map(|items| items.data).unwrap_or_default();
        let item = items.into_iter().next().unwrap_or_default();
        let period_end = moment(item.current_period_end);
        let ends_with_period = self.cancel_at_period_end == Some(true);
        let metadata = self.metadata.unwrap_or_default();
        let schedule = self.schedule.and_then(|schedule| Schedule::of(&schedule));
        Ok(GatewaySubscription {
            id,
            customer: self
                .customer
                .and_then(|customer| customer.id())
                .ok_or(Unreadable::Field("customer"))?,
            status,
            price: item.price.and_then(|price| price.id()),
            quantity: item.quantity.map_or(1, |quantity| u32::try_from(quantity).unwrap_or(u32::MAX)),
            times: SubscriptionTimes {
                created_at: moment(self.created),
                started_at: moment(self.start_date),
                period_start: moment(item.current_period_start),
                period_end,
                trial_end: moment(self.trial_end),
                cancel_at: moment(self.cancel_at).or(period_end.filter(|_| ends_with_period)),
                ends_with_period,
                canceled_at: moment(self.canceled_at),
                ended_at: moment(self.ended_at),
            },
            intent_id: metadata.intent(),
            paying_workspace: if is_platforms { metadata.paying_workspace() } else { None },
            schedule: schedule.map(Schedule::mirrored).transpose()?,
            latest_payment: self.latest_invoice.and_then(|invoice| payment(invoice.expanded())),
        })
    }
}

/// The payment intent with which an invoice was paid.
fn payment(invoice: &Value) -> Option<StripeId> {
    let payments = invoice["payments"]["data"].as_array()?;
    let paid = payments.iter().find(|payment| payment["status"] == "paid")?;
    let intent = &paid["payment"]["payment_intent"];
    StripeId::parse(intent.as_str().or_else(|| intent["id"].as_str())?).ok()
}
