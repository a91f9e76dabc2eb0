//! What is taken off: by the session itself, or by a code that is typed on the page.

use super::session::{Reduction, Session};
use crate::{
    resources::{
        coupons::{Coupon, Off},
        customers::Customer,
        discounts::AskedDiscount,
        promotion_codes::PromotionCode,
    },
    store::Tx,
    wire::ApiError,
};

/// # Errors
///
/// There is no such coupon or code, or it cannot be redeemed here.
pub fn given(
    tx: &Tx<'_>,
    session: &Session,
    customer: Option<&Customer>,
    asked: &AskedDiscount,
    param: &str,
) -> Result<Reduction, ApiError> {
    let now = tx.now(session.test_clock.as_deref());
    let (param, coupon, code) = match (&asked.coupon, &asked.promotion_code, &asked.discount) {
        (Some(coupon), None, None) => (format!("{param}[coupon]"), coupon.clone(), None),
        (None, Some(code), None) => {
            let param = format!("{param}[promotion_code]");
            let code = tx.named::<PromotionCode>(&param, code)?;
            code.check(tx, customer, now, &param)?;
            (param, code.coupon.clone(), Some(code.id))
        }
        _ => return Err(ApiError::invalid("Give either `coupon` or `promotion_code`.").about(param)),
    };
    let coupon = tx.named::<Coupon>(&param, &coupon)?;
    if !coupon.is_valid(now) {
        let message = format!("Coupon expired: {}.", coupon.id);
        return Err(ApiError::invalid(message).about(&param).coded("coupon_expired"));
    }
    if matches!(&coupon.off, Off::Amount { currency, .. } if currency != session.currency()) {
        let message = format!("The coupon is in another currency than the prices, {}.", session.currency());
        return Err(ApiError::invalid(message).about(&param));
    }
    Ok(Reduction { coupon, promotion_code: code })
}
