use std::sync::Arc;

use billing_application::{Changes, Ports, Reads, Runner};
use billing_domain::GatewayAvailability;
use billing_domain::ports::{BillingStore, DashboardSessions, IdGenerator};
use utoipa::openapi::OpenApi;

use crate::Metrics;
use crate::error::ApiError;

/// Everything the API needs. Each worker has one of its own, which reads through a store of its own and shares
/// everything else.
#[derive(Clone)]
pub struct BillingApi {
    reads: Arc<Reads>,
    changes: Arc<Changes>,
    availability: GatewayAvailability,
    pub(crate) sessions: Arc<dyn DashboardSessions>,
    pub(crate) ids: Arc<dyn IdGenerator>,
    runner: Runner,
    pub(crate) metrics: Metrics,
    pub(crate) document: Arc<OpenApi>,
}

impl BillingApi {
    /// The API over these ports in a deployment configured for these gateways, for callers with these sessions,
    /// described by this document.
    #[must_use]
    pub fn new(
        ports: Ports,
        availability: GatewayAvailability,
        sessions: Arc<dyn DashboardSessions>,
        runner: Runner,
        metrics: Metrics,
        document: OpenApi,
    ) -> Self {
        Self {
            reads: Arc::new(Reads::new(&ports.store, availability.clone())),
            changes: Arc::new(Changes::new(&ports, availability.clone())),
            availability,
            sessions,
            ids: ports.ids,
            runner,
            metrics,
            document: Arc::new(document),
        }
    }

    /// The same API, reading through this store.
    pub(crate) fn reading_from(&self, store: &Arc<dyn BillingStore>) -> Self {
        Self { reads: Arc::new(Reads::new(store, self.availability.clone())), ..self.clone() }
    }

    /// What a use case that only reads answers.
    pub(crate) async fn read<Answer, Refusal, Task>(
        &self,
        ask: impl FnOnce(Arc<Reads>) -> Task,
    ) -> Result<Answer, ApiError>
    where
        Task: Future<Output = Result<Answer, Refusal>> + Send + 'static,
        Answer: Send + 'static,
        Refusal: Send + 'static,
        ApiError: From<Refusal>,
    {
        Ok(self.runner.read(ask(Arc::clone(&self.reads))).await??)
    }

    /// What a use case that may change something answers. It ends whether or not the client waits for it.
    pub(crate) async fn change<Answer, Refusal, Task>(
        &self,
        ask: impl FnOnce(Arc<Changes>) -> Task,
    ) -> Result<Answer, ApiError>
    where
        Task: Future<Output = Result<Answer, Refusal>> + Send + 'static,
        Answer: Send + 'static,
        Refusal: Send + 'static,
        ApiError: From<Refusal>,
    {
        Ok(self.runner.run(ask(Arc::clone(&self.changes))).await??)
    }
}
