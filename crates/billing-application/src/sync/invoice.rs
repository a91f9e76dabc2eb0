use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{
    GatewayAccountId, GatewayInvoice, Invoice, InvoiceId, StripeId, Subscription, SyncTarget,
};

use super::Customer;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Writes the fetched state of an invoice to its mirror. Invoices to customers that are not ours are not mirrored.
#[derive(Debug, Clone)]
pub(crate) struct FollowInvoice {
    pub(crate) account: GatewayAccountId,
    pub(crate) id: StripeId,
    /// `None` if Stripe has no such invoice, such as a draft that was deleted.
    pub(crate) fetched: Option<GatewayInvoice>,
    /// Whether nothing but reconciliation had it fetched.
    pub(crate) is_reconciled: bool,
}

#[async_trait]
impl Change for FollowInvoice {
    const NAME: &'static str = "follow_invoice";
    /// Whether reconciliation has mended the mirror.
    type Answer = bool;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<bool>, Refused<Infallible>> {
        let before = tx.work.invoices().mirrored_invoice(&tx.workspace.id, &self.account, &self.id).await?;
        match (before, &self.fetched) {
            (None, None) => self.seen_again(tx).await,
            (Some(before), None) => {
                tx.work.invoices().remove_mirror(&tx.workspace.id, before.id).await?;
                tx.audit_deleted(&before).await?;
                self.mended(tx, Some(&before), None).await
            }
            (Some(before), Some(fetched)) => self.follow(tx, before, fetched).await,
            (None, Some(fetched)) => self.adopt(tx, fetched).await,
        }
    }
}

impl FollowInvoice {
    async fn follow(
        &self,
        tx: &mut Tx,
        before: Invoice,
        fetched: &GatewayInvoice,
    ) -> Result<Decision<bool>, Refused<Infallible>> {
        let subscription = self.subscription(tx, fetched).await?;
        let after = Invoice {
            subscription_id: before.subscription_id.or(subscription.map(|subscription| subscription.id)),
            details: fetched.details.clone(),
            synced_at: before.synced_at,
            ..before.clone()
        };
        if after == before {
            return self.seen_again(tx).await;
        }
        let is_completed =
            after.details.only_completes(&before.details) && after.subscription_id == before.subscription_id;
        let after = Invoice { synced_at: tx.now, ..after };
        tx.work.invoices().save_invoice(&after).await?;
        if is_completed {
            return Ok(Decision::Changed(false));
        }
        tx.audit_changed(&before, &after).await?;
        self.mended(tx, Some(&before), Some(&after)).await
    }

    async fn adopt(
        &self,
        tx: &mut Tx,
        fetched: &GatewayInvoice,
    ) -> Result<Decision<bool>, Refused<Infallible>> {
        let Some(customer) = &fetched.customer else { return Ok(Decision::Unchanged(false)) };
        let Some(customer) = tx.customer(&self.account, customer).await? else {
            let is_awaited = tx
                .await_customer(
                    &self.account,
                    &SyncTarget::Invoice(self.id.clone()),
                    Some(fetched.details.created_at),
                )
                .await?;
            return Ok(if is_awaited { Decision::Changed(false) } else { Decision::Unchanged(false) });
        };
        let Customer { app_id, environment_id, payer } = customer;
        let subscription = self.subscription(tx, fetched).await?;
        let invoice = Invoice {
            id: InvoiceId::from_uuid(tx.ports.ids.uuid_v7()),
            workspace_id: tx.workspace.id.clone(),
            app_id,
            environment_id,
            payer,
            gateway_account_id: self.account.clone(),
            stripe_id: self.id.clone(),
            subscription_id: subscription.map(|subscription| subscription.id),
            details: fetched.details.clone(),
            synced_at: tx.now,
        };
        tx.work.invoices().save_invoice(&invoice).await?;
        tx.audit_created(&invoice).await?;
        self.mended(tx, None, Some(&invoice)).await
    }

    /// A webhook came for what is mirrored already.
    async fn seen_again(&self, tx: &mut Tx) -> Result<Decision<bool>, Refused<Infallible>> {
        if self.is_reconciled {
            return Ok(Decision::Unchanged(false));
        }
        tx.withdraw_drift(&self.account, &self.id).await?;
        Ok(Decision::Changed(false))
    }

    async fn mended(
        &self,
        tx: &mut Tx,
        before: Option<&Invoice>,
        after: Option<&Invoice>,
    ) -> Result<Decision<bool>, Refused<Infallible>> {
        if self.is_reconciled {
            tx.record_drift(&self.account, self.id.clone(), before, after).await?;
        }
        Ok(Decision::Changed(self.is_reconciled))
    }

    async fn subscription(
        &self,
        tx: &mut Tx,
        fetched: &GatewayInvoice,
    ) -> Result<Option<Subscription>, StoreError> {
        let Some(id) = &fetched.subscription else { return Ok(None) };
        tx.work.subscriptions().mirrored_subscription(&tx.workspace.id, &self.account, id).await
    }
}
