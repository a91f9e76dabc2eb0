//! What is taken off a price.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clock::Timestamp,
    currency,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        checks::{check_ahead, check_positive},
        values::{merge_metadata, new_metadata},
    },
};

/// In months; Stripe names no bound, and a hundred years are as good as for ever.
const LONGEST_DURATION: u32 = 1200;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Coupon {
    pub id: String,
    pub created: Timestamp,
    pub name: Option<String>,
    pub off: Off,
    pub duration: Duration,
    pub duration_in_months: Option<u32>,
    pub max_redemptions: Option<u64>,
    pub redeem_by: Option<Timestamp>,
    pub times_redeemed: u64,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// In hundredths of a percent.
    Percent(u32),
    /// Minor units.
    Amount { amount: i64, currency: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    Forever,
    Once,
    Repeating,
}

impl Resource for Coupon {
    stored_as!(Coupon);

    fn render(&self, tx: &Tx<'_>) -> Value {
        let (amount_off, currency, percent_off) = match &self.off {
            Off::Percent(hundredths) => (None, None, Some(f64::from(*hundredths) / 100.0)),
            Off::Amount { amount, currency } => (Some(*amount), Some(currency), None),
        };
        json!({
            "id": self.id,
            "object": "coupon",
            "amount_off": amount_off,
            "created": self.created,
            "currency": currency,
            "duration": self.duration,
            "duration_in_months": self.duration_in_months,
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "name": self.name,
            "percent_off": percent_off,
            "redeem_by": self.redeem_by,
            "times_redeemed": self.times_redeemed,
            "valid": self.is_valid(tx.now(None)),
        })
    }

    /// An amount has no other currency than its own here, and a percentage none.
    fn includable(&self, _tx: &Tx<'_>, field: &str) -> Option<Value> {
        match &self.off {
            Off::Amount { amount, currency } if field == "currency_options" => {
                Some(json!({ currency.as_str(): { "amount_off": amount } }))
            }
            Off::Amount { .. } | Off::Percent(_) => None,
        }
    }
}

impl Coupon {
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.redeem_by.is_none_or(|until| now <= until)
            && self.max_redemptions.is_none_or(|most| self.times_redeemed < most)
    }

    /// What it takes off an amount, in minor units, never more than there is.
    pub fn off(&self, amount: i64, currency: &str) -> i64 {
        match &self.off {
            _ if amount <= 0 => 0,
            Off::Percent(hundredths) => {
                currency::portion(amount, i64::from(*hundredths), 10_000, currency).min(amount)
            }
            Off::Amount { amount: off, currency: of } if of == currency => (*off).min(amount),
            Off::Amount { .. } => 0,
        }
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/coupons", list);
    routes.post("/v1/coupons", create);
    routes.get("/v1/coupons/{coupon}", retrieve);
    routes.post("/v1/coupons/{coupon}", update);
    routes.delete("/v1/coupons/{coupon}", delete);
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct ListCoupons {
        created: Option<Range>,
    }
    let params: ListCoupons = call.params()?;
    let wanted = |coupon: &&Coupon| params.created.is_none_or(|range| range.holds(coupon.created));
    call.page_of(tx, tx.newest_first::<Coupon>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Coupon>(call.id("coupon"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateCoupon {
    id: Option<String>,
    name: Option<String>,
    percent_off: Option<f64>,
    amount_off: Option<i64>,
    currency: Option<String>,
    duration: Option<Duration>,
    duration_in_months: Option<u32>,
    max_redemptions: Option<u64>,
    redeem_by: Option<Timestamp>,
    metadata: Option<Metadata>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateCoupon = call.params()?;
    let off = match (params.percent_off, params.amount_off) {
        (Some(percent), None) => Off::Percent(hundredths(percent)?),
        (None, Some(amount)) => {
            let currency = params.currency.ok_or_else(|| ApiError::missing_param("currency"))?;
            amount_off(amount, &currency)?
        }
        (None, None) => return Err(ApiError::missing_param("percent_off")),
        (Some(_), Some(_)) => {
            return Err(
                ApiError::invalid("Give `percent_off` or `amount_off`, not both.").about("amount_off")
            );
        }
    };
    let duration = params.duration.unwrap_or(Duration::Once);
    if (duration == Duration::Repeating) != params.duration_in_months.is_some() {
        let message = "`duration_in_months` must be given for, and only for, `duration=repeating`.";
        return Err(ApiError::invalid(message).about("duration_in_months"));
    }
    if params.duration_in_months.is_some_and(|months| !(1..=LONGEST_DURATION).contains(&months)) {
        let message = format!("A coupon may repeat for 1 to {LONGEST_DURATION} months.");
        return Err(ApiError::invalid(message).about("duration_in_months"));
    }
    check_positive(params.max_redemptions, "max_redemptions")?;
    check_ahead(params.redeem_by, tx.now(None), "redeem_by")?;
    let coupon = Coupon {
        id: super::chosen_id::<Coupon>(tx, params.id, "")?,
        created: tx.now(None),
        name: params.name,
        off,
        duration,
        duration_in_months: params.duration_in_months,
        max_redemptions: params.max_redemptions,
        redeem_by: params.redeem_by,
        times_redeemed: 0,
        metadata: new_metadata(params.metadata)?,
    };
    tx.create(&coupon, "coupon.created");
    Ok(Answer::object(&coupon))
}

fn amount_off(amount: i64, currency: &str) -> Result<Off, ApiError> {
    let currency = currency::checked(currency, "currency")?;
    if amount <= 0 {
        return Err(ApiError::invalid("An amount off must be more than 0.").about("amount_off"));
    }
    currency::check_step(amount, &currency).map_err(|error| error.about("amount_off"))?;
    Ok(Off::Amount { amount, currency })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 10,000")]
fn hundredths(percent: f64) -> Result<u32, ApiError> {
    let hundredths = (percent * 100.0).round();
    if !(1.0..=10_000.0).contains(&hundredths) || percent > 100.0 {
        return Err(
            ApiError::invalid("A percentage off must be more than 0 and at most 100.").about("percent_off")
        );
    }
    Ok(hundredths as u32)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateCoupon {
    #[serde(default)]
    name: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut coupon = tx.get::<Coupon>(call.id("coupon"))?;
    let params: UpdateCoupon = call.params()?;
    params.name.apply(&mut coupon.name);
    merge_metadata(&mut coupon.metadata, params.metadata)?;
    tx.update(&coupon, "coupon.updated");
    Ok(Answer::object(&coupon))
}

/// Discounts that were given with it go on.
fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let coupon = tx.get::<Coupon>(call.id("coupon"))?;
    tx.emit("coupon.deleted", &coupon);
    tx.remove::<Coupon>(&coupon.id);
    Ok(Answer::deleted("coupon", &coupon.id))
}
