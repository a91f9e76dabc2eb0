use billing_domain::ports::{OpenedPage, PrivateAddress};
use billing_domain::{Currency, GatewayCallId, Money, StripeId, Timestamp};
use serde::Deserialize;

use super::{Reference, moment, stripe_id};
use crate::{answer::Unreadable, metadata::Metadata};

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    pub data: Vec<T>,
    pub has_more: bool,
}

impl<T: HasId> Page<T> {
    /// The object after which the next page begins.
    pub(crate) fn next(&self) -> Result<Option<StripeId>, Unreadable> {
        match self.data.last() {
            Some(last) if self.has_more => Ok(Some(last.stripe_id()?)),
            None if self.has_more => Err(Unreadable::EndlessList),
            _ => Ok(None),
        }
    }
}

/// An object of a list, whose id is the cursor.
pub(crate) trait HasId {
    /// The id.
    fn stripe_id(&self) -> Result<StripeId, Unreadable>;
}

/// An object that a call made or changed.
#[derive(Debug, Deserialize)]
pub(crate) struct Created {
    id: Option<String>,
    metadata: Option<Metadata>,
}

impl Created {
    /// Whether the call made it.
    pub(crate) fn is_of(&self, call: GatewayCallId) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.is_of(call))
    }
}

/// A page that a call made.
#[derive(Deserialize)]
pub(crate) struct CreatedPage {
    id: Option<String>,
    url: Option<String>,
}

impl CreatedPage {
    pub(crate) fn opened(self) -> Result<OpenedPage, Unreadable> {
        let id = stripe_id(self.id.as_deref())?;
        let address = PrivateAddress(self.url.ok_or(Unreadable::Field("url"))?);
        Ok(OpenedPage::Open { id, address })
    }
}

impl HasId for Created {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        stripe_id(self.id.as_deref())
    }
}

/// An object of a list as far as it may be charged for.
#[derive(Debug, Deserialize)]
pub(crate) struct Listed {
    id: Option<String>,
    status: Option<String>,
    customer: Option<Reference>,
    /// Of an invoice item.
    amount: Option<i64>,
    /// Of an invoice.
    amount_remaining: Option<i64>,
    currency: Option<String>,
    due_date: Option<i64>,
}

impl Listed {
    /// The status.
    pub(crate) fn status(&self) -> Result<&str, Unreadable> {
        self.status.as_deref().ok_or(Unreadable::Field("status"))
    }

    /// The customer.
    pub(crate) fn customer(&self) -> Option<StripeId> {
        self.customer.as_ref()?.id()
    }

    /// The unpaid amount; `None` for what has no amount of its own, and for one that cannot be told exactly.
    pub(crate) fn amount(&self) -> Option<Money> {
        let currency = Currency::parse(&self.currency.as_ref()?.to_ascii_uppercase()).ok()?;
        Money::from_stripe(self.amount_remaining.or(self.amount)?, currency).ok()
    }

    /// The date by which it is due.
    pub(crate) fn due_at(&self) -> Option<Timestamp> {
        moment(self.due_date)
    }
}

impl HasId for Listed {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        stripe_id(self.id.as_deref())
    }
}
