//! What the shop knows of a customer, in the portal.

use super::{invoice::address_lines, portal::Visitor, portal_steps::step};
use crate::{
    pages::views::{CustomerForm, Fact, PortalCustomerPage},
    resources::customers::Customer,
    store::Tx,
};

pub(crate) fn facts(customer: &Customer) -> Vec<Fact> {
    let address = customer.address.as_ref().map(|address| address_lines(address).join(", "));
    let facts = [
        ("Name", customer.name.clone()),
        ("Email", customer.email.clone()),
        ("Phone number", customer.phone.clone()),
        ("Billing address", address.filter(|address| !address.is_empty())),
    ];
    let known = facts.into_iter().filter_map(|(label, value)| Some((label, value?)));
    known.map(|(label, value)| Fact { label: label.to_owned(), value }).collect()
}

pub(crate) fn page(tx: &Tx<'_>, visitor: &Visitor, customer: CustomerForm) -> PortalCustomerPage {
    PortalCustomerPage { step: step(tx, visitor, None), customer }
}
