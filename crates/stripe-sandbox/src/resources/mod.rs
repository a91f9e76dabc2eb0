//! The objects of Stripe's API: each with its state, its shape and its endpoints.

pub mod accounts;
pub mod authentication;
pub mod balance_transactions;
pub mod cards;
pub mod charges;
pub mod checkout;
pub mod connect;
pub mod coupons;
pub mod credit_notes;
pub mod customers;
pub mod discounts;
pub mod disputes;
pub mod events;
pub mod invoice_items;
pub mod invoice_payments;
pub mod invoices;
pub mod payment_intents;
pub mod payment_methods;
pub mod plans;
pub mod portal;
pub mod prices;
pub mod products;
pub mod promotion_codes;
pub mod refunds;
pub mod schedules;
pub mod setup_intents;
pub mod sources;
pub mod subscriptions;
pub mod test_clocks;
pub mod webhook_endpoints;

use crate::{
    store::{Resource, Tx},
    wire::{ApiError, Routes},
};

pub fn routes(routes: &mut Routes) {
    accounts::routes(routes);
    balance_transactions::routes(routes);
    charges::routes(routes);
    checkout::routes(routes);
    coupons::routes(routes);
    credit_notes::routes(routes);
    customers::routes(routes);
    disputes::routes(routes);
    events::routes(routes);
    invoice_items::routes(routes);
    invoice_payments::routes(routes);
    invoices::routes(routes);
    payment_intents::routes(routes);
    payment_methods::routes(routes);
    plans::routes(routes);
    portal::routes(routes);
    prices::routes(routes);
    products::routes(routes);
    promotion_codes::routes(routes);
    refunds::routes(routes);
    schedules::routes(routes);
    setup_intents::routes(routes);
    sources::routes(routes);
    subscriptions::routes(routes);
    test_clocks::routes(routes);
    webhook_endpoints::routes(routes);
}

/// The id that the client chose, or a new one.
fn chosen_id<T: Resource>(tx: &mut Tx<'_>, chosen: Option<String>, prefix: &str) -> Result<String, ApiError> {
    let Some(id) = chosen else {
        return Ok(if prefix.is_empty() { tx.secret(8) } else { tx.new_id(prefix) });
    };
    let fits = id.len() <= 200
        && id.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.'));
    if !fits || id.is_empty() {
        return Err(
            ApiError::invalid("An id must have 1 to 200 letters, digits, `_`, `-` or `.`.").about("id")
        );
    }
    if tx.find::<T>(&id).is_some() {
        let message = format!("A {} with the id '{id}' already exists.", T::KIND.noun());
        return Err(ApiError::invalid(message).about("id").coded("resource_already_exists"));
    }
    Ok(id)
}
