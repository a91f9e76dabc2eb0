use actix_web::web::{Data, Json};
use billing_application::ResumeSubscription;
use billing_domain::{AppId, SubscriptionId};

use crate::BillingApi;
use crate::auth::{SignedIn, SignedInAdministrator};
use crate::dto::{CancelSubscriptionBody, ListBody, SubscriptionBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{
    EnvironmentParameter, InPath, PageParameters, PayerParameter, RequestKeyHeader, RequestKeyParameter,
    RequiredJson, SubscriptionParameters, SubscriptionsQuery,
};

/// The subscriptions of an app, newest first
///
/// They follow Stripe within seconds.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions",
    tag = "Subscriptions",
    operation_id = "listSubscriptions",
    params(SubscriptionParameters, EnvironmentParameter, PayerParameter, PageParameters),
    responses((status = 200, description = "A part of the list.", body = ListBody<SubscriptionBody>))
)]
pub(crate) async fn list_subscriptions(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    query: SubscriptionsQuery,
) -> Result<Json<ListBody<SubscriptionBody>>, ApiError> {
    let subscriptions = api
        .read(session, |reads, session| async move {
            reads.subscriptions(&session.workspace_id, &app_id, &query.filter, &query.page).await
        })
        .await?;
    Ok(Json(subscriptions.page.into()))
}

/// One subscription
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}",
    tag = "Subscriptions",
    operation_id = "readSubscription",
    responses((status = 200, description = "The subscription.", body = SubscriptionBody))
)]
pub(crate) async fn read_subscription(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath((app_id, id)): InPath<(AppId, SubscriptionId)>,
) -> Result<Json<SubscriptionBody>, ApiError> {
    let subscription = api
        .read(session, |reads, session| async move {
            reads.subscription(&session.workspace_id, &app_id, id).await
        })
        .await?;
    Ok(Json(subscription.into()))
}

/// Cancel a subscription, now or at the end of its period
///
/// May be repeated: one that has ended, or ends as asked, stays as it is. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/cancel",
    tag = "Subscriptions",
    operation_id = "cancelSubscription",
    params(RequestKeyParameter),
    request_body(content = CancelSubscriptionBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The subscription as it is now.", body = SubscriptionBody),
        (status = 409, description = "`idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the cancellation is tried again until it is known; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn cancel_subscription(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(subscription): InPath<(AppId, SubscriptionId)>,
    RequestKeyHeader(key): RequestKeyHeader,
    RequiredJson(body): RequiredJson<CancelSubscriptionBody>,
) -> Result<Json<SubscriptionBody>, ApiError> {
    let request = body.request(subscription);
    let subscription = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.cancel_subscription(&administrator, &request, key.as_ref()).await
        })
        .await?;
    Ok(Json(subscription.into()))
}

/// Resume a subscription that is to end
///
/// It renews itself again. May be repeated: one that is not to end stays as it is. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/resume",
    tag = "Subscriptions",
    operation_id = "resumeSubscription",
    params(RequestKeyParameter),
    responses(
        (status = 200, description = "The subscription as it is now.", body = SubscriptionBody),
        (status = 409, description = "`subscription_ended`, `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the change is tried again until it is known; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn resume_subscription(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath((app_id, subscription_id)): InPath<(AppId, SubscriptionId)>,
    RequestKeyHeader(key): RequestKeyHeader,
) -> Result<Json<SubscriptionBody>, ApiError> {
    let request = ResumeSubscription { app_id, subscription_id };
    let subscription = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.resume_subscription(&administrator, &request, key.as_ref()).await
        })
        .await?;
    Ok(Json(subscription.into()))
}
