//! Subscriptions and invoices as CSV, newest first, in parts: an export of any size takes the memory of one part and keeps
//! no transaction open. A row that changes meanwhile is exported before or after it; one that is new is not.

mod parts;
mod rest;
mod rows;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;

use billing_domain::ports::{BoxError, InvoiceFilter, StoreError, SubscriptionFilter};
use billing_domain::{
    AppId, Invoice, InvoiceId, PlanId, PlanOffer, Subscription, SubscriptionId, Timestamp, WorkspaceId,
};
use chrono::TimeDelta;

use self::rest::{ROWS, Rest, Told};
use self::rows::{INVOICE_COLUMNS, SUBSCRIPTION_COLUMNS, invoice_row, subscription_row};
use super::Reads;
use crate::csv::Table;
use crate::refusal::Refused;

/// The time for which rows are looked for before a part is given without one.
const PATIENCE: TimeDelta = TimeDelta::seconds(2);
/// The most plans that are kept between two parts.
const OFFERS: usize = 1_000;

const SUBSCRIPTION: Told<Subscription, SubscriptionId> =
    Told { key: |subscription| subscription.id, payer: |subscription| &subscription.payer };
const INVOICE: Told<Invoice, InvoiceId> = Told { key: |invoice| invoice.id, payer: |invoice| &invoice.payer };

/// An export that goes on where its last part ended.
#[derive(Debug, Clone)]
pub struct SalesExport {
    app_id: AppId,
    rows: Rows,
    is_begun: bool,
    /// The plans that were read, by id; `None` for one that is not there.
    offers: HashMap<PlanId, Option<PlanOffer>>,
}

#[derive(Debug, Clone)]
enum Rows {
    Subscriptions(Rest<SubscriptionFilter, SubscriptionId>),
    Invoices(Rest<InvoiceFilter, InvoiceId>),
}

impl SalesExport {
    /// The export of the app's subscriptions that the filter lets through.
    #[must_use]
    pub fn of_subscriptions(app_id: AppId, mut filter: SubscriptionFilter) -> Self {
        let payers = filter.payer.take();
        Self::of(app_id, Rows::Subscriptions(Rest::all(filter, payers)))
    }

    /// The export of the app's invoices that the filter lets through.
    #[must_use]
    pub fn of_invoices(app_id: AppId, mut filter: InvoiceFilter) -> Self {
        let payers = filter.payer.take();
        Self::of(app_id, Rows::Invoices(Rest::all(filter, payers)))
    }

    fn of(app_id: AppId, rows: Rows) -> Self {
        Self { app_id, rows, is_begun: false, offers: HashMap::new() }
    }
}

impl Reads {
    /// The next part of the export, and the export from there on, if there is more. The first part begins with the names of
    /// the columns. A part is without rows if none was found in two seconds, or none is left.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn export(
        &self,
        workspace: &WorkspaceId,
        export: SalesExport,
    ) -> Result<(Vec<u8>, Option<SalesExport>), Refused<Infallible>> {
        self.require_open(workspace).await?;
        let SalesExport { app_id, rows, is_begun, mut offers } = export;
        let mut table = Table::new();
        if !is_begun {
            self.require_app(workspace, &app_id).await?;
            let columns: &[&str] = match rows {
                Rows::Subscriptions(_) => &SUBSCRIPTION_COLUMNS,
                Rows::Invoices(_) => &INVOICE_COLUMNS,
            };
            table.row(columns).map_err(unwritten)?;
        }
        let until = self.ports.clock.now() + PATIENCE;
        let rest = match rows {
            Rows::Subscriptions(rest) => {
                let (found, rest) = self.subscriptions_of(workspace, &app_id, rest, until).await?;
                self.know_offers(workspace, &app_id, &found, &mut offers).await?;
                for subscription in &found {
                    let offer = subscription.state.plan_id.and_then(|plan| offers.get(&plan)?.as_ref());
                    table.row(&subscription_row(subscription, offer)).map_err(unwritten)?;
                }
                rest.map(Rows::Subscriptions)
            }
            Rows::Invoices(rest) => {
                let (found, rest) = self.invoices_of(workspace, &app_id, rest, until).await?;
                for invoice in &found {
                    table.row(&invoice_row(invoice)).map_err(unwritten)?;
                }
                rest.map(Rows::Invoices)
            }
        };
        let csv = table.into_bytes().map_err(unwritten)?;
        Ok((csv, rest.map(|rows| SalesExport { app_id, rows, is_begun: true, offers })))
    }

    async fn subscriptions_of(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        rest: Rest<SubscriptionFilter, SubscriptionId>,
        until: Timestamp,
    ) -> Result<(Vec<Subscription>, Option<Rest<SubscriptionFilter, SubscriptionId>>), StoreError> {
        let (store, filter) = (self.ports.store.subscriptions(), rest.filter.clone());
        let read = |payer, edge| {
            let filter = SubscriptionFilter { payer, ..filter.clone() };
            async move { store.subscriptions(workspace, app, &filter, edge, ROWS).await }
        };
        rest.next(&SUBSCRIPTION, || self.ports.clock.now() >= until, read).await
    }

    async fn invoices_of(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        rest: Rest<InvoiceFilter, InvoiceId>,
        until: Timestamp,
    ) -> Result<(Vec<Invoice>, Option<Rest<InvoiceFilter, InvoiceId>>), StoreError> {
        let (store, filter) = (self.ports.store.invoices(), rest.filter.clone());
        let read = |payer, edge| {
            let filter = InvoiceFilter { payer, ..filter.clone() };
            async move { store.invoices(workspace, app, &filter, edge, ROWS).await }
        };
        rest.next(&INVOICE, || self.ports.clock.now() >= until, read).await
    }

    /// Reads the plans of these subscriptions that are not known yet.
    async fn know_offers(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscriptions: &[Subscription],
        known: &mut HashMap<PlanId, Option<PlanOffer>>,
    ) -> Result<(), StoreError> {
        if known.len() + subscriptions.len() > OFFERS {
            known.clear();
        }
        for id in subscriptions.iter().filter_map(|subscription| subscription.state.plan_id) {
            if let Entry::Vacant(unknown) = known.entry(id) {
                unknown.insert(self.ports.store.plans().plan(workspace, app, id).await?);
            }
        }
        Ok(())
    }
}

fn unwritten(error: csv::Error) -> StoreError {
    let error: BoxError = error.into();
    StoreError::Unexpected(error)
}
