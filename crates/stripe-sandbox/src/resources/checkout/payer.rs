//! Who pays: from what the checkout knows, what the form says and what the payment method tells.

use super::{
    asked::Keeping,
    session::{CustomerCreation, Details, Mode, Session},
};
use crate::{
    resources::{
        customers::{Customer, check_email},
        payment_methods::PaymentMethod,
    },
    store::Tx,
    wire::ApiError,
};

/// # Errors
///
/// An e-mail address is missing, or is none.
pub fn details(
    tx: &Tx<'_>,
    session: &Session,
    typed: Details,
    method: Option<&PaymentMethod>,
) -> Result<Details, ApiError> {
    let known = session.known_details(tx).unwrap_or_default();
    let of_method = method.map(|method| method.billing_details.clone()).unwrap_or_default();
    let email = known.email.or(typed.email).or(of_method.email);
    match &email {
        Some(email) => check_email(email, "email")?,
        None if session.customer.is_none() => {
            let message =
                "An e-mail address is needed: give the payment method one in `billing_details[email]`.";
            return Err(ApiError::invalid(message).about("email").coded("parameter_missing"));
        }
        None => {}
    }
    Ok(Details {
        email,
        name: typed.name.or(of_method.name).or(known.name),
        phone: typed.phone.or(of_method.phone).or(known.phone),
        address: typed.address.or(of_method.address).or(known.address),
    })
}

/// The customer of the session, or a new one where one is needed.
///
/// # Errors
///
/// The customer was deleted meanwhile.
pub fn customer(
    tx: &mut Tx<'_>,
    session: &mut Session,
    details: &Details,
) -> Result<Option<Customer>, ApiError> {
    if let Some(id) = &session.customer {
        let customer = Customer::present(tx, "customer", id)?;
        return Ok(Some(updated(tx, session, customer, details)));
    }
    let is_needed =
        session.mode() == Mode::Subscription || session.customer_creation == Some(CustomerCreation::Always);
    if !is_needed {
        return Ok(None);
    }
    let Details { email, name, phone, address } = details.clone();
    let customer = Customer { name, email, phone, address, ..Customer::new(tx, session.test_clock.clone()) };
    tx.create(&customer, "customer.created");
    session.customer = Some(customer.id.clone());
    Ok(Some(customer))
}

/// A customer without an e-mail address gets it; their name and address change only if the session says so.
fn updated(tx: &mut Tx<'_>, session: &Session, mut customer: Customer, details: &Details) -> Customer {
    let keeps = |part: fn(&super::asked::CustomerUpdate) -> Option<Keeping>| {
        session.customer_update.as_ref().and_then(part) == Some(Keeping::Auto)
    };
    customer.email = customer.email.take().or_else(|| details.email.clone());
    if keeps(|update| update.name) {
        customer.name = details.name.clone().or(customer.name);
    }
    if keeps(|update| update.address) {
        customer.address = details.address.clone().or(customer.address);
    }
    tx.update(&customer, "customer.updated");
    customer
}
