//! What can be paid with one payment.

use crate::{currency::least_charge, resources::prices::check_amount, wire::ApiError};

/// Minor units: eight digits.
const LARGEST_PAYMENT: i64 = 99_999_999;

/// # Errors
///
/// Nothing, too little, or too much to be charged.
pub fn check_payment(amount: i64, currency: &str) -> Result<(), ApiError> {
    let refused = |message: String, code| Err(ApiError::invalid(message).about("amount").coded(code));
    let least = least_charge(currency);
    match amount {
        ..=0 => {
            refused("This value must be greater than or equal to 1.".to_owned(), "parameter_invalid_integer")
        }
        _ if amount < least => {
            refused(format!("Amount must be at least {least} minor units of {currency}."), "amount_too_small")
        }
        _ if amount > LARGEST_PAYMENT => refused(
            format!("Amount must be at most {LARGEST_PAYMENT} minor units of {currency}."),
            "amount_too_large",
        ),
        _ => check_amount(amount, currency, "amount"),
    }
}
