use std::sync::OnceLock;

use actix_web::web::Bytes;
use utoipa::openapi::OpenApi;

use crate::documentation;
use crate::error::ApiError;
use crate::files::File;

/// The document as it is served, as JSON and as a page, each rendered once.
pub(crate) struct ServedDocument {
    document: OpenApi,
    json: OnceLock<Bytes>,
    page: OnceLock<File>,
}

impl ServedDocument {
    pub(crate) fn new(document: OpenApi) -> Self {
        Self { document, json: OnceLock::new(), page: OnceLock::new() }
    }

    pub(crate) fn json(&self) -> Result<Bytes, ApiError> {
        if let Some(json) = self.json.get() {
            return Ok(json.clone());
        }
        let json = serde_json::to_vec(&self.document).map_err(ApiError::internal)?;
        Ok(self.json.get_or_init(|| json.into()).clone())
    }

    pub(crate) fn page(&self) -> Result<&File, ApiError> {
        if let Some(page) = self.page.get() {
            return Ok(page);
        }
        let document = serde_json::to_value(&self.document).map_err(ApiError::internal)?;
        let page = documentation::rendered(&document)?;
        Ok(self.page.get_or_init(|| page))
    }
}
