use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Resource, Responder, Route};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::BillingApi;
use crate::auth::authenticate;
use crate::error::ApiError;
use crate::handlers::disable_billing::disable_billing;
use crate::handlers::enable_billing::enable_billing;
use crate::handlers::preflight_disable::preflight_disable;
use crate::handlers::read_billing_status::read_billing_status;
use crate::operations::{health, metrics, readiness};

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(get("/healthz", web::get().to(health)))
        .service(get("/readyz", web::get().to(readiness)))
        .service(get("/metrics", web::get().to(metrics)))
        .service(get("/openapi.json", web::get().to(document)))
        .service(get("/docs/api", web::get().to(to_documentation)))
        .service(SwaggerUi::new("/docs/api/{_:.*}").config(Config::from("/openapi.json")))
        .service(
            web::scope("/v1/dashboard/billing")
                .wrap(from_fn(authenticate))
                .service(get("/status", web::get().to(read_billing_status)))
                .service(post("/enable", web::post().to(enable_billing)))
                .service(post("/disable", web::post().to(disable_billing)))
                .service(get("/disable/preflight", web::get().to(preflight_disable)))
                .default_service(web::to(not_found)),
        )
        .default_service(web::to(not_found));
}

fn get(path: &str, route: Route) -> Resource {
    only("GET", path, route)
}

fn post(path: &str, route: Route) -> Resource {
    only("POST", path, route)
}

fn only(method: &'static str, path: &str, route: Route) -> Resource {
    let refuse = move || async move { Err::<HttpResponse, _>(ApiError::method_not_allowed(method)) };
    web::resource(path).route(route).default_service(web::to(refuse))
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
