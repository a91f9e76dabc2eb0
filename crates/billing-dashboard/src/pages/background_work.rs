use actix_web::http::StatusCode;
use billing_application::ReplayWork;
use billing_domain::{Drift, DriftDifference, DriftKind, FromStored, WorkKind, WorkSetAside};
use serde_json::Value;

use crate::lists::grouped;
use crate::present::{capitalized, clipped, moment};
use crate::views::{BackgroundWorkPage, ChangeRow, DriftRow, Place, WorkRow};
use crate::web::{Failure, Flash, Reply, Submission, Visit, rendered};

const PATH: &str = "/settings/billing/work";

pub(crate) async fn show(visit: Visit) -> Reply {
    let _administrator = visit.session()?.administrator()?;
    let (rows, total) =
        visit.read(|reads, session| async move { reads.work_set_aside(&session.workspace_id).await }).await?;
    let drifts =
        visit.read(|reads, session| async move { reads.drifts(&session.workspace_id).await }).await?;
    let page = BackgroundWorkPage {
        layout: visit.layout(Place::BillingSettings)?,
        form: visit.confirming(),
        more: total.checked_sub(rows.len() as u64).filter(|more| *more > 0).map(grouped),
        rows: rows.iter().map(row).collect(),
        drifts: drifts.iter().map(drift).collect(),
    };
    rendered(StatusCode::OK, &page)
}

fn row(work: &WorkSetAside) -> WorkRow {
    WorkRow {
        kind: work.id.kind.as_str(),
        label: capitalized(&work.id.kind.as_str().replace('_', " ")),
        key: work.id.key.clone(),
        reason: work.failure().sentence(),
        at: moment(work.at),
    }
}

/// The maximum number of characters of a value.
const VALUE_SHOWN: usize = 80;

fn drift(drift: &Drift) -> DriftRow {
    let shown = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => clipped(text, VALUE_SHOWN),
        other => clipped(&other.to_string(), VALUE_SHOWN),
    };
    let change = |difference: &DriftDifference| ChangeRow {
        field: difference.field.clone(),
        before: shown(&difference.before),
        after: shown(&difference.after),
    };
    DriftRow {
        object: drift.object.to_string(),
        told: match drift.kind {
            DriftKind::Missing => "Was not known here, and was added.",
            DriftKind::Changed => "Had changed at Stripe.",
            DriftKind::Gone => "Is no longer at Stripe.",
        },
        changes: drift.differences.iter().map(change).collect(),
        at: moment(drift.found_at),
    }
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let kind =
        WorkKind::from_stored(submission.fields.text("kind").to_owned()).ok_or_else(Failure::not_found)?;
    let change = ReplayWork { kind, key: submission.fields.text("key").to_owned() };
    let replayed = submission.visit.change(administrator, change).await??;
    let said = if replayed { Flash::WorkReplayed } else { Flash::WorkGone };
    submission.visit.done(said, PATH)
}
