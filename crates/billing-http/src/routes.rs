use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, Route, guard};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::BillingApi;
use crate::auth::authenticate;
use crate::error::ApiError;
use crate::handlers::disable_billing::disable_billing;
use crate::handlers::enable_billing::enable_billing;
use crate::handlers::preflight_disable::preflight_disable;
use crate::handlers::read_billing_status::read_billing_status;
use crate::operations::{health, metrics, readiness};

const GATE: &str = "/v1/dashboard/billing";

/// The path a request was routed by, for the metrics.
#[derive(Clone)]
pub(crate) struct RoutePath(pub Arc<str>);

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            web::scope(GATE)
                .wrap(from_fn(authenticate))
                .service(get(GATE, "/status", read_billing_status))
                .service(post(GATE, "/enable", enable_billing))
                .service(post(GATE, "/disable", disable_billing))
                .service(get(GATE, "/disable/preflight", preflight_disable))
                .default_service(web::to(not_found)),
        )
        .service(get("", "/healthz", health))
        .service(get("", "/readyz", readiness))
        .service(get("", "/metrics", metrics))
        .service(get("", "/openapi.json", document))
        .service(get("", "/docs/api", to_documentation))
        // Last of all: it is matched by an expression, which every request behind it would pay for.
        .service(SwaggerUi::new("/docs/api/{_:.*}").config(Config::from("/openapi.json")))
        .default_service(web::to(not_found));
}

fn get<Arguments>(scope: &str, path: &str, handler: impl Handler<Arguments, Output: Responder>) -> Resource
where
    Arguments: FromRequest + 'static,
{
    let reading = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    only("GET, HEAD", scope, path, reading.to(handler))
}

fn post<Arguments>(scope: &str, path: &str, handler: impl Handler<Arguments, Output: Responder>) -> Resource
where
    Arguments: FromRequest + 'static,
{
    only("POST", scope, path, web::post().to(handler))
}

/// Any other method is refused, with those it takes.
fn only(methods: &'static str, scope: &str, path: &str, route: Route) -> Resource {
    let refuse = move || async move { Err::<HttpResponse, _>(ApiError::method_not_allowed(methods)) };
    web::resource(path)
        .app_data(RoutePath(format!("{scope}{path}").into()))
        .route(route)
        .default_service(web::to(refuse))
}

async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::not_found())
}

async fn document(api: Data<BillingApi>) -> impl Responder {
    HttpResponse::Ok().json(api.document.as_ref())
}

async fn to_documentation() -> impl Responder {
    web::Redirect::to("/docs/api/").see_other()
}
