//! A store with a weakened rule.

use std::sync::Arc;

use async_trait::async_trait;
use billing_domain::ports::{
    AccountModes, AppReader, AttentionReader, AuditLogReader, BillingStore, CheckoutIntentReader,
    DriftReader, EventInbox, FeatureReader, GatewayCallReader, GatewayLinkReader, InvoiceReader, PlanReader,
    Retention, RevenueReader, StoreError, SubscriptionReader, SwitchReader, UnitOfWork, WorkReader,
};
use billing_domain::{GatewayAccountId, WorkspaceId};

use super::Mutation;
use super::unit_of_work::WeakUnitOfWork;

pub(crate) struct WeakStore {
    inner: Arc<dyn BillingStore>,
    mutation: Mutation,
}

impl WeakStore {
    pub(crate) fn new(inner: Arc<dyn BillingStore>, mutation: Mutation) -> Self {
        Self { inner, mutation }
    }
}

#[async_trait]
impl AccountModes for WeakStore {
    async fn mode_of_account(
        &self,
        account: &GatewayAccountId,
        is_live: bool,
    ) -> Result<Option<bool>, StoreError> {
        self.inner.mode_of_account(account, is_live).await
    }
}

#[async_trait]
impl BillingStore for WeakStore {
    fn switches(&self) -> &dyn SwitchReader {
        self.inner.switches()
    }

    fn apps(&self) -> &dyn AppReader {
        self.inner.apps()
    }

    fn plans(&self) -> &dyn PlanReader {
        self.inner.plans()
    }

    fn features(&self) -> &dyn FeatureReader {
        self.inner.features()
    }

    fn checkout_intents(&self) -> &dyn CheckoutIntentReader {
        self.inner.checkout_intents()
    }

    fn subscriptions(&self) -> &dyn SubscriptionReader {
        self.inner.subscriptions()
    }

    fn drifts(&self) -> &dyn DriftReader {
        self.inner.drifts()
    }

    fn revenue(&self) -> &dyn RevenueReader {
        self.inner.revenue()
    }

    fn invoices(&self) -> &dyn InvoiceReader {
        self.inner.invoices()
    }

    fn attention(&self) -> &dyn AttentionReader {
        self.inner.attention()
    }

    fn gateway_calls(&self) -> &dyn GatewayCallReader {
        self.inner.gateway_calls()
    }

    fn gateway_links(&self) -> &dyn GatewayLinkReader {
        self.inner.gateway_links()
    }

    fn events(&self) -> &dyn EventInbox {
        self.inner.events()
    }

    fn retention(&self) -> &dyn Retention {
        self.inner.retention()
    }

    fn audit_log(&self) -> &dyn AuditLogReader {
        self.inner.audit_log()
    }

    fn work(&self) -> &dyn WorkReader {
        self.inner.work()
    }

    async fn readiness(&self) -> Result<(), StoreError> {
        self.inner.readiness().await
    }

    async fn begin(&self, workspace: &WorkspaceId) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let work = self.inner.begin(workspace).await?;
        Ok(Box::new(WeakUnitOfWork::new(work, Arc::clone(&self.inner), self.mutation)))
    }
}
