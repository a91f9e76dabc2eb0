//! Everything through which an account can charge someone, and the lists behind it.

use billing_domain::{
    ChargeableKind, ChargeableObject, GatewayAccountId, InvoiceStatus, SubscriptionStatus,
    ports::{GatewayError, GatewayScope},
};
use serde::de::DeserializeOwned;

use crate::{
    accounts::Client,
    answer::{StripeError, Unreadable},
    transport::StripeTransport,
    wire::{HasId, Listed, Page},
};

/// The most objects that Stripe gives at once.
const PAGE: (&str, &str) = ("limit", "100");

/// A list of objects that may be chargeable.
struct ChargeableList {
    kind: ChargeableKind,
    path: &'static str,
    filter: (&'static str, &'static str),
    is_chargeable: fn(&str) -> bool,
}

const LISTS: [ChargeableList; 6] = [
    // Before what it turns into, so that a session paid meanwhile is in one of the two lists.
    ChargeableList {
        kind: ChargeableKind::CheckoutSession,
        path: "/v1/checkout/sessions",
        filter: ("status", "open"),
        is_chargeable: always,
    },
    // Likewise.
    ChargeableList {
        kind: ChargeableKind::SubscriptionSchedule,
        path: "/v1/subscription_schedules",
        filter: ("scheduled", "true"),
        is_chargeable: always,
    },
    ChargeableList {
        kind: ChargeableKind::Subscription,
        path: "/v1/subscriptions",
        filter: ("status", "all"),
        is_chargeable: |status| SubscriptionStatus::from_stripe(status).is_live(),
    },
    ChargeableList {
        kind: ChargeableKind::InvoiceItem,
        path: "/v1/invoiceitems",
        filter: ("pending", "true"),
        is_chargeable: always,
    },
    ChargeableList {
        kind: ChargeableKind::Invoice,
        path: "/v1/invoices",
        filter: ("status", "draft"),
        is_chargeable: |status| InvoiceStatus::from_stripe(status).is_chargeable(),
    },
    ChargeableList {
        kind: ChargeableKind::Invoice,
        path: "/v1/invoices",
        filter: ("status", "open"),
        is_chargeable: |status| InvoiceStatus::from_stripe(status).is_chargeable(),
    },
];

/// For a list that Stripe has filtered.
fn always(_status: &str) -> bool {
    true
}

impl ChargeableList {
    fn object(
        &self,
        account: &GatewayAccountId,
        listed: &Listed,
    ) -> Result<Option<ChargeableObject>, Unreadable> {
        let has_status = self.kind != ChargeableKind::InvoiceItem;
        let status = if has_status { Some(listed.status()?.to_owned()) } else { None };
        if !status.as_deref().is_none_or(self.is_chargeable) {
            return Ok(None);
        }
        let (kind, id, customer) = (self.kind, listed.stripe_id()?, listed.customer());
        Ok(Some(ChargeableObject { kind, id, account: account.clone(), customer, status }))
    }
}

impl<C: StripeTransport> Client<'_, C> {
    /// Everything of the scope through which the account can charge someone.
    pub(crate) async fn chargeable(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
    ) -> Result<Vec<ChargeableObject>, GatewayError> {
        let mut found: Vec<ChargeableObject> = Vec::new();
        for list in &LISTS {
            self.each_of_scope(list.path, &[list.filter], scope, true, |listed: Listed| {
                // A draft that is finalized meanwhile is in both lists of invoices.
                found.extend(
                    list.object(account, &listed)?.filter(|it| !found.iter().any(|known| known.id == it.id)),
                );
                Ok(())
            })
            .await?;
        }
        Ok(found)
    }

    /// Takes every object of a list that is of the scope. A customer that does not exist has nothing.
    pub(crate) async fn each_of_scope<T: DeserializeOwned + HasId>(
        &self,
        path: &str,
        filter: &[(&str, &str)],
        scope: &GatewayScope,
        is_important: bool,
        mut take: impl FnMut(T) -> Result<(), Unreadable> + Send,
    ) -> Result<(), GatewayError> {
        let GatewayScope::Customers(customers) = scope else {
            return self.each(path, filter, is_important, take).await;
        };
        for customer in customers {
            let filter = [filter, &[("customer", customer.as_str())]].concat();
            self.each(path, &filter, is_important, &mut take).await?;
        }
        Ok(())
    }

    /// Takes every object of a list, all pages, the newest first.
    ///
    /// # Errors
    /// [`GatewayError::Unknown`] too when the list changes while it is read, so that a page cannot be found again.
    pub(crate) async fn each<T: DeserializeOwned + HasId>(
        &self,
        path: &str,
        filter: &[(&str, &str)],
        is_important: bool,
        mut take: impl FnMut(T) -> Result<(), Unreadable> + Send,
    ) -> Result<(), GatewayError> {
        let mut cursor: Option<String> = None;
        loop {
            let mut query = [&[PAGE], filter].concat();
            query.extend(cursor.as_deref().map(|cursor| ("starting_after", cursor)));
            let page: Page<T> = match self.get(path, &query, is_important).await? {
                Ok(page) => page,
                Err(error) if error.is_missing_param("customer") => return Ok(()),
                Err(error) => return Err(of_list(error)),
            };
            let last = page.data.last().map(T::stripe_id).transpose()?;
            for object in page.data {
                take(object)?;
            }
            if !page.has_more {
                return Ok(());
            }
            cursor = Some(last.ok_or(Unreadable::EndlessList)?.to_string());
        }
    }
}

/// A cursor that is gone from the list is no fault of the request's.
fn of_list(error: StripeError) -> GatewayError {
    if error.is_missing_param("starting_after") {
        GatewayError::Unknown(Box::new(error))
    } else {
        error.of_read()
    }
}
