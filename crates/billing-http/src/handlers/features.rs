use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use billing_domain::AppId;
use billing_domain::ports::FeatureFilter;

use super::created;
use crate::BillingApi;
use crate::auth::{SignedIn, SignedInAdministrator};
use crate::dto::{CreateFeatureBody, FeatureBody, ListBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{
    InPath, PageParameters, PageQuery, RequestKeyHeader, RequestKeyParameter, RequiredJson,
};

/// The features of an app, newest first
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/features",
    tag = "Features",
    operation_id = "listFeatures",
    params(PageParameters),
    responses((status = 200, description = "A part of the list.", body = ListBody<FeatureBody>))
)]
pub(crate) async fn list_features(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    PageQuery(page): PageQuery,
) -> Result<Json<ListBody<FeatureBody>>, ApiError> {
    let features = api
        .read(session, |reads, session| async move {
            reads.features(&session.workspace_id, &app_id, &FeatureFilter::default(), &page).await
        })
        .await?;
    Ok(Json(features.page.into()))
}

/// Add a feature, attached to no plan yet
///
/// Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/features",
    tag = "Features",
    operation_id = "createFeature",
    params(RequestKeyParameter),
    request_body(content = CreateFeatureBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The feature.", body = FeatureBody),
        (status = 409, description = "`feature_key_taken`, `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
    )
)]
pub(crate) async fn create_feature(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(app_id): InPath<AppId>,
    RequestKeyHeader(request_key): RequestKeyHeader,
    RequiredJson(body): RequiredJson<CreateFeatureBody>,
) -> Result<HttpResponse, ApiError> {
    let feature = api.change_once(administrator, body.change(app_id), request_key).await?;
    Ok(created::<FeatureBody>(feature))
}
