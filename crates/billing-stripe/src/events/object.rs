use billing_domain::{EventObject, StripeId, SyncTarget};
use serde::Deserialize;
use serde_json::Value;

use crate::metadata::Metadata;

/// The object to fetch after an event of this type. `None` for an event after which nothing is. Only on the platform's
/// own account does a workspace pay for itself.
pub(super) fn spoken_of(kind: &str, object: &Value, is_platforms: bool) -> Option<EventObject> {
    let target = target(kind, object)?;
    let metadata = [&object["metadata"], &object["parent"]["subscription_details"]["metadata"]].map(metadata);
    let paying = || metadata.iter().find_map(Metadata::paying_workspace);
    Some(EventObject {
        target,
        customer: reference(&object["customer"]),
        workspace_hint: metadata.iter().find_map(Metadata::workspace),
        paying_workspace: if is_platforms { paying() } else { None },
    })
}

fn target(kind: &str, object: &Value) -> Option<SyncTarget> {
    if !super::HANDLED.contains(&kind) {
        return None;
    }
    let (family, _) = kind.rsplit_once('.')?;
    match family {
        "customer.subscription" => reference(object).map(SyncTarget::Subscription),
        // One of a customer names none.
        "customer.discount" => reference(&object["subscription"]).map(SyncTarget::Subscription),
        "checkout.session" => reference(object).map(SyncTarget::CheckoutSession),
        // `invoice.upcoming` is of no invoice yet.
        "invoice" => reference(object).map(SyncTarget::Invoice),
        // A released schedule names its subscription elsewhere.
        "subscription_schedule" => reference(&object["subscription"])
            .or_else(|| reference(&object["released_subscription"]))
            .map(SyncTarget::Subscription),
        _ => reference(&object["invoice"]).map(SyncTarget::Invoice).or_else(|| {
            let is_of_refund = matches!(family, "refund" | "charge.refund") || kind == "charge.refunded";
            reference(&object["payment_intent"]).filter(|_| is_of_refund).map(SyncTarget::Payment)
        }),
    }
}

/// The id of an object, or of one that a field names.
fn reference(value: &Value) -> Option<StripeId> {
    let id = value.as_str().or_else(|| value["id"].as_str())?;
    StripeId::parse(id).ok()
}

fn metadata(value: &Value) -> Metadata {
    Metadata::deserialize(value).unwrap_or_default()
}
