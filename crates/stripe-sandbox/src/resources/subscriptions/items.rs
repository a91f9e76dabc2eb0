//! What a subscription is for: prices and how many of each.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Subscription;
use crate::{
    clock::Timestamp,
    resources::{
        plans,
        prices::{NewPrice, Price},
        products::Product,
    },
    store::{Resource, Tx},
    wire::{
        ApiError, Metadata, Patch,
        values::{merge_metadata, new_metadata},
    },
};

pub const MOST: usize = 20;
const LARGEST_QUANTITY: u64 = 1_000_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    pub id: String,
    pub created: Timestamp,
    pub price: String,
    pub quantity: u64,
    pub metadata: Metadata,
}

impl Item {
    pub fn render(&self, tx: &Tx<'_>, subscription: &Subscription) -> Value {
        let price = tx.find::<Price>(&self.price);
        let plan = price.and_then(|price| Some(plans::render(price, price.recurring?)));
        json!({
            "id": self.id,
            "object": "subscription_item",
            "billing_thresholds": null,
            "created": self.created,
            "current_period_end": subscription.period.end,
            "current_period_start": subscription.period.start,
            "current_trial": null,
            "discounts": [],
            "metadata": self.metadata,
            "plan": plan,
            "price": price.map(|price| price.render(tx)),
            "quantity": self.quantity,
            "subscription": subscription.id,
            "tax_rates": [],
        })
    }
}

/// An item as it is asked for: a new one, or a change of the one with this id.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedItem {
    pub id: Option<String>,
    pub price: Option<String>,
    pub plan: Option<String>,
    pub price_data: Option<NewPrice>,
    pub quantity: Option<u64>,
    pub deleted: Option<bool>,
    #[serde(default)]
    pub metadata: Patch<Metadata>,
    /// Its price was active when its schedule was made, which is enough.
    #[serde(skip)]
    pub is_scheduled: bool,
}

/// The items that are wanted, from those that are there.
///
/// # Errors
///
/// An item or price that is not there, or prices that do not go together.
pub fn wanted(
    tx: &mut Tx<'_>,
    mut items: Vec<Item>,
    asked: Vec<AskedItem>,
    now: Timestamp,
    param: &str,
) -> Result<Vec<Item>, ApiError> {
    for (index, change) in asked.into_iter().enumerate() {
        let under = |name: &str| format!("{param}[{index}][{name}]");
        let id = change.id.clone();
        let price = price_of(tx, &change, &under)?;
        if change.quantity.is_some_and(|quantity| quantity > LARGEST_QUANTITY) {
            let message = format!("A quantity may be at most {LARGEST_QUANTITY}.");
            return Err(ApiError::invalid(message).about(&under("quantity")));
        }
        match id {
            None => items.push(Item {
                id: tx.new_id("si_"),
                created: now,
                price: price.ok_or_else(|| ApiError::missing_param(&under("price")))?,
                quantity: change.quantity.unwrap_or(1),
                metadata: match change.metadata {
                    Patch::Set(metadata) => new_metadata(Some(metadata))?,
                    Patch::Keep | Patch::Clear => Metadata::new(),
                },
            }),
            Some(id) => {
                let place = items.iter().position(|item| item.id == id).ok_or_else(|| {
                    let error = ApiError::invalid(format!("No such subscription item: '{id}'"));
                    error.about(&under("id")).coded("resource_missing")
                })?;
                if change.deleted == Some(true) {
                    items.remove(place);
                    continue;
                }
                let item = &mut items[place];
                let price = price.unwrap_or_else(|| item.price.clone());
                // Stripe carries no quantity over to another price.
                let kept = if price == item.price { item.quantity } else { 1 };
                item.price = price;
                item.quantity = change.quantity.unwrap_or(kept);
                merge_metadata(&mut item.metadata, change.metadata)?;
            }
        }
    }
    check(tx, &items, param)?;
    Ok(items)
}

fn price_of(
    tx: &mut Tx<'_>,
    change: &AskedItem,
    under: &dyn Fn(&str) -> String,
) -> Result<Option<String>, ApiError> {
    if let Some(data) = &change.price_data {
        let product =
            data.product.clone().ok_or_else(|| ApiError::missing_param(&under("price_data][product")))?;
        tx.named::<Product>(&under("price_data][product"), &product)?;
        let price = Price::new(tx, data.clone(), &product, &under("price_data"))?;
        return Ok(Some(price.id));
    }
    let Some(id) = change.price.as_ref().or(change.plan.as_ref()) else { return Ok(None) };
    let price = Price::present(tx, &under("price"), id)?;
    if price.recurring.is_none() {
        let message = format!("The price '{id}' is not recurring, and a subscription's must be.");
        return Err(ApiError::invalid(message).about(&under("price")));
    }
    if !price.is_active && !change.is_scheduled {
        let message = format!("The price '{id}' is inactive. This field only accepts active prices.");
        return Err(ApiError::invalid(message).about(&under("price")));
    }
    Ok(Some(price.id))
}

fn check(tx: &Tx<'_>, items: &[Item], param: &str) -> Result<(), ApiError> {
    let refuse = |message: &str| Err(ApiError::invalid(message).about(param));
    if items.is_empty() || items.len() > MOST {
        return refuse(&format!("A subscription must have 1 to {MOST} items."));
    }
    let prices: Vec<_> = items.iter().filter_map(|item| tx.find::<Price>(&item.price)).collect();
    if prices.windows(2).any(|pair| pair[0].currency != pair[1].currency) {
        return refuse("All prices of a subscription must be in one currency.");
    }
    let interval = |price: &Price| price.recurring.map(|it| (it.interval, it.interval_count));
    if prices.windows(2).any(|pair| interval(pair[0]) != interval(pair[1])) {
        return refuse(
            "The sandbox has no mixed intervals: all prices of a subscription must have one billing interval.",
        );
    }
    Ok(())
}
