use std::sync::OnceLock;

use actix_web::web::Bytes;
use utoipa::openapi::OpenApi;

use crate::error::ApiError;

/// The document as it is served, rendered once.
pub(crate) struct ServedDocument {
    document: OpenApi,
    json: OnceLock<Bytes>,
}

impl ServedDocument {
    pub(crate) fn new(document: OpenApi) -> Self {
        Self { document, json: OnceLock::new() }
    }

    pub(crate) fn json(&self) -> Result<Bytes, ApiError> {
        if let Some(json) = self.json.get() {
            return Ok(json.clone());
        }
        let json = serde_json::to_vec(&self.document).map_err(ApiError::internal)?;
        Ok(self.json.get_or_init(|| json.into()).clone())
    }
}
