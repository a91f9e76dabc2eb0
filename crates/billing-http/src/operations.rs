//! Endpoints for operations: liveness, readiness, metrics.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::BillingApi;
use crate::error::{ApiError, ErrorBody};

#[derive(Serialize, ToSchema)]
pub(crate) struct HealthBody {
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Json<HealthBody> = Json(HealthBody { status: "ok" });

/// Whether the process is alive
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Operations",
    operation_id = "health",
    security(()),
    responses((status = 200, description = "It is.", body = HealthBody))
)]
pub(crate) async fn health() -> Json<HealthBody> {
    OK
}

/// Whether requests can be served: the database is reachable and migrated
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Operations",
    operation_id = "readiness",
    security(()),
    responses(
        (status = 200, description = "They can.", body = HealthBody),
        (status = 503, description = "`database_unavailable`", body = ErrorBody),
    )
)]
pub(crate) async fn readiness(api: Data<BillingApi>) -> Result<Json<HealthBody>, ApiError> {
    api.readiness().await?;
    Ok(OK)
}

/// What is counted, for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Operations",
    operation_id = "metrics",
    security(()),
    responses((status = 200, description = "OpenMetrics text.", body = String, content_type = "application/openmetrics-text"))
)]
pub(crate) async fn metrics(api: Data<BillingApi>) -> Result<HttpResponse, ApiError> {
    let text = api.metrics.render().map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}
