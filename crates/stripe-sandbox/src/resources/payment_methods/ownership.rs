//! Whose a payment method is, and who may pay with it.

use super::PaymentMethod;
use crate::{resources::customers::Customer, store::Tx, wire::ApiError};

impl PaymentMethod {
    /// One that is the customer's, after this.
    ///
    /// # Errors
    ///
    /// There is none, it is another customer's, or its card cannot be attached.
    pub fn attached(tx: &mut Tx<'_>, customer: &Customer, param: &str, id: &str) -> Result<Self, ApiError> {
        Self::attached_as(tx, customer, param, id, None)
    }

    /// As [`PaymentMethod::attached`], where a token becomes one with this id.
    ///
    /// # Errors
    ///
    /// See [`PaymentMethod::attached`].
    pub fn attached_as(
        tx: &mut Tx<'_>,
        customer: &Customer,
        param: &str,
        id: &str,
        new_id: Option<String>,
    ) -> Result<Self, ApiError> {
        let mut method = Self::resolve(tx, param, id)?;
        if let Some(new_id) = new_id {
            tx.remove::<Self>(&method.id);
            method.id = new_id;
        }
        if method.customer.as_ref() == Some(&customer.id) {
            return Ok(method);
        }
        if method.customer.is_some() {
            let message = "The payment method you provided has already been attached to a customer.";
            return Err(ApiError::invalid(message).about(param).coded("payment_method_unexpected_state"));
        }
        if method.is_detached {
            return Err(detached(param));
        }
        if let Some(decline) = method.refused_at_once() {
            let (code, decline_code, message) = decline.words();
            return Err(ApiError::card(code, decline_code, message).undoing_everything());
        }
        method.customer = Some(customer.id.clone());
        tx.put(method.clone());
        tx.emit("payment_method.attached", &method);
        Ok(method)
    }

    /// One that is the customer's already; a test token becomes it.
    ///
    /// # Errors
    ///
    /// See [`PaymentMethod::attached`].
    pub fn of_customer(
        tx: &mut Tx<'_>,
        customer: &Customer,
        param: &str,
        id: &str,
    ) -> Result<Self, ApiError> {
        if tx.find::<Self>(id).is_some_and(|method| method.customer.as_ref() != Some(&customer.id)) {
            let message = format!(
                "The customer does not have a payment method with the ID {id}. The payment method must be attached to the \
                 customer."
            );
            return Err(ApiError::invalid(message).about(param).coded("resource_missing"));
        }
        Self::attached(tx, customer, param, id)
    }

    /// One that this customer, or nobody, owns.
    ///
    /// # Errors
    ///
    /// There is none, it is another customer's, or it was detached.
    pub fn usable(tx: &mut Tx<'_>, customer: Option<&str>, id: &str) -> Result<Self, ApiError> {
        let method = Self::resolve(tx, "payment_method", id)?;
        if method.customer.is_some() && method.customer.as_deref() != customer {
            let message = "The payment method is attached to a customer; give that customer as `customer`.";
            return Err(ApiError::invalid(message).about("payment_method"));
        }
        if method.is_detached {
            return Err(detached("payment_method"));
        }
        Ok(method)
    }
}

pub fn detached(param: &str) -> ApiError {
    let message = "This PaymentMethod was detached from a Customer, and may not be used again.";
    ApiError::invalid(message).about(param).coded("payment_method_unexpected_state")
}
