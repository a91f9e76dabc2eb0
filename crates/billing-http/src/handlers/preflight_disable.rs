use std::sync::Arc;

use actix_web::web::{Data, Json};

use crate::BillingApi;
use crate::auth::DashboardSession;
use crate::dto::DisablePreflightBody;
use crate::error::ApiError;

/// What would keep billing from being switched off
///
/// A forecast that changes nothing; only disabling decides. Refused with `billing_not_enabled` while billing
/// is off.
#[utoipa::path(
    get,
    path = "/v1/dashboard/billing/disable/preflight",
    tag = "Billing gate",
    operation_id = "preflightDisableBilling",
    responses((status = 200, description = "The forecast.", body = DisablePreflightBody))
)]
pub(crate) async fn preflight_disable(
    api: Data<BillingApi>,
    session: DashboardSession,
) -> Result<Json<DisablePreflightBody>, ApiError> {
    let use_case = Arc::clone(&api.preflight_disable);
    let blockers = api.runner.read(async move { use_case.execute(&session.workspace_id).await }).await?;
    Ok(Json(blockers.into()))
}
