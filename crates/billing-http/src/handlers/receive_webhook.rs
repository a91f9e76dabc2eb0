use actix_web::web::{Data, Json};

use crate::BillingApi;
use crate::dto::ReceivedBody;
use crate::error::{ApiError, ErrorBody};
use crate::extract::SignedBody;

/// Take an event of Stripe
///
/// For Stripe alone, whose signature is the credential. An event is stored before the answer; one of no interest is
/// accepted and not stored. After any other answer than 200, Stripe sends the event again.
#[utoipa::path(
    post,
    path = "/v1/stripe/webhook",
    tag = "Stripe",
    operation_id = "receiveWebhook",
    security(()),
    params(("Stripe-Signature" = String, Header, description = "The time and signatures, as Stripe sends them: `t=…,v1=…`. At most 300 seconds old.")),
    request_body(
        content = Object,
        content_type = "application/json",
        description = "The event, byte for byte as Stripe sends it: at most 1 MiB.",
        example = json!({ "id": "evt_1", "object": "event", "type": "customer.subscription.updated" })
    ),
    responses(
        (status = 200, description = "It need not be sent again.", body = ReceivedBody),
        (status = 400, description = "`invalid_webhook`: the signature, the mode or the event is wrong, and nothing was stored; or `invalid_request`: the body was not received.", body = ErrorBody),
        (status = 413, description = "`payload_too_large`", body = ErrorBody),
        (status = 429, description = "`too_many_requests`: too many events, or too many large ones, at once; the header `Retry-After` says when to try again.", body = ErrorBody),
        (status = 503, description = "`database_unavailable`: it is not stored; or `payment_gateway_unavailable`: the account of its secret is not known yet. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn receive_webhook(
    api: Data<BillingApi>,
    webhook: Result<SignedBody, ApiError>,
) -> Result<Json<ReceivedBody>, ApiError> {
    api.receive(webhook).await?;
    Ok(Json(ReceivedBody {}))
}

#[cfg(test)]
mod tests;
