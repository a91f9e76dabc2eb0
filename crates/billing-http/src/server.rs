use std::net::TcpListener;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpServer};
use billing_domain::ports::BillingStore;

use crate::middleware::observe;
use crate::{BillingApi, routes};

/// The time limit for a request's head.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// More workers would wait for the database: each is a thread with database connections of its own.
const WORKERS_AT_MOST: usize = 8;

/// Serves the API on this listener until the server is stopped. A graceful stop lets requests in flight finish for up
/// to `shutdown_timeout`.
///
/// `open_store` gives each worker its read store. The worker's thread drives and closes the store's connections, so
/// that no other worker waits for them.
///
/// `pages` mounts further routes on each worker, with its store. The API's own paths come first.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(
    listener: TcpListener,
    api: BillingApi,
    open_store: impl Fn() -> Arc<dyn BillingStore> + Clone + Send + 'static,
    pages: impl Fn(&mut ServiceConfig, Arc<dyn BillingStore>) + Clone + Send + 'static,
    shutdown_timeout: Duration,
) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        let store = open_store();
        let api = Data::new(api.reading_from(Arc::clone(&store)));
        App::new()
            .app_data(api)
            .wrap(from_fn(observe))
            .configure(routes::api)
            .configure(|config| pages(config, store))
            .configure(routes::documentation)
    });
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Ok(server
        .workers(cores.min(WORKERS_AT_MOST))
        .client_request_timeout(CLIENT_TIMEOUT)
        .shutdown_timeout(shutdown_timeout.as_secs())
        .disable_signals()
        .listen(listener)?
        .run())
}
