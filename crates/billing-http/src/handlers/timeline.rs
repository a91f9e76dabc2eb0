use actix_web::web::{Data, Json};
use billing_domain::{AppId, SubscriptionId};

use crate::BillingApi;
use crate::auth::SignedIn;
use crate::dto::{AttentionBody, ListBody, TimelineBody};
use crate::error::ApiError;
use crate::extract::{InPath, PageParameters, PageQuery};

/// The timeline of a subscription
///
/// What is to happen, and what happened, the last first: requests of people, what was seen at Stripe, and its invoices.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/subscriptions/{subscriptionId}/timeline",
    tag = "Subscriptions",
    operation_id = "readTimeline",
    params(PageParameters),
    responses((status = 200, description = "A part of the timeline.", body = TimelineBody))
)]
pub(crate) async fn read_timeline(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath((app_id, id)): InPath<(AppId, SubscriptionId)>,
    PageQuery(page): PageQuery,
) -> Result<Json<TimelineBody>, ApiError> {
    let timeline = api
        .read(session, |reads, session| async move {
            reads.timeline(&session.workspace_id, &app_id, id, &page).await
        })
        .await?;
    Ok(Json(timeline.into()))
}

/// The subscriptions that need attention, newest first
///
/// Those that are past due, unpaid, incomplete or paused: since when, what is due, when Stripe tries again to charge, and
/// how long access is kept.
#[utoipa::path(
    get,
    path = "/v1/dashboard/apps/{appId}/billing/attention",
    tag = "Subscriptions",
    operation_id = "listAttention",
    params(PageParameters),
    responses((status = 200, description = "A part of the list.", body = ListBody<AttentionBody>))
)]
pub(crate) async fn list_attention(
    api: Data<BillingApi>,
    SignedIn(session): SignedIn,
    InPath(app_id): InPath<AppId>,
    PageQuery(page): PageQuery,
) -> Result<Json<ListBody<AttentionBody>>, ApiError> {
    let attention = api
        .read(session, |reads, session| async move {
            reads.attention(&session.workspace_id, &app_id, &page).await
        })
        .await?;
    Ok(Json(attention.page.into()))
}
