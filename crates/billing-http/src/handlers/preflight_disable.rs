use actix_web::web::{Data, Json};

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::dto::DisablePreflightBody;
use crate::error::{ApiError, ErrorBody};

/// What would keep billing from being disabled
///
/// A forecast that asks Stripe and changes nothing; only disabling decides. Refused with `billing_not_enabled` while
/// billing is off.
#[utoipa::path(
    get,
    path = "/v1/dashboard/billing/disable/preflight",
    tag = "Billing gate",
    operation_id = "preflightDisableBilling",
    responses(
        (status = 200, description = "The forecast.", body = DisablePreflightBody),
        (status = 503, description = "`payment_gateway_unavailable`, `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn preflight_disable(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
) -> Result<Json<DisablePreflightBody>, ApiError> {
    let blockers = api
        .read_at_gateway(session, |reads, session| async move {
            reads.preflight_disable(&session.workspace_id).await
        })
        .await?;
    Ok(Json(blockers.into()))
}
