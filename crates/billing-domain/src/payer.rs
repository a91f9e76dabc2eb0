use serde::{Deserialize, Serialize};

use crate::{InvalidId, OrganizationId, PayerKind, UserId};

/// The subscriber, who is charged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Payer {
    /// An end user.
    User(UserId),
    /// An organization of end users.
    Organization(OrganizationId),
}

impl Payer {
    /// The payer of this kind and id.
    ///
    /// # Errors
    /// [`InvalidId`].
    pub fn parse(kind: PayerKind, id: impl Into<String>) -> Result<Self, InvalidId> {
        match kind {
            PayerKind::User => UserId::parse(id).map(Self::User),
            PayerKind::Organization => OrganizationId::parse(id).map(Self::Organization),
        }
    }

    /// The kind of payer, which a plan is for.
    #[must_use]
    pub fn kind(&self) -> PayerKind {
        match self {
            Self::User(_) => PayerKind::User,
            Self::Organization(_) => PayerKind::Organization,
        }
    }

    /// The id of the user or organization.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::Organization(id) => id.as_str(),
        }
    }
}
