//! Changes at Stripe.

use async_trait::async_trait;
use billing_domain::{
    CallPurpose, FrozenRequest, GatewayCall, GatewayCallId, GatewayCommand, InvoiceAction, RequestMethod,
    StripeId, SubscriptionStatus, TrialEnd, WorkspaceId,
    ports::{GatewayCalls, GatewayError, OpenedPage, SentCall},
};
use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    accounts::Client,
    answer::{StripeError, Unreadable},
    frozen,
    gateway::StripePaymentGateway,
    metadata,
    transport::{ApiRequest, StripeTransport},
    wire::{Created, CreatedPage, HasId, Subscription, read},
};

/// The difference that is allowed for between our clock and Stripe's.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

/// The keys after the first under which a call is tried that makes nothing.
const MOST_KEYS: u64 = 32;

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

    async fn open_page(&self, call: &GatewayCall) -> Result<OpenedPage, GatewayError> {
        let client = self.client(&call.account).await?;
        match client.send(&client.request_of(call, true)).await?.body()? {
            Ok(body) => {
                let opened = read::<CreatedPage>(&body).and_then(CreatedPage::opened);
                opened.map_err(|error| GatewayError::Unknown(Box::new(error)))
            }
            Err(error) if !error.is_final() => Err(GatewayError::Unknown(Box::new(error))),
            Err(error) => {
                tracing::info!(%error, "Stripe refused a page");
                Ok(OpenedPage::Refused(error.message))
            }
        }
    }

    async fn object_of(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError> {
        if let CallPurpose::CreatePortalSession { .. } = call.purpose {
            return Ok(None);
        }
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
        if let CallPurpose::SetTrialEnd { .. } = call.purpose
            && let Some(settled) = self.trial_that_is_over(&client, call, important).await?
        {
            return Ok(settled);
        }
        match client.attempt(call, important).await? {
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

impl<C: StripeTransport> StripePaymentGateway<C> {
    /// The outcome of a change of a trial that is over at Stripe, whatever the mirror says: an extension would begin another
    /// trial in the period that was charged. Likewise of the end of one whose subscription ends with it. `None` for a call
    /// that is to be sent.
    async fn trial_that_is_over(
        &self,
        client: &Client<'_, C>,
        call: &GatewayCall,
        important: bool,
    ) -> Result<Option<SentCall>, GatewayError> {
        let subscription: Value = match client.get(&call.request.path, &[], important).await? {
            Ok(subscription) => subscription,
            // The call is refused as well.
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error.of_read()),
        };
        let refused = |reason: &str| Some(SentCall::Refused { reason: reason.to_owned(), missing: None });
        if subscription["status"] == "trialing" {
            let is_to_end =
                subscription["cancel_at_period_end"] == true || subscription["cancel_at"].is_number();
            let is_charging = matches!(call.purpose, CallPurpose::SetTrialEnd { ends: TrialEnd::Now, .. });
            // Its payer was told that nothing is charged.
            return Ok(refused("The subscription ends with its trial.").filter(|_| is_charging && is_to_end));
        }
        let ended = self.object_of(call).await?.map(SentCall::Done);
        Ok(ended.or_else(|| refused("The trial is over.")))
    }
}

impl<C: StripeTransport> Client<'_, C> {
    /// The stored request under its key.
    fn request_of(&self, call: &GatewayCall, important: bool) -> ApiRequest {
        let FrozenRequest { method, path, body } = &call.request;
        let mut request = self.request((*method).into(), path, important);
        request.body = Some(body.clone());
        request.idempotency_key = Some(call.key.to_string());
        request
    }

    /// The answer to a call. One that may be repeated goes on to the next key when Stripe had stored a failure under the one
    /// before.
    async fn attempt(
        &self,
        call: &GatewayCall,
        important: bool,
    ) -> Result<Result<Vec<u8>, StripeError>, GatewayError> {
        let mut request = self.request_of(call, important);
        let mut number = 0;
        loop {
            let answer = self.send(&request).await?.body()?;
            match answer {
                Err(error)
                    if error.is_stored_failure() && call.purpose.may_be_repeated() && number < MOST_KEYS =>
                {
                    number += 1;
                    request.idempotency_key = Some(call.key.numbered(number).to_string());
                }
                answer => return Ok(answer),
            }
        }
    }

    /// The object that a call changes, if it is as the call leaves it.
    async fn changed_by(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError> {
        let FrozenRequest { path, body, .. } = &call.request;
        // A change by a verb of its own.
        let path = match path.rsplit_once('/') {
            Some((object, "expire" | "void" | "mark_uncollectible" | "send")) => object,
            _ => path,
        };
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
            // What was canceled in its trial was not charged.
            CallPurpose::SetTrialEnd { ends: TrialEnd::Now, .. } => {
                let ended = object["ended_at"].as_i64().unwrap_or(i64::MAX);
                status != "trialing" && object["trial_end"].as_i64().is_some_and(|end| end < ended)
            }
            CallPurpose::SetTrialEnd { ends: TrialEnd::At(end), .. } => {
                !has_ended && object["trial_end"].as_i64() == Some(end.timestamp())
            }
            CallPurpose::ChangePlan { .. } => object["metadata"][metadata::CALL] == call.id.to_string(),
            // One that was paid cannot be paid again.
            CallPurpose::ExpireCheckoutSession { .. } => matches!(status, "expired" | "complete"),
            CallPurpose::CreateCustomer { .. }
            | CallPurpose::CreateProduct { .. }
            | CallPurpose::CreatePrice { .. }
            | CallPurpose::CreateCheckoutSession { .. }
            | CallPurpose::CreatePortalSession { .. }
            | CallPurpose::RefundDuplicate { .. }
            | CallPurpose::RefundInvoice { .. } => false,
            CallPurpose::ActOnInvoice { action, .. } => match action {
                InvoiceAction::Void => status == "void",
                // It may have been paid or voided since.
                InvoiceAction::MarkUncollectible => status == "uncollectible",
                // No field tells of it.
                InvoiceAction::Send => false,
            },
        };
        let id = object["id"].as_str().and_then(|id| StripeId::parse(id).ok());
        if is_done { Ok(Some(id.ok_or(Unreadable::Field("id"))?)) } else { Ok(None) }
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
        CallPurpose::RefundDuplicate { .. } | CallPurpose::RefundInvoice { .. } => Some("/v1/refunds"),
        CallPurpose::UpdateProduct { .. }
        | CallPurpose::ExpireCheckoutSession { .. }
        | CallPurpose::ArchivePrice { .. }
        | CallPurpose::CancelSubscription { .. }
        | CallPurpose::ResumeSubscription { .. }
        | CallPurpose::SetTrialEnd { .. }
        | CallPurpose::CreatePortalSession { .. }
        | CallPurpose::ChangePlan { .. }
        | CallPurpose::CancelDuplicate { .. }
        | CallPurpose::ActOnInvoice { .. } => None,
    }
}
