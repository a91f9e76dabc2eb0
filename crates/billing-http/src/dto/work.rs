use billing_application::ReplayWork;
use billing_domain::{FromStored, WorkKind, WorkSetAside, wire_time};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::error::ApiError;

/// Background work that was set aside.
#[derive(Serialize, ToSchema)]
pub(crate) struct WorkSetAsideListBody {
    /// The latest 100 rows.
    items: Vec<WorkSetAsideBody>,
    /// The number of all rows.
    #[schema(example = 1)]
    total: u64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WorkSetAsideBody {
    /// What is to be done.
    #[schema(example = "sync_object")]
    kind: &'static str,
    /// The object of the work.
    #[schema(example = "acct_1PgafTB1WZUa6l2w/sub_1MowQVLkdIwHu7ixeRlqHVzs")]
    key: String,
    /// `gateway_refused`, `gateway_silent`, `gateway_unreadable`, `gateway_key`, `too_slow` or `internal`.
    #[schema(example = "gateway_refused")]
    reason: &'static str,
    #[schema(example = "Stripe refused the request.")]
    message: &'static str,
    /// When it failed for the last time.
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    set_aside_at: String,
}

/// Work to try again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayWorkBody {
    #[schema(example = "sync_object")]
    kind: String,
    #[schema(example = "acct_1PgafTB1WZUa6l2w/sub_1MowQVLkdIwHu7ixeRlqHVzs")]
    key: String,
}

/// The outcome of a replay.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayedWorkBody {
    /// Whether it was set aside, and is tried again.
    #[schema(example = true)]
    replayed: bool,
}

impl WorkSetAsideListBody {
    pub(crate) fn new(rows: Vec<WorkSetAside>, total: u64) -> Self {
        let item = |row: WorkSetAside| WorkSetAsideBody {
            kind: row.id.kind.as_str(),
            reason: row.failure().as_str(),
            message: row.failure().sentence(),
            set_aside_at: wire_time(row.at),
            key: row.id.key,
        };
        Self { items: rows.into_iter().map(item).collect(), total }
    }
}

impl ReplayWorkBody {
    pub(crate) fn request(self) -> Result<ReplayWork, ApiError> {
        let kind = WorkKind::from_stored(self.kind).ok_or_else(|| {
            ApiError::invalid_request("`kind` is no kind of work.").with_details(json!({ "field": "kind" }))
        })?;
        Ok(ReplayWork { kind, key: self.key })
    }
}

impl ReplayedWorkBody {
    pub(crate) fn new(replayed: bool) -> Self {
        Self { replayed }
    }
}
