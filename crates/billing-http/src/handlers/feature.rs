use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use billing_application::DeleteFeature;
use billing_domain::{AppId, FeatureKey};

use crate::BillingApi;
use crate::auth::{SignedIn, SignedInAdministrator};
use crate::dto::{FeatureBody, UpdateFeatureBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{InPath, RequiredJson};

/// One feature
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/features/{key}",
    tag = "Features",
    operation_id = "readFeature",
    responses((status = 200, description = "The feature.", body = FeatureBody))
)]
pub(crate) async fn read_feature(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath((app_id, key)): InPath<(AppId, FeatureKey)>,
) -> Result<Json<FeatureBody>, ApiError> {
    let feature =
        api.read(session, |reads, session| async move {
            reads.feature(&session.workspace_id, &app_id, &key).await
        })
        .await?;
    Ok(Json(feature.into()))
}

/// Change a feature's name or description
///
/// May be repeated. Its key never changes. Needs the role `owner` or `admin`.
#[utoipa::path(
    patch,
    path = "/v1/dashboard/apps/{appId}/billing/features/{key}",
    tag = "Features",
    operation_id = "updateFeature",
    request_body(content = UpdateFeatureBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The feature as it is now.", body = FeatureBody),
        (status = 409, description = "`concurrent_change`: `details` holds the `feature` as it is now.", body = ErrorBody),
    )
)]
pub(crate) async fn update_feature(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(feature): InPath<(AppId, FeatureKey)>,
    RequiredJson(body): RequiredJson<UpdateFeatureBody>,
) -> Result<Json<FeatureBody>, ApiError> {
    let feature = api.change(administrator, body.change(feature)).await?;
    Ok(Json(feature.into()))
}

/// Delete a feature that is attached to no plan
///
/// Needs the role `owner` or `admin`.
#[utoipa::path(
    delete,
    path = "/v1/dashboard/apps/{appId}/billing/features/{key}",
    tag = "Features",
    operation_id = "deleteFeature",
    responses(
        (status = 204, description = "It is deleted."),
        (status = 409, description = "`feature_in_use`: `details` holds the first 20 `plans` it is attached to; or `concurrent_change`.", body = ErrorBody),
    )
)]
pub(crate) async fn delete_feature(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath((app_id, key)): InPath<(AppId, FeatureKey)>,
) -> Result<HttpResponse, ApiError> {
    api.change(administrator, DeleteFeature { app_id, key }).await?;
    Ok(HttpResponse::NoContent().finish())
}
