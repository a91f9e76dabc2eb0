mod common_errors;
mod served;

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ObjectBuilder, PathItem, RefOr, Required, Server, Type};
use utoipa::{Modify, OpenApi};

use common_errors::CommonErrors;
pub(crate) use served::ServedDocument;

use crate::error::{ErrorBody, ErrorCodeSchema};
use crate::handlers::{
    apps, change_plan, checkout_links, disable_billing, enable_billing, export_sales, feature, features,
    invoices, payment_method_link, plan, plan_features, plans, preflight_disable, prices, read_audit_log,
    read_billing_status, read_gateways, read_overview, read_payer, receive_webhook, sale_counts,
    subscriptions, timeline, trial, work,
};
use crate::operations;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "KolayLogin Billing",
        description = "Enables and disables end-user billing for a workspace, keeps what its apps sell, and sells it through Stripe. Every error has the body `ErrorBody`; its codes are explained at `/docs/errors`.",
        license(name = "Proprietary", identifier = "LicenseRef-Proprietary"),
    ),
    paths(
        read_billing_status::read_billing_status,
        enable_billing::enable_billing,
        disable_billing::disable_billing,
        preflight_disable::preflight_disable,
        read_gateways::read_gateways,
        read_audit_log::read_audit_log,
        work::list_drift,
        work::list_work_set_aside,
        work::replay_work,
        apps::list_apps,
        apps::create_app,
        apps::read_app,
        apps::update_app,
        plans::list_plans,
        plans::create_plan,
        plan::read_plan,
        plan::update_plan,
        plan::archive_plan,
        prices::add_price,
        prices::archive_price,
        plan_features::attach_feature,
        plan_features::detach_feature,
        features::list_features,
        features::create_feature,
        feature::read_feature,
        feature::update_feature,
        feature::delete_feature,
        checkout_links::create_checkout_link,
        checkout_links::read_checkout_link,
        checkout_links::end_checkout_link,
        subscriptions::list_subscriptions,
        sale_counts::count_subscriptions,
        export_sales::export_subscriptions,
        subscriptions::read_subscription,
        subscriptions::cancel_subscription,
        subscriptions::resume_subscription,
        trial::change_trial,
        payment_method_link::create_payment_method_link,
        timeline::read_timeline,
        timeline::list_attention,
        change_plan::preview_plan_change,
        change_plan::change_plan,
        read_overview::read_overview,
        invoices::list_invoices,
        sale_counts::count_invoices,
        export_sales::export_invoices,
        invoices::read_invoice,
        invoices::refund_invoice,
        invoices::void_invoice,
        invoices::mark_invoice_uncollectible,
        invoices::send_invoice,
        read_payer::read_payer,
        receive_webhook::receive_webhook,
        operations::health,
        operations::readiness,
        operations::metrics,
    ),
    tags(
        (name = "Billing gate", description = "Whether billing is on, and through which gateway."),
        (name = "Apps", description = "The workspace's apps. They answer while billing is off, too."),
        (name = "Plans", description = "What an app sells, while billing is on."),
        (name = "Features", description = "What a plan gives, while billing is on."),
        (name = "Checkout links", description = "Where a payer buys a plan, while billing is on."),
        (name = "Subscriptions", description = "What was sold, while billing is on."),
        (name = "Invoices", description = "What was charged, while billing is on."),
        (name = "Payers", description = "Who was charged, while billing is on."),
        (name = "Revenue", description = "What an app earns, while billing is on."),
        (name = "Audit log"),
        (name = "Background work", description = "What was set aside because it failed too often, and what reconciliation mended. It answers while billing is off, too."),
        (name = "Stripe", description = "For Stripe. It needs no token."),
        (name = "Operations", description = "For the operator of the service. They need no token."),
    ),
    components(schemas(ErrorBody, ErrorCodeSchema)),
    security(("dashboardToken" = [])),
    modifiers(&DashboardToken, &OptionalBodies, &PathParameters, &CommonErrors),
)]
struct Document;

/// The API's description, from the code that serves it, for a service reached at this address.
#[must_use]
pub fn openapi_document(public_base_url: &str) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.servers = Some(vec![Server::new(public_base_url)]);
    document
}

struct DashboardToken;

impl Modify for DashboardToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.bearer_format = Some("JWT".to_owned());
        scheme.description = Some(
            "A dashboard token with the claims `sub`, `workspaceId`, `role`, `iss`, `aud` = `dashboard` and `exp`."
                .to_owned(),
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("dashboardToken", SecurityScheme::Http(scheme));
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// The bodies of the gate may be left out.
struct OptionalBodies;

impl Modify for OptionalBodies {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for path in [GATE_ENABLE, GATE_DISABLE] {
            let operation = document.paths.paths.get_mut(path).and_then(|item| item.post.as_mut());
            if let Some(RefOr::T(body)) = operation.and_then(|operation| operation.request_body.as_mut()) {
                body.required = Some(Required::False);
            }
        }
    }
}

const GATE_ENABLE: &str = "/v1/dashboard/billing/enable";
const GATE_DISABLE: &str = "/v1/dashboard/billing/disable";

/// What stands in braces in a path.
struct PathParameters;

const IN_PATHS: [(&str, &str, &str); 9] = [
    ("appId", "The app.", "app_demo"),
    ("planId", "The plan.", "plan_01kapzv5e8f6ws8j4kq1bdx0mh"),
    ("priceId", "The price.", "price_01kapzv5e8f6ws8j4kq1bdx0mg"),
    ("key", "The feature's key.", "pro_export"),
    ("checkoutLinkId", "The checkout link.", "intent_01kapzv5e8f6ws8j4kq1bdx0mn"),
    ("subscriptionId", "The subscription.", "sub_01kapzv5e8f6ws8j4kq1bdx0mk"),
    ("invoiceId", "The invoice.", "inv_01kapzv5e8f6ws8j4kq1bdx0mp"),
    ("payerKind", "The kind of payer: `user` or `organization`.", "user"),
    ("payerId", "The payer.", "user_1"),
];

impl Modify for PathParameters {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            let named = IN_PATHS.into_iter().filter(|(name, ..)| path.contains(&format!("{{{name}}}")));
            let parameters: Vec<Parameter> = named.map(path_parameter).collect();
            for operation in operations(item).filter(|_| !parameters.is_empty()) {
                let all = operation.parameters.get_or_insert_default();
                all.splice(0..0, parameters.iter().cloned().map(RefOr::T));
            }
        }
    }
}

fn path_parameter((name, description, example): (&str, &str, &str)) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some(example.into()))
        .build()
}
