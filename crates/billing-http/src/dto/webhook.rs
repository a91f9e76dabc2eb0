use serde::Serialize;
use utoipa::ToSchema;

/// The answer to a webhook that need not be sent again: an empty object.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReceivedBody {}
