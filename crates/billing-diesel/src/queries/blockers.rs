use std::sync::LazyLock;

use billing_domain::ports::StoreError;
use billing_domain::{Blocker, Blockers, CheckoutIntentState, SubscriptionStatus, Timestamp, WorkspaceId};
use diesel::prelude::*;
use diesel::sql_types;
use diesel_async::RunQueryDsl;

use super::checkout_intents::UNCLOSED;
use super::dialect::{self, Conn};
use super::subscriptions::LIVE;
use crate::error::store_error;
use crate::row::Row;

/// One statement, so that list and total are of one moment. An unknown status blocks: a newer version may have written
/// it.
static BLOCKERS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "
    SELECT kind, id, stripe_id, app_id, payer_kind, payer_id, status, expires_at, COUNT(*) OVER () AS total
    FROM (
        SELECT 'checkout_intent' AS kind, intent_id AS id, NULL AS stripe_id, app_id, payer_kind, payer_id,
               state AS status, expires_at
        FROM checkout_intents
        WHERE workspace_id = $1 AND {UNCLOSED}
        UNION ALL
        SELECT 'subscription', subscription_id, stripe_subscription_id, app_id, payer_kind, payer_id, status, NULL
        FROM subscriptions
        WHERE workspace_id = $1 AND {LIVE}
        UNION ALL
        SELECT 'workspace_subscription', stripe_subscription_id, stripe_subscription_id, NULL, NULL, NULL, status, NULL
        FROM workspace_subscriptions
        WHERE workspace_id = $1 AND {LIVE}
    ) AS blockers
    ORDER BY kind, id
    LIMIT $2"
    )
});

#[derive(QueryableByName)]
struct BlockerRow {
    #[diesel(sql_type = sql_types::Text)]
    kind: String,
    #[diesel(sql_type = sql_types::Text)]
    id: String,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    stripe_id: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    app_id: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    payer_kind: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    payer_id: Option<String>,
    #[diesel(sql_type = sql_types::Text)]
    status: String,
    #[diesel(sql_type = sql_types::Nullable<dialect::UtcTime>)]
    expires_at: Option<Timestamp>,
    #[diesel(sql_type = sql_types::BigInt)]
    total: i64,
}

impl BlockerRow {
    fn into_domain(self) -> Result<Blocker, StoreError> {
        let payer_columns =
            (self.payer_kind.as_deref().unwrap_or_default(), self.payer_id.as_deref().unwrap_or_default());
        let app_id = self.app_id.as_deref().unwrap_or_default();
        match self.kind.as_str() {
            "checkout_intent" => {
                let row = Row { table: "checkout_intents", key: &self.id };
                Ok(Blocker::CheckoutIntent {
                    id: row.read("intent_id", &self.id)?,
                    app_id: row.read("app_id", app_id)?,
                    payer: row.payer(payer_columns.0, payer_columns.1)?,
                    state: CheckoutIntentState::from_stored(&self.status)
                        .ok_or_else(|| row.corrupt("state"))?,
                    expires_at: row.present("expires_at", self.expires_at)?,
                })
            }
            "subscription" => {
                let row = Row { table: "subscriptions", key: &self.id };
                Ok(Blocker::Subscription {
                    id: row.read("subscription_id", &self.id)?,
                    stripe_id: row
                        .read("stripe_subscription_id", self.stripe_id.as_deref().unwrap_or_default())?,
                    app_id: row.read("app_id", app_id)?,
                    payer: row.payer(payer_columns.0, payer_columns.1)?,
                    status: SubscriptionStatus::from_stripe(&self.status),
                })
            }
            _ => {
                let row = Row { table: "workspace_subscriptions", key: &self.id };
                Ok(Blocker::WorkspaceSubscription {
                    id: row.read("stripe_subscription_id", &self.id)?,
                    status: SubscriptionStatus::from_stripe(&self.status),
                })
            }
        }
    }
}

pub(super) async fn of_workspace(conn: &mut Conn, workspace: &WorkspaceId) -> Result<Blockers, StoreError> {
    let limit = i64::try_from(Blockers::LISTED_AT_MOST).unwrap_or(i64::MAX);
    let rows: Vec<BlockerRow> = diesel::sql_query(BLOCKERS.as_str())
        .bind::<sql_types::Text, _>(workspace.as_str())
        .bind::<sql_types::BigInt, _>(limit)
        .load(conn)
        .await
        .map_err(store_error)?;
    let total = match rows.as_slice() {
        [row, ..] => row.total.unsigned_abs(),
        [] => 0,
    };
    let listed = rows.into_iter().filter_map(|row| match row.into_domain() {
        Ok(blocker) => Some(blocker),
        // A corrupt row blocks too: it is in the total.
        Err(corrupt) => {
            tracing::error!(%corrupt, "a blocker cannot be read");
            None
        }
    });
    Ok(Blockers::new(listed.collect(), total))
}
