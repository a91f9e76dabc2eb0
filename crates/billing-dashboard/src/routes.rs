use std::pin::Pin;

use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, Route as WebRoute, guard};

use crate::Dashboard;
use crate::pages::{
    act_on_invoice, app, apps, archive_plan, archive_price, assets, attach_feature, attention, audit_log,
    background_work, cancel_subscription, change_plan, checkout_link, checkout_return, delete_feature,
    detach_feature, disable_billing, documentation, edit_plan, enable_billing, export_sales, feature,
    features, invoice, invoices, new_app, new_checkout_link, new_feature, new_plan, overview, payer,
    payment_method, plan, plans, refund_invoice, resume_subscription, settings, sign_in, subscription,
    subscriptions, switch_gateway, timeline, trial, unknown,
};
use crate::web::{Reply, Submission, Visit, redirect};

type Answering = Pin<Box<dyn Future<Output = Reply>>>;
type Show = fn(Visit) -> Answering;
type Take = fn(Submission) -> Answering;

/// A route of the dashboard and its methods.
#[derive(Clone, Copy)]
pub struct Route {
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Whether a session is required.
    pub needs_session: bool,
    show: Option<Show>,
    take: Option<Take>,
}

impl Route {
    /// Whether it takes GET.
    #[must_use]
    pub fn is_page(&self) -> bool {
        self.show.is_some()
    }

    fn with_page(self, show: Show) -> Self {
        Self { show: Some(show), ..self }
    }

    fn with_form(self, take: Take) -> Self {
        Self { take: Some(take), ..self }
    }

    fn open(self) -> Self {
        Self { needs_session: false, ..self }
    }

    /// Whether it takes a form by POST.
    #[must_use]
    pub fn takes_form(&self) -> bool {
        self.take.is_some()
    }
}

/// A route with its handlers, which needs a session.
macro_rules! route {
    ($path:literal $(, page $show:path)? $(, form $take:path)?) => {
        Route { path: $path, needs_session: true, show: None, take: None }
            $(.with_page(|visit| Box::pin($show(visit))))?
            $(.with_form(|submission| Box::pin($take(submission))))?
    };
}

/// Every route of the dashboard.
#[must_use]
pub fn routes() -> Vec<Route> {
    let parts = [of_the_site(), of_the_catalog(), of_sales(), of_the_settings()];
    parts.into_iter().flatten().collect()
}

fn of_the_site() -> Vec<Route> {
    vec![
        route!("/", page home).open(),
        route!("/sign-in", page sign_in::show, form sign_in::take).open(),
        route!("/sign-out", form sign_in::sign_out).open(),
        route!("/docs/enable-billing", page documentation::show).open(),
        route!("/docs/enable-billing.md", page documentation::show_text).open(),
        route!("/docs/enable-billing.prompt.md", page documentation::show_prompt).open(),
        route!("/docs/errors", page documentation::show_errors).open(),
        route!("/checkout/thanks", page checkout_return::thanks).open(),
        route!("/checkout/canceled", page checkout_return::canceled).open(),
        route!("/checkout/payment-method", page checkout_return::payment_method).open(),
        route!("/app", page apps::show),
        route!("/app/new", page new_app::show, form new_app::take),
        route!("/app/{app_id}", page app::show, form app::take),
    ]
}

fn of_the_catalog() -> Vec<Route> {
    vec![
        route!("/app/{app_id}/billing", page plans::show),
        route!("/app/{app_id}/billing/enable", page enable_billing::show, form enable_billing::take),
        route!("/app/{app_id}/billing/overview", page overview::show),
        route!("/app/{app_id}/billing/plans/new", page new_plan::show, form new_plan::take),
        route!("/app/{app_id}/billing/plans/{plan_id}", page plan::show),
        route!("/app/{app_id}/billing/plans/{plan_id}/edit", page edit_plan::show, form edit_plan::take),
        route!("/app/{app_id}/billing/plans/{plan_id}/archive", page archive_plan::show, form archive_plan::take),
        route!("/app/{app_id}/billing/plans/{plan_id}/prices", form plan::take_price),
        route!(
            "/app/{app_id}/billing/plans/{plan_id}/prices/{price_id}/archive",
            page archive_price::show,
            form archive_price::take
        ),
        route!("/app/{app_id}/billing/plans/{plan_id}/features", form attach_feature::take),
        route!(
            "/app/{app_id}/billing/plans/{plan_id}/features/{key}/detach",
            page detach_feature::show,
            form detach_feature::take
        ),
        route!("/app/{app_id}/billing/features", page features::show),
        // Keys have no hyphen, so this path hides no feature.
        route!("/app/{app_id}/billing/new-feature", page new_feature::show, form new_feature::take),
        route!("/app/{app_id}/billing/features/{key}", page feature::show, form feature::take),
        route!(
            "/app/{app_id}/billing/features/{key}/delete",
            page delete_feature::show,
            form delete_feature::take
        ),
    ]
}

fn of_sales() -> Vec<Route> {
    vec![
        route!(
            "/app/{app_id}/billing/plans/{plan_id}/checkout-link",
            page new_checkout_link::show,
            form new_checkout_link::take
        ),
        route!("/app/{app_id}/billing/checkout-links/{checkout_link_id}", page checkout_link::show),
        route!(
            "/app/{app_id}/billing/checkout-links/{checkout_link_id}/end",
            page checkout_link::show_end,
            form checkout_link::take_end
        ),
        route!("/app/{app_id}/billing/attention", page attention::show),
        route!("/app/{app_id}/billing/subscriptions", page subscriptions::show),
        route!("/app/{app_id}/billing/subscriptions/export.csv", page export_sales::subscriptions),
        route!("/app/{app_id}/billing/subscriptions/{subscription_id}", page subscription::show),
        route!(
            "/app/{app_id}/billing/subscriptions/{subscription_id}/change-plan",
            page change_plan::show,
            form change_plan::take
        ),
        route!(
            "/app/{app_id}/billing/subscriptions/{subscription_id}/cancel",
            page cancel_subscription::show_at_period_end,
            form cancel_subscription::take_at_period_end
        ),
        route!(
            "/app/{app_id}/billing/subscriptions/{subscription_id}/cancel-now",
            page cancel_subscription::show_now,
            form cancel_subscription::take_now
        ),
        route!(
            "/app/{app_id}/billing/subscriptions/{subscription_id}/resume",
            page resume_subscription::show,
            form resume_subscription::take
        ),
        route!(
            "/app/{app_id}/billing/subscriptions/{subscription_id}/payment-method-link",
            page payment_method::show,
            form payment_method::take
        ),
        route!("/app/{app_id}/billing/subscriptions/{subscription_id}/timeline", page timeline::show),
        route!(
            "/app/{app_id}/billing/subscriptions/{subscription_id}/trial",
            page trial::show,
            form trial::take
        ),
        route!(
            "/app/{app_id}/billing/subscriptions/{subscription_id}/end-trial",
            page trial::show_end,
            form trial::take_end
        ),
        route!("/app/{app_id}/billing/payers/{payer_kind}/{payer_id}", page payer::show),
        route!("/app/{app_id}/billing/invoices", page invoices::show),
        route!("/app/{app_id}/billing/invoices/export.csv", page export_sales::invoices),
        route!("/app/{app_id}/billing/invoices/{invoice_id}", page invoice::show),
        route!(
            "/app/{app_id}/billing/invoices/{invoice_id}/refund",
            page refund_invoice::show,
            form refund_invoice::take
        ),
        route!(
            "/app/{app_id}/billing/invoices/{invoice_id}/void",
            page act_on_invoice::show_void,
            form act_on_invoice::take_void
        ),
        route!(
            "/app/{app_id}/billing/invoices/{invoice_id}/mark-uncollectible",
            page act_on_invoice::show_uncollectible,
            form act_on_invoice::take_uncollectible
        ),
        route!(
            "/app/{app_id}/billing/invoices/{invoice_id}/send",
            page act_on_invoice::show_send,
            form act_on_invoice::take_send
        ),
    ]
}

fn of_the_settings() -> Vec<Route> {
    vec![
        route!("/settings/billing", page settings::show),
        route!("/settings", page to_settings).open(),
        route!("/settings/billing/gateway", page switch_gateway::show, form switch_gateway::take),
        route!("/settings/billing/disable", page disable_billing::show, form disable_billing::take),
        route!("/settings/billing/work", page background_work::show, form background_work::take),
        route!("/settings/audit-log", page audit_log::show),
    ]
}

pub(crate) fn mount(config: &mut ServiceConfig) {
    for (name, content_type, text) in assets::FILES {
        let answer = move |request: HttpRequest| async move {
            assets::answer(content_type, text, request.query_string())
        };
        let file = web::resource(format!("/assets/{name}")).route(reading().to(answer));
        config.service(refusing_other_methods(file, READING.to_owned()));
    }
    for route in routes() {
        config.service(resource(route));
    }
    config.default_service(web::to(unknown::answer));
}

const READING: &str = "GET, HEAD";

fn reading() -> WebRoute {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn resource(route: Route) -> Resource {
    let mut resource = web::resource(route.path);
    let mut methods = Vec::new();
    if let Some(show) = route.show {
        methods.push(READING);
        let answer = move |dashboard, request| answer_page(route, show, dashboard, request);
        resource = resource.route(reading().to(answer));
    }
    if let Some(take) = route.take {
        methods.push("POST");
        let answer = move |dashboard, request, payload| answer_form(route, take, dashboard, request, payload);
        resource = resource.route(web::post().to(answer));
    }
    refusing_other_methods(resource, methods.join(", "))
}

fn refusing_other_methods(resource: Resource, allowed: String) -> Resource {
    let refuse = move |dashboard, request| unknown::refuse_method(allowed.clone(), dashboard, request);
    resource.default_service(web::to(refuse))
}

async fn answer_page(
    route: Route,
    show: Show,
    dashboard: Data<Dashboard>,
    request: HttpRequest,
) -> HttpResponse {
    let (visit, begun) = Visit::begin(dashboard, request).await;
    let reply = match begun {
        // A route without a session does not fail when tokens cannot be verified.
        Err(failure) if route.needs_session => Err(failure),
        Ok(()) if route.needs_session && !visit.is_signed_in() => Ok(to_sign_in(&visit)),
        Ok(()) | Err(_) => show(visit.clone()).await,
    };
    visit.finish(reply)
}

async fn answer_form(
    route: Route,
    take: Take,
    dashboard: Data<Dashboard>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let (visit, begun) = Visit::begin(dashboard, request).await;
    if let (true, Err(failure)) = (route.needs_session, begun) {
        return visit.finish(Err(failure));
    }
    match Submission::receive(visit.clone(), payload).await {
        Err(failure) => visit.finish(Err(failure)),
        Ok(submission) if route.needs_session && !visit.is_signed_in() => {
            let (visit, reply) = submission.session_expired();
            visit.finish(reply)
        }
        Ok(submission) => {
            let same = if route.needs_session { submission.require_same_session() } else { Ok(()) };
            let reply = match same {
                Ok(()) => take(submission).await,
                Err(failure) => Err(failure),
            };
            visit.finish(reply)
        }
    }
}

fn to_sign_in(visit: &Visit) -> HttpResponse {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("returnTo", &visit.path_and_query());
    if visit.session_expired {
        query.append_pair("expired", "true");
    }
    redirect(&format!("/sign-in?{}", query.finish()))
}

async fn home(_: Visit) -> Reply {
    Ok(redirect("/app"))
}

async fn to_settings(_: Visit) -> Reply {
    Ok(redirect("/settings/billing"))
}
