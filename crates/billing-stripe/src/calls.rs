//! Changes at Stripe.

use async_trait::async_trait;
use billing_domain::{
    CallPurpose, FrozenRequest, GatewayCall, GatewayCallId, GatewayCommand, RequestMethod, StripeId,
    SubscriptionStatus, WorkspaceId,
    ports::{GatewayCalls, GatewayError, SentCall},
};
use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    accounts::Client,
    answer::{StripeError, Unreadable},
    frozen,
    gateway::StripePaymentGateway,
    metadata,
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
        self.sent(call, important).await.map_err(|error| match error {
            // It may have been carried out, whatever the answer says.
            GatewayError::Unreadable(error) => GatewayError::Unknown(error),
            error => error,
        })
    }

    async fn object_of(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError> {
        let client = self.client(&call.account).await?;
        let Some(path) = list_of(&call.purpose) else { return client.changed_by(call).await };
        let since = (call.prepared_at - CLOCK_SKEW).timestamp().to_string();
        let until = (call.prepared_at + GatewayCall::RESENT_FOR + CLOCK_SKEW).timestamp().to_string();
        let while_sent = [("created[gte]", since.as_str()), ("created[lte]", until.as_str())];
        let made = client.all::<Created>(path, &while_sent, true).await?;
        Ok(made.iter().find(|object| object.is_of(call.id)).map(HasId::stripe_id).transpose()?)
    }
}

impl<C: StripeTransport> StripePaymentGateway<C> {
    async fn sent(&self, call: &GatewayCall, important: bool) -> Result<SentCall, GatewayError> {
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
                RequestMethod::Post => Ok(refused(&error, body)),
                RequestMethod::Delete => refused_or_ended(&client, path, important, &error).await,
            },
        }
    }
}

impl<C: StripeTransport> Client<'_, C> {
    /// The object that a call changes, if it is as the call leaves it.
    async fn changed_by(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError> {
        if let CallPurpose::CreateSchedule { .. } = call.purpose {
            return self.schedule_of(call).await;
        }
        let FrozenRequest { path, body, .. } = &call.request;
        let path = path.strip_suffix("/expire").or(path.strip_suffix("/release")).unwrap_or(path);
        let object: Value = match self.get(path, &[], true).await? {
            Ok(object) => object,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error.of_read()),
        };
        let status = object["status"].as_str().unwrap_or_default();
        let has_ended = !SubscriptionStatus::from_stripe(status).is_live();
        let is_done = match &call.purpose {
            CallPurpose::UpdateProduct { .. } | CallPurpose::ArchivePrice { .. } => has_all(&object, body),
            CallPurpose::CancelSubscription { at_period_end: true, .. } => {
                has_ended || has_all(&object, body)
            }
            CallPurpose::CancelSubscription { .. } | CallPurpose::CancelDuplicate { .. } => has_ended,
            CallPurpose::ResumeSubscription { .. } => !has_ended && has_all(&object, body),
            CallPurpose::ChangePlan { .. } | CallPurpose::SchedulePlanChange { .. } => {
                object["metadata"][metadata::CALL] == call.id.to_string()
            }
            CallPurpose::ReleaseSchedule { .. } => !matches!(status, "active" | "not_started"),
            // One that was paid cannot be paid again.
            CallPurpose::ExpireCheckoutSession { .. } => matches!(status, "expired" | "complete"),
            CallPurpose::CreateCustomer { .. }
            | CallPurpose::CreateProduct { .. }
            | CallPurpose::CreatePrice { .. }
            | CallPurpose::CreateCheckoutSession { .. }
            | CallPurpose::CreateSchedule { .. }
            | CallPurpose::RefundDuplicate { .. } => false,
        };
        let id = object["id"].as_str().and_then(|id| StripeId::parse(id).ok());
        if is_done { Ok(Some(id.ok_or(Unreadable::Field("id"))?)) } else { Ok(None) }
    }
}

impl<C: StripeTransport> Client<'_, C> {
    /// The schedule of the subscription that a call makes one of. Stripe lets a subscription have one only.
    async fn schedule_of(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError> {
        let mut form = form_urlencoded::parse(call.request.body.as_bytes());
        let Some((_, subscription)) = form.find(|(name, _)| name == "from_subscription") else {
            return Ok(None);
        };
        match self.get::<Subscription>(&format!("/v1/subscriptions/{subscription}"), &[], true).await? {
            Ok(subscription) => Ok(subscription.schedule_id()),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error.of_read()),
        }
    }
}

/// Whether an object has the values of a form's parameters.
fn has_all(object: &Value, form: &str) -> bool {
    form_urlencoded::parse(form.as_bytes()).all(|(name, value)| match &object[&*name] {
        Value::String(text) => *text == value,
        // An empty parameter unsets a field.
        Value::Null => value.is_empty(),
        other => other.to_string() == value,
    })
}

/// The refusal, in Stripe's sentence for people, with the object that the form refers to and Stripe does not have.
fn refused(error: &StripeError, form: &str) -> SentCall {
    tracing::info!(%error, "Stripe refused a call");
    let missing = error.missing_param().and_then(|param| {
        let (_, id) = form_urlencoded::parse(form.as_bytes()).find(|(name, _)| name == param)?;
        StripeId::parse(id.into_owned()).ok()
    });
    SentCall::Refused { reason: error.message.clone(), missing }
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
        Ok(_) => Ok(refused(error, "")),
        Err(gone) if gone.is_missing() => Ok(refused(error, "")),
        Err(other) => Err(GatewayError::Unknown(Box::new(other))),
    }
}

/// The list that has what a call of this purpose makes. `None` for one that changes an object.
fn list_of(purpose: &CallPurpose) -> Option<&'static str> {
    match purpose {
        CallPurpose::CreateCustomer { .. } => Some("/v1/customers"),
        CallPurpose::CreateProduct { .. } => Some("/v1/products"),
        CallPurpose::CreatePrice { .. } => Some("/v1/prices"),
        CallPurpose::CreateCheckoutSession { .. } => Some("/v1/checkout/sessions"),
        CallPurpose::RefundDuplicate { .. } => Some("/v1/refunds"),
        CallPurpose::UpdateProduct { .. }
        | CallPurpose::ExpireCheckoutSession { .. }
        | CallPurpose::ArchivePrice { .. }
        | CallPurpose::CancelSubscription { .. }
        | CallPurpose::ResumeSubscription { .. }
        | CallPurpose::ChangePlan { .. }
        | CallPurpose::CreateSchedule { .. }
        | CallPurpose::SchedulePlanChange { .. }
        | CallPurpose::ReleaseSchedule { .. }
        | CallPurpose::CancelDuplicate { .. } => None,
    }
}
