use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use billing_domain::AppId;

use super::created;
use crate::BillingApi;
use crate::auth::{SignedIn, SignedInAdministrator};
use crate::dto::{CreatePlanBody, ListBody, PlanBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{
    ArchivedParameter, InPath, PageParameters, PlansQuery, RequestKeyHeader, RequestKeyParameter,
    RequiredJson,
};

/// The plans of an app, newest first
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/plans",
    tag = "Plans",
    operation_id = "listPlans",
    params(ArchivedParameter, PageParameters),
    responses((status = 200, description = "A part of the list.", body = ListBody<PlanBody>))
)]
pub(crate) async fn list_plans(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    query: PlansQuery,
) -> Result<Json<ListBody<PlanBody>>, ApiError> {
    let plans = api
        .read(session, |reads, session| async move {
            reads.plans(&session.workspace_id, &app_id, &query.filter, &query.page).await
        })
        .await?;
    Ok(Json(plans.page.into()))
}

/// Add a plan, with its first prices and features
///
/// Nothing is created at Stripe. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/plans",
    tag = "Plans",
    operation_id = "createPlan",
    params(RequestKeyParameter),
    request_body(content = CreatePlanBody, content_type = "application/json", example = json!({
        "key": "pro",
        "name": "Pro",
        "trialDays": 14,
        "prices": [
            { "amount": { "minorUnits": 1250, "currency": "USD" }, "interval": "month" },
            { "amount": { "minorUnits": 1200, "currency": "JPY" }, "interval": "month" },
            { "amount": { "minorUnits": 4500, "currency": "KWD" }, "interval": "year" },
        ],
    })),
    responses(
        (status = 201, description = "The plan.", body = PlanBody),
        (status = 400, description = "`invalid_request`, `default_plan_must_be_free`, or `limit_reached`: too many prices or features.", body = ErrorBody),
        (status = 409, description = "`plan_key_taken`, `default_plan_taken` with the `planId` in `details`, `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
    )
)]
pub(crate) async fn create_plan(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(app_id): InPath<AppId>,
    RequestKeyHeader(request_key): RequestKeyHeader,
    RequiredJson(body): RequiredJson<CreatePlanBody>,
) -> Result<HttpResponse, ApiError> {
    let plan = api.change_once(administrator, body.change(app_id)?, request_key).await?;
    Ok(created::<PlanBody>(plan))
}
