use actix_web::web::{Data, Json};
use billing_domain::AppId;

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::dto::OverviewBody;
use crate::error::ApiError;
use crate::extract::{EnvironmentQuery, InPath, OverviewParameter};

/// The revenue of an app, by currency and month
///
/// Monthly recurring revenue is every active or past due subscription brought to a month: a yearly price counts a twelfth,
/// times its quantity. Trials, taxes and usage are left out; tax that a price includes is not taken off. Discounts are taken
/// off while they apply, except those of a single invoice. A subscription is new when it first counts, and churned when one
/// that counted has ended. Months are those of UTC. Amounts of two currencies are never added.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/overview",
    tag = "Revenue",
    operation_id = "readOverview",
    params(OverviewParameter),
    responses((status = 200, description = "The figures.", body = OverviewBody))
)]
pub(crate) async fn read_overview(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    EnvironmentQuery(environment): EnvironmentQuery,
) -> Result<Json<OverviewBody>, ApiError> {
    let (_switch, overview) = api
        .read(session, |reads, session| async move {
            reads.revenue_overview(&session.workspace_id, &app_id, environment.as_ref()).await
        })
        .await?;
    Ok(Json(overview.into()))
}
