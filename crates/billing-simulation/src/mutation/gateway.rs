//! A payment gateway with a weakened rule.

mod changes;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use billing_domain::ports::{
    GatewayAccounts, GatewayCalls, GatewayError, GatewayEvents, GatewayReads, GatewayScope, IdGenerator,
    ObjectPage, OpenedPage, PayingWorkspace, PaymentGateway, SentCall, WebhookRefused,
};
use billing_domain::{
    CallPurpose, ChangeableSubscription, ChargeableObject, FrozenRequest, Gateway, GatewayAccountId,
    GatewayCall, GatewayCallId, GatewayCheckoutSession, GatewayCommand, GatewayEvent, GatewayInvoice,
    GatewaySubscription, ItemChange, PreviewedInvoice, SessionStatus, StripeId, StripeSubscriptionId,
    SubscriptionStatus, Timestamp, WorkspaceId,
};
use serde_json::Value;

use super::Mutation;

pub(crate) struct WeakGateway {
    inner: Arc<dyn PaymentGateway>,
    ids: Arc<dyn IdGenerator>,
    mutation: Mutation,
    /// The states that answers to calls have told, until they are asked for.
    believed: Mutex<Option<SessionStatus>>,
    /// The statuses of subscriptions in the latest events.
    snapshots: Mutex<BTreeMap<String, String>>,
    /// The latest event of each object.
    latest: Mutex<BTreeMap<String, Timestamp>>,
    /// The invoices as they were when they were paid.
    paid: Mutex<BTreeMap<StripeId, GatewayInvoice>>,
    /// The previews that were shown.
    shown: Mutex<BTreeMap<String, PreviewedInvoice>>,
}

impl WeakGateway {
    pub(crate) fn new(inner: Arc<dyn PaymentGateway>, ids: Arc<dyn IdGenerator>, mutation: Mutation) -> Self {
        Self {
            inner,
            ids,
            mutation,
            believed: Mutex::default(),
            snapshots: Mutex::default(),
            latest: Mutex::default(),
            paid: Mutex::default(),
            shown: Mutex::default(),
        }
    }

    fn is(&self, mutation: Mutation) -> bool {
        self.mutation == mutation
    }
}

#[async_trait]
impl GatewayAccounts for WeakGateway {
    async fn account_of(&self, gateway: Gateway) -> Result<GatewayAccountId, GatewayError> {
        self.inner.account_of(gateway).await
    }

    fn serves_one_workspace(&self, account: &GatewayAccountId) -> bool {
        self.inner.serves_one_workspace(account)
    }

    fn is_live(&self, account: &GatewayAccountId) -> bool {
        self.inner.is_live(account)
    }
}

#[async_trait]
impl GatewayCalls for WeakGateway {
    fn freeze(
        &self,
        call: GatewayCallId,
        workspace: &WorkspaceId,
        command: &GatewayCommand,
    ) -> FrozenRequest {
        self.inner.freeze(call, workspace, command)
    }

    async fn send(&self, call: &GatewayCall, important: bool) -> Result<SentCall, GatewayError> {
        let sent = self.inner.send(&self.rekeyed(call), important).await;
        if self.is(Mutation::BelieveReplay) && sent.is_ok() {
            *self.believed.lock().unwrap() = match call.purpose {
                CallPurpose::CreateCheckoutSession { .. } => Some(SessionStatus::Open),
                CallPurpose::ExpireCheckoutSession { .. } => Some(SessionStatus::Expired),
                _ => None,
            };
        }
        match (sent, self.taken_for_unknown(call)) {
            (Err(GatewayError::Unknown(_)), Some(taken)) => Ok(taken),
            (sent, _) => sent,
        }
    }

    async fn open_page(&self, call: &GatewayCall) -> Result<OpenedPage, GatewayError> {
        self.inner.open_page(call).await
    }

    async fn object_of(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError> {
        if !self.is(Mutation::ResendAfterADay) {
            return self.inner.object_of(call).await;
        }
        Ok(match self.inner.send(call, true).await? {
            SentCall::Done(object) => Some(object),
            SentCall::Refused { .. } => None,
        })
    }
}

#[async_trait]
impl GatewayReads for WeakGateway {
    async fn checkout_session(
        &self,
        account: &GatewayAccountId,
        id: &StripeId,
    ) -> Result<Option<GatewayCheckoutSession>, GatewayError> {
        let fetched = self.inner.checkout_session(account, id).await?;
        let believed = match self.mutation {
            Mutation::BelieveReplay => self.believed.lock().unwrap().take(),
            Mutation::PaidIsExpired => Some(SessionStatus::Expired),
            _ => None,
        };
        Ok(fetched.map(|session| match believed {
            Some(status) if session.status == SessionStatus::Complete => {
                GatewayCheckoutSession { status, subscription: None, ..session }
            }
            _ => session,
        }))
    }

    async fn subscription(
        &self,
        account: &GatewayAccountId,
        id: &StripeSubscriptionId,
    ) -> Result<Option<GatewaySubscription>, GatewayError> {
        let mut fetched = self.inner.subscription(account, id).await?;
        if let Some(subscription) = &mut fetched
            && let Some(status) = self.snapshots.lock().unwrap().get(id.as_str())
        {
            subscription.status = SubscriptionStatus::from_stripe(status);
        }
        Ok(fetched)
    }

    async fn changeable_subscription(
        &self,
        account: &GatewayAccountId,
        id: &StripeSubscriptionId,
    ) -> Result<Option<ChangeableSubscription>, GatewayError> {
        self.inner.changeable_subscription(account, id).await
    }

    async fn previewed_change(
        &self,
        account: &GatewayAccountId,
        change: &ItemChange,
    ) -> Result<PreviewedInvoice, GatewayError> {
        if let Some(shown) = self.shown_before(change) {
            return Ok(shown);
        }
        let previewed = self.inner.previewed_change(account, change).await?;
        self.remember_shown(change, &previewed);
        Ok(previewed)
    }

    async fn invoice(
        &self,
        account: &GatewayAccountId,
        id: &StripeId,
    ) -> Result<Option<GatewayInvoice>, GatewayError> {
        let fetched = self.inner.invoice(account, id).await?;
        Ok(fetched.map(|invoice| self.invoice_weakened(invoice)))
    }

    async fn invoices_of_payment(
        &self,
        account: &GatewayAccountId,
        payment: &StripeId,
    ) -> Result<Vec<StripeId>, GatewayError> {
        self.inner.invoices_of_payment(account, payment).await
    }

    async fn chargeable(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
    ) -> Result<Vec<ChargeableObject>, GatewayError> {
        if self.is(Mutation::GuardTrustsMirror) {
            return Ok(Vec::new());
        }
        self.inner.chargeable(account, scope).await
    }

    async fn objects(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
        after: Option<StripeId>,
    ) -> Result<ObjectPage, GatewayError> {
        self.inner.objects(account, scope, after).await
    }

    async fn unrefunded_payments(
        &self,
        account: &GatewayAccountId,
        subscription: &StripeSubscriptionId,
    ) -> Result<Vec<StripeId>, GatewayError> {
        let payments = self.inner.unrefunded_payments(account, subscription).await?;
        Ok(payments.into_iter().filter(|_| !self.is(Mutation::DuplicateNotPaidBack)).collect())
    }

    async fn paying_workspaces(&self, gateway: Gateway) -> Result<Vec<PayingWorkspace>, GatewayError> {
        self.inner.paying_workspaces(gateway).await
    }
}

impl GatewayEvents for WeakGateway {
    fn verified_event(
        &self,
        body: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<GatewayEvent, WebhookRefused> {
        let mut event = self.inner.verified_event(body, signature, now)?;
        if self.is(Mutation::SnapshotOfEvent) && event.kind.starts_with("customer.subscription.") {
            let body: Value = serde_json::from_slice(body).unwrap();
            let object = &body["data"]["object"];
            let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
            self.snapshots.lock().unwrap().insert(text("id"), text("status"));
        }
        if self.is(Mutation::OrderedByCreated)
            && let Some(object) = &event.object
        {
            let mut latest = self.latest.lock().unwrap();
            let before = latest.insert(object.target.id().to_string(), event.created_at);
            event.object = event.object.filter(|_| before.is_none_or(|before| event.created_at > before));
        }
        Ok(event)
    }
}
