use actix_web::web::{Data, Json};
use billing_domain::AppId;

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::dto::{InvoiceCountsBody, SubscriptionCountsBody};
use crate::error::ApiError;
use crate::extract::{EnvironmentParameter, EnvironmentQuery, InPath};

/// The numbers of an app's subscriptions by status
///
/// They are exact.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/counts",
    tag = "Subscriptions",
    operation_id = "countSubscriptions",
    params(EnvironmentParameter),
    responses((status = 200, description = "The numbers.", body = SubscriptionCountsBody))
)]
pub(crate) async fn count_subscriptions(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    EnvironmentQuery(environment): EnvironmentQuery,
) -> Result<Json<SubscriptionCountsBody>, ApiError> {
    let counts = api
        .read(session, |reads, session| async move {
            reads.subscription_counts(&session.workspace_id, &app_id, environment.as_ref()).await
        })
        .await?;
    Ok(Json(counts.into()))
}

/// The numbers of an app's invoices by status
///
/// They are exact.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/invoices/counts",
    tag = "Invoices",
    operation_id = "countInvoices",
    params(EnvironmentParameter),
    responses((status = 200, description = "The numbers.", body = InvoiceCountsBody))
)]
pub(crate) async fn count_invoices(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    EnvironmentQuery(environment): EnvironmentQuery,
) -> Result<Json<InvoiceCountsBody>, ApiError> {
    let counts = api
        .read(session, |reads, session| async move {
            reads.invoice_counts(&session.workspace_id, &app_id, environment.as_ref()).await
        })
        .await?;
    Ok(Json(counts.into()))
}
