use std::sync::Arc;

use billing_application::{Change, Executor, Ports, Reads, Refusal, Refused, Runner};
use billing_domain::ports::{BillingStore, DashboardSessions, IdGenerator};
use billing_domain::{
    Administrator, BillingSwitch, DashboardSession, GatewayAvailability, RequestKey, WorkspaceId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::openapi::OpenApi;

use crate::Metrics;
use crate::error::ApiError;
use crate::openapi::ServedDocument;

/// The state of the API. Each worker has one of its own, which reads through a store of its own and shares the rest.
#[derive(Clone)]
pub struct BillingApi {
    reads: Arc<Reads>,
    executor: Executor,
    availability: GatewayAvailability,
    pub(crate) sessions: Arc<dyn DashboardSessions>,
    pub(crate) ids: Arc<dyn IdGenerator>,
    runner: Runner,
    pub(crate) metrics: Metrics,
    pub(crate) document: Arc<ServedDocument>,
}

impl BillingApi {
    /// The API with these ports, sessions and document.
    #[must_use]
    pub fn new(
        ports: Ports,
        sessions: Arc<dyn DashboardSessions>,
        runner: Runner,
        metrics: Metrics,
        document: OpenApi,
    ) -> Self {
        Self {
            reads: Arc::new(Reads::new(Arc::clone(&ports.store), ports.availability.clone())),
            executor: Executor::new(ports.clone()),
            availability: ports.availability,
            sessions,
            ids: ports.ids,
            runner,
            metrics,
            document: Arc::new(ServedDocument::new(document)),
        }
    }

    /// The same API with this read store.
    pub(crate) fn reading_from(&self, store: Arc<dyn BillingStore>) -> Self {
        Self { reads: Arc::new(Reads::new(store, self.availability.clone())), ..self.clone() }
    }

    /// The outcome of a read in the session's workspace.
    pub(crate) async fn read<Answer, Failure, Task>(
        &self,
        session: DashboardSession,
        ask: impl FnOnce(Arc<Reads>, DashboardSession) -> Task,
    ) -> Result<Answer, ApiError>
    where
        Task: Future<Output = Result<Answer, Failure>> + Send + 'static,
        Answer: Send + 'static,
        Failure: Into<ApiError> + Send + 'static,
    {
        let workspace = session.workspace_id.clone();
        let asking = ask(Arc::clone(&self.reads), session);
        self.runner.read(&workspace, asking).await?.map_err(Into::into)
    }

    /// Checks that requests can be served.
    pub(crate) async fn readiness(&self) -> Result<(), ApiError> {
        let reads = Arc::clone(&self.reads);
        Ok(self.runner.read_of_the_service(async move { reads.readiness().await }).await??)
    }

    /// Makes a change to its end, even if the client disconnects.
    pub(crate) async fn change<C: Change>(
        &self,
        administrator: Administrator,
        change: C,
    ) -> Result<C::Answer, ApiError> {
        let workspace = administrator.workspace_id().clone();
        self.run(&workspace, |executor| async move { executor.change(&administrator, &change).await }).await
    }

    /// Makes a change, once per idempotency key if given.
    pub(crate) async fn change_once<C>(
        &self,
        administrator: Administrator,
        change: C,
        key: Option<RequestKey>,
    ) -> Result<C::Answer, ApiError>
    where
        C: Change<Answer: Serialize + DeserializeOwned> + Serialize,
    {
        let workspace = administrator.workspace_id().clone();
        self.run(&workspace, |executor| async move {
            executor.change_once(&administrator, &change, key.as_ref()).await
        })
        .await
    }

    /// Disables billing.
    pub(crate) async fn disable_billing(
        &self,
        administrator: Administrator,
    ) -> Result<BillingSwitch, ApiError> {
        let workspace = administrator.workspace_id().clone();
        self.run(&workspace, |executor| async move { executor.disable_billing(&administrator).await }).await
    }

    async fn run<Answer, Rule, Task>(
        &self,
        workspace: &WorkspaceId,
        ask: impl FnOnce(Executor) -> Task,
    ) -> Result<Answer, ApiError>
    where
        Task: Future<Output = Result<Answer, Refused<Rule>>> + Send + 'static,
        Answer: Send + 'static,
        Rule: Refusal,
    {
        Ok(self.runner.run(workspace, ask(self.executor.clone())).await??)
    }
}
