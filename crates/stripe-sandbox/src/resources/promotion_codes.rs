//! Words that a customer redeems a coupon with.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    coupons::Coupon,
    customers::Customer,
    invoices::{Invoice, InvoiceStatus},
    payment_intents::PaymentIntent,
};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        checks::{check_ahead, check_positive},
        values::{merge_metadata, new_metadata},
    },
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PromotionCode {
    pub id: String,
    pub created: Timestamp,
    pub code: String,
    pub coupon: String,
    pub customer: Option<String>,
    pub is_active: bool,
    pub expires_at: Option<Timestamp>,
    pub max_redemptions: Option<u64>,
    pub times_redeemed: u64,
    pub is_for_first_purchase: bool,
    pub metadata: Metadata,
}

impl Resource for PromotionCode {
    stored_as!(PromotionCode);

    fn render(&self, tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "object": "promotion_code",
            "active": self.can_be_redeemed(tx.now(None)),
            "code": self.code,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "expires_at": self.expires_at,
            "livemode": false,
            "max_redemptions": self.max_redemptions,
            "metadata": self.metadata,
            "promotion": { "coupon": self.coupon, "type": "coupon" },
            "restrictions": {
                "first_time_transaction": self.is_for_first_purchase,
                "minimum_amount": null,
                "minimum_amount_currency": null,
            },
            "times_redeemed": self.times_redeemed,
        })
    }

    fn owner(&self) -> Option<&str> {
        self.customer.as_deref()
    }
}

impl PromotionCode {
    fn can_be_redeemed(&self, now: Timestamp) -> bool {
        self.is_active
            && self.expires_at.is_none_or(|until| now <= until)
            && self.max_redemptions.is_none_or(|most| self.times_redeemed < most)
    }

    /// The code that a person typed.
    pub fn typed<'a>(tx: &'a Tx<'_>, code: &str) -> Option<&'a Self> {
        let now = tx.now(None);
        tx.newest_first::<Self>()
            .find(|it| it.code.eq_ignore_ascii_case(code.trim()) && it.can_be_redeemed(now))
    }

    /// # Errors
    ///
    /// There is no such code, or this customer cannot redeem it (any more).
    pub fn redeem(tx: &mut Tx<'_>, id: &str, customer: &Customer, param: &str) -> Result<Self, ApiError> {
        let mut code = tx.named::<Self>(param, id)?;
        code.check(tx, Some(customer), customer.now(tx), param)?;
        code.times_redeemed += 1;
        tx.put(code.clone());
        Ok(code)
    }

    /// Whether it can be redeemed, by this customer or by one who is not known yet.
    ///
    /// # Errors
    ///
    /// It cannot (any more).
    pub fn check(
        &self,
        tx: &Tx<'_>,
        customer: Option<&Customer>,
        now: Timestamp,
        param: &str,
    ) -> Result<(), ApiError> {
        let refuse =
            |message: &str| Err(ApiError::invalid(message).about(param).coded("promotion_code_invalid"));
        if !self.can_be_redeemed(now) {
            return refuse("This promotion code is expired, inactive or used up.");
        }
        if self.customer.is_some() && self.customer.as_ref() != customer.map(|customer| &customer.id) {
            return refuse("This promotion code is for another customer.");
        }
        if self.is_for_first_purchase && customer.is_some_and(|it| has_paid(tx, it)) {
            return refuse("This promotion code is for a customer's first purchase.");
        }
        Ok(())
    }
}

fn has_paid(tx: &Tx<'_>, customer: &Customer) -> bool {
    tx.of_owner::<Invoice>(&customer.id).any(|invoice| invoice.status == InvoiceStatus::Paid)
        || tx.of_owner::<PaymentIntent>(&customer.id).any(|intent| intent.amount_received > 0)
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/promotion_codes", list);
    routes.post("/v1/promotion_codes", create);
    routes.get("/v1/promotion_codes/{code}", retrieve);
    routes.post("/v1/promotion_codes/{code}", update);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListCodes {
    active: Option<bool>,
    code: Option<String>,
    coupon: Option<String>,
    customer: Option<String>,
    created: Option<Range>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListCodes = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let now = tx.now(None);
    let wanted = |code: &&PromotionCode| {
        params.active.is_none_or(|active| code.can_be_redeemed(now) == active)
            && params.code.as_ref().is_none_or(|text| code.code.eq_ignore_ascii_case(text))
            && params.coupon.as_ref().is_none_or(|coupon| code.coupon == *coupon)
            && params.customer.as_ref().is_none_or(|customer| code.customer.as_ref() == Some(customer))
            && params.created.is_none_or(|range| range.holds(code.created))
    };
    call.page_of(tx, tx.newest_first::<PromotionCode>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<PromotionCode>(call.id("code"))?))
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PromotionType {
    Coupon,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Promotion {
    coupon: String,
    #[serde(rename = "type")]
    _kind: PromotionType,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restrictions {
    first_time_transaction: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateCode {
    promotion: Option<Promotion>,
    /// As older API versions have it, and Stripe's CLI.
    coupon: Option<String>,
    code: Option<String>,
    customer: Option<String>,
    active: Option<bool>,
    expires_at: Option<Timestamp>,
    max_redemptions: Option<u64>,
    restrictions: Option<Restrictions>,
    metadata: Option<Metadata>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateCode = call.params()?;
    let coupon = params.promotion.map(|promotion| promotion.coupon).or(params.coupon);
    let coupon = tx
        .named::<Coupon>("promotion[coupon]", &coupon.ok_or_else(|| ApiError::missing_param("promotion"))?)?;
    if let Some(customer) = &params.customer {
        Customer::present(tx, "customer", customer)?;
    }
    let code = params.code.unwrap_or_else(|| tx.secret(8).to_uppercase());
    if code.is_empty() || code.len() > 500 || !code.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
    {
        return Err(ApiError::invalid("A code must have letters, digits and dashes only.").about("code"));
    }
    if PromotionCode::typed(tx, &code).is_some_and(|other| other.customer == params.customer) {
        let message = format!("An active promotion code with `code: {code}` already exists.");
        return Err(ApiError::invalid(message).about("code"));
    }
    check_positive(params.max_redemptions, "max_redemptions")?;
    check_ahead(params.expires_at, tx.now(None), "expires_at")?;
    check_within(&coupon, params.max_redemptions, params.expires_at)?;
    let code = PromotionCode {
        id: tx.new_id("promo_"),
        created: tx.now(None),
        code,
        coupon: coupon.id,
        customer: params.customer,
        is_active: params.active.unwrap_or(true),
        expires_at: params.expires_at,
        max_redemptions: params.max_redemptions,
        times_redeemed: 0,
        is_for_first_purchase: params.restrictions.and_then(|it| it.first_time_transaction).unwrap_or(false),
        metadata: new_metadata(params.metadata)?,
    };
    tx.create(&code, "promotion_code.created");
    Ok(Answer::object(&code))
}

/// A code promises nothing that its coupon does not hold.
fn check_within(coupon: &Coupon, most: Option<u64>, until: Option<Timestamp>) -> Result<(), ApiError> {
    let refuse = |param: &str, of: &str| {
        let message = format!("The `{param}` of a promotion code cannot go beyond its coupon's `{of}`.");
        Err(ApiError::invalid(message).about(param))
    };
    if coupon.max_redemptions.zip(most).is_some_and(|(of_coupon, most)| most > of_coupon) {
        return refuse("max_redemptions", "max_redemptions");
    }
    if coupon.redeem_by.zip(until).is_some_and(|(of_coupon, until)| until > of_coupon) {
        return refuse("expires_at", "redeem_by");
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateCode {
    active: Option<bool>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut code = tx.get::<PromotionCode>(call.id("code"))?;
    let params: UpdateCode = call.params()?;
    code.is_active = params.active.unwrap_or(code.is_active);
    merge_metadata(&mut code.metadata, params.metadata)?;
    tx.update(&code, "promotion_code.updated");
    Ok(Answer::object(&code))
}
