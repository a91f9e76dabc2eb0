//! The rows of an export, and the names of their columns.

use billing_domain::{Invoice, PlanOffer, PriceTerms, Subscription};

use crate::csv::{amount, moment, optional, text};

pub(super) const SUBSCRIPTION_COLUMNS: [&str; 22] = [
    "id",
    "status",
    "payer_kind",
    "payer_id",
    "plan_id",
    "plan_key",
    "plan_name",
    "price_id",
    "unit_amount",
    "currency",
    "interval",
    "quantity",
    "started_at",
    "current_period_start",
    "current_period_end",
    "trial_end",
    "cancel_at",
    "canceled_at",
    "ended_at",
    "environment_id",
    "stripe_account_id",
    "stripe_subscription_id",
];

pub(super) const INVOICE_COLUMNS: [&str; 17] = [
    "id",
    "number",
    "status",
    "payer_kind",
    "payer_id",
    "subscription_id",
    "currency",
    "total",
    "amount_paid",
    "amount_refunded",
    "amount_due",
    "created_at",
    "paid_at",
    "due_at",
    "environment_id",
    "stripe_account_id",
    "stripe_invoice_id",
];

pub(super) fn subscription_row(subscription: &Subscription, offer: Option<&PlanOffer>) -> [String; 22] {
    let (state, times) = (&subscription.state, &subscription.state.times);
    let terms = state.price_id.and_then(|price| offer?.price(price)).map(|price| price.terms);
    [
        subscription.id.to_string(),
        text(state.status.as_str()),
        subscription.payer.kind().as_str().to_owned(),
        text(subscription.payer.id()),
        optional(state.plan_id),
        optional(offer.map(|offer| offer.plan.key.as_str())),
        optional(offer.map(|offer| offer.plan.details.name.as_str())),
        optional(state.price_id),
        amount(terms.map(PriceTerms::amount)),
        optional(terms.map(|terms| terms.amount().currency().code())),
        optional(terms.map(|terms| terms.interval().as_str())),
        state.quantity.to_string(),
        moment(times.started_at),
        moment(times.period_start),
        moment(times.period_end),
        moment(times.trial_end),
        moment(times.cancel_at),
        moment(times.canceled_at),
        moment(times.ended_at),
        text(subscription.environment_id.as_str()),
        text(subscription.gateway_account_id.as_str()),
        text(subscription.stripe_id.as_str()),
    ]
}

pub(super) fn invoice_row(invoice: &Invoice) -> [String; 17] {
    let details = &invoice.details;
    [
        invoice.id.to_string(),
        optional(details.number.as_deref()),
        text(details.status.as_str()),
        invoice.payer.kind().as_str().to_owned(),
        text(invoice.payer.id()),
        optional(invoice.subscription_id),
        details.total.currency().code().to_owned(),
        amount(Some(details.total)),
        amount(Some(details.amount_paid)),
        amount(invoice.refund_state().map(|state| state.refunded)),
        amount(Some(details.amount_due)),
        moment(Some(details.created_at)),
        moment(details.paid_at),
        moment(details.due_at),
        text(invoice.environment_id.as_str()),
        text(invoice.gateway_account_id.as_str()),
        text(invoice.stripe_id.as_str()),
    ]
}
