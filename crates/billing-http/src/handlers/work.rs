use actix_web::web::{Data, Json};

use crate::BillingApi;
use crate::auth::{SignedIn, SignedInAdministrator};
use crate::dto::{DriftListBody, ReplayWorkBody, ReplayedWorkBody, WorkSetAsideListBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::RequiredJson;

/// The background work of the workspace that was set aside, latest first
///
/// What failed too often is set aside, and holds up nothing else. Works while billing is off. Needs the role `owner` or
/// `admin`.
#[utoipa::path(
    get,
    path = "/v1/dashboard/billing/work",
    tag = "Background work",
    operation_id = "listWorkSetAside",
    responses((status = 200, description = "The latest 100 rows.", body = WorkSetAsideListBody))
)]
pub(crate) async fn list_work_set_aside(
    api: Data<BillingApi>,
    _: SignedInAdministrator,
    SignedIn(session): SignedIn,
) -> Result<Json<WorkSetAsideListBody>, ApiError> {
    let (rows, total) = api
        .read(session, |reads, session| async move { reads.work_set_aside(&session.workspace_id).await })
        .await?;
    Ok(Json(WorkSetAsideListBody::new(rows, total)))
}

/// What reconciliation has mended in the last 30 days, latest first
///
/// A subscription or invoice that differed from Stripe although no webhook had told of a change. Works while billing is off.
/// Needs the role `owner` or `admin`.
#[utoipa::path(
    get,
    path = "/v1/dashboard/billing/drift",
    tag = "Background work",
    operation_id = "listDrift",
    responses((status = 200, description = "The latest 100.", body = DriftListBody))
)]
pub(crate) async fn list_drift(
    api: Data<BillingApi>,
    _: SignedInAdministrator,
    SignedIn(session): SignedIn,
) -> Result<Json<DriftListBody>, ApiError> {
    let drifts =
        api.read(session, |reads, session| async move { reads.drifts(&session.workspace_id).await }).await?;
    Ok(Json(drifts.into()))
}

/// Try work again that was set aside
///
/// It is done at once, with all its attempts. May be repeated: what is not set aside stays as it is. Works while billing is
/// off. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/billing/work/replay",
    tag = "Background work",
    operation_id = "replayWork",
    request_body(content = ReplayWorkBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Whether it was set aside.", body = ReplayedWorkBody),
        (status = 409, description = "`concurrent_change`.", body = ErrorBody),
    )
)]
pub(crate) async fn replay_work(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    RequiredJson(body): RequiredJson<ReplayWorkBody>,
) -> Result<Json<ReplayedWorkBody>, ApiError> {
    let replayed = api.change(administrator, body.request()?).await?;
    Ok(Json(ReplayedWorkBody::new(replayed)))
}
