use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{GatewayAccountId, StripeId, Timestamp, WorkspaceId};

/// A mirror that reconciliation found different from Stripe and mended, without any webhook having told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The id, in order of time.
    pub id: String,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The account.
    pub account: GatewayAccountId,
    /// The object at Stripe.
    pub object: StripeId,
    /// How the mirror differed.
    pub kind: DriftKind,
    /// The fields that differed.
    pub differences: Vec<DriftDifference>,
    /// The moment at which it was found and mended.
    pub found_at: Timestamp,
}

/// How a mirror differed from Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DriftKind {
    /// The object was not mirrored.
    Missing,
    /// The object had changed.
    Changed,
    /// Stripe has the object no longer.
    Gone,
}

words!(DriftKind { Missing => "missing", Changed => "changed", Gone => "gone" }, stored);

/// A field that differed, as JSON. Null where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftDifference {
    /// The name.
    pub field: String,
    /// The value in the mirror.
    pub before: Value,
    /// The value at Stripe.
    pub after: Value,
}

/// What differs by itself, or names a page at Stripe.
const NOT_COMPARED: [&str; 4] = ["id", "syncedAt", "hostedUrl", "pdfUrl"];

impl DriftDifference {
    /// The fields in which two objects differ. Those of one that is not mirrored are not listed: it is as Stripe has it.
    ///
    /// # Errors
    /// When an object cannot be serialized, which is a bug in its type.
    pub fn between<T: Serialize>(before: Option<&T>, after: Option<&T>) -> serde_json::Result<Vec<Self>> {
        let (Some(before), Some(after)) = (before, after) else { return Ok(Vec::new()) };
        let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
        let fields = |value: &Value| -> Vec<String> {
            value.as_object().into_iter().flatten().map(|(field, _)| field.clone()).collect()
        };
        let all: BTreeSet<_> = fields(&before).into_iter().chain(fields(&after)).collect();
        let difference = |field: String| {
            let (before, after) = (before[field.as_str()].clone(), after[field.as_str()].clone());
            (before != after && !NOT_COMPARED.contains(&field.as_str())).then_some(Self {
                field,
                before,
                after,
            })
        };
        Ok(all.into_iter().filter_map(difference).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_fields_that_differ_are_listed() {
        let before = json!({ "id": 1, "status": "active", "quantity": 3, "syncedAt": "then" });
        let after =
            json!({ "id": 2, "status": "canceled", "quantity": 3, "endedAt": "now", "syncedAt": "now" });
        let found = DriftDifference::between(Some(&before), Some(&after)).unwrap();
        let told: Vec<_> =
            found.iter().map(|it| format!("{} {} {}", it.field, it.before, it.after)).collect();
        assert_eq!(told, [r#"endedAt null "now""#, r#"status "active" "canceled""#]);
        assert_eq!(DriftDifference::between(None, Some(&after)).unwrap(), []);
    }
}
