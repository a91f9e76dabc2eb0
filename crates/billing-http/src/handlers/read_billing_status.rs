use actix_web::web::{Data, Json};

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::dto::BillingStatusBody;
use crate::error::ApiError;

/// Whether the workspace's billing is on
///
/// Billing that is being disabled is still on.
#[utoipa::path(
    get,
    path = "/v1/dashboard/billing/status",
    tag = "Billing gate",
    operation_id = "readBillingStatus",
    responses((status = 200, description = "The status.", body = BillingStatusBody))
)]
pub(crate) async fn read_billing_status(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
) -> Result<Json<BillingStatusBody>, ApiError> {
    let status = api
        .read(session, |reads, session| async move { reads.billing_switch(&session.workspace_id).await })
        .await?;
    Ok(Json(status.into()))
}
