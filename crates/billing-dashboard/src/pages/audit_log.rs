use actix_web::http::StatusCode;
use billing_application::Page;
use billing_domain::AuditRecord;
use billing_domain::ports::AuditFilter;

use crate::audit::{changes, sentence};
use crate::lists::{List, known_apps, name_of, page_request, with_apps};
use crate::present::moment;
use crate::views::{AppLink, AuditDay, AuditEntryRow, AuditLogPage, Place};
use crate::web::{Reply, Visit, rendered};

const LIST: List<'_> =
    List { path: "/settings/audit-log", views: &[], filters: &["person", "app"], noun: "change" };

pub(crate) async fn show(visit: Visit) -> Reply {
    let request = page_request(&visit)?;
    let [person, app] =
        ["person", "app"].map(|name| visit.of_query(name).unwrap_or_default().trim().to_owned());
    let log = match filter(&person, &app) {
        Some(filter) => {
            let reading = visit.read(|reads, session| async move {
                reads.audit_log(&session.workspace_id, &filter, &request).await
            });
            reading.await?
        }
        // Nobody has such an id.
        None => Page { items: Vec::new(), next_cursor: None, previous_cursor: None, count: None },
    };
    let ids = log.items.iter().filter_map(|record| record.app_id.clone()).chain(Some(app.clone())).collect();
    let apps = with_apps(&visit, known_apps(&visit).await?, ids).await?;
    let page = AuditLogPage {
        layout: visit.layout(Place::AuditLog)?,
        days: days(&log.items, &apps),
        foot: LIST.foot(&visit, &log),
        person,
        app,
        apps,
    };
    rendered(StatusCode::OK, &page)
}

fn filter(person: &str, app: &str) -> Option<AuditFilter> {
    let person = if person.is_empty() { None } else { Some(person.parse().ok()?) };
    let app = if app.is_empty() { None } else { Some(app.parse().ok()?) };
    Some(AuditFilter { app, person, subscription: None })
}

/// The entries by the day they were made on.
fn days(records: &[AuditRecord], apps: &[AppLink]) -> Vec<AuditDay> {
    let mut days: Vec<AuditDay> = Vec::new();
    for record in records {
        let entry = row(record, apps);
        match days.last_mut() {
            Some(day) if day.date == entry.at.date => day.entries.push(entry),
            _ => days.push(AuditDay { date: entry.at.date.clone(), entries: vec![entry] }),
        }
    }
    days
}

fn row(record: &AuditRecord, apps: &[AppLink]) -> AuditEntryRow {
    let who = match (record.actor_kind.as_str(), &record.actor_id) {
        ("recovery", _) => "The service".to_owned(),
        ("stripe", _) => "Stripe".to_owned(),
        (_, Some(_)) => record.actor_name.clone().unwrap_or_default(),
        (kind, None) => kind.replace('_', " "),
    };
    let id = record.actor_id.clone().unwrap_or_default();
    let place = match (record.app_id.as_deref(), record.subject.as_str()) {
        (Some(id), _) => name_of(apps, id),
        (None, "billing_switch") => "Workspace".to_owned(),
        // Written by a version that did not know it.
        (None, _) => "An app".to_owned(),
    };
    let (subject, sentence) = sentence(record);
    AuditEntryRow { at: moment(record.at), who, id, place, subject, sentence, changes: changes(record) }
}
