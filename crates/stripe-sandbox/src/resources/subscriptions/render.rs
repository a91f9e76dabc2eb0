//! A subscription as the API shows it.

use serde_json::{Value, json};

use super::{Subscription, Trial, billing_mode};
use crate::{
    clock::Timestamp,
    store::Tx,
    wire::{answer::merged, page::inline},
};

pub fn subscription(it: &Subscription, tx: &Tx<'_>) -> Value {
    merged([own(it, tx), periods(it), collection(it), unset()])
}

fn own(it: &Subscription, tx: &Tx<'_>) -> Value {
    let items = it.items.iter().map(|item| item.render(tx, it));
    json!({
        "id": it.id,
        "object": "subscription",
        "billing_mode": billing_mode(),
        "created": it.created,
        "currency": it.currency,
        "customer": it.customer,
        "description": it.description,
        "discounts": it.current_discounts(tx),
        "items": inline(&format!("/v1/subscription_items?subscription={}", it.id), items),
        "latest_invoice": it.latest_invoice,
        "livemode": false,
        "metadata": it.metadata,
        "pending_setup_intent": it.pending_setup_intent,
        "schedule": it.schedule,
        "status": it.status,
        "test_clock": it.test_clock,
    })
}

fn periods(it: &Subscription) -> Value {
    let trial = |pick: fn(&Trial) -> Timestamp| it.trial.as_ref().map(pick);
    json!({
        "billing_cycle_anchor": it.billing_cycle_anchor,
        "cancel_at": it.cancels_at(),
        "cancel_at_period_end": it.cancel_at_period_end,
        "canceled_at": it.canceled_at,
        "cancellation_details": {
            "comment": it.cancellation.comment,
            "feedback": it.cancellation.feedback,
            "feedback_option": null,
            "reason": it.cancellation.reason,
        },
        "ended_at": it.ended_at,
        "start_date": it.start_date,
        "trial_end": trial(|trial| trial.end),
        "trial_settings": {
            "end_behavior": { "billing_cycle_anchor": null, "missing_payment_method": it.missing_method },
        },
        "trial_start": trial(|trial| trial.start),
    })
}

fn collection(it: &Subscription) -> Value {
    json!({
        "collection_method": it.collection_method,
        "days_until_due": it.days_until_due,
        "default_payment_method": it.default_payment_method,
        "pause_collection": it.pause_collection,
        "payment_settings": {
            "payment_method_options": null,
            "payment_method_types": null,
            "save_default_payment_method": if it.saves_payment_method { "on_subscription" } else { "off" },
        },
    })
}

/// What the sandbox has none of.
fn unset() -> Value {
    json!({
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor_config": null,
        "billing_schedules": [],
        "billing_thresholds": null,
        "customer_account": null,
        "default_source": null,
        "default_tax_rates": [],
        "invoice_settings": {
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null,
            "issuer": { "type": "self" },
        },
        "managed_payments": null,
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pending_invoice_item_interval": null,
        "pending_update": null,
        "transfer_data": null,
    })
}
