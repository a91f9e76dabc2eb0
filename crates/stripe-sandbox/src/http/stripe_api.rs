//! `/v1`: Stripe's API, and what faults do to it.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header::HeaderMap},
    web::{Data, Payload},
};
use futures_util::StreamExt;

use super::{
    KeyInFlight, LARGEST_BODY, Shared,
    cut::{silence, torn},
};
use crate::{
    api::{Api, ApiRequest, ApiResponse},
    control::{Damage, Fault},
    lifecycle,
    store::World,
    wire::{ApiError, idempotency},
};

pub async fn answer(request: HttpRequest, payload: Payload, shared: Data<Arc<Shared>>) -> HttpResponse {
    match answered(&request, payload, &shared).await {
        Ok(response) => response,
        Err(error) => spoken(&ApiResponse::refused(&error)),
    }
}

async fn answered(
    request: &HttpRequest,
    payload: Payload,
    shared: &Arc<Shared>,
) -> Result<HttpResponse, ApiError> {
    let body = read(payload).await?;
    let request = taken_apart(request, body);
    // Another request with the key is refused for as long as this is held, and does not use up its fault.
    let (_in_flight, fault) = shared.guarded(|world| prepared(shared, world, &request))??;
    let damage = fault.as_ref().map(|fault| fault.damage);
    let hold_ms = fault.map_or(0, |fault| fault.hold_ms);
    if damage == Some(Damage::TimeoutBefore) {
        return Ok(silence(hold_ms).await);
    }
    let mut response = shared.guarded(|world| {
        let response = shared.api.answer(world, &request, damage);
        lifecycle::finish_advancing(world);
        response
    })?;
    match damage {
        Some(Damage::TimeoutAfter) => return Ok(silence(hold_ms).await),
        Some(Damage::Reset) => {
            let body = serde_json::to_vec(&response.body).unwrap_or_default();
            return Ok(torn(&mut head(&response), &body));
        }
        Some(damage) if response.status == 200 => damage.spoil(&mut response.body),
        _ => {}
    }
    Ok(spoken(&response))
}

/// What holds before anything is done: who asks, that the idempotency key is free, and the fault that hits.
fn prepared(
    shared: &Arc<Shared>,
    world: &mut World,
    request: &ApiRequest,
) -> Result<(Option<KeyInFlight>, Option<Fault>), ApiError> {
    lifecycle::catch_up(world);
    let account = Api::account(world, request)?;
    let key = request.idempotency_key.as_ref().filter(|_| request.method == "POST");
    let in_flight = key.map(|key| shared.take_key(&account, key).ok_or_else(|| idempotency::in_use(key)));
    Ok((in_flight.transpose()?, world.control.faults.strike(&request.method, &request.path)))
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
        content_type: header("content-type"),
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

pub fn spoken(response: &ApiResponse) -> HttpResponse {
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
