//! What people can choose from: rows of our tables, as the pages of the service show them.

use serde_json::Value;

use super::tables::{Invoice, Subscription};
use super::{Auditor, is_live, requests, tables};
use crate::template::WORKSPACES;

impl Auditor<'_> {
    /// The checkout links of a workspace.
    pub(crate) fn links(&mut self, workspace: &str) -> Vec<String> {
        tables::intents(&mut self.database, workspace).into_iter().map(|intent| intent.intent_id).collect()
    }

    /// The live subscriptions that the mirror has.
    pub(crate) fn live_mirrors(&mut self, workspace: &str) -> Vec<String> {
        self.subscriptions_that(workspace, |it| is_live(&it.status))
    }

    /// The subscriptions in a trial.
    pub(crate) fn trials(&mut self, workspace: &str) -> Vec<String> {
        self.subscriptions_that(workspace, |it| it.status == "trialing")
    }

    /// The subscriptions whose plan can be changed.
    pub(crate) fn changeable(&mut self, workspace: &str) -> Vec<String> {
        self.subscriptions_that(workspace, |it| matches!(it.status.as_str(), "trialing" | "active"))
    }

    fn subscriptions_that(&mut self, workspace: &str, holds: impl Fn(&Subscription) -> bool) -> Vec<String> {
        let mirrored = tables::subscriptions(&mut self.database, workspace);
        mirrored.into_iter().filter(holds).map(|it| it.subscription_id).collect()
    }

    /// The invoices for which something was paid.
    pub(crate) fn paid_invoices(&mut self, workspace: &str) -> Vec<String> {
        let is_paid = |it: &Invoice| details(it)["amountPaid"]["minorUnits"].as_i64() > Some(0);
        self.invoices_that(workspace, |it| it.status == "paid" && is_paid(it))
    }

    /// The invoices that can be paid.
    pub(crate) fn open_invoices(&mut self, workspace: &str) -> Vec<String> {
        self.invoices_that(workspace, |it| matches!(it.status.as_str(), "open" | "uncollectible"))
    }

    fn invoices_that(&mut self, workspace: &str, holds: impl Fn(&Invoice) -> bool) -> Vec<String> {
        let mirrored = tables::invoices(&mut self.database, workspace);
        mirrored.into_iter().filter(holds).map(|it| it.invoice_id).collect()
    }

    /// The payments of invoices of which nothing is being given back, with their accounts.
    pub(crate) fn payments_at_rest(&mut self) -> Vec<(String, String)> {
        let under_way = requests::payments_being_refunded(&mut self.database);
        let mut payments = Vec::new();
        for workspace in WORKSPACES {
            for invoice in tables::invoices(&mut self.database, workspace) {
                let made = details(&invoice)["payments"].as_array().cloned().unwrap_or_default();
                let made = made.into_iter().map(|payment| payment["payment"].as_str().unwrap().to_owned());
                let at_rest = made.filter(|payment| !under_way.contains(payment));
                payments.extend(at_rest.map(|payment| (invoice.account.clone(), payment)));
            }
        }
        payments
    }
}

fn details(invoice: &Invoice) -> Value {
    serde_json::from_str(&invoice.details).unwrap()
}
