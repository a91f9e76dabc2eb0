//! What a product costs. A legacy plan is a recurring price seen the old way.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::products::Product;
use crate::{
    clock::Timestamp,
    currency,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        values::{merge_metadata, new_metadata},
    },
};

const LARGEST_AMOUNT: i64 = 99_999_999_999;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Price {
    pub id: String,
    pub created: Timestamp,
    pub product: String,
    pub currency: String,
    /// Minor units.
    pub unit_amount: i64,
    pub recurring: Option<Recurring>,
    pub is_active: bool,
    pub nickname: Option<String>,
    pub lookup_key: Option<String>,
    pub tax_behavior: TaxBehavior,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    Day,
    Week,
    Month,
    Year,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxBehavior {
    Inclusive,
    Exclusive,
    Unspecified,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    pub interval: Interval,
    pub interval_count: u32,
    pub trial_period_days: Option<u32>,
}

impl Resource for Price {
    stored_as!(Price);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let recurring = self.recurring.map(|recurring| {
            json!({
                "interval": recurring.interval,
                "interval_count": recurring.interval_count,
                "meter": null,
                "trial_period_days": recurring.trial_period_days,
                "usage_type": "licensed",
            })
        });
        json!({
            "id": self.id,
            "object": "price",
            "active": self.is_active,
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.currency,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": self.lookup_key,
            "metadata": self.metadata,
            "nickname": self.nickname,
            "product": self.product,
            "recurring": recurring,
            "tax_behavior": self.tax_behavior,
            "tiers_mode": null,
            "transform_quantity": null,
            "type": if self.recurring.is_some() { "recurring" } else { "one_time" },
            "unit_amount": self.unit_amount,
            "unit_amount_decimal": self.unit_amount.to_string(),
        })
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRecurring {
    pub interval: Interval,
    pub interval_count: Option<u32>,
    pub trial_period_days: Option<u32>,
    #[serde(rename = "usage_type")]
    _usage_type: Option<Licensed>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Licensed {
    Licensed,
}

/// A price that is given where it is needed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPrice {
    pub currency: String,
    pub unit_amount: Option<i64>,
    pub unit_amount_decimal: Option<String>,
    pub recurring: Option<NewRecurring>,
    pub tax_behavior: Option<TaxBehavior>,
    pub metadata: Option<Metadata>,
    /// Where the product is not said otherwise.
    pub product: Option<String>,
}

impl Price {
    /// Checks and stores a price, and tells nobody yet.
    pub fn new(tx: &mut Tx<'_>, new: NewPrice, product: &str, param: &str) -> Result<Self, ApiError> {
        let under = |name: &str| if param.is_empty() { name.to_owned() } else { format!("{param}[{name}]") };
        let decimal = match new.unit_amount_decimal.as_deref() {
            None => None,
            Some(text) => Some(text.parse::<i64>().map_err(|_| {
                let message = "The sandbox takes whole minor units only in `unit_amount_decimal`.";
                ApiError::invalid(message).about(&under("unit_amount_decimal"))
            })?),
        };
        let amount = new.unit_amount.or(decimal);
        let unit_amount = amount.ok_or_else(|| ApiError::missing_param(&under("unit_amount")))?;
        let currency = currency::checked(&new.currency, &under("currency"))?;
        check_amount(unit_amount, &currency, &under("unit_amount"))?;
        let recurring =
            new.recurring.map(|recurring| checked_recurring(&recurring, &under("recurring"))).transpose()?;
        let price = Self {
            id: tx.new_id("price_"),
            created: tx.now(None),
            product: product.to_owned(),
            currency,
            unit_amount,
            recurring,
            is_active: true,
            nickname: None,
            lookup_key: None,
            tax_behavior: new.tax_behavior.unwrap_or(TaxBehavior::Unspecified),
            metadata: new_metadata(new.metadata)?,
        };
        tx.put(price.clone());
        Ok(price)
    }

    /// A recurring price is announced as a plan too, as in Stripe.
    pub fn announce(&self, tx: &mut Tx<'_>) {
        if self.recurring.is_some() {
            super::plans::tell(tx, self, "plan.created");
        }
        tx.create(self, "price.created");
    }
}

/// # Errors
///
/// An amount that is negative, too large, or finer than the currency's cards take.
pub fn check_amount(amount: i64, currency: &str, param: &str) -> Result<(), ApiError> {
    if !(0..=LARGEST_AMOUNT).contains(&amount) {
        let message =
            format!("Invalid amount: must be between 0 and {LARGEST_AMOUNT} minor units, and not {amount}.");
        return Err(ApiError::invalid(message).about(param).coded("parameter_invalid_integer"));
    }
    if amount % currency::step(currency) != 0 {
        let message = format!("Amounts in {currency} must be a multiple of 10: the last digit must be 0.");
        return Err(ApiError::invalid(message).about(param));
    }
    Ok(())
}

fn checked_recurring(new: &NewRecurring, param: &str) -> Result<Recurring, ApiError> {
    let NewRecurring { interval, interval_count, trial_period_days, _usage_type: _ } = new;
    let count = interval_count.unwrap_or(1);
    let most = match interval {
        Interval::Day => 1095,
        Interval::Week => 156,
        Interval::Month => 36,
        Interval::Year => 3,
    };
    if !(1..=most).contains(&count) {
        let message = "An interval may be at most three years long, and its count at least 1.";
        return Err(ApiError::invalid(message).about(&format!("{param}[interval_count]")));
    }
    if trial_period_days.is_some_and(|days| days > 730) {
        return Err(ApiError::invalid("A trial may last at most 730 days.")
            .about(&format!("{param}[trial_period_days]")));
    }
    Ok(Recurring { interval: *interval, interval_count: count, trial_period_days: *trial_period_days })
}

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
        params.active.is_none_or(|active| price.is_active == active)
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
    Ok(Answer::object(&tx.get::<Price>(call.id("price"))?))
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
    let product = match (params.product, params.product_data) {
        (Some(id), None) => tx.named::<Product>("product", &id)?,
        (None, Some(data)) => {
            let metadata = new_metadata(data.metadata)?;
            let product = Product { metadata, ..Product::new(tx, None, data.name)? };
            tx.create(&product, "product.created");
            product
        }
        (None, None) => return Err(ApiError::missing_param("product")),
        (Some(_), Some(_)) => {
            return Err(
                ApiError::invalid("Give `product` or `product_data`, not both.").about("product_data")
            );
        }
    };
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
    let mut price = tx.get::<Price>(call.id("price"))?;
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
