use actix_web::web::{Data, Json};

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::dto::GatewaysBody;
use crate::error::ApiError;

/// Which payment gateways the workspace can choose from
///
/// Works while billing is off.
#[utoipa::path(
    get,
    path = "/v1/dashboard/billing/gateways",
    tag = "Billing gate",
    operation_id = "readGateways",
    responses((status = 200, description = "Every gateway.", body = GatewaysBody))
)]
pub(crate) async fn read_gateways(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
) -> Result<Json<GatewaysBody>, ApiError> {
    let options = api.read(session, |reads, session| async move { reads.gateways(&session).await }).await?;
    Ok(Json(options.into()))
}
