use billing_domain::{Blocker, Blockers, Payer, wire_time};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether billing can be disabled now, and the blockers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DisablePreflightBody {
    #[schema(example = false)]
    can_disable: bool,
    /// The first 100.
    blockers: Vec<BlockerBody>,
    /// The total number.
    total: u64,
}

impl From<Blockers> for DisablePreflightBody {
    fn from(blockers: Blockers) -> Self {
        Self {
            can_disable: blockers.is_empty(),
            blockers: blockers.listed().iter().map(BlockerBody::from).collect(),
            total: blockers.total(),
        }
    }
}

/// Something through which Stripe can still charge someone.
#[derive(Serialize, ToSchema)]
// Renamed one by one: the schema generator does not know `rename_all_fields`.
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum BlockerBody {
    /// A live subscription of an end user or organization.
    Subscription {
        id: String,
        #[serde(rename = "appId")]
        app_id: String,
        payer: PayerBody,
        /// Stripe's word for it.
        #[schema(example = "past_due")]
        status: String,
    },
    /// The workspace's own live subscription to the platform, by its Stripe id.
    WorkspaceSubscription {
        id: String,
        #[schema(example = "active")]
        status: String,
    },
    /// A checkout that is open, paid and not yet seen as a subscription, or of unknown outcome.
    CheckoutIntent {
        id: String,
        #[serde(rename = "appId")]
        app_id: String,
        payer: PayerBody,
        /// `unresolved`, `open` or `complete`.
        #[schema(example = "open")]
        state: String,
        #[serde(rename = "expiresAt")]
        #[schema(format = DateTime)]
        expires_at: String,
    },
}

/// The payer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub(crate) enum PayerBody {
    User(String),
    Organization(String),
}

impl From<&Payer> for PayerBody {
    fn from(payer: &Payer) -> Self {
        match payer {
            Payer::User(id) => Self::User(id.to_string()),
            Payer::Organization(id) => Self::Organization(id.to_string()),
        }
    }
}

impl From<&Blocker> for BlockerBody {
    fn from(blocker: &Blocker) -> Self {
        match blocker {
            Blocker::Subscription { id, app_id, payer, status } => Self::Subscription {
                id: id.to_string(),
                app_id: app_id.to_string(),
                payer: payer.into(),
                status: status.to_string(),
            },
            Blocker::WorkspaceSubscription { id, status } => {
                Self::WorkspaceSubscription { id: id.to_string(), status: status.to_string() }
            }
            Blocker::CheckoutIntent { id, app_id, payer, state, expires_at } => Self::CheckoutIntent {
                id: id.to_string(),
                app_id: app_id.to_string(),
                payer: payer.into(),
                state: state.to_string(),
                expires_at: wire_time(*expires_at),
            },
        }
    }
}
