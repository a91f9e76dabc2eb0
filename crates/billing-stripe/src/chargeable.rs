//! Everything through which an account can charge someone, and the lists behind it.

use std::collections::HashSet;

use billing_domain::{
    ChargeableKind, ChargeableObject, GatewayAccountId, InvoiceStatus, SubscriptionStatus,
    ports::{GatewayError, GatewayScope},
};

use crate::{
    accounts::Client,
    answer::Unreadable,
    lists::{AT_A_TIME, Filter},
    transport::StripeTransport,
    wire::{HasId, Listed},
};

/// The most customers that are asked for before the requests of others.
const MOST_IMPORTANT: usize = 25;

/// A list of objects that may be chargeable.
struct ChargeableList {
    kind: ChargeableKind,
    path: &'static str,
    filter: Filter<'static>,
    is_chargeable: fn(&str) -> bool,
}

const LISTS: [ChargeableList; 6] = [
    // Before what it turns into, so that a session paid meanwhile is in one of the two lists.
    ChargeableList {
        kind: ChargeableKind::CheckoutSession,
        path: "/v1/checkout/sessions",
        filter: &[("status", "open")],
        is_chargeable: always,
    },
    // Likewise.
    ChargeableList {
        kind: ChargeableKind::SubscriptionSchedule,
        path: "/v1/subscription_schedules",
        filter: &[("scheduled", "true")],
        is_chargeable: always,
    },
    ChargeableList {
        kind: ChargeableKind::Subscription,
        path: "/v1/subscriptions",
        // Stripe leaves out canceled ones, of which an old account has many.
        filter: &[],
        is_chargeable: |status| SubscriptionStatus::from_stripe(status).is_live(),
    },
    ChargeableList {
        kind: ChargeableKind::InvoiceItem,
        path: "/v1/invoiceitems",
        filter: &[("pending", "true")],
        is_chargeable: always,
    },
    ChargeableList {
        kind: ChargeableKind::Invoice,
        path: "/v1/invoices",
        filter: &[("status", "draft")],
        is_chargeable: |status| InvoiceStatus::from_stripe(status).is_chargeable(),
    },
    ChargeableList {
        kind: ChargeableKind::Invoice,
        path: "/v1/invoices",
        filter: &[("status", "open")],
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
        Ok(Some(ChargeableObject {
            kind: self.kind,
            id: listed.stripe_id()?,
            account: account.clone(),
            customer: listed.customer(),
            status,
            amount: listed.amount(),
            due_at: listed.due_at(),
        }))
    }
}

impl<C: StripeTransport> Client<'_, C> {
    /// Everything of the scope through which the account can charge someone.
    pub(crate) async fn chargeable(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
    ) -> Result<Vec<ChargeableObject>, GatewayError> {
        let (mut found, mut known) = (Vec::new(), HashSet::new());
        for list in &LISTS {
            for listed in self.of_scope(list, scope).await? {
                // A draft that is finalized meanwhile is in both lists of invoices.
                found.extend(list.object(account, &listed)?.filter(|object| known.insert(object.id.clone())));
            }
        }
        Ok(found)
    }

    /// The objects of a list that are of the scope.
    ///
    /// One request for each customer takes minutes where there are hundreds. So the list of the whole account is tried
    /// first, which is short as long as few have something open, for as many pages as there are turns of asking customer by
    /// customer.
    /// It leaves out what lives by a test clock, as no customer of ours does.
    async fn of_scope(
        &self,
        list: &ChargeableList,
        scope: &GatewayScope,
    ) -> Result<Vec<Listed>, GatewayError> {
        let (path, filter) = (list.path, list.filter);
        let GatewayScope::Customers(customers) = scope else {
            return self.all(path, filter, true).await;
        };
        let pages = customers.len().div_ceil(AT_A_TIME);
        if let Some(listed) = self.short(path, filter, pages).await? {
            let customers: HashSet<_> = customers.iter().collect();
            let is_theirs = |it: &Listed| it.customer().is_some_and(|id| customers.contains(&id));
            return Ok(listed.into_iter().filter(is_theirs).collect());
        }
        self.all_of_customers(path, filter, customers, customers.len() <= MOST_IMPORTANT).await
    }
}
