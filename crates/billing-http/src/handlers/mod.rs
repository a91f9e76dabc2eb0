//! A handler extracts, calls one use case and maps the outcome. It extracts the caller first.

pub(crate) mod apps;
pub(crate) mod change_plan;
pub(crate) mod checkout_links;
pub(crate) mod disable_billing;
pub(crate) mod enable_billing;
pub(crate) mod export_sales;
pub(crate) mod feature;
pub(crate) mod features;
pub(crate) mod invoices;
pub(crate) mod payment_method_link;
pub(crate) mod plan;
pub(crate) mod plan_features;
pub(crate) mod plans;
pub(crate) mod preflight_disable;
pub(crate) mod prices;
pub(crate) mod read_audit_log;
pub(crate) mod read_billing_status;
pub(crate) mod read_gateways;
pub(crate) mod read_overview;
pub(crate) mod read_payer;
pub(crate) mod receive_webhook;
pub(crate) mod sale_counts;
pub(crate) mod subscriptions;
pub(crate) mod timeline;
pub(crate) mod trial;
pub(crate) mod work;

use actix_web::HttpResponse;
use billing_application::Made;
use serde::Serialize;

/// 201 for a created object.
fn created<Body: Serialize>(body: impl Into<Body>) -> HttpResponse {
    HttpResponse::Created().json(body.into())
}

/// 201 for a created object, 200 for an existing one.
fn made<Body: Serialize>(made: Made<impl Into<Body>>) -> HttpResponse {
    if made.is_new { created::<Body>(made.value) } else { HttpResponse::Ok().json(made.value.into()) }
}
