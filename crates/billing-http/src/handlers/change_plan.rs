use actix_web::web::{Data, Json};
use billing_application::UndoScheduledChange;
use billing_domain::{AppId, SubscriptionId};

use crate::BillingApi;
use crate::auth::SignedInAdministrator;
use crate::dto::{ChangePlanBody, PlanChangePreviewBody, PreviewPlanChangeBody, SubscriptionBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{InPath, RequestKeyHeader, RequestKeyParameter, RequiredJson};

/// Preview a change of plan, interval or seats
///
/// It changes nothing at the subscription. The preview holds for 15 minutes. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/change-plan/preview",
    tag = "Subscriptions",
    operation_id = "previewPlanChange",
    request_body(content = PreviewPlanChangeBody, content_type = "application/json"),
    responses(
        (status = 200, description = "What the change costs.", body = PlanChangePreviewBody),
        (status = 409, description = "`subscription_ended`, `subscription_not_changeable`: `details` holds the subscription; `billing_closing`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`, `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn preview_plan_change(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(subscription): InPath<(AppId, SubscriptionId)>,
    RequiredJson(body): RequiredJson<PreviewPlanChangeBody>,
) -> Result<Json<PlanChangePreviewBody>, ApiError> {
    let change = body.request(subscription);
    let preview = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.preview_plan_change(&administrator, &change).await
        })
        .await?;
    Ok(Json(preview.into()))
}

/// Change the plan, interval or seats of a subscription
///
/// With the `proof` of a preview: what is charged is what it shows, or nothing is changed. A payment that fails changes
/// nothing. May be repeated: a subscription that is as asked stays as it is. Needs the role `owner` or `admin`.
#[utoipa::path(
    post,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/change-plan",
    tag = "Subscriptions",
    operation_id = "changePlan",
    params(RequestKeyParameter),
    request_body(content = ChangePlanBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The subscription as it is now.", body = SubscriptionBody),
        (status = 409, description = "`plan_change_outdated`: `details` holds what was `shown` and the present `preview`; `subscription_not_changeable`: `details` holds the subscription; `subscription_ended`, `billing_closing`, `idempotency_key_reused`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`, such as a declined card.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the change is tried again until it is known; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn change_plan(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath(subscription): InPath<(AppId, SubscriptionId)>,
    RequestKeyHeader(key): RequestKeyHeader,
    RequiredJson(body): RequiredJson<ChangePlanBody>,
) -> Result<Json<SubscriptionBody>, ApiError> {
    let request = body.request(subscription);
    let subscription = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.change_plan(&administrator, &request, key.as_ref()).await
        })
        .await?;
    Ok(Json(subscription.into()))
}

/// Undo the change of plan, interval or seats at the end of the period
///
/// May be repeated: a subscription without one stays as it is. Needs the role `owner` or `admin`.
#[utoipa::path(
    delete,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/scheduled-change",
    tag = "Subscriptions",
    operation_id = "undoScheduledChange",
    responses(
        (status = 200, description = "The subscription as it is now.", body = SubscriptionBody),
        (status = 409, description = "`subscription_ended`, or `concurrent_change`.", body = ErrorBody),
        (status = 502, description = "`payment_gateway_refused`: `details` holds Stripe's `reason`.", body = ErrorBody),
        (status = 503, description = "`payment_gateway_unavailable`: the change is tried again until it is known; `database_unavailable`, or `identity_provider_unavailable`. The header `Retry-After` says when to try again.", body = ErrorBody),
    )
)]
pub(crate) async fn undo_scheduled_change(
    api: Data<BillingApi>,
    SignedInAdministrator(administrator): SignedInAdministrator,
    InPath((app_id, subscription_id)): InPath<(AppId, SubscriptionId)>,
) -> Result<Json<SubscriptionBody>, ApiError> {
    let request = UndoScheduledChange { app_id, subscription_id };
    let subscription = api
        .change_at_gateway(administrator, |executor, administrator| async move {
            executor.undo_scheduled_change(&administrator, &request, None).await
        })
        .await?;
    Ok(Json(subscription.into()))
}
