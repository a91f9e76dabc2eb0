use actix_web::web::{Data, Json};
use billing_application::ActOnInvoice;
use billing_domain::{Administrator, AppId, InvoiceAction, InvoiceId, RequestKey};

use crate::BillingApi;
use crate::auth::{SignedIn, SignedInAdministrator};
use crate::dto::{InvoiceBody, ListBody, RefundInvoiceBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{
    EnvironmentParameter, InPath, InvoiceParameters, InvoicesQuery, PageParameters, PayerParameter,
    RequestKeyHeader, RequestKeyParameter, RequiredJson, RequiredKeyHeader, RequiredKeyParameter,
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

/// Refund an invoice, in full or in part
///
/// Gives back what was paid through Stripe, and never more, whoever else refunds the invoice at the same moment: what was
/// refunded before and what is under way is taken off first. The `Idempotency-Key` is required: a repeat under it refunds
/// nothing again. Access and subscription stay as they are. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/invoices/{invoiceId}/refund",
    tag = "Invoices",
    operation_id = "refundInvoice",
    params(RequiredKeyParameter),
    request_body(content = RefundInvoiceBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The invoice as it is now, with its refunds.", body = InvoiceBody),
        (status = 409, description = "`refund_conflict`: `details` holds what was `asked` and what is `left`, with `paid`, `refunded` and `underWay`; `invoice_not_refundable`, `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`; `refund_incomplete`: `details` holds the part that was `refunded`, and the `reason` for the rest.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the refund is tried again until it is known, unless the message says that nothing was changed; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn refund_invoice(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(invoice): InPath<(AppId, InvoiceId)>,
    RequiredKeyHeader(key): RequiredKeyHeader,
    RequiredJson(body): RequiredJson<RefundInvoiceBody>,
) -> Result<Json<InvoiceBody>, ApiError> {
    let request = body.request(invoice);
    let invoice = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.refund_invoice(&administrator, &request, &key).await
        })
        .await?;
    Ok(Json(InvoiceBody::with_lines(invoice)))
}

/// Void an invoice
///
/// Nobody can pay it any more, and that cannot be undone. An open or uncollectible invoice can be voided. May be repeated.
/// Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/invoices/{invoiceId}/void",
    tag = "Invoices",
    operation_id = "voidInvoice",
    params(RequestKeyParameter),
    responses(
        (status = 200, description = "The invoice as it is now.", body = InvoiceBody),
        (status = 409, description = "`invoice_status_forbids`: `details` holds its `status`; `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the change is tried again until it is known, unless the message says that it was not made; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn void_invoice(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(invoice): InPath<(AppId, InvoiceId)>,
    RequestKeyHeader(key): RequestKeyHeader,
) -> Result<Json<InvoiceBody>, ApiError> {
    acted(&api, administrator, invoice, InvoiceAction::Void, key).await
}

/// Mark an invoice as uncollectible
///
/// It is not collected any more, and can still be paid on its page. An open invoice can be marked. May be repeated.
/// Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/invoices/{invoiceId}/mark-uncollectible",
    tag = "Invoices",
    operation_id = "markInvoiceUncollectible",
    params(RequestKeyParameter),
    responses(
        (status = 200, description = "The invoice as it is now.", body = InvoiceBody),
        (status = 409, description = "`invoice_status_forbids`: `details` holds its `status`; `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the change is tried again until it is known, unless the message says that it was not made; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn mark_invoice_uncollectible(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(invoice): InPath<(AppId, InvoiceId)>,
    RequestKeyHeader(key): RequestKeyHeader,
) -> Result<Json<InvoiceBody>, ApiError> {
    acted(&api, administrator, invoice, InvoiceAction::MarkUncollectible, key).await
}

/// Send an invoice again
///
/// Stripe sends it by e-mail; with a test key it sends nothing. Only an open or uncollectible invoice that is not charged
/// automatically can be sent. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/invoices/{invoiceId}/send",
    tag = "Invoices",
    operation_id = "sendInvoice",
    params(RequestKeyParameter),
    responses(
        (status = 200, description = "The invoice as it is now.", body = InvoiceBody),
        (status = 409, description = "`invoice_charged_automatically`: `details` holds the address of its page, `hostedUrl`; `invoice_status_forbids`: `details` holds its `status`; `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the change is tried again until it is known, unless the message says that it was not made; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn send_invoice(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(invoice): InPath<(AppId, InvoiceId)>,
    RequestKeyHeader(key): RequestKeyHeader,
) -> Result<Json<InvoiceBody>, ApiError> {
    acted(&api, administrator, invoice, InvoiceAction::Send, key).await
}

async fn acted(
    api: &BillingApi,
    administrator: Administrator,
    (app_id, invoice_id): (AppId, InvoiceId),
    action: InvoiceAction,
    key: Option<RequestKey>,
) -> Result<Json<InvoiceBody>, ApiError> {
    let request = ActOnInvoice { app_id, invoice_id, action };
    let invoice = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.act_on_invoice(&administrator, &request, key.as_ref()).await
        })
        .await?;
    Ok(Json(InvoiceBody::with_lines(invoice)))
}
