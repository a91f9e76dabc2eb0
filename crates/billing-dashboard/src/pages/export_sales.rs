//! The lists of subscriptions and invoices as files. The filters are those of their pages.

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use billing_application::SalesExport;
use futures_util::TryStreamExt;

use super::sale_filters::{SaleFilters, typed};
use super::{invoices, subscriptions};
use crate::web::{Failure, Reply, Visit, downloaded, redirect};

pub(crate) async fn subscriptions(visit: Visit) -> Reply {
    let app = visit.app().await?;
    match subscriptions::filter(&SaleFilters::of(&visit), &typed(&visit, "plan")) {
        Some(filter) => {
            Box::pin(download(visit, SalesExport::of_subscriptions(app.id, filter), "subscriptions.csv"))
                .await
        }
        None => Ok(redirect(&format!("/app/{}/billing/subscriptions", app.id))),
    }
}

pub(crate) async fn invoices(visit: Visit) -> Reply {
    let app = visit.app().await?;
    match invoices::filter(&SaleFilters::of(&visit), &typed(&visit, "subscription")) {
        Some(filter) => {
            Box::pin(download(visit, SalesExport::of_invoices(app.id, filter), "invoices.csv")).await
        }
        None => Ok(redirect(&format!("/app/{}/billing/invoices", app.id))),
    }
}

/// A refusal of the first part is a page.
async fn download(visit: Visit, export: SalesExport, name: &str) -> Result<HttpResponse, Failure> {
    let reader = visit.clone();
    let read = move |export: SalesExport| {
        let visit = reader.clone();
        async move {
            let reading =
                visit.read(|reads, session| async move { reads.export(&session.workspace_id, export).await });
            reading.await
        }
    };
    let parts = export.parts(read, Failure::is_passing).await?;
    Ok(downloaded(&visit, "text/csv; charset=utf-8; header=present", name, parts.map_ok(Bytes::from)))
}
