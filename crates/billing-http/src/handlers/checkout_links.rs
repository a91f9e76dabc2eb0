use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use billing_application::EndCheckoutLink;
use billing_domain::{AppId, CheckoutIntentId};

use super::created;
use crate::BillingApi;
use crate::auth::{SignedIn, SignedInAdministrator};
use crate::dto::{CheckoutLinkBody, CheckoutLinkStatusBody, CreateCheckoutLinkBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{InPath, RequestKeyHeader, RequestKeyParameter, RequiredJson};

/// Make a link at which a payer can buy a plan
///
/// The payer pays at Stripe's page. A payer has one open link in an app: a request for the same gets it again, and one
/// for something else ends it. After a 503, repeat the request under the same `Idempotency-Key`: it goes on where it
/// ended. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/checkout-links",
    tag = "Checkout links",
    operation_id = "createCheckoutLink",
    params(RequestKeyParameter),
    request_body(content = CreateCheckoutLinkBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The link.", body = CheckoutLinkBody),
        (status = 400, description = "`invalid_request`, also when the plan is not offered like this; or `redirect_url_not_allowed`.", body = ErrorBody),
        (status = 409, description = "`already_subscribed`, `billing_closing`, `stripe_account_not_linked`, `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the link may exist; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn create_checkout_link(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(app_id): InPath<AppId>,
    RequestKeyHeader(key): RequestKeyHeader,
    RequiredJson(body): RequiredJson<CreateCheckoutLinkBody>,
) -> Result<HttpResponse, ApiError> {
    let request = body.request(app_id)?;
    let link = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.create_checkout_link(&administrator, &request, key.as_ref()).await
        })
        .await?;
    Ok(created::<CheckoutLinkBody>(link))
}

/// One checkout link, open or not
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/checkout-links/{checkoutLinkId}",
    tag = "Checkout links",
    operation_id = "readCheckoutLink",
    responses((status = 200, description = "The link.", body = CheckoutLinkStatusBody))
)]
pub(crate) async fn read_checkout_link(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath((app_id, id)): InPath<(AppId, CheckoutIntentId)>,
) -> Result<Json<CheckoutLinkStatusBody>, ApiError> {
    let intent = api
        .read(session, |reads, session| async move {
            reads.checkout_intent(&session.workspace_id, &app_id, id).await
        })
        .await?;
    Ok(Json(intent.into()))
}

/// End a checkout link: it can no longer be paid
///
/// May be repeated. Needs the role `owner` or `admin`.
#[utoipa::path(
    delete,
    path = "/v1/dashboard/apps/{appId}/billing/checkout-links/{checkoutLinkId}",
    tag = "Checkout links",
    operation_id = "endCheckoutLink",
    responses(
        (status = 204, description = "It has ended."),
        (status = 409, description = "`checkout_completed`: the payer was faster; `stripe_account_not_linked`, or `concurrent_change`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: it may still be open; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn end_checkout_link(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath((app_id, id)): InPath<(AppId, CheckoutIntentId)>,
) -> Result<HttpResponse, ApiError> {
    let request = EndCheckoutLink { app_id, id };
    api.change_at_gateway(administrator, |executor, administrator| async move {
        executor.end_checkout_link(&administrator, &request).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
