//! `/v1`: Stripe's API, and what faults do to it.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::{BodySize, MessageBody},
    http::{StatusCode, header::HeaderMap},
    web::{Bytes, Data, Payload},
};
use futures_util::StreamExt;

use super::{LARGEST_BODY, Shared};
use crate::{
    api::{Api, ApiRequest, ApiResponse},
    control::{Damage, Fault},
    lifecycle,
    wire::{ApiError, idempotency},
};

pub async fn answer(request: HttpRequest, payload: Payload, shared: Data<Arc<Shared>>) -> HttpResponse {
    let body = match read(payload).await {
        Ok(body) => body,
        Err(error) => return spoken(&ApiResponse::refused(&error)),
    };
    let request = taken_apart(&request, body);
    let prepared = shared.with(|world| {
        lifecycle::catch_up(world);
        let account = Api::account(world, &request)?;
        Ok::<_, ApiError>((account, world.control.faults.strike(&request.method, &request.path)))
    });
    let (account, fault) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return spoken(&ApiResponse::refused(&error)),
    };
    let key = request.idempotency_key.as_ref().filter(|_| request.method == "POST");
    let in_flight = key.map(|key| shared.take_key(&account, key).ok_or_else(|| idempotency::in_use(key)));
    let _in_flight = match in_flight.transpose() {
        Ok(in_flight) => in_flight,
        Err(error) => return spoken(&ApiResponse::refused(&error)),
    };
    let damage = fault.as_ref().map(|fault| fault.damage);
    if damage == Some(Damage::TimeoutBefore) {
        return silence(fault.as_ref()).await;
    }
    let mut response = shared.with(|world| {
        let response = shared.api.answer(world, &request, damage);
        lifecycle::finish_advancing(world);
        response
    });
    match damage {
        Some(Damage::TimeoutAfter) => return silence(fault.as_ref()).await,
        Some(Damage::Reset) => return torn(&response),
        Some(damage) => damage.spoil(&mut response.body),
        None => {}
    }
    spoken(&response)
}

async fn read(mut payload: Payload) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk
            .map_err(|error| ApiError::invalid(format!("The request's body could not be read: {error}")))?;
        if body.len() + chunk.len() > LARGEST_BODY {
            let message = format!("A request's body may have at most {LARGEST_BODY} bytes.");
            return Err(ApiError { status: 413, ..ApiError::invalid(message) });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn taken_apart(request: &HttpRequest, body: Vec<u8>) -> ApiRequest {
    let header = |name: &str| text(request.headers(), name);
    ApiRequest {
        method: request.method().as_str().to_owned(),
        path: request.path().trim_end_matches('/').to_owned(),
        query: request.query_string().to_owned(),
        body,
        authorization: header("authorization"),
        stripe_account: header("stripe-account"),
        stripe_version: header("stripe-version"),
        idempotency_key: header("idempotency-key"),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn spoken(response: &ApiResponse) -> HttpResponse {
    head(response).json(&response.body)
}

fn head(response: &ApiResponse) -> HttpResponseBuilder {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = HttpResponse::build(status);
    builder.insert_header(("request-id", response.request_id.as_str()));
    builder.insert_header(("cache-control", "no-cache, no-store"));
    let more = [
        ("stripe-version", Some(&response.stripe_version)),
        ("idempotency-key", response.idempotency_key.as_ref()),
        ("original-request", response.original_request.as_ref()),
        ("stripe-account", response.stripe_account.as_ref()),
    ];
    for (name, value) in more {
        // What a client sent may hold bytes that no header can.
        if let Some(value) =
            value.filter(|value| value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '))
        {
            builder.insert_header((name, value.as_str()));
        }
    }
    if response.original_request.is_some() {
        builder.insert_header(("idempotent-replayed", "true"));
    }
    if response.retry_later {
        builder.insert_header(("retry-after", "1"));
        builder.insert_header(("stripe-rate-limited-reason", "global-rate"));
    }
    builder
}

/// Holds the connection, and then breaks it without an answer.
async fn silence(fault: Option<&Fault>) -> HttpResponse {
    tokio::time::sleep(Duration::from_millis(fault.map_or(0, |fault| fault.hold_ms))).await;
    HttpResponse::Ok().body(Torn { first: None, length: 1 })
}

/// Half of the answer, and then nothing.
fn torn(response: &ApiResponse) -> HttpResponse {
    let body = serde_json::to_vec(&response.body).unwrap_or_default();
    let first = Bytes::copy_from_slice(&body[..body.len() / 2]);
    head(response)
        .content_type("application/json")
        .body(Torn { first: Some(first), length: body.len() as u64 })
}

/// A body that says how long it is, and breaks before.
struct Torn {
    first: Option<Bytes>,
    length: u64,
}

impl MessageBody for Torn {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        std::task::Poll::Ready(Some(match self.first.take() {
            Some(first) => Ok(first),
            None => Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
        }))
    }
}
