//! The mirror follows Stripe: an object whose mirror is stale is fetched, and what was fetched is written (contract,
//! section 5, I3). No event is ever applied as it is, so that no order, repetition or loss of events matters.

mod checkout_session;
mod drift;
mod duplicates;
mod invoice;
mod payment;
mod revenue;
mod subscription;
mod workspace_subscription;

use billing_domain::ports::StoreError;
use billing_domain::{
    AppId, CallPurpose, CheckoutIntent, CheckoutIntentId, EnvironmentId, GatewayAccountId, LinkSubject,
    Payer, StripeId, SyncTarget, Timestamp, WorkId, WorkKind, WorkspaceId,
};
use chrono::TimeDelta;

pub(crate) use checkout_session::FollowSession;
pub(crate) use invoice::FollowInvoice;
pub(crate) use payment::FollowPayment;
pub(crate) use subscription::FollowSubscription;

use crate::change::Tx;

/// The pause before an object of an unknown customer is fetched again.
const CUSTOMER_AWAITED_FOR: TimeDelta = TimeDelta::seconds(20);

/// The difference that is allowed for between our clock and Stripe's.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// The work that fetches an object.
pub(crate) fn sync_of(workspace: &WorkspaceId, account: &GatewayAccountId, target: &SyncTarget) -> WorkId {
    WorkId { workspace_id: workspace.clone(), kind: WorkKind::SyncObject, key: target.work_key(account) }
}

/// The payer behind a customer.
pub(crate) struct Customer {
    pub(crate) app_id: AppId,
    pub(crate) environment_id: EnvironmentId,
    pub(crate) payer: Payer,
}

impl Customer {
    /// Whether the intent is of this payer. A subscription may name any: a merchant can write its metadata.
    fn is_payer_of(&self, intent: &CheckoutIntent) -> bool {
        (&intent.environment_id, &intent.payer) == (&self.environment_id, &self.payer)
    }
}

impl Tx {
    /// Marks the mirror of an object as stale: it will be fetched at once.
    pub(crate) async fn mark_stale(
        &mut self,
        account: &GatewayAccountId,
        target: &SyncTarget,
    ) -> Result<(), StoreError> {
        let id = sync_of(&self.workspace.id, account, target);
        self.schedule_now(&id).await
    }

    /// Has an object of an unknown customer fetched again later, if the customer may be one of ours: the outcome of a
    /// creation is not recorded yet, and the object was made after it was prepared. Returns whether it has.
    async fn await_customer(
        &mut self,
        account: &GatewayAccountId,
        target: &SyncTarget,
        created_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let (workspace, kind) = (&self.workspace.id, CallPurpose::CREATE_CUSTOMER);
        let since = self.work.gateway_calls().unresolved_since(workspace, account, kind).await?;
        let may_be_ours = |since| created_at.is_none_or(|created_at| created_at + CLOCK_SKEW >= since);
        if !since.is_some_and(may_be_ours) {
            return Ok(false);
        }
        let id = sync_of(workspace, account, target);
        self.work.work().schedule(&id, self.now + CUSTOMER_AWAITED_FOR).await?;
        Ok(true)
    }

    /// The payer of a customer of the workspace; `None` for a customer that is not ours.
    async fn customer(
        &mut self,
        account: &GatewayAccountId,
        customer: &StripeId,
    ) -> Result<Option<Customer>, StoreError> {
        let subject = self.work.gateway_links().link_subject(&self.workspace.id, account, customer).await?;
        let Some(LinkSubject::Customer { environment_id, payer }) = subject else { return Ok(None) };
        let app = self.work.apps().app_of_environment(&self.workspace.id, &environment_id).await?;
        Ok(app.map(|app_id| Customer { app_id, environment_id, payer }))
    }

    /// The intent with this id, if it is of this account.
    async fn intent_of(
        &mut self,
        account: &GatewayAccountId,
        intent: Option<CheckoutIntentId>,
    ) -> Result<Option<CheckoutIntent>, StoreError> {
        let Some(intent) = intent else { return Ok(None) };
        Ok(self.intent(intent).await?.filter(|intent| intent.account == *account))
    }
}
