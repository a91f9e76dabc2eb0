use actix_web::http::StatusCode;
use billing_application::{PageLimit, PageRequest, Timeline};
use billing_domain::{App, AuditRecord, SubscriptionId, Upcoming, UpcomingKind};

use serde_json::Value;

use super::cancel_subscription::plan;
use super::subscription::{path, subscription};
use crate::audit::{actor, sentence};
use crate::lists::{List, page_request};
use crate::present::{capitalized, moment};
use crate::views::{Place, TimelinePage, TimelineRow, UpcomingRow};
use crate::web::{Failure, Reply, Visit, rendered};

/// The entries on the page of the subscription.
const NEWEST: u32 = 10;

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let subscription = subscription(&visit, &app).await?;
    let request = page_request(&visit)?;
    let Timeline { upcoming, page } = read(&visit, &app, subscription.id, request).await?;
    let path = path(&app, subscription.id);
    let address = format!("{path}/timeline");
    let list = List { path: &address, views: &[], filters: &[], noun: "event" };
    let is_newest = page.previous_cursor.is_none();
    let view = TimelinePage {
        layout: visit.app_layout(&app, Place::Billing)?,
        plan: plan(&visit, &app, &subscription).await?,
        payer: subscription.payer.id().to_owned(),
        path,
        upcoming: if is_newest { upcoming_rows(&upcoming) } else { Vec::new() },
        entries: page.items.iter().map(row).collect(),
        foot: list.foot(&visit, &page),
    };
    rendered(StatusCode::OK, &view)
}

/// The newest part of the timeline.
pub(super) async fn newest(visit: &Visit, app: &App, id: SubscriptionId) -> Result<Timeline, Failure> {
    let limit = PageLimit::new(NEWEST).map_err(Failure::internal)?;
    read(visit, app, id, PageRequest { limit, ..PageRequest::default() }).await
}

async fn read(
    visit: &Visit,
    app: &App,
    id: SubscriptionId,
    request: PageRequest,
) -> Result<Timeline, Failure> {
    let app_id = app.id.clone();
    let reading = visit.read(move |reads, session| async move {
        reads.timeline(&session.workspace_id, &app_id, id, &request).await
    });
    reading.await
}

/// The latest moment stands on top, as in what happened.
pub(super) fn upcoming_rows(upcoming: &[Upcoming]) -> Vec<UpcomingRow> {
    let row = |event: &Upcoming| UpcomingRow {
        text: told(event),
        invoice: event.invoice_id.map(|invoice| invoice.to_string()),
        at: moment(event.at),
    };
    upcoming.iter().rev().map(row).collect()
}

fn told(event: &Upcoming) -> String {
    let amount = event.amount.map(|amount| amount.to_string());
    let with = |text: &str, before: &str| match &amount {
        Some(amount) => format!("{text}{before}{amount}"),
        None => text.to_owned(),
    };
    match event.kind {
        UpcomingKind::TrialEnd => with("The trial ends", ", first charge of "),
        UpcomingKind::Renewal => with("Renews", " for "),
        UpcomingKind::PaymentAttempt => with("Stripe tries again to charge", " "),
        UpcomingKind::GraceEnd => "Access ends, unless it is paid before".to_owned(),
        UpcomingKind::End => "Ends".to_owned(),
    }
}

pub(super) fn row(record: &AuditRecord) -> TimelineRow {
    let (subject, text) = sentence(record);
    let state = if record.after.is_null() { &record.before } else { &record.after };
    let id = state.get("id").and_then(Value::as_str).map(str::to_owned);
    TimelineRow {
        invoice: id.filter(|_| record.subject == "invoice" && record.event != "deleted"),
        text: if record.subject == "subscription" { capitalized(&text) } else { text },
        subject: Some(subject).filter(|_| record.subject != "subscription"),
        who: actor(record),
        at: moment(record.at),
    }
}

#[cfg(test)]
mod tests {
    use billing_domain::{Currency, Money};

    use super::*;

    #[test]
    fn what_is_to_happen_is_a_sentence() {
        let amount = Money::new(1_500, Currency::parse("USD").unwrap());
        let sentence = |kind, amount| {
            told(&Upcoming { kind, at: "2026-12-28T08:00:00Z".parse().unwrap(), amount, invoice_id: None })
        };
        assert_eq!(sentence(UpcomingKind::Renewal, Some(amount)), "Renews for $15.00");
        assert_eq!(sentence(UpcomingKind::Renewal, None), "Renews");
        assert_eq!(sentence(UpcomingKind::TrialEnd, Some(amount)), "The trial ends, first charge of $15.00");
        let attempt = sentence(UpcomingKind::PaymentAttempt, Some(amount));
        assert_eq!(attempt, "Stripe tries again to charge $15.00");
        assert_eq!(sentence(UpcomingKind::End, None), "Ends");
    }
}
