//! Subscriptions and invoices as CSV, newest first, in parts: an export of any size takes the memory of one part and keeps
//! no transaction open. A row that changes meanwhile is exported before or after it; one that is new is not.

use std::collections::HashMap;
use std::convert::Infallible;

use billing_domain::ports::{
    BoxError, Edge, InvoiceFilter, Part, PayerSearch, StoreError, SubscriptionFilter,
};
use billing_domain::{
    AppId, Invoice, InvoiceId, PlanId, PlanOffer, PriceTerms, Subscription, SubscriptionId, WorkspaceId,
};

use super::Reads;
use crate::csv::{Table, amount, moment, optional, text};
use crate::refusal::Refused;

/// The number of rows that are read at once.
const ROWS: u32 = 400;

const SUBSCRIPTION_COLUMNS: [&str; 22] = [
    "id",
    "status",
    "payer_kind",
    "payer_id",
    "plan_id",
    "plan_key",
    "plan_name",
    "price_id",
    "unit_amount",
    "currency",
    "interval",
    "quantity",
    "started_at",
    "current_period_start",
    "current_period_end",
    "trial_end",
    "cancel_at",
    "canceled_at",
    "ended_at",
    "environment_id",
    "stripe_account_id",
    "stripe_subscription_id",
];

const INVOICE_COLUMNS: [&str; 16] = [
    "id",
    "number",
    "status",
    "payer_kind",
    "payer_id",
    "subscription_id",
    "currency",
    "total",
    "amount_paid",
    "amount_due",
    "created_at",
    "paid_at",
    "due_at",
    "environment_id",
    "stripe_account_id",
    "stripe_invoice_id",
];

/// An export that goes on where its last part ended.
#[derive(Debug, Clone)]
pub struct SalesExport {
    app_id: AppId,
    rows: Rows,
    is_begun: bool,
}

#[derive(Debug, Clone)]
enum Rows {
    Subscriptions(SubscriptionFilter, Edge<SubscriptionId>),
    Invoices(InvoiceFilter, Edge<InvoiceId>),
}

impl SalesExport {
    /// The export of the app's subscriptions that the filter lets through.
    #[must_use]
    pub fn of_subscriptions(app_id: AppId, filter: SubscriptionFilter) -> Self {
        Self { app_id, rows: Rows::Subscriptions(filter, Edge::Newest), is_begun: false }
    }

    /// The export of the app's invoices that the filter lets through.
    #[must_use]
    pub fn of_invoices(app_id: AppId, filter: InvoiceFilter) -> Self {
        Self { app_id, rows: Rows::Invoices(filter, Edge::Newest), is_begun: false }
    }
}

impl Reads {
    /// The next part of the export, and the export from there on, if there is more. The first part begins with the names of
    /// the columns; a part may be empty.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn export(
        &self,
        workspace: &WorkspaceId,
        mut export: SalesExport,
    ) -> Result<(Vec<u8>, Option<SalesExport>), Refused<Infallible>> {
        self.require_open(workspace).await?;
        let mut table = Table::new();
        if !export.is_begun {
            self.require_app(workspace, &export.app_id).await?;
            let columns: &[&str] = match export.rows {
                Rows::Subscriptions(..) => &SUBSCRIPTION_COLUMNS,
                Rows::Invoices(..) => &INVOICE_COLUMNS,
            };
            table.row(columns).map_err(unwritten)?;
            export.is_begun = true;
        }
        let next = match export.rows {
            Rows::Subscriptions(filter, from) => {
                let next =
                    self.subscription_rows(workspace, &export.app_id, &filter, from, &mut table).await?;
                next.map(|next| Rows::Subscriptions(filter, next))
            }
            Rows::Invoices(filter, from) => {
                let next = self.invoice_rows(workspace, &export.app_id, &filter, from, &mut table).await?;
                next.map(|next| Rows::Invoices(filter, next))
            }
        };
        let csv = table.into_bytes().map_err(unwritten)?;
        Ok((csv, next.map(|rows| SalesExport { rows, ..export })))
    }

    async fn subscription_rows(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &SubscriptionFilter,
        from: Edge<SubscriptionId>,
        table: &mut Table,
    ) -> Result<Option<Edge<SubscriptionId>>, Refused<Infallible>> {
        let store = self.ports.store.subscriptions();
        let mut part = store.subscriptions(workspace, app, filter, from, ROWS).await?;
        let mut beginning = None;
        if let (true, Some(PayerSearch::Begins(text))) = (part.is_cut, &filter.payer) {
            // A list looks no further than at the newest. An export does.
            let all = SubscriptionFilter { payer: None, ..filter.clone() };
            part = store.subscriptions(workspace, app, &all, from, ROWS).await?;
            beginning = Some(text.as_str());
        }
        let next = next(&part, |subscription| subscription.id);
        part.items.retain(|it| beginning.is_none_or(|text| it.payer.id().starts_with(text)));
        let offers = self.offers(workspace, app, &part.items).await?;
        for subscription in &part.items {
            let offer = subscription.state.plan_id.and_then(|plan| offers.get(&plan));
            table.row(&subscription_row(subscription, offer)).map_err(unwritten)?;
        }
        Ok(next)
    }

    async fn invoice_rows(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &InvoiceFilter,
        from: Edge<InvoiceId>,
        table: &mut Table,
    ) -> Result<Option<Edge<InvoiceId>>, Refused<Infallible>> {
        let store = self.ports.store.invoices();
        let mut part = store.invoices(workspace, app, filter, from, ROWS).await?;
        let mut beginning = None;
        if let (true, Some(PayerSearch::Begins(text))) = (part.is_cut, &filter.payer) {
            let all = InvoiceFilter { payer: None, ..filter.clone() };
            part = store.invoices(workspace, app, &all, from, ROWS).await?;
            beginning = Some(text.as_str());
        }
        let next = next(&part, |invoice| invoice.id);
        for invoice in &part.items {
            if beginning.is_none_or(|text| invoice.payer.id().starts_with(text)) {
                table.row(&invoice_row(invoice)).map_err(unwritten)?;
            }
        }
        Ok(next)
    }

    /// The plans of these subscriptions, by id.
    async fn offers(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscriptions: &[Subscription],
    ) -> Result<HashMap<PlanId, PlanOffer>, StoreError> {
        let mut offers = HashMap::new();
        for id in subscriptions.iter().filter_map(|subscription| subscription.state.plan_id) {
            if offers.contains_key(&id) {
                continue;
            }
            if let Some(offer) = self.ports.store.plans().plan(workspace, app, id).await? {
                offers.insert(id, offer);
            }
        }
        Ok(offers)
    }
}

/// The place behind a part, unless it was the last.
fn next<T, K>(part: &Part<T>, key: impl Fn(&T) -> K) -> Option<Edge<K>> {
    let is_full = part.items.len() >= ROWS as usize;
    part.items.last().filter(|_| is_full).map(|last| Edge::OlderThan(key(last)))
}

fn unwritten(error: csv::Error) -> StoreError {
    let error: BoxError = error.into();
    StoreError::Unexpected(error)
}

fn subscription_row(subscription: &Subscription, offer: Option<&PlanOffer>) -> [String; 22] {
    let (state, times) = (&subscription.state, &subscription.state.times);
    let terms = state.price_id.and_then(|price| offer?.price(price)).map(|price| price.terms);
    [
        subscription.id.to_string(),
        text(state.status.as_str()),
        subscription.payer.kind().as_str().to_owned(),
        text(subscription.payer.id()),
        optional(state.plan_id),
        optional(offer.map(|offer| offer.plan.key.as_str())),
        optional(offer.map(|offer| offer.plan.details.name.as_str())),
        optional(state.price_id),
        amount(terms.map(PriceTerms::amount)),
        optional(terms.map(|terms| terms.amount().currency().code())),
        optional(terms.map(|terms| terms.interval().as_str())),
        state.quantity.to_string(),
        moment(times.started_at),
        moment(times.period_start),
        moment(times.period_end),
        moment(times.trial_end),
        moment(times.cancel_at),
        moment(times.canceled_at),
        moment(times.ended_at),
        text(subscription.environment_id.as_str()),
        text(subscription.gateway_account_id.as_str()),
        text(subscription.stripe_id.as_str()),
    ]
}

fn invoice_row(invoice: &Invoice) -> [String; 16] {
    let details = &invoice.details;
    [
        invoice.id.to_string(),
        optional(details.number.as_deref()),
        text(details.status.as_str()),
        invoice.payer.kind().as_str().to_owned(),
        text(invoice.payer.id()),
        optional(invoice.subscription_id),
        details.total.currency().code().to_owned(),
        amount(Some(details.total)),
        amount(Some(details.amount_paid)),
        amount(Some(details.amount_due)),
        moment(Some(details.created_at)),
        moment(details.paid_at),
        moment(details.due_at),
        text(invoice.environment_id.as_str()),
        text(invoice.gateway_account_id.as_str()),
        text(invoice.stripe_id.as_str()),
    ]
}
