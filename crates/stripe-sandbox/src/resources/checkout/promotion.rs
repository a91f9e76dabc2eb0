//! What is taken off: by the session itself, or by a code that is typed on the page.

use super::{
    create::check_total,
    session::{Reduction, Session},
    waiting,
};
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

/// Takes a code that a person typed on the page of an open session.
///
/// # Errors
///
/// A code that is none, or cannot be redeemed here. Nothing changes then.
pub fn apply_code(tx: &mut Tx<'_>, session: &Session, typed: &str) -> Result<(), ApiError> {
    let invalid = || ApiError::invalid("This code is invalid.").about("promotion_code");
    let code = PromotionCode::typed(tx, typed).filter(|_| session.allow_promotion_codes == Some(true));
    let code = code.map(|code| code.id.clone()).ok_or_else(invalid)?;
    let customer = session.customer.as_ref().and_then(|id| tx.find::<Customer>(id).cloned());
    let asked = AskedDiscount { promotion_code: Some(code), ..AskedDiscount::default() };
    let reduction = given(tx, session, customer.as_ref(), &asked, "discounts[0]")?;
    check_total(&Session { discount: Some(reduction.clone()), ..session.clone() })?;
    // What waits to be authenticated is of another amount, and ends.
    let session = waiting::abandon(tx, session.clone());
    tx.put(Session { discount: Some(reduction), refusal: None, ..session });
    Ok(())
}

/// Takes back the code that was typed.
pub fn remove_code(tx: &mut Tx<'_>, session: &Session) {
    let is_typed = session.is_open() && session.allow_promotion_codes == Some(true);
    if is_typed && session.discount.is_some() {
        let session = waiting::abandon(tx, session.clone());
        tx.put(Session { discount: None, refusal: None, ..session });
    }
}
