use async_trait::async_trait;
use billing_domain::ports::{PrivateAddress, StoreError};
use billing_domain::{
    Administrator, AppId, AuditedChange, CallOutcome, CallPurpose, GatewayCall, GatewayCallId,
    GatewayCommand, RequestKey, SubscriptionId,
};
use serde::Serialize;

use super::SubscriptionError;
use crate::change::{Change, Decision, Executor, Gate, Tx};
use crate::refusal::{Absent, Refused};
use crate::remembered::RememberedRequest;

/// Makes a link at which the payer of a subscription enters another payment method. Nobody is charged by it. Repeated under
/// the same idempotency key, it gives the same link.
#[derive(Debug, Clone, Serialize)]
pub struct CreatePaymentMethodLink {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
}

struct PrepareLink {
    request: CreatePaymentMethodLink,
    key: Option<RequestKey>,
}

#[async_trait]
impl Change for PrepareLink {
    const NAME: &'static str = "create_payment_method_link";
    type Answer = GatewayCall;
    type Refusal = SubscriptionError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.request.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<GatewayCall>, Refused<SubscriptionError>> {
        let CreatePaymentMethodLink { app_id, subscription_id } = &self.request;
        let subscriptions = tx.work.subscriptions();
        let found = subscriptions.subscription_to_change(&tx.workspace.id, app_id, *subscription_id).await?;
        let subscription = found.ok_or(Absent::Subscription)?;
        let mut remembered = match &self.key {
            Some(key) => Some(RememberedRequest::new(Self::NAME, &self.request, key)?),
            None => None,
        };
        if let Some(request) = &mut remembered
            && let Some(id) = request.earlier_answer::<GatewayCallId, _>(tx).await?
        {
            match tx.work.gateway_calls().gateway_call_to_change(&tx.workspace.id, id).await? {
                // Only what Stripe refused is tried anew.
                Some(GatewayCall { outcome: CallOutcome::Refused(_), .. }) | None => {}
                Some(call) => return Ok(Decision::Unchanged(call)),
            }
        }
        if !subscription.is_live() {
            return Err(SubscriptionError::Ended.into());
        }
        let purpose = CallPurpose::CreatePortalSession { subscription_id: *subscription_id };
        let account = &subscription.gateway_account_id;
        if tx.unresolved_call(account, &purpose).await?.is_none() {
            tx.append(AuditedChange::requested(&subscription, &purpose)).await?;
        }
        let return_url = format!("{}/checkout/payment-method", tx.ports.public_base_url);
        let command =
            GatewayCommand::CreatePortalSession { customer: subscription.customer.clone(), return_url };
        let call = tx.prepare_call(account, purpose, &command).await?;
        if let Some(request) = remembered {
            request.remember(tx, &call.id).await?;
        }
        Ok(Decision::Changed(call))
    }
}

/// One that was left unresolved is given up first, and then another one is made.
const MOST_CALLS: usize = 2;

impl Executor {
    /// Makes the link. It is short-lived, and kept nowhere.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn create_payment_method_link(
        &self,
        administrator: &Administrator,
        request: &CreatePaymentMethodLink,
        key: Option<&RequestKey>,
    ) -> Result<PrivateAddress, Refused<SubscriptionError>> {
        let prepare = PrepareLink { request: request.clone(), key: key.cloned() };
        for _ in 0..MOST_CALLS {
            let call = self.change(administrator, &prepare).await?;
            if call.is_unresolved() && !call.may_be_sent(self.ports.clock.now()) {
                self.drive(administrator.actor(), &call, true).await?;
                continue;
            }
            let opened = self.open_page(administrator.actor(), &call).await?;
            return opened.map_err(|reason| SubscriptionError::GatewayRefused(reason).into());
        }
        Err(StoreError::Conflict.into())
    }
}
