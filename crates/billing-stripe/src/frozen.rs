//! The requests of commands.

use std::collections::HashMap;

use billing_domain::{
    BillingInterval, ChangeBilling, FrozenRequest, GatewayCallId, GatewayCommand, ItemChange,
    NewCheckoutSession, PaymentRefund, PriceTerms, RefundReason, RequestMethod, StripeId, TrialEnd,
    WorkspaceId,
};
use stripe_billing::billing_portal_session::{
    CreateBillingPortalSession, CreateBillingPortalSessionFlowData,
    CreateBillingPortalSessionFlowDataAfterCompletion, CreateBillingPortalSessionFlowDataAfterCompletionType,
    CreateBillingPortalSessionFlowDataType,
};
use stripe_billing::subscription::{
    CancelSubscription, UpdateSubscription, UpdateSubscriptionBillingCycleAnchor,
    UpdateSubscriptionBillingCycleAnchorType, UpdateSubscriptionItems, UpdateSubscriptionPaymentBehavior,
    UpdateSubscriptionProrationBehavior, UpdateSubscriptionTrialEnd,
};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionSubscriptionData,
    ExpireCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_core::{
    customer::CreateCustomer,
    refund::{CreateRefund, CreateRefundReason},
};
use stripe_product::{
    price::{CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, UpdatePrice},
    product::{CreateProduct, UpdateProduct},
};
use stripe_shared::CheckoutSessionMode;

use crate::metadata;

/// The request of a command.
pub(crate) fn freeze(
    call: GatewayCallId,
    workspace: &WorkspaceId,
    command: &GatewayCommand,
) -> FrozenRequest {
    let metadata = metadata::of_call(call, workspace);
    frozen(match command {
        GatewayCommand::CreateCustomer { payer, .. } => {
            let description = format!("{} {}", payer.kind(), payer.id());
            CreateCustomer::new().description(description).metadata(metadata).build()
        }
        GatewayCommand::CreateProduct { name, .. } => CreateProduct::new(name).metadata(metadata).build(),
        GatewayCommand::UpdateProduct { product, name, active } => {
            UpdateProduct::new(product.as_str()).name(name).active(*active).build()
        }
        GatewayCommand::CreatePrice { product, terms, .. } => price(product, *terms, metadata),
        GatewayCommand::ArchivePrice { price } => UpdatePrice::new(price.as_str()).active(false).build(),
        GatewayCommand::CreateCheckoutSession(session) => {
            checkout_session(session, metadata::of_session(call, workspace, session))
        }
        GatewayCommand::ExpireCheckoutSession { session } => {
            ExpireCheckoutSession::new(session.as_str()).build()
        }
        GatewayCommand::CancelSubscription { subscription } => {
            CancelSubscription::new(subscription.as_str()).build()
        }
        GatewayCommand::CancelAtPeriodEnd { subscription } => {
            UpdateSubscription::new(subscription.as_str()).cancel_at_period_end(true).build()
        }
        GatewayCommand::ResumeSubscription { subscription, ends_with_period: true } => {
            UpdateSubscription::new(subscription.as_str()).cancel_at_period_end(false).build()
        }
        GatewayCommand::ResumeSubscription { subscription, .. } => end_never(subscription),
        GatewayCommand::SetTrialEnd { subscription, ends } => set_trial_end(subscription, *ends),
        GatewayCommand::CreatePortalSession { customer, return_url } => portal_session(customer, return_url),
        GatewayCommand::ChangePlan(change) => plan_change(change, metadata::of_change(call)),
        GatewayCommand::Refund { payment_intent } => refund_of(payment_intent).metadata(metadata).build(),
        GatewayCommand::RefundPart(part) => refund(part, metadata),
        GatewayCommand::VoidInvoice { invoice } => act_on(invoice, "void"),
        GatewayCommand::MarkInvoiceUncollectible { invoice } => act_on(invoice, "mark_uncollectible"),
        GatewayCommand::SendInvoice { invoice } => act_on(invoice, "send"),
    })
}

/// A payment that fails undoes the change, and nothing is left to be paid. Of a trial nothing is billed.
fn plan_change(change: &ItemChange, metadata: HashMap<String, String>) -> RequestBuilder {
    let item = UpdateSubscriptionItems {
        id: Some(change.item.to_string()),
        price: change.price.as_ref().map(ToString::to_string),
        quantity: Some(change.quantity.into()),
        ..UpdateSubscriptionItems::new()
    };
    let update = UpdateSubscription::new(change.subscription.as_str()).items(vec![item]).metadata(metadata);
    let (as_of, restarts) = match change.billing {
        ChangeBilling::Invoiced { as_of, restarts } => (as_of, restarts),
        // Stripe refuses an end of the trial that is past.
        ChangeBilling::Nothing { trial_end } => {
            let trial_end = UpdateSubscriptionTrialEnd::Timestamp(trial_end.timestamp());
            let update = update.trial_end(trial_end);
            return update.proration_behavior(UpdateSubscriptionProrationBehavior::None).build();
        }
    };
    let mut update = update
        .proration_behavior(UpdateSubscriptionProrationBehavior::AlwaysInvoice)
        .payment_behavior(UpdateSubscriptionPaymentBehavior::ErrorIfIncomplete);
    if let Some(as_of) = as_of {
        update = update.proration_date(as_of.timestamp());
    }
    if restarts {
        update = update.billing_cycle_anchor(UpdateSubscriptionBillingCycleAnchor::new(
            UpdateSubscriptionBillingCycleAnchorType::Now,
        ));
    }
    update.build()
}

/// A refund of an amount: without one Stripe would give back all that is left.
fn refund(part: &PaymentRefund, metadata: HashMap<String, String>) -> RequestBuilder {
    let refund = refund_of(part.payment()).amount(part.stripe_amount()).metadata(metadata);
    let reason = part.reason().map(|reason| match reason {
        RefundReason::RequestedByCustomer => CreateRefundReason::RequestedByCustomer,
        RefundReason::Duplicate => CreateRefundReason::Duplicate,
        RefundReason::Fraudulent => CreateRefundReason::Fraudulent,
    });
    match reason {
        Some(reason) => refund.reason(reason).build(),
        None => refund.build(),
    }
}

/// A refund of a payment intent, or of the charge of a payment without one.
fn refund_of(payment: &StripeId) -> CreateRefund {
    let (refund, payment) = (CreateRefund::new(), payment.as_str());
    if payment.starts_with("pi_") { refund.payment_intent(payment) } else { refund.charge(payment) }
}

/// A verb on an invoice. It has no parameters, so nothing of the library's types would be used.
fn act_on(invoice: &StripeId, verb: &str) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Post, format!("/invoices/{invoice}/{verb}"))
}

/// Unsets the moment at which a subscription is to end. The library's type for it has no empty value.
fn end_never(subscription: &StripeId) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Post, format!("/subscriptions/{subscription}"))
        .form(&HashMap::from([("cancel_at", "")]))
}

/// A flow shows one step and not the portal's other pages, and ends with a confirmation.
fn portal_session(customer: &StripeId, return_url: &str) -> RequestBuilder {
    let mut flow =
        CreateBillingPortalSessionFlowData::new(CreateBillingPortalSessionFlowDataType::PaymentMethodUpdate);
    flow.after_completion = Some(CreateBillingPortalSessionFlowDataAfterCompletion::new(
        CreateBillingPortalSessionFlowDataAfterCompletionType::HostedConfirmation,
    ));
    CreateBillingPortalSession::new()
        .customer(customer.as_str())
        .return_url(return_url)
        .flow_data(flow)
        .build()
}

/// The time of a trial costs nothing, and nothing is prorated. A request that arrives after the trial has ended ends no
/// trial a second time. One for a later end begins another trial, and would take away the period that was paid: Stripe
/// credits what is left of it.
fn set_trial_end(subscription: &StripeId, ends: TrialEnd) -> RequestBuilder {
    let (trial_end, proration) = match ends {
        TrialEnd::Now => (UpdateSubscriptionTrialEnd::Now, UpdateSubscriptionProrationBehavior::None),
        TrialEnd::At(end) => (
            UpdateSubscriptionTrialEnd::Timestamp(end.timestamp()),
            UpdateSubscriptionProrationBehavior::CreateProrations,
        ),
    };
    UpdateSubscription::new(subscription.as_str()).trial_end(trial_end).proration_behavior(proration).build()
}

/// An amount that Stripe cannot charge is left out, and Stripe refuses a price without one.
fn price(product: &StripeId, terms: PriceTerms, metadata: HashMap<String, String>) -> RequestBuilder {
    let interval = match terms.interval() {
        BillingInterval::Month => CreatePriceRecurringInterval::Month,
        BillingInterval::Year => CreatePriceRecurringInterval::Year,
    };
    let code = terms.amount().currency().code().to_ascii_lowercase();
    let currency: stripe_types::Currency = code.parse().unwrap_or_else(|never| match never {});
    let price = CreatePrice::new(currency)
        .product(product.as_str())
        .recurring(CreatePriceRecurring::new(interval))
        .metadata(metadata);
    match terms.amount().stripe_amount() {
        Ok(amount) => price.unit_amount(amount).build(),
        Err(_) => price.build(),
    }
}

fn checkout_session(session: &NewCheckoutSession, metadata: HashMap<String, String>) -> RequestBuilder {
    let mut item = CreateCheckoutSessionLineItems::new();
    item.price = Some(session.price.to_string());
    item.quantity = Some(session.quantity.into());
    let mut subscription = CreateCheckoutSessionSubscriptionData::new();
    subscription.metadata = Some(metadata.clone());
    subscription.trial_period_days = (session.trial_days > 0).then_some(session.trial_days);
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Subscription)
        .customer(session.customer.as_str())
        .line_items(vec![item])
        .subscription_data(subscription)
        .expires_at(session.expires_at.timestamp())
        .success_url(&session.success_url)
        .cancel_url(&session.cancel_url)
        .metadata(metadata)
        .build()
}

/// Sorts the parameters: metadata comes from a hash map, whose order differs between processes, and Stripe refuses a
/// repeat with another body.
fn frozen(request: RequestBuilder) -> FrozenRequest {
    let body = request.body.unwrap_or_default();
    let mut parameters: Vec<_> = body.split('&').filter(|parameter| !parameter.is_empty()).collect();
    parameters.sort_unstable();
    let method = match request.method {
        StripeMethod::Delete => RequestMethod::Delete,
        StripeMethod::Post | StripeMethod::Get => RequestMethod::Post,
    };
    FrozenRequest { method, path: format!("/v1{}", request.path), body: parameters.join("&") }
}

#[cfg(test)]
mod tests;
