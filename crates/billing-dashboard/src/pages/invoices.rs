use actix_web::http::StatusCode;
use billing_application::Listed;
use billing_domain::ports::InvoiceFilter;
use billing_domain::{Invoice, InvoiceStatus};

use super::settings::is_test;
use crate::lists::{List, page_request};
use crate::present::moment;
use crate::views::{Choice, InvoiceRow, InvoicesPage, Place, Status};
use crate::web::{Reply, Visit, redirect, rendered};

/// The statuses to filter by.
const STATUSES: [&str; 5] = ["draft", "open", "paid", "void", "uncollectible"];

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let request = page_request(&visit)?;
    let layout = visit.app_layout(&app, Place::Billing)?;
    let path = format!("{}/invoices", layout.billing());
    let [status, subscription, payer] = ["status", "subscription", "payer"]
        .map(|name| visit.of_query(name).unwrap_or_default().trim().to_owned());
    let is_status = status.is_empty() || STATUSES.contains(&status.as_str());
    let subscription_id = subscription.parse().ok();
    if !is_status || subscription_id.is_none() && !subscription.is_empty() {
        return Ok(redirect(&path));
    }
    let filter = InvoiceFilter {
        status: (!status.is_empty()).then(|| InvoiceStatus::from_stripe(&status)),
        subscription_id,
        payer_id: (!payer.is_empty()).then(|| payer.clone()),
    };
    let app_id = app.id.clone();
    let Listed { switch, page: invoices } = visit
        .read(move |reads, session| async move {
            reads.invoices(&session.workspace_id, &app_id, &filter, &request).await
        })
        .await?;
    let list =
        List { path: &path, views: &[], filters: &["status", "subscription", "payer"], noun: "invoice" };
    let choice = |word| Choice::new(word, Status::invoice(&InvoiceStatus::from_stripe(word)).label);
    let page = InvoicesPage {
        layout,
        is_test: is_test(switch),
        status,
        statuses: STATUSES.map(choice).into(),
        payer,
        subscription,
        invoices: invoices.items.iter().map(row).collect(),
        foot: list.foot(&visit, &invoices),
    };
    rendered(StatusCode::OK, &page)
}

pub(super) fn row(invoice: &Invoice) -> InvoiceRow {
    let details = &invoice.details;
    InvoiceRow {
        id: invoice.id.to_string(),
        number: details.number.clone().unwrap_or_else(|| invoice.stripe_id.to_string()),
        status: Status::of_invoice(details),
        payer: invoice.payer.id().to_owned(),
        total: details.total.to_string(),
        issued: moment(details.created_at),
    }
}
