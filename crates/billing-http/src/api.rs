use std::sync::Arc;

use billing_application::{DisableBilling, EnableBilling, Ports, PreflightDisable, ReadBillingStatus};
use billing_domain::GatewayAvailability;
use billing_domain::ports::{BillingStore, IdGenerator};

use utoipa::openapi::OpenApi;

use crate::{DashboardTokens, Metrics, Runner};

/// Everything the API needs. Each worker has one of its own, which reads through a store of its own and shares
/// everything else.
#[derive(Clone)]
pub struct BillingApi {
    pub(crate) read_billing_status: Arc<ReadBillingStatus>,
    pub(crate) enable_billing: Arc<EnableBilling>,
    pub(crate) disable_billing: Arc<DisableBilling>,
    pub(crate) preflight_disable: Arc<PreflightDisable>,
    pub(crate) store: Arc<dyn BillingStore>,
    pub(crate) ids: Arc<dyn IdGenerator>,
    pub(crate) tokens: Arc<DashboardTokens>,
    pub(crate) runner: Runner,
    pub(crate) metrics: Metrics,
    pub(crate) document: Arc<OpenApi>,
}

impl BillingApi {
    /// The API over these ports, for callers with these tokens, described by this document.
    #[must_use]
    pub fn new(
        ports: Ports,
        availability: GatewayAvailability,
        tokens: DashboardTokens,
        runner: Runner,
        metrics: Metrics,
        document: OpenApi,
    ) -> Self {
        let store = Arc::clone(&ports.store);
        Self {
            read_billing_status: Arc::new(ReadBillingStatus::new(Arc::clone(&store))),
            preflight_disable: Arc::new(PreflightDisable::new(Arc::clone(&store))),
            ids: Arc::clone(&ports.ids),
            enable_billing: Arc::new(EnableBilling::new(ports.clone(), availability)),
            disable_billing: Arc::new(DisableBilling::new(ports)),
            store,
            tokens: Arc::new(tokens),
            runner,
            metrics,
            document: Arc::new(document),
        }
    }

    /// The same API, reading through this store.
    pub(crate) fn reading_from(&self, store: Arc<dyn BillingStore>) -> Self {
        Self {
            read_billing_status: Arc::new(ReadBillingStatus::new(Arc::clone(&store))),
            preflight_disable: Arc::new(PreflightDisable::new(Arc::clone(&store))),
            store,
            ..self.clone()
        }
    }
}
