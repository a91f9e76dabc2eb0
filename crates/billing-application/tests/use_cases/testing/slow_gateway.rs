use async_trait::async_trait;

use super::sales::Sales;
use crate::prelude::*;

/// A gateway that takes the time of its Stripe to list what is chargeable. A generated double answers at once.
pub(crate) struct SlowGateway {
    pub(crate) inner: MockPaymentGateway,
    pub(crate) sales: Sales,
}

#[async_trait]
impl GatewayAccounts for SlowGateway {
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
impl GatewayCalls for SlowGateway {
    fn freeze(
        &self,
        call: GatewayCallId,
        workspace: &WorkspaceId,
        command: &GatewayCommand,
    ) -> FrozenRequest {
        self.inner.freeze(call, workspace, command)
    }

    async fn send(&self, call: &GatewayCall, important: bool) -> Result<SentCall, GatewayError> {
        self.inner.send(call, important).await
    }

    async fn object_of(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError> {
        self.inner.object_of(call).await
    }
}

#[async_trait]
impl GatewayReads for SlowGateway {
    async fn checkout_session(
        &self,
        account: &GatewayAccountId,
        id: &StripeId,
    ) -> Result<Option<GatewayCheckoutSession>, GatewayError> {
        self.inner.checkout_session(account, id).await
    }

    async fn subscription(
        &self,
        account: &GatewayAccountId,
        id: &StripeSubscriptionId,
    ) -> Result<Option<GatewaySubscription>, GatewayError> {
        self.inner.subscription(account, id).await
    }

    async fn invoice(
        &self,
        account: &GatewayAccountId,
        id: &StripeId,
    ) -> Result<Option<GatewayInvoice>, GatewayError> {
        self.inner.invoice(account, id).await
    }

    async fn chargeable(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
    ) -> Result<Vec<ChargeableObject>, GatewayError> {
        let slowness = self.sales.lock().stripe.slowness;
        tokio::time::sleep(slowness).await;
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
}

impl GatewayEvents for SlowGateway {
    fn verified_event(
        &self,
        body: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<GatewayEvent, WebhookRefused> {
        self.inner.verified_event(body, signature, now)
    }
}
