//! Changes at Stripe.

use async_trait::async_trait;
use billing_domain::{
    CallPurpose, FrozenRequest, GatewayCall, GatewayCallId, GatewayCommand, RequestMethod, StripeId,
    WorkspaceId,
    ports::{GatewayCalls, GatewayError, SentCall},
};
use chrono::TimeDelta;

use crate::{
    accounts::Client,
    answer::StripeError,
    frozen,
    gateway::StripePaymentGateway,
    transport::StripeTransport,
    wire::{Created, HasId, Subscription, read},
};

/// The difference that is allowed for between our clock and Stripe's.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

#[async_trait]
impl<C: StripeTransport> GatewayCalls for StripePaymentGateway<C> {
    fn freeze(
        &self,
        call: GatewayCallId,
        workspace: &WorkspaceId,
        command: &GatewayCommand,
    ) -> FrozenRequest {
        frozen::freeze(call, workspace, command)
    }

    async fn send(&self, call: &GatewayCall, important: bool) -> Result<SentCall, GatewayError> {
        let client = self.client(&call.account).await?;
        let FrozenRequest { method, path, body } = &call.request;
        let mut request = client.request((*method).into(), path, important);
        request.body = Some(body.clone());
        request.idempotency_key = Some(call.key.to_string());
        match client.send(&request).await?.body()? {
            Ok(body) => Ok(SentCall::Done(read::<Created>(&body)?.stripe_id()?)),
            // Stripe repeats a stored failure for a day, though the object may be there.
            Err(error) if error.status >= 500 => match self.object_of(call).await {
                Ok(Some(object)) => Ok(SentCall::Done(object)),
                Ok(None) | Err(_) => Err(GatewayError::Unknown(Box::new(error))),
            },
            Err(error) if !error.is_final() => Err(GatewayError::Unknown(Box::new(error))),
            Err(error) => match method {
                RequestMethod::Post => Ok(refused(&error)),
                RequestMethod::Delete => refused_or_ended(&client, path, important, &error).await,
            },
        }
    }

    async fn object_of(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError> {
        let Some(path) = list_of(&call.purpose) else { return Ok(None) };
        let client = self.client(&call.account).await?;
        let since = (call.prepared_at - CLOCK_SKEW).timestamp().to_string();
        let made = client.all::<Created>(path, &[("created[gte]", &since)], true).await?;
        Ok(made.iter().find(|object| object.is_of(call.id)).map(HasId::stripe_id).transpose()?)
    }
}

/// The refusal, in Stripe's sentence for people.
fn refused(error: &StripeError) -> SentCall {
    tracing::info!(%error, "Stripe refused a call");
    SentCall::Refused(error.message.clone())
}

/// The outcome of a refused end of a subscription: an earlier attempt may have ended it, and Stripe keeps no keys of
/// `DELETE`.
async fn refused_or_ended<C: StripeTransport>(
    client: &Client<'_, C>,
    path: &str,
    important: bool,
    error: &StripeError,
) -> Result<SentCall, GatewayError> {
    match client.get::<Subscription>(path, &[], important).await? {
        Ok(subscription) if !subscription.status()?.is_live() => {
            Ok(SentCall::Done(subscription.stripe_id()?))
        }
        Ok(_) => Ok(refused(error)),
        Err(gone) if gone.is_missing() => Ok(refused(error)),
        Err(other) => Err(GatewayError::Unknown(Box::new(other))),
    }
}

/// The list that has what a call of this purpose makes. `None` for one that makes nothing.
fn list_of(purpose: &CallPurpose) -> Option<&'static str> {
    match purpose {
        CallPurpose::CreateCustomer { .. } => Some("/v1/customers"),
        CallPurpose::CreateProduct { .. } => Some("/v1/products"),
        CallPurpose::CreatePrice { .. } => Some("/v1/prices"),
        CallPurpose::CreateCheckoutSession { .. } => Some("/v1/checkout/sessions"),
        CallPurpose::RefundDuplicate { .. } => Some("/v1/refunds"),
        CallPurpose::UpdateProduct { .. }
        | CallPurpose::ExpireCheckoutSession { .. }
        | CallPurpose::CancelSubscription { .. }
        | CallPurpose::CancelDuplicate { .. } => None,
    }
}
