//! A customer edits what the shop knows of them.

use super::features::{CustomerField, CustomerUpdate, Features};
use crate::{
    resources::customers::{Address, Customer},
    store::Tx,
    wire::Patch,
};

/// The customer fields that the portal can edit.
pub(super) const EDITED: [CustomerField; 4] =
    [CustomerField::Name, CustomerField::Email, CustomerField::Phone, CustomerField::Address];

impl Features {
    pub fn can_edit_customer(&self) -> bool {
        EDITED.into_iter().any(|field| self.customer_update.allows(field))
    }
}

impl CustomerUpdate {
    pub fn allows(&self, field: CustomerField) -> bool {
        self.is_enabled && self.allowed_updates.contains(&field)
    }
}

/// What is changed; what is kept is not touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerEdit {
    pub name: Patch<String>,
    pub email: Patch<String>,
    pub phone: Patch<String>,
    pub address: Patch<Address>,
}

impl CustomerEdit {
    pub fn make(self, tx: &mut Tx<'_>, customer: &Customer) {
        let mut customer = customer.clone();
        self.name.apply(&mut customer.name);
        self.email.apply(&mut customer.email);
        self.phone.apply(&mut customer.phone);
        self.address.apply(&mut customer.address);
        tx.update(&customer, "customer.updated");
    }
}
