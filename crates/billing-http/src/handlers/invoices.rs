use actix_web::web::{Data, Json};
use billing_domain::{AppId, InvoiceId};

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::dto::{InvoiceBody, ListBody};
use crate::error::ApiError;
use crate::extract::{
    EnvironmentParameter, InPath, InvoiceParameters, InvoicesQuery, PageParameters, PayerParameter,
};

/// The invoices of an app, latest first
///
/// They follow Stripe within seconds. Their lines are with each one alone.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/invoices",
    tag = "Invoices",
    operation_id = "listInvoices",
    params(InvoiceParameters, EnvironmentParameter, PayerParameter, PageParameters),
    responses((status = 200, description = "A part of the list.", body = ListBody<InvoiceBody>))
)]
pub(crate) async fn list_invoices(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    query: InvoicesQuery,
) -> Result<Json<ListBody<InvoiceBody>>, ApiError> {
    let invoices = api
        .read(session, |reads, session| async move {
            reads.invoices(&session.workspace_id, &app_id, &query.filter, &query.page).await
        })
        .await?;
    Ok(Json(invoices.page.into()))
}

/// One invoice with its lines
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/invoices/{invoiceId}",
    tag = "Invoices",
    operation_id = "readInvoice",
    responses((status = 200, description = "The invoice.", body = InvoiceBody))
)]
pub(crate) async fn read_invoice(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath((app_id, id)): InPath<(AppId, InvoiceId)>,
) -> Result<Json<InvoiceBody>, ApiError> {
    let invoice = api
        .read(
            session,
            |reads, session| async move { reads.invoice(&session.workspace_id, &app_id, id).await },
        )
        .await?;
    Ok(Json(InvoiceBody::with_lines(invoice)))
}
