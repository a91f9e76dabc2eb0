//! Whom an invoice says that it is for.

use serde::{Deserialize, Serialize};

use super::Invoice;
use crate::{
    resources::{
        customers::{Address, Customer},
        subscriptions::Subscription,
    },
    store::Tx,
    wire::Metadata,
};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Particulars {
    pub address: Option<Address>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    /// Of the subscription that it bills.
    pub subscription_metadata: Option<Metadata>,
}

impl Invoice {
    /// Those of the customer and the subscription until it is finalized, and from then on those of that moment.
    pub fn particulars(&self, tx: &Tx<'_>) -> Particulars {
        if let Some(settled) = &self.particulars {
            return settled.clone();
        }
        let subscription = self.subscription.as_ref().and_then(|id| tx.find::<Subscription>(id));
        let subscription_metadata = subscription.map(|subscription| subscription.metadata.clone());
        let Some(customer) = tx.find::<Customer>(&self.customer).cloned() else {
            return Particulars { subscription_metadata, ..Particulars::default() };
        };
        let Customer { address, email, name, phone, .. } = customer;
        Particulars { address, email, name, phone, subscription_metadata }
    }
}
