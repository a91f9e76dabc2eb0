use actix_web::http::StatusCode;
use billing_application::{Attention, Listed};
use billing_domain::SubscriptionStatus;

use super::sales::Offers;
use super::settings::is_test;
use super::subscriptions::row;
use crate::lists::{List, page_request};
use crate::present::moment;
use crate::views::{AttentionFacts, AttentionPage, AttentionRow, Place};
use crate::web::{Reply, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let request = page_request(&visit)?;
    let layout = visit.app_layout(&app, Place::Billing)?;
    let path = format!("{}/attention", layout.billing());
    let app_id = app.id.clone();
    let reading = visit.read(move |reads, session| async move {
        reads.attention(&session.workspace_id, &app_id, &request).await
    });
    let Listed { switch, page } = reading.await?;
    let plans = page.items.iter().filter_map(|attention| attention.subscription.state.plan_id);
    let offers = Offers::of(&visit, &app, plans).await?;
    let list = List { path: &path, views: &[], filters: &[], noun: "subscription" };
    let rows = page.items.iter().map(|attention| AttentionRow {
        subscription: row(&attention.subscription, &offers),
        attention: facts(attention),
    });
    let view = AttentionPage {
        is_test: is_test(switch),
        rows: rows.collect(),
        foot: list.foot(&visit, &page),
        layout,
    };
    rendered(StatusCode::OK, &view)
}

pub(super) fn facts(attention: &Attention) -> AttentionFacts {
    AttentionFacts {
        since: attention.since.map(moment),
        due: attention.due().map(|due| due.to_string()),
        next_attempt: attention.next_attempt_at().map(moment),
        is_given_up: attention.subscription.state.status != SubscriptionStatus::PastDue,
        grace_end: attention.grace_end.map(moment),
        hosted: attention.unpaid.iter().find_map(|invoice| invoice.details.hosted_url.clone()),
    }
}
