use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use billing_application::{AddPrice, ArchivePrice};
use billing_domain::{AppId, PlanId, PriceId};

use super::made;
use crate::BillingApi;
use crate::auth::SignedInAdministrator;
use crate::dto::{AddPriceBody, PriceBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{InPath, RequestKeyHeader, RequestKeyParameter, RequiredJson};

/// Sell a plan at one more price
///
/// A plan has one price per currency and interval: a new amount takes the place of the old one, which its subscribers
/// keep. May be repeated. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/plans/{planId}/prices",
    tag = "Plans",
    operation_id = "addPrice",
    params(RequestKeyParameter),
    request_body(content = AddPriceBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The new price.", body = PriceBody),
        (status = 200, description = "The price: the plan is sold at these terms already.", body = PriceBody),
        (status = 400, description = "`invalid_request`, `default_plan_must_be_free`, or `limit_reached`: too many prices.", body = ErrorBody),
        (status = 409, description = "`concurrent_change`: `details` holds the `plan` as it is now; `plan_archived`; or `idempotency_key_reused`.", body = ErrorBody),
    )
)]
pub(crate) async fn add_price(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath((app_id, plan_id)): InPath<(AppId, PlanId)>,
    RequestKeyHeader(request_key): RequestKeyHeader,
    RequiredJson(body): RequiredJson<AddPriceBody>,
) -> Result<HttpResponse, ApiError> {
    let (terms, expected_version) = body.read()?;
    let change = AddPrice { app_id, plan_id, terms, expected_version };
    let price = api.change_once(administrator, change, request_key).await?;
    Ok(made::<PriceBody>(price))
}

/// Archive a price: nobody new can subscribe at it
///
/// Who subscribed at it keeps it. May be repeated, and cannot be undone. Needs the role `owner` or `admin`.
#[utoipa::path(
    delete,
    path = "/v1/dashboard/apps/{appId}/billing/plans/{planId}/prices/{priceId}",
    tag = "Plans",
    operation_id = "archivePrice",
    responses((status = 200, description = "The price as it is now.", body = PriceBody))
)]
pub(crate) async fn archive_price(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath((app_id, plan_id, price_id)): InPath<(AppId, PlanId, PriceId)>,
) -> Result<Json<PriceBody>, ApiError> {
    let price = api.change(administrator, ArchivePrice { app_id, plan_id, price_id }).await?;
    Ok(Json(price.into()))
}
