use actix_web::web::{Data, Json};
use billing_domain::AppId;

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::dto::PayerFactsBody;
use crate::error::ApiError;
use crate::extract::{EnvironmentParameter, EnvironmentQuery, InPath, PayerInPath};

/// A payer: what it has, had and paid, and the features it has now
///
/// A payer to whom nothing was sold in the app is absent.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/payers/{payerKind}/{payerId}",
    tag = "Payers",
    operation_id = "readPayer",
    params(EnvironmentParameter),
    responses((status = 200, description = "The payer.", body = PayerFactsBody))
)]
pub(crate) async fn read_payer(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    PayerInPath(payer): PayerInPath,
    EnvironmentQuery(environment): EnvironmentQuery,
) -> Result<Json<PayerFactsBody>, ApiError> {
    let facts = api
        .read(session, |reads, session| async move {
            reads.payer(&session.workspace_id, &app_id, payer, environment.as_ref()).await
        })
        .await?;
    Ok(Json(facts.into()))
}
