//! What can be paid with one payment.

use crate::{resources::prices::check_amount, wire::ApiError};

/// Minor units: eight digits.
const LARGEST_PAYMENT: i64 = 99_999_999;

/// # Errors
///
/// Nothing, too little, or too much to be charged.
pub fn check_payment(amount: i64, currency: &str) -> Result<(), ApiError> {
    let refused = |message: String, code| Err(ApiError::invalid(message).about("amount").coded(code));
    let least = least_amount(currency);
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

/// As Stripe lists them; for other currencies it goes by the rate of the day.
fn least_amount(currency: &str) -> i64 {
    match currency {
        "aud" | "brl" | "cad" | "chf" | "eur" | "inr" | "jpy" | "nzd" | "sgd" | "usd" => 50,
        "aed" | "myr" | "pln" | "ron" => 200,
        "gbp" => 30,
        "dkk" => 250,
        "nok" | "sek" => 300,
        "hkd" => 400,
        "mxn" | "thb" => 1000,
        "czk" => 1500,
        "huf" => 17_500,
        _ => 1,
    }
}
