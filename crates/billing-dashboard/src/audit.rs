//! Entries of the audit log as sentences. States are stored JSON, of this version or an older one.

mod sales;

use billing_domain::{AuditRecord, Gateway, Money, Timestamp, TrialDays};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::present::{capitalized, clipped, gateway, moment, payers, trial};
use crate::views::ChangeRow;

/// Ids, times and what the sentence says anyhow.
const NOT_SHOWN: [&str; 29] = [
    "id",
    "version",
    "workspaceId",
    "appId",
    "planId",
    "planKey",
    "planName",
    "featureKey",
    "featureName",
    "createdAt",
    "environments",
    "environmentId",
    "priceId",
    "subscriptionId",
    "invoiceId",
    "intentId",
    "callId",
    "hostedUrl",
    "pdfUrl",
    "lines",
    "payments",
    "sums",
    "isChargedAutomatically",
    "syncedAt",
    "state",
    "endsWithPeriod",
    "recurring",
    "trialStart",
    "nextAttemptAt",
];
/// The maximum number of characters of a value; the API's log has all of them.
const VALUE_SHOWN: usize = 160;

/// The subject of an entry and what happened to it: "Pro" and "price $12.50 → $15.00 / month".
pub(crate) fn sentence(record: &AuditRecord) -> (String, String) {
    let state = if record.after.is_null() { &record.before } else { &record.after };
    let of = |field: &str| text(state, field);
    let event = record.event.replace('_', " ");
    let (subject, sentence) = match (record.subject.as_str(), record.event.as_str()) {
        ("billing_switch", "gateway_switched") => {
            ("Gateway".to_owned(), format!("{} → {}", account(&record.before), account(&record.after)))
        }
        ("billing_switch", "enabled") => ("Billing".to_owned(), format!("enabled, {}", account(state))),
        ("billing_switch", "closing_started") => ("Billing".to_owned(), "disabling began".to_owned()),
        ("billing_switch", "reopened") => {
            ("Billing".to_owned(), "on again, because Stripe can charge someone".to_owned())
        }
        ("checkout" | "subscription" | "workspace_subscription" | "invoice" | "refund", _) => {
            sales::sentence(record)
        }
        ("work", _) => (
            "Background work".to_owned(),
            format!("{} of {} tried again", of("kind").replace('_', " "), of("key")),
        ),
        ("stripe_call" | "stripe_object", _) => {
            ("Stripe".to_owned(), format!("{} {event}", of("kind").replace('_', " ")))
        }
        ("billing_switch", "disable_refused") => ("Billing".to_owned(), "disabling refused".to_owned()),
        ("billing_switch", _) => ("Billing".to_owned(), event),
        ("price", "replaced") => {
            (of("planName"), format!("price {} → {}", amount(&record.before), price(&record.after)))
        }
        ("price", "created") => (of("planName"), format!("price {} added", price(state))),
        ("price", _) => (of("planName"), format!("price {} {event}", price(state))),
        ("plan_feature", _) => {
            let either = |name, key| Some(of(name)).filter(|it| !it.is_empty()).unwrap_or_else(|| of(key));
            let feature = either("featureName", "featureKey");
            (either("planName", "planKey"), format!("feature {feature} {event}"))
        }
        (kind, _) => (of("name"), format!("{} {event}", kind.replace('_', " "))),
    };
    let subject = if subject.is_empty() { capitalized(&record.subject.replace('_', " ")) } else { subject };
    (subject, sentence)
}

/// The originator of an entry: the name at the time, or else the id.
pub(crate) fn actor(record: &AuditRecord) -> String {
    match (record.actor_kind.as_str(), &record.actor_name, &record.actor_id) {
        ("recovery", ..) => "The service".to_owned(),
        ("stripe", ..) => "Stripe".to_owned(),
        (_, Some(known), _) | (_, None, Some(known)) => known.clone(),
        (kind, None, None) => kind.replace('_', " "),
    }
}

/// The fields that differ; all fields of a creation or deletion. The sentence about a price says them itself.
pub(crate) fn changes(record: &AuditRecord) -> Vec<ChangeRow> {
    let none = Map::new();
    if record.subject == "price" && record.event != "replaced" {
        return Vec::new();
    }
    let [before, after] = [&record.before, &record.after].map(|state| state.as_object().unwrap_or(&none));
    let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
    fields.sort_unstable();
    fields.dedup();
    let change = |field: &String| ChangeRow {
        field: label(field),
        before: shown(field, before.get(field)),
        after: shown(field, after.get(field)),
    };
    let fields = fields.into_iter().filter(|field| !NOT_SHOWN.contains(&field.as_str())).map(change);
    let mut changes: Vec<_> = fields.filter(|change| change.before != change.after).collect();
    if (record.subject.as_str(), record.event.as_str()) == ("price", "replaced") {
        let [field, before, after] = ["Old price", "On sale", "Archived"].map(str::to_owned);
        changes.push(ChangeRow { field, before, after });
    }
    changes
}

fn text(state: &Value, field: &str) -> String {
    state.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The gateway of a billing switch.
fn account(state: &Value) -> String {
    shown("gateway", state.get("gateway"))
}

fn amount(price: &Value) -> String {
    amount_of("amount", price)
}

/// The amount in a field.
fn amount_of(field: &str, state: &Value) -> String {
    shown(field, state.get(field))
}

fn price(price: &Value) -> String {
    format!("{} / {}", amount(price), text(price, "interval"))
}

fn label(field: &str) -> String {
    match field {
        "trialDays" => "Free trial".to_owned(),
        "payerKind" => "Who subscribes".to_owned(),
        "isDefault" => "Default plan".to_owned(),
        "account" | "gatewayAccountId" => "Stripe account".to_owned(),
        "quantity" => "Seats".to_owned(),
        "since" => "On since".to_owned(),
        field => capitalized(&camel_words(field)),
    }
}

fn shown(field: &str, value: Option<&Value>) -> String {
    match (field, value) {
        (_, None | Some(Value::Null)) => String::new(),
        ("gateway", Some(Value::String(word))) => {
            word.parse::<Gateway>().map_or_else(|_| word.clone(), |known| gateway(known).to_owned())
        }
        ("payerKind", Some(Value::String(word))) => {
            word.parse().map_or_else(|_| word.clone(), |kind| payers(kind).to_owned())
        }
        ("visibility" | "interval" | "status", Some(Value::String(word))) => {
            capitalized(&word.replace('_', " "))
        }
        ("payer", Some(payer)) => sales::payer(payer),
        ("trialDays", Some(days)) => TrialDays::deserialize(days).map_or_else(|_| days.to_string(), trial),
        (_, Some(Value::String(text))) => match text.parse::<Timestamp>() {
            Ok(at) => format!("{}, {}", moment(at).date, moment(at).clock),
            Err(_) => clipped(text, VALUE_SHOWN),
        },
        (_, Some(Value::Bool(yes))) => if *yes { "Yes" } else { "No" }.to_owned(),
        (field, Some(Value::Array(items))) => {
            let items: Vec<_> = items.iter().map(|item| shown(field, Some(item))).collect();
            clipped(&items.join(", "), VALUE_SHOWN)
        }
        (_, Some(object @ Value::Object(_))) => {
            let money = Money::deserialize(object).map(|money| money.to_string());
            money.unwrap_or_else(|_| clipped(&object.to_string(), VALUE_SHOWN))
        }
        (_, Some(Value::Number(number))) => number.to_string(),
    }
}

/// `allowedRedirectOrigins` as words.
fn camel_words(name: &str) -> String {
    let words =
        name.chars().map(|letter| (letter.is_ascii_uppercase().then_some(' '), letter.to_ascii_lowercase()));
    words.flat_map(|(blank, letter)| blank.into_iter().chain([letter])).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    pub(super) fn told(
        subject: &str,
        event: &str,
        before: Value,
        after: Value,
    ) -> (String, Vec<[String; 3]>) {
        let record = AuditRecord {
            id: "audit_01ja8fwz4kf7nbt6v6m0kx9p3d".parse().unwrap(),
            actor_kind: "dashboard_user".to_owned(),
            actor_id: None,
            actor_name: None,
            app_id: None,
            subject: subject.to_owned(),
            event: event.to_owned(),
            before,
            after,
            at: "2026-11-29T12:04:00Z".parse().unwrap(),
        };
        let (subject, sentence) = sentence(&record);
        let changes = changes(&record).into_iter().map(|row| [row.field, row.before, row.after]);
        (format!("{subject}: {sentence}"), changes.collect())
    }

    fn price(minor_units: i64, plan: &str) -> Value {
        json!({ "amount": { "minorUnits": minor_units, "currency": "USD" }, "interval": "month", "planName": plan })
    }

    #[test]
    fn an_entry_is_a_sentence_of_what_people_see() {
        let null = Value::Null;
        let sentence = |subject, event, before, after| told(subject, event, before, after).0;
        assert_eq!(
            sentence("price", "replaced", price(1_250, "Pro"), price(1_500, "Pro")),
            "Pro: price $12.50 → $15.00 / month"
        );
        assert_eq!(
            sentence("price", "created", null.clone(), price(1_500, "Pro")),
            "Pro: price $15.00 / month added"
        );
        assert_eq!(
            sentence("price", "archived", price(1_500, "Pro"), price(1_500, "Pro")),
            "Pro: price $15.00 / month archived"
        );
        let attached = json!({ "planName": "Pro", "featureName": "Export", "planKey": "pro", "featureKey": "pro_export" });
        assert_eq!(
            sentence("plan_feature", "attached", null.clone(), attached),
            "Pro: feature Export attached"
        );
        assert_eq!(sentence("plan", "archived", json!({}), json!({ "name": "Pro" })), "Pro: plan archived");
        assert_eq!(
            sentence(
                "billing_switch",
                "gateway_switched",
                json!({ "gateway": "managed" }),
                json!({ "gateway": "stripe_connect" })
            ),
            "Gateway: Shared test Stripe → Your own Stripe account"
        );
        assert_eq!(sentence("billing_switch", "disabled", json!({}), json!({})), "Billing: disabled");
        assert_eq!(
            sentence("billing_switch", "reopened", json!({}), json!({ "gateway": "managed" })),
            "Billing: on again, because Stripe can charge someone"
        );
    }

    #[test]
    fn an_entry_of_an_older_version_is_a_sentence() {
        let null = Value::Null;
        let mut old = price(1_250, "");
        old.as_object_mut().unwrap().remove("planName");
        assert_eq!(told("price", "archived", old.clone(), old).0, "Price: price $12.50 / month archived");
        let attached = json!({ "planKey": "pro", "featureKey": "pro_export" });
        assert_eq!(told("plan_feature", "attached", null, attached).0, "pro: feature pro_export attached");
    }

    #[test]
    fn changes_are_shown_as_pages_show_them() {
        let (_, changes) = told(
            "plan",
            "changed",
            json!({ "name": "Pro", "trialDays": 0, "isDefault": false, "version": 1 }),
            json!({ "name": "Pro", "trialDays": 14, "isDefault": true, "version": 2 }),
        );
        let expected = [["Default plan", "No", "Yes"], ["Free trial", "None", "14 days"]];
        assert_eq!(changes, expected.map(|row| row.map(str::to_owned)));
    }
}
