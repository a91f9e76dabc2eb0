use std::pin::Pin;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::BytesMut;
use futures_util::StreamExt;

use crate::error::ApiError;

const LONGEST_UPLOAD: Duration = Duration::from_secs(10);

pub(super) type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// Reads a body of at most this many bytes. `admit` is asked before more is kept, with the length it then has.
pub(super) async fn read_in_time(
    request: &HttpRequest,
    payload: Payload,
    most: usize,
    admit: impl FnMut(usize) -> Result<(), ApiError>,
) -> Result<BytesMut, ApiError> {
    let read = tokio::time::timeout(LONGEST_UPLOAD, read(request, payload, most, admit)).await;
    read.map_err(|_| ApiError::invalid_request("The body was not received in time."))?
}

async fn read(
    request: &HttpRequest,
    mut payload: Payload,
    most: usize,
    mut admit: impl FnMut(usize) -> Result<(), ApiError>,
) -> Result<BytesMut, ApiError> {
    let too_large = || ApiError::payload_too_large(most / 1024);
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > most) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ApiError::invalid_request("The body was not received completely."))?;
        let length = body.len() + chunk.len();
        if length > most {
            return Err(too_large());
        }
        admit(length)?;
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
