use actix_web::http::StatusCode;
use billing_application::Listed;
use billing_domain::ports::{InvoiceCounts, InvoiceFilter};
use billing_domain::{Invoice, InvoiceStatus};

use super::payer;
use super::sale_filters::{SaleFilters, Segments, environments, typed};
use super::settings::is_test;
use crate::lists::{List, page_request};
use crate::present::moment;
use crate::views::{InvoiceRow, InvoicesPage, Place, Segment, Status};
use crate::web::{Reply, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let request = page_request(&visit)?;
    let layout = visit.app_layout(&app, Place::Billing)?;
    let path = format!("{}/invoices", layout.billing());
    let filters = SaleFilters::of(&visit);
    let subscription = typed(&visit, "subscription");
    let Some(filter) = filter(&filters, &subscription) else { return Ok(redirect(&path)) };
    let is_counted = filter.is_counted();
    let (app_id, asked) = (app.id.clone(), filter.clone());
    let Listed { switch, page: invoices } = visit
        .read(move |reads, session| async move {
            reads.invoices(&session.workspace_id, &app_id, &asked, &request).await
        })
        .await?;
    let app_id = app.id.clone();
    let counts = visit
        .read(move |reads, session| async move {
            let environment = filter.environment_id.as_ref();
            reads.invoice_counts(&session.workspace_id, &app_id, environment).await
        })
        .await?;
    let names = filters.names("subscription");
    let list = List { path: &path, views: &[], filters: &names, noun: "invoice" };
    let segments = Segments { list: &list, visit: &visit, chosen: &filters.status, is_counted };
    let page = InvoicesPage {
        layout,
        is_test: is_test(switch),
        segments: statuses(&segments, &counts),
        status: filters.status,
        environment: filters.environment,
        environments: environments(&app),
        payer: filters.payer,
        payer_id: filters.payer_id,
        payer_kind: filters.payer_kind,
        subscription,
        invoices: invoices.items.iter().map(row).collect(),
        export: list.export(&visit),
        foot: list.foot(&visit, &invoices),
    };
    rendered(StatusCode::OK, &page)
}

/// The filter that the address asks for; `None` if it cannot be one.
pub(super) fn filter(filters: &SaleFilters, subscription: &str) -> Option<InvoiceFilter> {
    let status = (!filters.status.is_empty()).then(|| InvoiceStatus::from_stripe(&filters.status));
    if matches!(status, Some(InvoiceStatus::Unrecognized(_))) {
        return None;
    }
    Some(InvoiceFilter {
        status,
        subscription_id: if subscription.is_empty() { None } else { Some(subscription.parse().ok()?) },
        environment_id: filters.environment_id().ok()?,
        payer: filters.payers().ok()?,
    })
}

fn statuses(segments: &Segments<'_>, counts: &InvoiceCounts) -> Vec<Segment> {
    let of_status = InvoiceStatus::KNOWN
        .iter()
        .map(|status| segments.of(status.as_str(), Status::invoice(status).label, counts.of(Some(status))));
    std::iter::once(segments.of("", "All", counts.of(None))).chain(of_status).collect()
}

pub(super) fn row(invoice: &Invoice) -> InvoiceRow {
    let details = &invoice.details;
    InvoiceRow {
        id: invoice.id.to_string(),
        number: details.number.clone().unwrap_or_else(|| invoice.stripe_id.to_string()),
        status: Status::of_invoice(details),
        payer: invoice.payer.id().to_owned(),
        payer_path: payer::path(&invoice.app_id, &invoice.payer),
        total: details.total.to_string(),
        issued: moment(details.created_at),
    }
}
