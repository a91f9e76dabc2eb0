use std::sync::Arc;

use billing_application::Ports;
use billing_domain::ports::{BillingStore, error_chain};
use billing_http::{BillingApi, DashboardTokens, Metrics, Runner};

use crate::adapters::{SystemClock, UuidV7Generator};
use crate::settings::{DashboardTokenSource, Settings};
use crate::{BoxError, development_secret};

/// The ports of the use cases, each with its adapter.
pub(crate) fn ports(settings: &Settings) -> Result<Ports, BoxError> {
    Ok(Ports {
        store: billing_diesel::open(&settings.database_url)?,
        clock: Arc::new(SystemClock),
        ids: Arc::new(UuidV7Generator),
    })
}

/// Opens the store a worker reads through. One store could be opened, so others can; if one cannot all the same,
/// the worker shares the first.
pub(crate) fn worker_store(
    settings: &Settings,
    ports: &Ports,
) -> impl Fn() -> Arc<dyn BillingStore> + Clone + Send + use<> {
    let (url, shared) = (settings.database_url.clone(), Arc::clone(&ports.store));
    move || match billing_diesel::open(&url) {
        Ok(store) => store,
        Err(error) => {
            tracing::error!(error = %error_chain(&error), "a worker has no store of its own");
            Arc::clone(&shared)
        }
    }
}

/// The JSON API over these ports.
pub(crate) fn api(
    settings: &Settings,
    ports: Ports,
    runner: Runner,
    metrics: Metrics,
) -> Result<BillingApi, BoxError> {
    let tokens = dashboard_tokens(settings, runner.clone())?;
    let document = billing_http::openapi_document(&settings.public_base_url);
    Ok(BillingApi::new(ports, settings.gateways.clone(), tokens, runner, metrics, document))
}

fn dashboard_tokens(settings: &Settings, runner: Runner) -> Result<DashboardTokens, BoxError> {
    let issuer = settings.dashboard_jwt_issuer.clone();
    match &settings.dashboard_tokens {
        DashboardTokenSource::Secret(secret) => Ok(DashboardTokens::with_secret(issuer, secret)?),
        DashboardTokenSource::JwksUrl(url) => Ok(DashboardTokens::with_jwks_url(issuer, url, runner)?),
        DashboardTokenSource::GeneratedSecret => {
            Ok(DashboardTokens::with_secret(issuer, &development_secret::load_or_create()?)?)
        }
    }
}
