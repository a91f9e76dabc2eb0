use billing_domain::{InvalidId, Payer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::PayerKindName;

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

/// The payer of a checkout link to create: an end user or an organization of the environment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BuyerBody {
    kind: PayerKindName,
    #[schema(pattern = "^[A-Za-z0-9_-]{1,128}$", example = "user_1")]
    id: String,
}

impl BuyerBody {
    pub(super) fn payer(self) -> Result<Payer, InvalidId> {
        Payer::parse(self.kind.into(), self.id)
    }
}
