//! The server: takes requests in, and gives answers out as Stripe does.

mod stripe_api;

use std::{
    net::TcpListener,
    sync::{Mutex, MutexGuard, PoisonError},
};

use actix_web::{
    App, HttpServer,
    dev::Server,
    web::{self, Data},
};

use crate::{api::Api, store::World};

const WORKERS: usize = 2;
const LARGEST_BODY: usize = 1024 * 1024;

/// What all requests share.
pub struct Shared {
    pub api: Api,
    world: Mutex<World>,
}

impl Shared {
    pub fn new(world: World) -> Self {
        Self { api: Api::new(), world: Mutex::new(world) }
    }

    /// Does something with the world, alone. A change that was cut short by a panic has undone itself.
    pub fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world: MutexGuard<'_, World> = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut world)
    }
}

pub fn server(listener: TcpListener, shared: std::sync::Arc<Shared>) -> std::io::Result<Server> {
    let shared = Data::from(shared);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            .service(web::scope("/v1").default_service(web::to(stripe_api::answer)))
    });
    Ok(server.workers(WORKERS).disable_signals().listen(listener)?.run())
}
