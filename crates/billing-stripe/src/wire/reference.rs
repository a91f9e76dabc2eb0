use billing_domain::StripeId;
use serde::Deserialize;
use serde_json::Value;

/// A field that names an object: its id, or the object itself where Stripe has expanded it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Reference(Value);

impl Reference {
    /// The id of the named object.
    pub(crate) fn id(&self) -> Option<StripeId> {
        let id = self.0.as_str().or_else(|| self.0["id"].as_str())?;
        StripeId::parse(id).ok()
    }

    /// The object itself, where Stripe has expanded it.
    pub(crate) fn expanded(&self) -> &Value {
        &self.0
    }
}
