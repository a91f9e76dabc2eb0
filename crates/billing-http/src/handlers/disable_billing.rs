use actix_web::web::{Data, Json};

use crate::BillingApi;
use crate::auth::SignedInAdministrator;
use crate::dto::{BillingStatusBody, DisableBillingBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::OptionalJson;

/// Disable billing, unless Stripe can still charge someone
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
        (status = 409, description = "`concurrent_change`: others keep enabling and disabling billing; or `billing_closing`: Stripe is still being asked, which takes minutes where there are hundreds of customers. Read the status then.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: billing is on as before; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn disable_billing(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    _body: OptionalJson<DisableBillingBody>,
) -> Result<Json<BillingStatusBody>, ApiError> {
    let status = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.disable_billing(&administrator).await
        })
        .await?;
    Ok(Json(status.into()))
}
