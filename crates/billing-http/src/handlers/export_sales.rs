use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, ResponseError};
use billing_application::SalesExport;
use billing_domain::{AppId, DashboardSession};
use futures_util::TryStreamExt;
use tracing::Span;

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{
    EnvironmentParameter, InPath, InvoiceParameters, InvoicesExportQuery, PayerParameter,
    SubscriptionParameters, SubscriptionsExportQuery,
};

/// The subscriptions of an app as CSV, newest first
///
/// In UTF-8, as in RFC 4180, with the names of the columns in the first row. Amounts are decimal numbers beside their currency.
/// A text that a spreadsheet would take for a formula has an apostrophe in front, and a semicolon or a tab before such a part
/// of one is a space. An export that fails on the way ends without the last chunk of its body.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/export.csv",
    tag = "Subscriptions",
    operation_id = "exportSubscriptions",
    params(SubscriptionParameters, EnvironmentParameter, PayerParameter),
    responses((status = 200, description = "The table.", body = String, content_type = "text/csv"))
)]
pub(crate) async fn export_subscriptions(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    SubscriptionsExportQuery(filter): SubscriptionsExportQuery,
) -> Result<HttpResponse, ApiError> {
    let export = SalesExport::of_subscriptions(app_id, filter);
    Box::pin(download(api, session, export, "subscriptions.csv")).await
}

/// The invoices of an app as CSV, latest first
///
/// Of the same form as the export of subscriptions, without the lines.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/invoices/export.csv",
    tag = "Invoices",
    operation_id = "exportInvoices",
    params(InvoiceParameters, EnvironmentParameter, PayerParameter),
    responses((status = 200, description = "The table.", body = String, content_type = "text/csv"))
)]
pub(crate) async fn export_invoices(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    InvoicesExportQuery(filter): InvoicesExportQuery,
) -> Result<HttpResponse, ApiError> {
    Box::pin(download(api, session, SalesExport::of_invoices(app_id, filter), "invoices.csv")).await
}

/// A refusal of the first part is one of the request. Each further part is read when the client has taken the one before it;
/// none is when the client has gone.
async fn download(
    api: Data<BillingApi>,
    session: DashboardSession,
    export: SalesExport,
    name: &str,
) -> Result<HttpResponse, ApiError> {
    let read = move |export: SalesExport| {
        let (api, session) = (api.clone(), session.clone());
        async move {
            let reading = api.read(session, |reads, session| async move {
                reads.export(&session.workspace_id, export).await
            });
            reading.await
        }
    };
    let parts = export.parts(read, ApiError::is_passing).await?;
    let span = Span::current();
    let parts = parts.inspect_err(move |error| span.in_scope(|| log_unfinished(error)));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(parts.map_ok(Bytes::from).map_err(|_| "the export was not finished")))
}

fn log_unfinished(error: &ApiError) {
    let cause = error.chain();
    if error.status_code().is_server_error() {
        tracing::error!(code = ?error.code(), %cause, "an export was not finished");
    } else {
        tracing::debug!(code = ?error.code(), %cause, "an export was not finished");
    }
}
