use billing_domain::ports::StoreError;
use billing_domain::{Drift, DriftDifference, DriftKind, GatewayAccountId, StripeId, type_id};
use chrono::TimeDelta;
use serde::Serialize;

use crate::change::Tx;

/// The time that a webhook may take: reconciliation may see a change before it is told of.
const WEBHOOK_AWAITED_FOR: TimeDelta = TimeDelta::minutes(1);

impl Tx {
    /// Records that reconciliation has mended the mirror of an object: `before` is absent of one that was not mirrored,
    /// `after` of one that Stripe has no longer.
    pub(super) async fn record_drift<T: Serialize + Sync>(
        &mut self,
        account: &GatewayAccountId,
        object: StripeId,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<(), StoreError> {
        let differences = DriftDifference::between(before, after);
        let drift = Drift {
            id: type_id("drift", self.ports.ids.uuid_v7()),
            workspace_id: self.workspace.id.clone(),
            account: account.clone(),
            object,
            kind: match (before, after) {
                (None, _) => DriftKind::Missing,
                (Some(_), Some(_)) => DriftKind::Changed,
                (Some(_), None) => DriftKind::Gone,
            },
            differences: differences.map_err(|error| StoreError::Unexpected(Box::new(error)))?,
            found_at: self.now,
        };
        tracing::warn!(
            workspace_id = %self.workspace.id, %account, object = %drift.object, kind = drift.kind.as_str(),
            "reconciliation has mended a mirror that no webhook told of"
        );
        self.work.drifts().insert_drift(&drift).await
    }

    /// Withdraws what was recorded of an object within the last minute, because a webhook tells of it now.
    pub(super) async fn withdraw_drift(
        &mut self,
        account: &GatewayAccountId,
        object: &StripeId,
    ) -> Result<(), StoreError> {
        let since = self.now - WEBHOOK_AWAITED_FOR;
        self.work.drifts().withdraw_drifts(&self.workspace.id, account, object, since).await
    }
}
