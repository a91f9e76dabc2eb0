//! The metadata that everything we create at Stripe carries, and what it is read as.

use std::collections::{BTreeMap, HashMap};

use billing_domain::{CheckoutIntentId, GatewayCallId, NewCheckoutSession, WorkspaceId};

/// Names the call that made the object, or that last changed its plan.
pub(crate) const CALL: &str = "kl_call_id";
const WORKSPACE: &str = "kl_workspace_id";
const INTENT: &str = "kl_intent_id";
const APP: &str = "kl_app_id";
const ENVIRONMENT: &str = "kl_environment_id";

/// The metadata of an object that `call` makes.
pub(crate) fn of_call(call: GatewayCallId, workspace: &WorkspaceId) -> HashMap<String, String> {
    [(CALL, call.to_string()), (WORKSPACE, workspace.to_string())]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
}

/// The metadata that a change leaves at its object, which tells later whether it was carried out. The rest of the object's
/// metadata stays.
pub(crate) fn of_change(call: GatewayCallId) -> HashMap<String, String> {
    HashMap::from([(CALL.to_owned(), call.to_string())])
}

/// The metadata of a Checkout Session that `call` makes, and of its subscription.
pub(crate) fn of_session(
    call: GatewayCallId,
    workspace: &WorkspaceId,
    session: &NewCheckoutSession,
) -> HashMap<String, String> {
    let mut metadata = of_call(call, workspace);
    metadata.insert(INTENT.to_owned(), session.intent_id.to_string());
    metadata.insert(APP.to_owned(), session.app_id.to_string());
    metadata.insert(ENVIRONMENT.to_owned(), session.environment_id.to_string());
    metadata
}

/// The metadata of an object at Stripe. A merchant can write it: what cannot be parsed is none of ours.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Metadata(BTreeMap<String, serde_json::Value>);

impl Metadata {
    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    /// Whether the call made the object.
    pub(crate) fn is_of(&self, call: GatewayCallId) -> bool {
        self.call() == Some(call)
    }

    /// The call that made the object.
    pub(crate) fn call(&self) -> Option<GatewayCallId> {
        GatewayCallId::parse(self.text(CALL)?).ok()
    }

    /// The intent that the object was sold by.
    pub(crate) fn intent(&self) -> Option<CheckoutIntentId> {
        CheckoutIntentId::parse(self.text(INTENT)?).ok()
    }

    /// The workspace.
    pub(crate) fn workspace(&self) -> Option<WorkspaceId> {
        WorkspaceId::parse(self.text(WORKSPACE)?).ok()
    }

    /// The workspace that pays for itself: what was sold to its users names their intent.
    pub(crate) fn paying_workspace(&self) -> Option<WorkspaceId> {
        if self.0.contains_key(INTENT) { None } else { self.workspace() }
    }
}
