use std::net::TcpListener;
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{ServiceFactoryExt, fn_service, map_config};
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use billing_domain::ports::BillingStore;
use tokio::net::TcpStream;

use crate::connection::Connection;
use crate::middleware::observe;
use crate::slices::WRITE_BUFFER;
use crate::unreadable::unreadable;
use crate::{BillingApi, documentation, routes};

/// The time limit for the head of a connection's first request.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may go on sending a body whose request was answered without it.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// More workers would wait for the database: each is a thread with database connections of its own.
const WORKERS_AT_MOST: usize = 8;

/// The connections of all workers. More wait to be accepted, until others end.
const CONNECTIONS_AT_MOST: usize = 8192;

/// The answers the kernel keeps for a client and has not sent yet, in bytes for each connection.
#[cfg(target_os = "linux")]
const UNSENT_AT_MOST: u32 = 16 * 1024;

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
    limit_connections_of(&listener)?;
    let server = Server::build();
    let stopping = server.graceful_shutdown_signal();
    let worker = move || {
        let store = open_store();
        let api = api.reading_from(Arc::clone(&store));
        let refuse = Rc::new(unreadable(&api));
        let app = App::new()
            .app_data(Data::new(api))
            .wrap(from_fn(observe))
            .configure(routes::api)
            .configure(|config| pages(config, store))
            .configure(documentation::mount);
        let app = map_config(app, |()| AppConfig::default()).map_err(|error| error.error_response());
        let stopping = stopping.clone();
        let http = HttpService::build()
            .client_request_timeout(CLIENT_TIMEOUT)
            .client_disconnect_timeout(DISCONNECT_TIMEOUT)
            .h1_write_buffer_size(WRITE_BUFFER)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .on_connect_ext(|connection: &Connection<TcpStream>, data| {
                data.insert(connection.activity());
            })
            .finish(app);
        fn_service(move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            let connection = Connection::new(stream, refuse.clone());
            async move { Ok::<_, DispatchError>((connection, Protocol::Http1, peer)) }
        })
        .and_then(http)
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let workers = cores.min(WORKERS_AT_MOST);
    Ok(server
        .workers(workers)
        .max_concurrent_connections(CONNECTIONS_AT_MOST / workers)
        .shutdown_timeout(shutdown_timeout.as_secs())
        .disable_signals()
        .listen("billing", listener, worker)?
        .run())
}

/// Accepted connections have these options too. The kernel then ends a connection whose client takes nothing of what
/// was sent, also when the service is done with it: an answer may wait in the kernel alone.
#[cfg(target_os = "linux")]
fn limit_connections_of(listener: &TcpListener) -> std::io::Result<()> {
    let socket = socket2::SockRef::from(listener);
    // What is beyond the limit below is sent later, in a segment that would wait for the acknowledgement of the one before.
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_user_timeout(Some(crate::connection::PATIENCE))?;
    socket.set_tcp_notsent_lowat(UNSENT_AT_MOST)
}

/// Only Linux has these options.
#[cfg(not(target_os = "linux"))]
fn limit_connections_of(_: &TcpListener) -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use socket2::SockRef;

    use super::*;
    use crate::connection::PATIENCE;

    #[test]
    fn accepted_connections_have_the_options_of_the_listener() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        limit_connections_of(&listener).unwrap();
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();

        let socket = SockRef::from(&accepted);

        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(PATIENCE));
        assert!(socket.tcp_nodelay().unwrap());
        assert_eq!(socket.tcp_notsent_lowat().unwrap(), UNSENT_AT_MOST);
    }
}
