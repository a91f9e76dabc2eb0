use std::sync::Arc;

use actix_web::web::{Data, Json};
use billing_application::DisableBillingRequest;

use crate::BillingApi;
use crate::auth::BillingAdministrator;
use crate::dto::{BillingStatusBody, DisableBillingBody};
use crate::error::{ApiError, ErrorBody};
use crate::json::OptionalJson;

/// Switch billing off, unless Stripe can still charge someone
///
/// May be repeated: disabling while off changes nothing. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/billing/disable",
    tag = "Billing gate",
    operation_id = "disableBilling",
    request_body(content = DisableBillingBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Billing is off.", body = BillingStatusBody),
        (status = 400, description = "`billing_has_active_end_user_subscriptions`: billing is on as before, and `details` holds `blockers` (the first 100) and their `total`; or `invalid_request`.", body = ErrorBody),
        (status = 409, description = "`concurrent_change`: others keep switching billing on and off.", body = ErrorBody),
    )
)]
pub(crate) async fn disable_billing(
    api: Data<BillingApi>,
    administrator: BillingAdministrator,
    _body: OptionalJson<DisableBillingBody>,
) -> Result<Json<BillingStatusBody>, ApiError> {
    let use_case = Arc::clone(&api.disable_billing);
    let request =
        DisableBillingRequest { workspace_id: administrator.workspace_id, actor: administrator.actor };
    let status = api.runner.run(async move { use_case.execute(request).await }).await?;
    Ok(Json(status.into()))
}
