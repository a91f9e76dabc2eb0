use actix_web::web::{Data, Json};
use billing_domain::{AppId, SubscriptionId};

use crate::BillingApi;
use crate::auth::SignedInAdministrator;
use crate::dto::{ChangeTrialBody, SubscriptionBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{InPath, RequestKeyHeader, RequestKeyParameter, RequiredJson};

/// Move the end of a trial, or end it now
///
/// The time of a trial costs nothing; at its end the first period begins, and the payer is charged. Ending it now charges
/// at once, and is not carried out twice. An extension may be repeated; an end under its `Idempotency-Key`, and without one a
/// repeat gets `subscription_not_trialing`. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/trial",
    tag = "Subscriptions",
    operation_id = "changeTrial",
    params(RequestKeyParameter),
    request_body(content = ChangeTrialBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The subscription as it is now. After a charge that failed it is `past_due`.", body = SubscriptionBody),
        (status = 409, description = "`subscription_ended`, `subscription_not_trialing`, `subscription_not_changeable` for one that ends with its trial, `billing_closing`, `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the change is tried again until it is known; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn change_trial(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(subscription): InPath<(AppId, SubscriptionId)>,
    RequestKeyHeader(key): RequestKeyHeader,
    RequiredJson(body): RequiredJson<ChangeTrialBody>,
) -> Result<Json<SubscriptionBody>, ApiError> {
    let request = body.request(subscription)?;
    let subscription = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.change_trial(&administrator, &request, key.as_ref()).await
        })
        .await?;
    Ok(Json(subscription.into()))
}
