use actix_web::web::{Data, Json};
use billing_application::{EnableBilling, EnableWish};

use crate::BillingApi;
use crate::auth::SignedInAdministrator;
use crate::dto::{BillingStatusBody, EnableBillingBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::OptionalJson;

/// Enable billing, or switch to another gateway
///
/// May be repeated: enabling with the gateway in use changes nothing. Enabling with another one while billing
/// is on switches to it; what was sold through the old one stays there. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/billing/enable",
    tag = "Billing gate",
    operation_id = "enableBilling",
    request_body(content = EnableBillingBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Billing is on.", body = BillingStatusBody),
        (status = 400, description = "`invalid_request`, or `payment_gateway_not_configured` with the missing settings in `details`.", body = ErrorBody),
        (status = 409, description = "`billing_closing` while billing is being disabled, or `concurrent_change`.", body = ErrorBody),
    )
)]
pub(crate) async fn enable_billing(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    body: OptionalJson<EnableBillingBody>,
) -> Result<Json<BillingStatusBody>, ApiError> {
    let change = EnableBilling { gateway: body.0.gateway(), wish: EnableWish::EnableOrSwitch };
    let status = api.change(administrator, change).await?;
    Ok(Json(status.into()))
}
