use std::num::NonZero;
use std::sync::Arc;

use billing_application::{Executor, Ports, Reads, Runner, Webhooks};
use billing_dashboard::{Dashboard, DashboardSettings, ServiceConfig, SignIn};
use billing_diesel::{Catalogs, DatabaseUrl};
use billing_domain::ports::{BillingStore, Clock, DashboardSessions, PaymentGateway, error_chain};
use billing_http::{BillingApi, Metrics};
use billing_tokens::DashboardTokens;

use crate::adapters::{MainRuntimeFetchRunner, SystemClock, UuidV7Generator};
use crate::demo::DemoPeople;
use crate::settings::{DashboardTokenSource, Environment, Settings};
use crate::{BoxError, development_secret, stripe};

/// The ports of the use cases, each with its adapter.
pub(crate) fn ports(
    settings: &Settings,
    store: Arc<dyn BillingStore>,
    gateway: impl PaymentGateway + 'static,
    clock: Arc<dyn Clock>,
) -> Ports {
    Ports {
        store,
        gateway: Arc::new(gateway),
        wake: Arc::default(),
        clock,
        ids: Arc::new(UuidV7Generator),
        availability: settings.gateways.clone(),
        grace: settings.grace,
        public_base_url: settings.public_base_url.as_str().into(),
    }
}

/// The ports of a command that runs beside the service.
pub(crate) fn ports_of_command(settings: &Settings) -> Result<Ports, BoxError> {
    let store = billing_diesel::open(&settings.database_url)?;
    let gateway = stripe::gateway(settings, Arc::clone(&store))?;
    Ok(ports(settings, store, gateway, Arc::new(SystemClock)))
}

/// Opens a worker's read store. If that fails, the worker shares the first store.
pub(crate) fn worker_store(
    settings: &Settings,
    catalogs: Catalogs,
    ports: &Ports,
) -> impl Fn() -> Arc<dyn BillingStore> + Clone + Send + use<> {
    let (url, shared) = (settings.database_url.clone(), Arc::clone(&ports.store));
    move || match billing_diesel::open_sharing(&url, &catalogs) {
        Ok(store) => store,
        Err(error) => {
            tracing::error!(error = %error_chain(&error), "a worker has no store of its own");
            Arc::clone(&shared)
        }
    }
}

/// The JSON API with these ports.
pub(crate) fn api(
    settings: &Settings,
    ports: Ports,
    sessions: Arc<dyn DashboardSessions>,
    runner: Runner,
    metrics: Metrics,
) -> BillingApi {
    let document = billing_http::openapi_document(&settings.public_base_url);
    // Webhooks are signed in real time, by the sandbox too.
    let receiving = Ports { clock: Arc::new(SystemClock), ..ports.clone() };
    let webhooks = Webhooks::new(receiving, transactions_of_webhooks(&settings.database_url));
    BillingApi::new(ports, webhooks, sessions, runner, metrics, document)
}

/// The number of transactions that store webhooks side by side: on Postgres, one travels while another is written.
fn transactions_of_webhooks(database: &DatabaseUrl) -> NonZero<usize> {
    match database {
        DatabaseUrl::Sqlite(_) => NonZero::<usize>::MIN,
        DatabaseUrl::Postgres(_) => NonZero::<usize>::MIN.saturating_add(2),
    }
}

/// Mounts the dashboard's pages on a worker, with its read store. `sandbox` is the address of the embedded one.
pub(crate) fn pages(
    settings: &Arc<Settings>,
    sandbox: Option<String>,
    ports: &Ports,
    sessions: Arc<dyn DashboardSessions>,
    runner: Runner,
) -> impl Fn(&mut ServiceConfig, Arc<dyn BillingStore>) + Clone + Send + use<> {
    let ports = ports.clone();
    let executor = Executor::new(ports.clone());
    let how = Arc::new(DashboardSettings {
        session_cookie: settings.dashboard_cookie.clone(),
        public_origin: settings.public_origin.clone(),
        sign_in: sign_in(settings),
        sandbox,
    });
    move |config, store| {
        let reads = Reads::new(Ports { store, ..ports.clone() });
        let (executor, sessions) = (executor.clone(), Arc::clone(&sessions));
        let (ids, clock) = (Arc::clone(&ports.ids), Arc::clone(&ports.clock));
        let dashboard =
            Dashboard::new(reads, executor, sessions, ids, clock, runner.clone(), Arc::clone(&how));
        dashboard.configure(config);
    }
}

/// One click in development where tokens can be signed, and the platform otherwise.
fn sign_in(settings: &Arc<Settings>) -> SignIn {
    let can_sign = !matches!(settings.dashboard_tokens, DashboardTokenSource::JwksUrl(_));
    if settings.environment == Environment::Development && can_sign {
        return SignIn::Demo(Arc::new(DemoPeople(Arc::clone(settings))));
    }
    SignIn::Platform { address: settings.dashboard_sign_in_url.clone() }
}

/// The configured verifier of dashboard tokens.
pub(crate) fn sessions(settings: &Settings, runner: Runner) -> Result<Arc<dyn DashboardSessions>, BoxError> {
    let issuer = settings.dashboard_jwt_issuer.clone();
    let tokens = match &settings.dashboard_tokens {
        DashboardTokenSource::Secret(secret) => DashboardTokens::with_secret(issuer, secret)?,
        DashboardTokenSource::JwksUrl(url) => {
            DashboardTokens::with_jwks_url(issuer, url, Arc::new(MainRuntimeFetchRunner(runner)))?
        }
        DashboardTokenSource::GeneratedSecret => {
            DashboardTokens::with_secret(issuer, &development_secret::load_or_create()?)?
        }
    };
    Ok(Arc::new(tokens))
}
