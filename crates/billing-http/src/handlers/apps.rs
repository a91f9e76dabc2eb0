use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use billing_domain::AppId;
use billing_domain::ports::AppFilter;

use super::created;
use crate::BillingApi;
use crate::auth::{SignedIn, SignedInAdministrator};
use crate::dto::{AppBody, CreateAppBody, ListBody, UpdateAppBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{
    InPath, PageParameters, PageQuery, RequestKeyHeader, RequestKeyParameter, RequiredJson,
};

/// The apps of the workspace, newest first
///
/// Works while billing is off.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps",
    tag = "Apps",
    operation_id = "listApps",
    params(PageParameters),
    responses((status = 200, description = "A part of the list.", body = ListBody<AppBody>))
)]
pub(crate) async fn list_apps(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    PageQuery(page): PageQuery,
) -> Result<Json<ListBody<AppBody>>, ApiError> {
    let apps = api
        .read(session, |reads, session| async move {
            reads.apps(&session.workspace_id, &AppFilter::default(), &page).await
        })
        .await?;
    Ok(Json(apps.into()))
}

/// Add an app to the workspace
///
/// It gets a development and a production environment. Works while billing is off. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps",
    tag = "Apps",
    operation_id = "createApp",
    params(RequestKeyParameter),
    request_body(content = CreateAppBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The app.", body = AppBody),
        (status = 400, description = "`invalid_request`, or `limit_reached`: too many origins.", body = ErrorBody),
        (status = 409, description = "`idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
    )
)]
pub(crate) async fn create_app(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    RequestKeyHeader(request_key): RequestKeyHeader,
    RequiredJson(body): RequiredJson<CreateAppBody>,
) -> Result<HttpResponse, ApiError> {
    let app = api.change_once(administrator, body.change(), request_key).await?;
    Ok(created::<AppBody>(app))
}

/// One app
///
/// Works while billing is off.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}",
    tag = "Apps",
    operation_id = "readApp",
    responses((status = 200, description = "The app.", body = AppBody))
)]
pub(crate) async fn read_app(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
) -> Result<Json<AppBody>, ApiError> {
    let app = api
        .read(session, |reads, session| async move { reads.app(&session.workspace_id, &app_id).await })
        .await?;
    Ok(Json(app.into()))
}

/// Change an app's name or redirect origins
///
/// May be repeated. Works while billing is off. Needs the role `owner` or `admin`.
#[utoipa::path(
    patch,
    path = "/v1/dashboard/apps/{appId}",
    tag = "Apps",
    operation_id = "updateApp",
    request_body(content = UpdateAppBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The app as it is now.", body = AppBody),
        (status = 400, description = "`invalid_request`, or `limit_reached`: too many origins.", body = ErrorBody),
        (status = 409, description = "`concurrent_change`: `details` holds the `app` as it is now.", body = ErrorBody),
    )
)]
pub(crate) async fn update_app(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(app_id): InPath<AppId>,
    RequiredJson(body): RequiredJson<UpdateAppBody>,
) -> Result<Json<AppBody>, ApiError> {
    let app = api.change(administrator, body.change(app_id)).await?;
    Ok(Json(app.into()))
}
