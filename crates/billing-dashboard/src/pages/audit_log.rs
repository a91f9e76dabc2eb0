use actix_web::http::StatusCode;
use billing_domain::{AuditRecord, Money, Price, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::present::{clipped, moment, page_request, pager};
use crate::views::{AuditEntryRow, AuditLogPage, ChangeRow, Section};
use crate::web::{Reply, Visit, rendered};

/// Technical fields.
const NOT_SHOWN: [&str; 2] = ["version", "workspaceId"];
/// The maximum number of characters of a value; the API's log has all of them.
const VALUE_SHOWN: usize = 160;

pub(crate) async fn show(visit: Visit) -> Reply {
    let request = page_request(&visit)?;
    let log = visit
        .read(|reads, session| async move { reads.audit_log(&session.workspace_id, &request).await })
        .await?;
    let page = AuditLogPage {
        layout: visit.layout(Section::AuditLog)?,
        entries: log.items.iter().map(row).collect(),
        pager: pager(&visit, "/settings/audit-log", log.next_cursor),
    };
    rendered(StatusCode::OK, &page)
}

fn row(record: &AuditRecord) -> AuditEntryRow {
    let who = match (record.actor_kind.as_str(), &record.actor_id) {
        ("recovery", _) => "The service, after a crash".to_owned(),
        (_, Some(id)) => id.clone(),
        (kind, None) => kind.replace('_', " "),
    };
    AuditEntryRow { at: moment(record.at), who, sentence: sentence(record), changes: changes(record) }
}

/// The event as text, such as "Plan “Pro” changed".
fn sentence(record: &AuditRecord) -> String {
    let event = record.event.replace('_', " ");
    let state = if record.after.is_null() { &record.before } else { &record.after };
    let text = |field: &str| state.get(field).and_then(Value::as_str).unwrap_or_default();
    match (record.subject.as_str(), record.event.as_str()) {
        ("billing_switch", "closing_started") => "Switching billing off began".to_owned(),
        ("billing_switch", "disable_refused") => "Switching billing off was refused".to_owned(),
        ("billing_switch", "gateway_switched") => "Gateway switched".to_owned(),
        ("billing_switch", _) => format!("Billing {event}"),
        ("price", _) => match serde_json::from_value::<Price>(state.clone()) {
            Ok(price) => format!("Price {} {event}", price.terms),
            Err(_) => format!("Price {event}"),
        },
        ("plan_feature", "attached") => {
            format!("Feature {} attached to plan {}", text("featureKey"), text("planKey"))
        }
        ("plan_feature", _) => {
            format!("Feature {} {event} from plan {}", text("featureKey"), text("planKey"))
        }
        (subject, _) => format!("{} “{}” {event}", capitalized(subject), text("name")),
    }
}

/// The fields that differ; all fields for a creation or deletion.
fn changes(record: &AuditRecord) -> Vec<ChangeRow> {
    let none = Map::new();
    let (before, after) =
        (record.before.as_object().unwrap_or(&none), record.after.as_object().unwrap_or(&none));
    let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
    fields.sort_unstable();
    fields.dedup();
    let change = |field: &String| ChangeRow {
        field: capitalized(&camel_words(field)),
        before: shown(before.get(field)),
        after: shown(after.get(field)),
    };
    let fields = fields.into_iter().filter(|field| !NOT_SHOWN.contains(&field.as_str())).map(change);
    fields.filter(|change| change.before != change.after).collect()
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => match text.parse::<Timestamp>() {
            Ok(at) => moment(at).text,
            Err(_) => clipped(text, VALUE_SHOWN),
        },
        Some(Value::Bool(yes)) => if *yes { "yes" } else { "no" }.to_owned(),
        Some(Value::Array(items)) => {
            clipped(&items.iter().map(|item| shown(Some(item))).collect::<Vec<_>>().join(", "), VALUE_SHOWN)
        }
        Some(object @ Value::Object(fields)) => match Money::deserialize(object) {
            Ok(money) => money.to_string(),
            Err(_) => fields.values().map(|field| shown(Some(field))).collect::<Vec<_>>().join(" "),
        },
        Some(Value::Number(number)) => number.to_string(),
    }
}

/// `allowedRedirectOrigins` as words.
fn camel_words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
}
