use billing_domain::{EventObject, StripeId, SyncTarget, WorkspaceId};
use serde_json::Value;

/// The object to fetch after an event of this type. `None` for an event after which nothing is.
pub(super) fn spoken_of(kind: &str, object: &Value) -> Option<EventObject> {
    Some(EventObject {
        target: target(kind, object)?,
        customer: reference(&object["customer"]),
        workspace_hint: workspace(&object["metadata"])
            .or_else(|| workspace(&object["parent"]["subscription_details"]["metadata"])),
    })
}

fn target(kind: &str, object: &Value) -> Option<SyncTarget> {
    if !super::HANDLED.contains(&kind) {
        return None;
    }
    let (family, _) = kind.rsplit_once('.')?;
    match family {
        "customer.subscription" => reference(object).map(SyncTarget::Subscription),
        "checkout.session" => reference(object).map(SyncTarget::CheckoutSession),
        // `invoice.upcoming` is of no invoice yet.
        "invoice" => reference(object).map(SyncTarget::Invoice),
        // A released schedule names its subscription elsewhere.
        "subscription_schedule" => reference(&object["subscription"])
            .or_else(|| reference(&object["released_subscription"]))
            .map(SyncTarget::Subscription),
        _ => reference(&object["invoice"]).map(SyncTarget::Invoice),
    }
}

/// The id of an object, or of one that a field names.
fn reference(value: &Value) -> Option<StripeId> {
    let id = value.as_str().or_else(|| value["id"].as_str())?;
    StripeId::parse(id).ok()
}

fn workspace(metadata: &Value) -> Option<WorkspaceId> {
    WorkspaceId::parse(metadata["kl_workspace_id"].as_str()?).ok()
}
