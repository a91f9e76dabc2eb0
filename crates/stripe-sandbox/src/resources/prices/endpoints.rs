//! `/v1/prices`.

use serde::Deserialize;

use super::{Interval, Licensed, NewPrice, NewRecurring, Price, TaxBehavior};
use crate::{
    resources::products::NewProduct,
    store::Tx,
    wire::{Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes, values::merge_metadata},
};

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/prices", list);
    routes.post("/v1/prices", create);
    routes.get("/v1/prices/{price}", retrieve);
    routes.post("/v1/prices/{price}", update);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListPrices {
    active: Option<bool>,
    created: Option<Range>,
    currency: Option<String>,
    lookup_keys: Option<Vec<String>>,
    product: Option<String>,
    recurring: Option<RecurringFilter>,
    #[serde(rename = "type")]
    kind: Option<PriceType>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct RecurringFilter {
    interval: Option<Interval>,
    #[serde(rename = "usage_type")]
    _usage_type: Option<Licensed>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum PriceType {
    OneTime,
    Recurring,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListPrices = call.params()?;
    let wanted = |price: &&Price| {
        !price.is_deleted
            && params.active.is_none_or(|active| price.is_active == active)
            && params.created.is_none_or(|range| range.holds(price.created))
            && params.currency.as_ref().is_none_or(|currency| *currency == price.currency)
            && params.product.as_ref().is_none_or(|product| *product == price.product)
            && params.kind.is_none_or(|kind| (kind == PriceType::Recurring) == price.recurring.is_some())
            && params.recurring.is_none_or(|wanted| {
                let of = price.recurring.map(|recurring| recurring.interval);
                of.is_some() && wanted.interval.is_none_or(|interval| of == Some(interval))
            })
            && params
                .lookup_keys
                .as_ref()
                .is_none_or(|keys| price.lookup_key.as_ref().is_some_and(|key| keys.contains(key)))
    };
    call.page_of(tx, tx.newest_first::<Price>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&at(tx, call.id("price"))?))
}

fn at(tx: &Tx<'_>, id: &str) -> Result<Price, ApiError> {
    let price = tx.get::<Price>(id)?;
    if price.is_deleted { Err(ApiError::no_such("price", id)) } else { Ok(price) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductData {
    name: String,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreatePrice {
    currency: String,
    unit_amount: Option<i64>,
    unit_amount_decimal: Option<String>,
    recurring: Option<NewRecurring>,
    tax_behavior: Option<TaxBehavior>,
    metadata: Option<Metadata>,
    product: Option<String>,
    product_data: Option<ProductData>,
    nickname: Option<String>,
    lookup_key: Option<String>,
    transfer_lookup_key: Option<bool>,
    active: Option<bool>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreatePrice = call.params()?;
    let given = params.product_data.map(|ProductData { name, metadata }| NewProduct {
        id: None,
        name,
        description: None,
        metadata,
    });
    let product = NewProduct::or_named(tx, params.product.as_deref(), given, "")?;
    let new = NewPrice {
        currency: params.currency,
        unit_amount: params.unit_amount,
        unit_amount_decimal: params.unit_amount_decimal,
        recurring: params.recurring,
        tax_behavior: params.tax_behavior,
        metadata: params.metadata,
        product: None,
    };
    let mut price = Price::new(tx, new, &product.id, "")?;
    price.nickname = params.nickname;
    price.is_active = params.active.unwrap_or(true);
    if let Some(key) = params.lookup_key {
        take_lookup_key(tx, &mut price, key, params.transfer_lookup_key.unwrap_or(false))?;
    }
    price.announce(tx);
    Ok(Answer::object(&price))
}

/// At most one active price has a lookup key.
fn take_lookup_key(tx: &mut Tx<'_>, price: &mut Price, key: String, transfer: bool) -> Result<(), ApiError> {
    let holder = tx
        .newest_first::<Price>()
        .find(|other| other.id != price.id && other.lookup_key.as_ref() == Some(&key));
    if let Some(holder) = holder.cloned() {
        if !transfer {
            let message = format!(
                "A price (`{}`) already uses that lookup key. Give `transfer_lookup_key=true` to move it.",
                holder.id
            );
            return Err(ApiError::invalid(message).about("lookup_key"));
        }
        tx.update(&Price { lookup_key: None, ..holder }, "price.updated");
    }
    price.lookup_key = Some(key);
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdatePrice {
    active: Option<bool>,
    #[serde(default)]
    nickname: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
    #[serde(default)]
    lookup_key: Patch<String>,
    transfer_lookup_key: Option<bool>,
    tax_behavior: Option<TaxBehavior>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut price = at(tx, call.id("price"))?;
    let params: UpdatePrice = call.params()?;
    price.is_active = params.active.unwrap_or(price.is_active);
    price.tax_behavior = params.tax_behavior.unwrap_or(price.tax_behavior);
    params.nickname.apply(&mut price.nickname);
    merge_metadata(&mut price.metadata, params.metadata)?;
    match params.lookup_key {
        Patch::Keep => {}
        Patch::Clear => price.lookup_key = None,
        Patch::Set(key) => take_lookup_key(tx, &mut price, key, params.transfer_lookup_key.unwrap_or(false))?,
    }
    tx.update(&price, "price.updated");
    Ok(Answer::object(&price))
}
