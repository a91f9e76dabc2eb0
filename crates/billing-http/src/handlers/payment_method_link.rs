use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use billing_application::CreatePaymentMethodLink;
use billing_domain::{AppId, SubscriptionId};

use crate::BillingApi;
use crate::auth::SignedInAdministrator;
use crate::dto::PaymentMethodLinkBody;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{InPath, RequestKeyHeader, RequestKeyParameter};

/// Make a link at which the payer enters another payment method
///
/// For a payer who is past due, or who asks for it. It leads to a page of Stripe's customer portal that does this and
/// nothing else; nobody is charged by it, and Stripe tries an unpaid invoice with the new payment method at its next
/// attempt. The link is short-lived: make it when the payer is there, and lead them to it at once. Whoever has it acts for
/// the payer; it is kept nowhere. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/payment-method-link",
    tag = "Subscriptions",
    operation_id = "createPaymentMethodLink",
    params(RequestKeyParameter),
    responses(
        (status = 201, description = "The link. A repeat under the same `Idempotency-Key` gives it again, although it may have expired.", body = PaymentMethodLinkBody),
        (status = 409, description = "`subscription_ended`, `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`, such as that the account's customer portal is not configured.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`, `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn create_payment_method_link(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath((app_id, subscription_id)): InPath<(AppId, SubscriptionId)>,
    RequestKeyHeader(key): RequestKeyHeader,
) -> Result<HttpResponse, ApiError> {
    let request = CreatePaymentMethodLink { app_id, subscription_id };
    let address = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.create_payment_method_link(&administrator, &request, key.as_ref()).await
        })
        .await?;
    let no_store = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(HttpResponse::Created().insert_header(no_store).json(PaymentMethodLinkBody { url: address.0 }))
}
