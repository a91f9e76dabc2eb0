use std::sync::Arc;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, Route, guard, web};

use crate::error::ApiError;

/// The matched route, for the metrics.
#[derive(Clone)]
pub(crate) struct RoutePath(pub Arc<str>);

/// A path and its methods. Other methods are refused with a list of these.
pub(crate) struct Endpoint {
    resource: Resource,
    methods: Vec<&'static str>,
}

/// The endpoint at this path, relative to its scope.
pub(crate) fn endpoint(scope: &str, path: &str) -> Endpoint {
    let route_path = RoutePath(format!("{scope}{path}").into());
    Endpoint { resource: web::resource(path).app_data(route_path), methods: Vec::new() }
}

impl Endpoint {
    pub(crate) fn get<Arguments>(self, handler: impl Handler<Arguments, Output: Responder>) -> Self
    where
        Arguments: FromRequest + 'static,
    {
        let reading = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
        self.taking("GET, HEAD", reading.to(handler))
    }

    pub(crate) fn post<Arguments>(self, handler: impl Handler<Arguments, Output: Responder>) -> Self
    where
        Arguments: FromRequest + 'static,
    {
        self.taking("POST", web::post().to(handler))
    }

    pub(crate) fn patch<Arguments>(self, handler: impl Handler<Arguments, Output: Responder>) -> Self
    where
        Arguments: FromRequest + 'static,
    {
        self.taking("PATCH", web::patch().to(handler))
    }

    pub(crate) fn delete<Arguments>(self, handler: impl Handler<Arguments, Output: Responder>) -> Self
    where
        Arguments: FromRequest + 'static,
    {
        self.taking("DELETE", web::delete().to(handler))
    }

    fn taking(mut self, methods: &'static str, route: Route) -> Self {
        self.methods.push(methods);
        Self { resource: self.resource.route(route), ..self }
    }
}

impl HttpServiceFactory for Endpoint {
    fn register(self, config: &mut AppService) {
        let allowed: Arc<str> = self.methods.join(", ").into();
        let refuse = move || {
            let refusal = ApiError::method_not_allowed(&allowed);
            async move { Err::<HttpResponse, _>(refusal) }
        };
        self.resource.default_service(web::to(refuse)).register(config);
    }
}
