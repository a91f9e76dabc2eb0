use actix_web::HttpResponse;
use actix_web::web::Data;
use billing_application::DetachFeature;
use billing_domain::{AppId, FeatureKey, PlanId};

use super::made;
use crate::BillingApi;
use crate::auth::SignedInAdministrator;
use crate::dto::{AttachFeatureBody, FeatureBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{InPath, RequestKeyHeader, RequestKeyParameter, RequiredJson};

/// Let a plan include a feature, which is created if it is new
///
/// May be repeated, on an archived plan too. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/plans/{planId}/features",
    tag = "Features",
    operation_id = "attachFeature",
    params(RequestKeyParameter),
    request_body(content = AttachFeatureBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The feature, attached now.", body = FeatureBody),
        (status = 200, description = "The feature: it was attached already.", body = FeatureBody),
        (status = 400, description = "`invalid_request`, or `limit_reached`: too many features.", body = ErrorBody),
        (status = 409, description = "`idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
    )
)]
pub(crate) async fn attach_feature(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(plan): InPath<(AppId, PlanId)>,
    RequestKeyHeader(request_key): RequestKeyHeader,
    RequiredJson(body): RequiredJson<AttachFeatureBody>,
) -> Result<HttpResponse, ApiError> {
    let feature = api.change_once(administrator, body.change(plan), request_key).await?;
    Ok(made::<FeatureBody>(feature))
}

/// Let a plan not include a feature any more
///
/// Everyone who has the plan loses it. May be repeated. Needs the role `owner` or `admin`.
#[utoipa::path(
    delete,
    path = "/v1/dashboard/apps/{appId}/billing/plans/{planId}/features/{key}",
    tag = "Features",
    operation_id = "detachFeature",
    responses((status = 204, description = "It is not attached."))
)]
pub(crate) async fn detach_feature(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath((app_id, plan_id, key)): InPath<(AppId, PlanId, FeatureKey)>,
) -> Result<HttpResponse, ApiError> {
    api.change(administrator, DetachFeature { app_id, plan_id, key }).await?;
    Ok(HttpResponse::NoContent().finish())
}
