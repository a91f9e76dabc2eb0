use actix_web::web::{Data, Json};
use billing_application::ArchivePlan;
use billing_domain::{AppId, PlanId};

use crate::BillingApi;
use crate::auth::{SignedIn, SignedInAdministrator};
use crate::dto::{PlanBody, UpdatePlanBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{InPath, RequiredJson};

/// One plan with its prices and features, archived or not
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/plans/{planId}",
    tag = "Plans",
    operation_id = "readPlan",
    responses((status = 200, description = "The plan.", body = PlanBody))
)]
pub(crate) async fn read_plan(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath((app_id, plan_id)): InPath<(AppId, PlanId)>,
) -> Result<Json<PlanBody>, ApiError> {
    let plan =
        api.read(session, |reads, session| async move {
            reads.plan(&session.workspace_id, &app_id, plan_id).await
        })
        .await?;
    Ok(Json(plan.into()))
}

/// Change a plan
///
/// May be repeated. Its key and who can subscribe never change. Needs the role `owner` or `admin`.
#[utoipa::path(
    patch,
    path = "/v1/dashboard/apps/{appId}/billing/plans/{planId}",
    tag = "Plans",
    operation_id = "updatePlan",
    request_body(content = UpdatePlanBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The plan as it is now.", body = PlanBody),
        (status = 400, description = "`invalid_request`, or `default_plan_must_be_free`.", body = ErrorBody),
        (status = 409, description = "`concurrent_change`: `details` holds the `plan` as it is now; `plan_archived`; or `default_plan_taken` with the `planId` in `details`.", body = ErrorBody),
    )
)]
pub(crate) async fn update_plan(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(plan): InPath<(AppId, PlanId)>,
    RequiredJson(body): RequiredJson<UpdatePlanBody>,
) -> Result<Json<PlanBody>, ApiError> {
    let plan = api.change(administrator, body.change(plan)).await?;
    Ok(Json(plan.into()))
}

/// Archive a plan: nobody new can subscribe to it
///
/// Who subscribed keeps it. May be repeated, and cannot be undone. Needs the role `owner` or `admin`.
#[utoipa::path(
    delete,
    path = "/v1/dashboard/apps/{appId}/billing/plans/{planId}",
    tag = "Plans",
    operation_id = "archivePlan",
    responses((status = 200, description = "The plan as it is now.", body = PlanBody))
)]
pub(crate) async fn archive_plan(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath((app_id, plan_id)): InPath<(AppId, PlanId)>,
) -> Result<Json<PlanBody>, ApiError> {
    let plan = api.change(administrator, ArchivePlan { app_id, plan_id }).await?;
    Ok(Json(plan.into()))
}
