use serde::{Deserialize, Serialize};

use crate::{OrganizationId, UserId};

/// Who subscribes and is charged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Payer {
    /// An end user, for themself.
    User(UserId),
    /// An organization, for its members.
    Organization(OrganizationId),
}
