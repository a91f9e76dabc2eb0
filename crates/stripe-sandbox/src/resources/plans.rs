//! Legacy plans: recurring prices, seen the old way and under the same ids.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    events::Event,
    prices::{Interval, NewRecurring, Price, Recurring, TaxBehavior, checked_unit_amount},
    products::{NewProduct, Product},
};
use crate::{
    currency,
    store::Tx,
    wire::{
        Answer, ApiError, Call, Either, Metadata, Patch, Range, Reply, Routes,
        page::list as rendered_list,
        values::{merge_metadata, new_metadata},
    },
};

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/plans", list);
    routes.post("/v1/plans", create);
    routes.get("/v1/plans/{plan}", retrieve);
    routes.post("/v1/plans/{plan}", update);
    routes.delete("/v1/plans/{plan}", delete);
}

pub fn render(price: &Price, recurring: Recurring) -> Value {
    json!({
        "id": price.id,
        "object": "plan",
        "active": price.is_active,
        "amount": price.unit_amount.whole(),
        "amount_decimal": price.unit_amount.to_string(),
        "billing_scheme": "per_unit",
        "created": price.created,
        "currency": price.currency,
        "interval": recurring.interval,
        "interval_count": recurring.interval_count,
        "livemode": false,
        "metadata": price.metadata,
        "meter": null,
        "nickname": price.nickname,
        "product": price.product,
        "tiers_mode": null,
        "transform_usage": null,
        "trial_period_days": recurring.trial_period_days,
        "usage_type": "licensed",
    })
}

pub fn tell(tx: &mut Tx<'_>, price: &Price, event: &str) {
    if let Some(recurring) = price.recurring {
        Event::record(tx, event, render(price, recurring), None, None);
    }
}

fn find(tx: &Tx<'_>, id: &str) -> Result<(Price, Recurring), ApiError> {
    let price = tx.find::<Price>(id).filter(|price| !price.is_deleted).cloned();
    let found = price.and_then(|price| price.recurring.map(|recurring| (price, recurring)));
    found.ok_or_else(|| ApiError::no_such("plan", id))
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct ListPlans {
        active: Option<bool>,
        created: Option<Range>,
        product: Option<String>,
    }
    let params: ListPlans = call.params()?;
    let wanted = |price: &&Price| {
        price.recurring.is_some()
            && !price.is_deleted
            && params.active.is_none_or(|active| price.is_active == active)
            && params.created.is_none_or(|range| range.holds(price.created))
            && params.product.as_ref().is_none_or(|product| *product == price.product)
    };
    let plans = tx.newest_first::<Price>().filter(wanted).collect();
    let (page, has_more) = call.cut(plans, |price: &&Price| &price.id)?;
    let data = page.into_iter().filter_map(|price| Some(render(price, price.recurring?))).collect();
    Ok(Answer::Json(rendered_list(&call.path, data, has_more)))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let (price, recurring) = find(tx, call.id("plan"))?;
    Ok(Answer::Json(render(&price, recurring)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductData {
    id: Option<String>,
    name: String,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreatePlan {
    id: Option<String>,
    amount: Option<i64>,
    amount_decimal: Option<String>,
    currency: String,
    interval: Interval,
    interval_count: Option<u32>,
    product: Either<String, ProductData>,
    nickname: Option<String>,
    metadata: Option<Metadata>,
    trial_period_days: Option<u32>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreatePlan = call.params()?;
    let currency = currency::checked(&params.currency, "currency")?;
    let unit_amount =
        checked_unit_amount(params.amount, params.amount_decimal.as_deref(), &currency, "amount")?;
    let product = match params.product {
        Either::Text(id) => tx.named::<Product>("product", &id)?,
        Either::Map(ProductData { id, name, metadata }) => {
            NewProduct { id, name, description: None, metadata }.create(tx)?
        }
    };
    let recurring = NewRecurring::new(params.interval, params.interval_count, params.trial_period_days);
    let recurring = recurring.checked("")?;
    let price = Price {
        id: super::chosen_id::<Price>(tx, params.id, "plan_")?,
        created: tx.now(None),
        product: product.id,
        currency,
        unit_amount,
        recurring: Some(recurring),
        is_active: true,
        nickname: params.nickname,
        lookup_key: None,
        tax_behavior: TaxBehavior::Unspecified,
        metadata: new_metadata(params.metadata)?,
        is_deleted: false,
    };
    price.announce(tx);
    Ok(Answer::Json(render(&price, recurring)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdatePlan {
    active: Option<bool>,
    #[serde(default)]
    nickname: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let (mut price, recurring) = find(tx, call.id("plan"))?;
    let params: UpdatePlan = call.params()?;
    price.is_active = params.active.unwrap_or(price.is_active);
    params.nickname.apply(&mut price.nickname);
    merge_metadata(&mut price.metadata, params.metadata)?;
    tell(tx, &price, "plan.updated");
    tx.update(&price, "price.updated");
    Ok(Answer::Json(render(&price, recurring)))
}

/// The price stays for those who pay it.
fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let (price, _) = find(tx, call.id("plan"))?;
    tell(tx, &price, "plan.deleted");
    let id = price.id.clone();
    tx.put(Price { is_active: false, is_deleted: true, ..price });
    Ok(Answer::deleted("plan", &id))
}
