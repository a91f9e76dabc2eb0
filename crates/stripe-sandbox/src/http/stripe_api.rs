//! `/v1`: Stripe's API.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderMap},
    web::{Bytes, Data},
};

use super::Shared;
use crate::{
    api::{ApiRequest, ApiResponse},
    lifecycle,
};

pub async fn answer(request: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    let request = taken_apart(&request, &body);
    let response = shared.with(|world| {
        lifecycle::catch_up(world);
        let response = shared.api.answer(world, &request, None);
        lifecycle::finish_advancing(world);
        response
    });
    spoken(&response)
}

fn taken_apart(request: &HttpRequest, body: &Bytes) -> ApiRequest {
    let header = |name: &str| text(request.headers(), name);
    ApiRequest {
        method: request.method().as_str().to_owned(),
        path: request.path().trim_end_matches('/').to_owned(),
        query: request.query_string().to_owned(),
        body: body.to_vec(),
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
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = HttpResponse::build(status);
    builder.insert_header(("request-id", response.request_id.as_str()));
    builder.insert_header(("stripe-version", response.stripe_version.as_str()));
    builder.insert_header(("cache-control", "no-cache, no-store"));
    let more = [
        ("idempotency-key", &response.idempotency_key),
        ("original-request", &response.original_request),
        ("stripe-account", &response.stripe_account),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            builder.insert_header((name, value.as_str()));
        }
    }
    if response.original_request.is_some() {
        builder.insert_header(("idempotent-replayed", "true"));
    }
    if response.retry_later {
        builder.insert_header(("retry-after", "1"));
    }
    builder.json(&response.body)
}
