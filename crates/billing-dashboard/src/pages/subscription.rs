use actix_web::http::StatusCode;
use billing_application::{PageLimit, PageRequest};
use billing_domain::ports::InvoiceFilter;
use billing_domain::{App, Subscription, SubscriptionId, SubscriptionStatus};

use super::sales::{Offers, at_stripe, environment};
use super::subscriptions::row;
use super::timeline;
use super::{attention, invoices};
use crate::lists::grouped;
use crate::present::{moment, period};
use crate::stripe_pages::StripeKind;
use crate::views::{Place, SubscriptionFacts, SubscriptionPage};
use crate::web::{Failure, Reply, Visit, rendered};

/// The maximum number of invoices, the newest ones.
const INVOICES_SHOWN: u32 = 10;

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let subscription = subscription(&visit, &app).await?;
    let offers = Offers::of(&visit, &app, subscription.state.plan_id).await?;
    let limit = PageLimit::new(INVOICES_SHOWN).map_err(Failure::internal)?;
    let request = PageRequest { limit, is_counted: true, ..PageRequest::default() };
    let filter = InvoiceFilter { subscription_id: Some(subscription.id), ..InvoiceFilter::default() };
    let app_id = app.id.clone();
    let invoices = visit.read(move |reads, session| async move {
        reads.invoices(&session.workspace_id, &app_id, &filter, &request).await
    });
    let invoices = invoices.await?.page;
    let looked_at = subscription.clone();
    let attention = visit.read(move |reads, _| async move { reads.attention_to(&looked_at).await }).await?;
    let history = timeline::newest(&visit, &app, subscription.id).await?;
    let page = SubscriptionPage {
        layout: visit.app_layout(&app, Place::Billing)?,
        path: path(&app, subscription.id),
        subscription: facts(&visit, &app, &subscription, &offers),
        invoices: invoices.items.iter().map(invoices::row).collect(),
        attention: attention.as_ref().map(attention::facts),
        upcoming: timeline::upcoming_rows(&history.upcoming),
        timeline: history.page.items.iter().map(timeline::row).collect(),
        has_more: history.page.next_cursor.is_some(),
        invoice_count: invoices.count.map(|count| grouped(count.total)).unwrap_or_default(),
    };
    rendered(StatusCode::OK, &page)
}

/// The subscription of the path.
pub(super) async fn subscription(visit: &Visit, app: &App) -> Result<Subscription, Failure> {
    let (app_id, id): (_, SubscriptionId) = (app.id.clone(), visit.of_path("subscription_id")?);
    visit
        .read(
            move |reads, session| async move { reads.subscription(&session.workspace_id, &app_id, id).await },
        )
        .await
}

pub(super) fn path(app: &App, subscription: SubscriptionId) -> String {
    format!("/app/{}/billing/subscriptions/{subscription}", app.id)
}

/// Whether the plan can be changed, as far as the mirror says.
pub(super) fn is_changeable(subscription: &Subscription) -> bool {
    let status = &subscription.state.status;
    let is_good = matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Trialing);
    is_good && !subscription.is_ending() && subscription.state.price_id.is_some()
}

fn facts(visit: &Visit, app: &App, subscription: &Subscription, offers: &Offers) -> SubscriptionFacts {
    let (state, times) = (&subscription.state, &subscription.state.times);
    let account = &subscription.gateway_account_id;
    SubscriptionFacts {
        row: row(subscription, offers),
        plan_path: state.plan_id.map(|plan| super::plan::path(app, plan)),
        seats: grouped(state.quantity.into()),
        period: times.period_start.zip(times.period_end).map(|(start, end)| period(start, end)),
        trial_end: times.trial_end.map(moment),
        started: times.started_at.map(moment),
        canceled: times.canceled_at.map(moment),
        environment: environment(app, &subscription.environment_id),
        stripe: at_stripe(visit, StripeKind::Subscription, account, &subscription.stripe_object()),
        synced: moment(subscription.synced_at),
        is_live: subscription.is_live(),
        is_ending: subscription.is_ending(),
        is_trialing: state.status == SubscriptionStatus::Trialing,
        is_changeable: is_changeable(subscription),
    }
}
