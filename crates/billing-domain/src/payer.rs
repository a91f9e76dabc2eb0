use serde::{Deserialize, Serialize};

use crate::{OrganizationId, UserId};

/// The subscriber, who is charged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Payer {
    /// An end user.
    User(UserId),
    /// An organization of end users.
    Organization(OrganizationId),
}
