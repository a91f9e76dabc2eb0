//! What a checkout is for: prices, how many of each, and what that costs.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::session::{Mode, Reduction};
use crate::{
    currency,
    resources::{
        prices::{NewPrice, NewRecurring, Price, Recurring, TaxBehavior},
        products::{NewProduct, Product},
        subscriptions::MOST_ITEMS,
    },
    store::{Resource, Tx},
    unit_amount::UnitAmount,
    wire::{ApiError, Metadata, checks::check_absent, values::new_metadata},
};

const MOST_LINES: usize = 100;
const LARGEST_QUANTITY: u64 = 999_999;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineItem {
    pub id: String,
    pub price: String,
    pub product: String,
    /// The product's name when the checkout began.
    pub name: String,
    pub unit_amount: UnitAmount,
    pub recurring: Option<Recurring>,
    pub quantity: u64,
    /// Of a whole period, in minor units, before discounts.
    pub amount: i64,
    /// As [`LineItem::amount`], of the part up to an anchor, if there is one.
    #[serde(default)]
    pub part: Option<i64>,
    pub adjustable: Option<AdjustableQuantity>,
    pub metadata: Metadata,
}

/// The sandbox's page keeps the quantities as they are, so that it can only be off.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdjustableQuantity {
    enabled: bool,
    maximum: Option<u64>,
    minimum: Option<u64>,
}

/// Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    pub subtotal: i64,
    pub discount: i64,
    pub total: i64,
}

impl LineItem {
    /// What is billed first if there is no trial: the part up to an anchor, or all.
    pub fn due(&self) -> i64 {
        self.part.unwrap_or(self.amount)
    }

    pub fn render(&self, tx: &Tx<'_>, (amount, discount): (i64, i64)) -> Value {
        let price = tx.find::<Price>(&self.price);
        json!({
            "id": self.id,
            "object": "item",
            "adjustable_quantity": self.adjustable,
            "amount_discount": discount,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount - discount,
            "currency": price.map(|price| &price.currency),
            "description": self.name,
            "metadata": self.metadata,
            "price": price.map(|price| price.render(tx)),
            "quantity": self.quantity,
        })
    }
}

/// Of each line: what it costs by this measure, and what is taken off.
pub fn amounts(
    lines: &[LineItem],
    reduction: Option<&Reduction>,
    currency: &str,
    cost: impl Fn(&LineItem) -> i64,
) -> Vec<(i64, i64)> {
    let amounts: Vec<_> = lines.iter().map(cost).collect();
    let whole = amounts.iter().fold(0_i64, |sum, amount| sum.saturating_add(*amount));
    let off = reduction.map_or(0, |reduction| reduction.coupon.off(whole, currency));
    let parts = currency::spread(off, &amounts, currency);
    amounts.into_iter().zip(parts).collect()
}

pub fn sums(amounts: &[(i64, i64)]) -> Sums {
    let add = |pick: fn(&(i64, i64)) -> i64| amounts.iter().map(pick).fold(0, i64::saturating_add);
    let (subtotal, discount) = (add(|it| it.0), add(|it| it.1));
    Sums { subtotal, discount, total: subtotal - discount }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductData {
    name: String,
    description: Option<String>,
    metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceData {
    currency: String,
    product: Option<String>,
    product_data: Option<ProductData>,
    unit_amount: Option<i64>,
    unit_amount_decimal: Option<String>,
    recurring: Option<NewRecurring>,
    tax_behavior: Option<TaxBehavior>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedLine {
    price: Option<String>,
    price_data: Option<PriceData>,
    quantity: Option<u64>,
    adjustable_quantity: Option<AdjustableQuantity>,
    metadata: Option<Metadata>,
}

/// The lines that are asked for, and their currency.
///
/// # Errors
///
/// A price or product that is not there, or prices that do not go together or with the mode.
pub fn wanted(
    tx: &mut Tx<'_>,
    mode: Mode,
    asked: Vec<AskedLine>,
) -> Result<(Vec<LineItem>, String), ApiError> {
    let mut lines = Vec::new();
    let mut currency: Option<String> = None;
    for (index, asked) in asked.into_iter().enumerate() {
        let (line, of_line) = line(tx, asked, &format!("line_items[{index}]"))?;
        if currency.get_or_insert_with(|| of_line.clone()) != &of_line {
            let message = "All prices of a checkout must be in one currency.";
            return Err(ApiError::invalid(message).about(&format!("line_items[{index}]")));
        }
        lines.push(line);
    }
    let currency = currency.ok_or_else(|| ApiError::missing_param("line_items"))?;
    check(mode, &lines)?;
    Ok((lines, currency))
}

fn line(tx: &mut Tx<'_>, asked: AskedLine, param: &str) -> Result<(LineItem, String), ApiError> {
    let is_adjustable = asked.adjustable_quantity.as_ref().is_some_and(|it| it.enabled);
    check_absent(is_adjustable, &format!("{param}[adjustable_quantity][enabled]"))?;
    let price = price(tx, asked.price, asked.price_data, param)?;
    let quantity = asked.quantity.ok_or_else(|| {
        let message = format!("Quantity is required. Add `quantity` to `{param}`.");
        ApiError::invalid(message).about(&format!("{param}[quantity]")).coded("parameter_missing")
    })?;
    if !(1..=LARGEST_QUANTITY).contains(&quantity) {
        let message = format!("A quantity must be between 1 and {LARGEST_QUANTITY}, and not {quantity}.");
        return Err(ApiError::invalid(message).about(&format!("{param}[quantity]")));
    }
    let name = tx.find::<Product>(&price.product).map_or_else(String::new, |product| product.name.clone());
    let amount = price.unit_amount.times(quantity, &price.currency);
    let line = LineItem {
        id: tx.new_id("li_"),
        price: price.id,
        product: price.product,
        name,
        unit_amount: price.unit_amount,
        recurring: price.recurring,
        quantity,
        amount,
        part: None,
        adjustable: asked.adjustable_quantity,
        metadata: new_metadata(asked.metadata)?,
    };
    Ok((line, price.currency))
}

fn price(
    tx: &mut Tx<'_>,
    id: Option<String>,
    data: Option<PriceData>,
    param: &str,
) -> Result<Price, ApiError> {
    match (id, data) {
        (Some(id), None) => {
            let price = tx.named::<Price>(&format!("{param}[price]"), &id)?;
            if !price.is_active {
                let message = format!(
                    "The price specified is inactive. This field only accepts active prices: '{id}'."
                );
                return Err(ApiError::invalid(message).about(&format!("{param}[price]")));
            }
            Ok(price)
        }
        (None, Some(data)) => new_price(tx, data, &format!("{param}[price_data]")),
        (None, None) => Err(ApiError::missing_param(&format!("{param}[price]"))),
        (Some(_), Some(_)) => Err(ApiError::invalid("Give `price` or `price_data`, not both.")
            .about(&format!("{param}[price_data]"))),
    }
}

fn new_price(tx: &mut Tx<'_>, data: PriceData, param: &str) -> Result<Price, ApiError> {
    let given = data.product_data.map(|ProductData { name, description, metadata }| NewProduct {
        id: None,
        name,
        description,
        metadata,
    });
    let product = NewProduct::or_named(tx, data.product.as_deref(), given, param)?;
    let new = NewPrice {
        currency: data.currency,
        unit_amount: data.unit_amount,
        unit_amount_decimal: data.unit_amount_decimal,
        recurring: data.recurring,
        tax_behavior: data.tax_behavior,
        metadata: None,
        product: None,
    };
    let price = Price::new(tx, new, &product.id, param)?;
    price.announce(tx);
    Ok(price)
}

fn check(mode: Mode, lines: &[LineItem]) -> Result<(), ApiError> {
    let refuse = |param: &str, message: &str| Err(ApiError::invalid(message).about(param));
    let intervals: Vec<_> = lines
        .iter()
        .filter_map(|line| line.recurring.map(|recurring| (recurring.interval, recurring.interval_count)))
        .collect();
    if lines.len() > MOST_LINES {
        return refuse("line_items", &format!("A checkout may have at most {MOST_LINES} line items."));
    }
    match mode {
        Mode::Payment if !intervals.is_empty() => refuse(
            "mode",
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use \
             only one-time prices.",
        ),
        Mode::Subscription if intervals.is_empty() => refuse(
            "line_items",
            "You must provide at least one recurring price in `subscription` mode when using prices.",
        ),
        Mode::Subscription if intervals.len() > MOST_ITEMS => {
            refuse("line_items", &format!("A subscription must have at most {MOST_ITEMS} recurring prices."))
        }
        Mode::Subscription if intervals.windows(2).any(|pair| pair[0] != pair[1]) => {
            refuse("line_items", "All recurring prices of a checkout must have one billing interval.")
        }
        Mode::Payment | Mode::Setup | Mode::Subscription => Ok(()),
    }
}
