use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag, Header, HeaderName, HeaderValue, IfNoneMatch,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

/// A file that is kept in memory once per process, whoever is sent it.
pub(crate) struct File {
    bytes: Bytes,
    content_type: HeaderValue,
    tag: EntityTag,
}

impl File {
    pub(crate) fn new(content_type: HeaderValue, bytes: Bytes) -> Self {
        // Without random keys, so that all replicas of a version have the same tag.
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Self { bytes, content_type, tag: EntityTag::new_strong(format!("{:016x}", hasher.finish())) }
    }

    /// The file with these headers, or 304 if the browser has it.
    pub(crate) fn answer(
        &self,
        request: &HttpRequest,
        headers: &[(HeaderName, HeaderValue)],
    ) -> HttpResponse {
        let is_known = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.tag)),
            Err(_) => false,
        };
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        for header in headers {
            response.insert_header(header.clone());
        }
        response.insert_header((ETAG, self.tag.to_string())).insert_header((CACHE_CONTROL, "no-cache"));
        if is_known {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, self.content_type.clone())).body(self.bytes.clone())
    }
}
