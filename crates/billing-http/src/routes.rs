use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};

use crate::BillingApi;
use crate::auth::{authenticate, while_billing_is_on};
use crate::endpoint::endpoint;
use crate::error::ApiError;
use crate::handlers::apps::{create_app, list_apps, read_app, update_app};
use crate::handlers::change_plan::{change_plan, preview_plan_change};
use crate::handlers::checkout_links::{create_checkout_link, end_checkout_link, read_checkout_link};
use crate::handlers::disable_billing::disable_billing;
use crate::handlers::enable_billing::enable_billing;
use crate::handlers::export_sales::{export_invoices, export_subscriptions};
use crate::handlers::feature::{delete_feature, read_feature, update_feature};
use crate::handlers::features::{create_feature, list_features};
use crate::handlers::invoices::{
    list_invoices, mark_invoice_uncollectible, read_invoice, refund_invoice, send_invoice, void_invoice,
};
use crate::handlers::payment_method_link::create_payment_method_link;
use crate::handlers::plan::{archive_plan, read_plan, update_plan};
use crate::handlers::plan_features::{attach_feature, detach_feature};
use crate::handlers::plans::{create_plan, list_plans};
use crate::handlers::preflight_disable::preflight_disable;
use crate::handlers::prices::{add_price, archive_price};
use crate::handlers::read_audit_log::read_audit_log;
use crate::handlers::read_billing_status::read_billing_status;
use crate::handlers::read_gateways::read_gateways;
use crate::handlers::read_overview::read_overview;
use crate::handlers::read_payer::read_payer;
use crate::handlers::receive_webhook::receive_webhook;
use crate::handlers::sale_counts::{count_invoices, count_subscriptions};
use crate::handlers::subscriptions::{
    cancel_subscription, list_subscriptions, read_subscription, resume_subscription,
};
use crate::handlers::timeline::{list_attention, read_timeline};
use crate::handlers::trial::change_trial;
use crate::handlers::work::{list_drift, list_work_set_aside, replay_work};
use crate::operations::{health, metrics, readiness};

const DASHBOARD: &str = "/v1/dashboard";
const BILLING_OF_APP: &str = "/v1/dashboard/apps/{appId}/billing";

pub(crate) fn api(config: &mut ServiceConfig) {
    config
        .service(
            web::scope(DASHBOARD)
                .wrap(from_fn(authenticate))
                .configure(gate)
                .configure(apps)
                .configure(billing_of_app)
                .default_service(web::to(not_found)),
        )
        .service(endpoint("", "/v1/stripe/webhook").post(receive_webhook))
        .service(endpoint("", "/healthz").get(health))
        .service(endpoint("", "/readyz").get(readiness))
        .service(endpoint("", "/metrics").get(metrics))
        .service(endpoint("", "/openapi.json").get(document));
}

fn gate(config: &mut ServiceConfig) {
    let at = |path| endpoint(DASHBOARD, path);
    config
        .service(at("/billing/status").get(read_billing_status))
        .service(at("/billing/enable").post(enable_billing))
        .service(at("/billing/disable").post(disable_billing))
        .service(at("/billing/disable/preflight").get(preflight_disable))
        .service(at("/billing/gateways").get(read_gateways))
        .service(at("/billing/audit-log").get(read_audit_log))
        .service(at("/billing/drift").get(list_drift))
        .service(at("/billing/work").get(list_work_set_aside))
        .service(at("/billing/work/replay").post(replay_work));
}

fn apps(config: &mut ServiceConfig) {
    let at = |path| endpoint(DASHBOARD, path);
    config
        .service(at("/apps").get(list_apps).post(create_app))
        .service(at("/apps/{appId}").get(read_app).patch(update_app));
}

fn billing_of_app(config: &mut ServiceConfig) {
    let billing = web::scope("/apps/{appId}/billing")
        .wrap(from_fn(while_billing_is_on))
        .configure(catalog)
        .configure(sales)
        .default_service(web::to(not_found));
    config.service(billing);
}

fn catalog(config: &mut ServiceConfig) {
    let at = |path: &str| endpoint(BILLING_OF_APP, path);
    config
        .service(at("/plans").get(list_plans).post(create_plan))
        .service(at("/plans/{planId}").get(read_plan).patch(update_plan).delete(archive_plan))
        .service(at("/plans/{planId}/prices").post(add_price))
        .service(at("/plans/{planId}/prices/{priceId}").delete(archive_price))
        .service(at("/plans/{planId}/features").post(attach_feature))
        .service(at("/plans/{planId}/features/{key}").delete(detach_feature))
        .service(at("/features").get(list_features).post(create_feature))
        .service(at("/features/{key}").get(read_feature).patch(update_feature).delete(delete_feature));
}

fn sales(config: &mut ServiceConfig) {
    let at = |path: &str| endpoint(BILLING_OF_APP, path);
    config
        .service(at("/overview").get(read_overview))
        .service(at("/checkout-links").post(create_checkout_link))
        .service(at("/checkout-links/{checkoutLinkId}").get(read_checkout_link).delete(end_checkout_link))
        .service(at("/subscriptions").get(list_subscriptions))
        .service(at("/subscriptions/export.csv").get(export_subscriptions))
        .service(at("/subscriptions/counts").get(count_subscriptions))
        .service(at("/subscriptions/{subscriptionId}").get(read_subscription))
        .service(at("/subscriptions/{subscriptionId}/cancel").post(cancel_subscription))
        .service(at("/subscriptions/{subscriptionId}/resume").post(resume_subscription))
        .service(at("/subscriptions/{subscriptionId}/trial").post(change_trial))
        .service(at("/subscriptions/{subscriptionId}/payment-method-link").post(create_payment_method_link))
        .service(at("/subscriptions/{subscriptionId}/timeline").get(read_timeline))
        .service(at("/attention").get(list_attention))
        .service(at("/subscriptions/{subscriptionId}/change-plan").post(change_plan))
        .service(at("/subscriptions/{subscriptionId}/change-plan/preview").post(preview_plan_change))
        .service(at("/invoices").get(list_invoices))
        .service(at("/invoices/export.csv").get(export_invoices))
        .service(at("/invoices/counts").get(count_invoices))
        .service(at("/payers/{payerKind}/{payerId}").get(read_payer))
        .service(at("/invoices/{invoiceId}").get(read_invoice))
        .service(at("/invoices/{invoiceId}/refund").post(refund_invoice))
        .service(at("/invoices/{invoiceId}/void").post(void_invoice))
        .service(at("/invoices/{invoiceId}/mark-uncollectible").post(mark_invoice_uncollectible))
        .service(at("/invoices/{invoiceId}/send").post(send_invoice));
}

async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::not_found())
}

async fn document(api: Data<BillingApi>) -> Result<HttpResponse, ApiError> {
    let document = api.document.json()?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(document))
}
