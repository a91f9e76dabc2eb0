use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpServer};

use crate::middleware::observe;
use crate::{BillingApi, routes};

/// How long a client may take to send the head of a request.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves the API on this listener until the server is stopped. Stopping gracefully lets requests in flight
/// finish for up to `shutdown_timeout`.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(listener: TcpListener, api: BillingApi, shutdown_timeout: Duration) -> std::io::Result<Server> {
    let api = Data::new(api);
    let server = HttpServer::new(move || {
        App::new().app_data(api.clone()).wrap(from_fn(observe)).configure(routes::configure)
    });
    Ok(server
        .client_request_timeout(CLIENT_TIMEOUT)
        .shutdown_timeout(shutdown_timeout.as_secs())
        .disable_signals()
        .listen(listener)?
        .run())
}
