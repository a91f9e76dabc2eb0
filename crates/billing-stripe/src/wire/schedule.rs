use billing_domain::{GatewaySchedule, GatewayScheduledChange, PhaseItem, PresentPhase, StripeId};
use serde::Deserialize;

use super::{Reference, moment, stripe_id};
use crate::{answer::Unreadable, metadata::Metadata};

/// A subscription schedule. Where Stripe has not expanded it, its id.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Schedule {
    id: Option<String>,
    current_phase: Option<CurrentPhase>,
    phases: Option<Vec<Phase>>,
    metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
struct CurrentPhase {
    end_date: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Phase {
    start_date: Option<i64>,
    end_date: Option<i64>,
    trial_end: Option<i64>,
    items: Option<Vec<Item>>,
    discounts: Option<Vec<Discount>>,
    default_tax_rates: Option<Vec<Reference>>,
}

#[derive(Debug, Deserialize)]
struct Item {
    price: Option<Reference>,
    quantity: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Discount {
    discount: Option<Reference>,
}

impl Schedule {
    /// The schedule that a subscription names.
    pub(crate) fn of(named: &Reference) -> Option<Self> {
        let expanded = named.expanded();
        if expanded.is_object() {
            return serde_json::from_value(expanded.clone()).ok();
        }
        Some(Self { id: Some(named.id()?.to_string()), ..Self::default() })
    }

    /// The schedule with the change to come. One without a change does nothing.
    pub(crate) fn mirrored(self) -> Result<GatewaySchedule, Unreadable> {
        let id = stripe_id(self.id.as_deref())?;
        let is_read = self.phases.is_some();
        let is_made_by_us = self.metadata.is_some_and(|metadata| metadata.call().is_some());
        let ends = self.current_phase.and_then(|phase| phase.end_date);
        let coming = self.phases.unwrap_or_default().into_iter();
        let mut coming = coming.filter(|phase| ends.is_none_or(|ends| phase.start_date >= Some(ends)));
        let next = coming.next().filter(|_| ends.is_some());
        let is_ours = is_read && (is_made_by_us || next.is_none()) && coming.next().is_none();
        let next = next.map(|phase| {
            let at = moment(phase.start_date).ok_or(Unreadable::Field("start_date"))?;
            let item = phase.item();
            let quantity = item.as_ref().map_or(1, |item| item.quantity);
            Ok::<_, Unreadable>(GatewayScheduledChange { at, price: item.map(|item| item.price), quantity })
        });
        Ok(GatewaySchedule { id, is_ours, next: next.transpose()? })
    }

    /// The only phase, of one item.
    pub(crate) fn present(self) -> Result<Option<PresentPhase>, Unreadable> {
        let schedule = stripe_id(self.id.as_deref())?;
        let mut phases = self.phases.unwrap_or_default().into_iter();
        let (Some(phase), None) = (phases.next(), phases.next()) else { return Ok(None) };
        let (Some(item), Some(start), Some(end)) =
            (phase.item(), moment(phase.start_date), moment(phase.end_date))
        else {
            return Ok(None);
        };
        let ids = |named: Vec<Reference>| -> Vec<StripeId> {
            named.into_iter().filter_map(|named| named.id()).collect()
        };
        let discounts = phase.discounts.unwrap_or_default().into_iter();
        Ok(Some(PresentPhase {
            schedule,
            start,
            end,
            trial_end: moment(phase.trial_end),
            item,
            discounts: ids(discounts.filter_map(|discount| discount.discount).collect()),
            tax_rates: ids(phase.default_tax_rates.unwrap_or_default()),
        }))
    }
}

impl Phase {
    /// Its item, if it has one only.
    fn item(&self) -> Option<PhaseItem> {
        let [item] = self.items.as_deref()? else { return None };
        let quantity = item.quantity.map_or(1, |quantity| u32::try_from(quantity).unwrap_or(u32::MAX));
        Some(PhaseItem { price: item.price.as_ref()?.id()?, quantity })
    }
}
