use billing_domain::{Drift, DriftDifference, wire_time};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What reconciliation has mended.
#[derive(Serialize, ToSchema)]
pub(crate) struct DriftListBody {
    /// The latest 100.
    items: Vec<DriftBody>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DriftBody {
    /// Stripe's id of the subscription or invoice.
    #[schema(example = "sub_1MowQVLkdIwHu7ixeRlqHVzs")]
    stripe_id: String,
    #[schema(example = "acct_1PgafTB1WZUa6l2w")]
    gateway_account_id: String,
    /// `missing`: it was not mirrored. `changed`: fields differed. `gone`: Stripe has it no longer.
    #[schema(example = "changed")]
    kind: &'static str,
    /// The fields that differed.
    differences: Vec<DriftDifferenceBody>,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    found_at: String,
}

#[derive(Serialize, ToSchema)]
struct DriftDifferenceBody {
    #[schema(example = "status")]
    field: String,
    /// What was mirrored; null if there was nothing.
    #[schema(required = true, example = "active")]
    before: Value,
    /// What Stripe has; null if there is nothing.
    #[schema(required = true, example = "past_due")]
    after: Value,
}

impl From<Vec<Drift>> for DriftListBody {
    fn from(drifts: Vec<Drift>) -> Self {
        Self { items: drifts.into_iter().map(Into::into).collect() }
    }
}

impl From<Drift> for DriftBody {
    fn from(drift: Drift) -> Self {
        let difference =
            |DriftDifference { field, before, after }| DriftDifferenceBody { field, before, after };
        Self {
            stripe_id: drift.object.to_string(),
            gateway_account_id: drift.account.to_string(),
            kind: drift.kind.as_str(),
            differences: drift.differences.into_iter().map(difference).collect(),
            found_at: wire_time(drift.found_at),
        }
    }
}
