//! When an invoice that is sent is to be paid.

use super::CollectionMethod;
use crate::{
    clock::Timestamp,
    wire::{ApiError, checks::check_ahead},
};

/// The longest time until an invoice is due.
const MOST_DAYS: u32 = 730;

/// What is sent is due some day; what is charged by itself is not.
///
/// # Errors
///
/// A due date that is missing, or that there cannot be.
pub fn checked_days_of(
    method: CollectionMethod,
    days: Option<u32>,
    param: &str,
) -> Result<Option<u32>, ApiError> {
    match (method, days) {
        (CollectionMethod::ChargeAutomatically, Some(_)) => {
            let message = "`days_until_due` can be given only with `collection_method=send_invoice`.";
            Err(ApiError::invalid(message).about(param))
        }
        (CollectionMethod::SendInvoice, None) => Err(ApiError::missing_param(param)),
        (CollectionMethod::SendInvoice, Some(days)) if days > MOST_DAYS => {
            let message = format!("An invoice may be due after at most {MOST_DAYS} days.");
            Err(ApiError::invalid(message).about(param))
        }
        (_, days) => Ok(days),
    }
}

/// As [`checked_days_of`], where a date may be given instead.
///
/// # Errors
///
/// Both of them, or a date that is not ahead.
pub fn check_date(
    method: CollectionMethod,
    (date, days): (Option<Timestamp>, Option<u32>),
    now: Timestamp,
) -> Result<(), ApiError> {
    let refuse = |message: &str| Err(ApiError::invalid(message).about("due_date"));
    match (method, date, days) {
        (_, Some(_), Some(_)) => {
            refuse("You may only specify one of these parameters: due_date, days_until_due.")
        }
        (CollectionMethod::ChargeAutomatically, Some(_), None) => {
            refuse("A due date can be given only with `collection_method=send_invoice`.")
        }
        (CollectionMethod::SendInvoice, Some(_), None) => check_ahead(date, now, "due_date"),
        (_, None, days) => checked_days_of(method, days, "days_until_due").map(drop),
    }
}
