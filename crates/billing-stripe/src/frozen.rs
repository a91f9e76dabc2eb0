//! The requests of commands.

use std::collections::HashMap;

use billing_domain::{
    BillingInterval, ChangeBilling, FrozenRequest, GatewayCallId, GatewayCommand, ItemChange,
    NewCheckoutSession, NextPhase, PresentPhase, PriceTerms, RequestMethod, StripeId, WorkspaceId,
};
use stripe_billing::subscription::{
    CancelSubscription, UpdateSubscription, UpdateSubscriptionBillingCycleAnchor,
    UpdateSubscriptionBillingCycleAnchorType, UpdateSubscriptionItems, UpdateSubscriptionPaymentBehavior,
    UpdateSubscriptionProrationBehavior,
};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionSubscriptionData,
    ExpireCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_core::{customer::CreateCustomer, refund::CreateRefund};
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
        GatewayCommand::ChangePlan(change) => plan_change(change, metadata::of_change(call)),
        GatewayCommand::CreateSchedule { subscription } => {
            RequestBuilder::new(StripeMethod::Post, "/subscription_schedules")
                .form(&HashMap::from([("from_subscription", subscription.as_str())]))
        }
        GatewayCommand::SchedulePlanChange { present, next } => schedule_plan_change(call, present, next),
        GatewayCommand::ReleaseSchedule { schedule } => {
            RequestBuilder::new(StripeMethod::Post, format!("/subscription_schedules/{schedule}/release"))
        }
        GatewayCommand::Refund { payment_intent } => {
            CreateRefund::new().payment_intent(payment_intent.as_str()).metadata(metadata).build()
        }
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
    let ChangeBilling::Invoiced { as_of, restarts } = change.billing else {
        return update.proration_behavior(UpdateSubscriptionProrationBehavior::None).build();
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

/// The subscription stays as it is until its period ends, and is changed then without proration. The library's builders for
/// schedules are not used: they would compile all of them, for three forms.
fn schedule_plan_change(call: GatewayCallId, present: &PresentPhase, next: &NextPhase) -> RequestBuilder {
    let mut form = HashMap::new();
    let mut set = |name: String, value: String| {
        form.insert(name, value);
    };
    for (name, value) in metadata::of_change(call) {
        set(format!("metadata[{name}]"), value);
    }
    set("end_behavior".to_owned(), "release".to_owned());
    set("proration_behavior".to_owned(), "none".to_owned());
    set("phases[0][start_date]".to_owned(), present.start.timestamp().to_string());
    set("phases[0][end_date]".to_owned(), present.end.timestamp().to_string());
    if let Some(end) = present.trial_end {
        set("phases[0][trial_end]".to_owned(), end.timestamp().to_string());
    }
    set("phases[1][duration][interval]".to_owned(), next.interval.as_str().to_owned());
    set("phases[1][duration][interval_count]".to_owned(), "1".to_owned());
    if next.restarts {
        set("phases[1][billing_cycle_anchor]".to_owned(), "phase_start".to_owned());
    }
    for (phase, item) in [&present.item, &next.item].into_iter().enumerate() {
        set(format!("phases[{phase}][items][0][price]"), item.price.to_string());
        set(format!("phases[{phase}][items][0][quantity]"), item.quantity.to_string());
        set(format!("phases[{phase}][proration_behavior]"), "none".to_owned());
        for (place, discount) in present.discounts.iter().enumerate() {
            set(format!("phases[{phase}][discounts][{place}][discount]"), discount.to_string());
        }
        for (place, rate) in present.tax_rates.iter().enumerate() {
            set(format!("phases[{phase}][default_tax_rates][{place}]"), rate.to_string());
        }
    }
    RequestBuilder::new(StripeMethod::Post, format!("/subscription_schedules/{}", present.schedule))
        .form(&form)
}

/// Unsets the moment at which a subscription is to end. The library's type for it has no empty value.
fn end_never(subscription: &StripeId) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Post, format!("/subscriptions/{subscription}"))
        .form(&HashMap::from([("cancel_at", "")]))
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
