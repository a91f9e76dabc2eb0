//! A coupon that was given to somebody.

use chrono::{DateTime, Months};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    coupons::{Coupon, Duration, Off},
    customers::Customer,
    promotion_codes::PromotionCode,
};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::ApiError,
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Discount {
    pub id: String,
    pub created: Timestamp,
    /// As it was when it was given: a coupon that is deleted goes on here.
    pub coupon: Coupon,
    pub customer: Option<String>,
    pub subscription: Option<String>,
    pub promotion_code: Option<String>,
    pub end: Option<Timestamp>,
    /// A coupon for once is used up by its first invoice.
    pub is_used: bool,
}

impl Resource for Discount {
    stored_as!(Discount);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "object": "discount",
            "checkout_session": null,
            "customer": self.customer,
            "customer_account": null,
            "end": self.end,
            "invoice": null,
            "invoice_item": null,
            "promotion_code": self.promotion_code,
            "source": { "coupon": self.coupon.id, "type": "coupon" },
            "start": self.created,
            "subscription": self.subscription,
            "subscription_item": null,
        })
    }

    fn includable(&self, tx: &Tx<'_>, field: &str) -> Option<Value> {
        let coupon = tx.find::<Coupon>(&self.coupon.id).unwrap_or(&self.coupon);
        (field == "source.coupon").then(|| coupon.render(tx))
    }

    fn owner(&self) -> Option<&str> {
        self.customer.as_deref()
    }
}

/// What a discount is asked for with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedDiscount {
    pub coupon: Option<String>,
    /// One that the customer has already.
    pub discount: Option<String>,
    pub promotion_code: Option<String>,
}

impl Discount {
    /// Gives a coupon to a customer.
    ///
    /// # Errors
    ///
    /// There is no such coupon, or it can no longer be redeemed.
    pub fn of_customer(
        tx: &mut Tx<'_>,
        customer: &Customer,
        param: &str,
        coupon: &str,
    ) -> Result<String, ApiError> {
        let coupon = redeemed(tx, coupon, param, customer.now(tx))?;
        let discount = Self::given(tx, coupon, customer);
        tx.create(&discount, "customer.discount.created");
        Ok(discount.id)
    }

    /// Gives what was asked for to a subscription, or to a checkout that may become one.
    ///
    /// # Errors
    ///
    /// There is no such coupon or code, or it can no longer be redeemed.
    pub fn asked(
        tx: &mut Tx<'_>,
        customer: &Customer,
        subscription: Option<&str>,
        param: &str,
        asked: &AskedDiscount,
    ) -> Result<String, ApiError> {
        let now = customer.now(tx);
        let (coupon, code) = match (&asked.coupon, &asked.promotion_code, &asked.discount) {
            (None, None, Some(id)) => return Self::held(tx, customer, &format!("{param}[discount]"), id),
            (Some(coupon), None, None) => (redeemed(tx, coupon, &format!("{param}[coupon]"), now)?, None),
            (None, Some(id), None) => {
                let param = format!("{param}[promotion_code]");
                let code = PromotionCode::redeem(tx, id, customer, &param)?;
                (redeemed(tx, &code.coupon, &param, now)?, Some(code.id))
            }
            _ => {
                return Err(
                    ApiError::invalid("Give one of `coupon`, `promotion_code` and `discount`.").about(param)
                );
            }
        };
        let discount = Self {
            subscription: subscription.map(str::to_owned),
            promotion_code: code,
            ..Self::given(tx, coupon, customer)
        };
        tx.create(&discount, "customer.discount.created");
        Ok(discount.id)
    }

    fn held(tx: &Tx<'_>, customer: &Customer, param: &str, id: &str) -> Result<String, ApiError> {
        let discount = tx.named::<Self>(param, id)?;
        if !discount.applies(customer.now(tx)) {
            return Err(ApiError::invalid(format!("The discount '{id}' has ended.")).about(param));
        }
        if discount.customer.as_ref() != Some(&customer.id) {
            return Err(ApiError::invalid(format!("The discount '{id}' is another customer's.")).about(param));
        }
        Ok(discount.id)
    }

    fn given(tx: &mut Tx<'_>, coupon: Coupon, customer: &Customer) -> Self {
        let created = customer.now(tx);
        let end = coupon.duration_in_months.and_then(|months| {
            let start = DateTime::from_timestamp(created, 0)?;
            Some(start.checked_add_months(Months::new(months))?.timestamp())
        });
        Self {
            id: tx.new_id("di_"),
            created,
            coupon,
            customer: Some(customer.id.clone()),
            subscription: None,
            promotion_code: None,
            end,
            is_used: false,
        }
    }

    /// # Errors
    ///
    /// One of them takes off an amount in another currency.
    pub fn check_currency(tx: &Tx<'_>, ids: &[String], currency: &str, param: &str) -> Result<(), ApiError> {
        let fits = |it: &Self| !matches!(&it.coupon.off, Off::Amount { currency: of, .. } if of != currency);
        match ids.iter().filter_map(|id| tx.find::<Self>(id)).find(|it| !fits(it)) {
            None => Ok(()),
            Some(discount) => {
                let message = format!(
                    "The coupon {} takes off an amount that is not in {currency}.",
                    discount.coupon.id
                );
                Err(ApiError::invalid(message).about(param))
            }
        }
    }

    /// Whether there is one with this id that [`Self::applies`].
    pub fn is_current(tx: &Tx<'_>, id: &str, now: Timestamp) -> bool {
        tx.find::<Self>(id).is_some_and(|discount| discount.applies(now))
    }

    /// Whether it still takes something off at this time.
    pub fn applies(&self, now: Timestamp) -> bool {
        self.end.is_none_or(|end| now < end) && !(self.is_used && self.coupon.duration == Duration::Once)
    }

    /// Takes a discount away; the invoices that had it still name it.
    pub fn end(tx: &mut Tx<'_>, id: &str) {
        if let Some(discount) = tx.find::<Self>(id).cloned() {
            tx.emit("customer.discount.deleted", &discount);
            tx.put(Self { end: Some(discount.created), ..discount });
        }
    }

    /// Takes a discount away as if it had never been given.
    pub fn give_back(tx: &mut Tx<'_>, id: &str) {
        let Some(discount) = tx.find::<Self>(id).cloned() else { return };
        let less = |redeemed: u64| redeemed.saturating_sub(1);
        redeemed_again(tx, &discount.coupon.id, discount.promotion_code.as_deref(), less);
        Self::end(tx, &discount.id);
    }

    /// Notes that a coupon, and the code it was given for, were redeemed by a payment that keeps no discount.
    pub fn count(tx: &mut Tx<'_>, coupon: &str, code: Option<&str>) {
        redeemed_again(tx, coupon, code, |redeemed| redeemed + 1);
    }

    pub fn render_deleted(&self, tx: &Tx<'_>) -> Value {
        let mut body = self.render(tx);
        if let Value::Object(fields) = &mut body {
            fields.remove("end");
            fields.insert("deleted".to_owned(), json!(true));
        }
        body
    }
}

fn redeemed_again(tx: &mut Tx<'_>, coupon: &str, code: Option<&str>, change: fn(u64) -> u64) {
    if let Some(coupon) = tx.find::<Coupon>(coupon).cloned() {
        tx.put(Coupon { times_redeemed: change(coupon.times_redeemed), ..coupon });
    }
    if let Some(code) = code.and_then(|id| tx.find::<PromotionCode>(id).cloned()) {
        tx.put(PromotionCode { times_redeemed: change(code.times_redeemed), ..code });
    }
}

fn redeemed(tx: &mut Tx<'_>, id: &str, param: &str, now: Timestamp) -> Result<Coupon, ApiError> {
    let mut coupon = tx.named::<Coupon>(param, id)?;
    if !coupon.is_valid(now) {
        let message =
            format!("Coupon expired: {id}. It was redeemed as often as it may be, or its time is over.");
        return Err(ApiError::invalid(message).about(param).coded("coupon_expired"));
    }
    coupon.times_redeemed += 1;
    tx.put(coupon.clone());
    Ok(coupon)
}
