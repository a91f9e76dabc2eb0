use std::sync::Arc;

use billing_application::{Change, Executor, Interrupted, Ports, Reads, Refusal, Refused, Runner, Webhooks};
use billing_domain::ports::{BillingStore, DashboardSessions, IdGenerator};
use billing_domain::{Administrator, DashboardSession, RequestKey, WorkspaceId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::openapi::OpenApi;

use crate::Metrics;
use crate::error::ApiError;
use crate::extract::{LargeBodies, SignedBody};
use crate::openapi::ServedDocument;
use crate::refused_webhooks::RefusedWebhooks;
use crate::webhook_outcome::WebhookOutcome;

/// The state of the API. Each worker has one of its own, which reads through a store of its own and shares the rest.
#[derive(Clone)]
pub struct BillingApi {
    reads: Arc<Reads>,
    /// Over the store that all share, for reads on the main runtime.
    shared_reads: Arc<Reads>,
    executor: Executor,
    webhooks: Arc<Webhooks>,
    refused_webhooks: Arc<RefusedWebhooks>,
    ports: Ports,
    pub(crate) sessions: Arc<dyn DashboardSessions>,
    pub(crate) ids: Arc<dyn IdGenerator>,
    pub(crate) large_bodies: LargeBodies,
    runner: Runner,
    pub(crate) metrics: Metrics,
    pub(crate) document: Arc<ServedDocument>,
}

impl BillingApi {
    /// The API with these ports, webhooks, sessions and document.
    #[must_use]
    pub fn new(
        ports: Ports,
        webhooks: Webhooks,
        sessions: Arc<dyn DashboardSessions>,
        runner: Runner,
        metrics: Metrics,
        document: OpenApi,
    ) -> Self {
        let reads = Arc::new(Reads::new(ports.clone()));
        Self {
            shared_reads: Arc::clone(&reads),
            reads,
            executor: Executor::new(ports.clone()),
            webhooks: Arc::new(webhooks),
            refused_webhooks: Arc::default(),
            sessions,
            ids: Arc::clone(&ports.ids),
            large_bodies: LargeBodies::default(),
            ports,
            runner,
            metrics,
            document: Arc::new(ServedDocument::new(document)),
        }
    }

    /// The same API with this read store.
    pub(crate) fn reading_from(&self, store: Arc<dyn BillingStore>) -> Self {
        let ports = Ports { store, ..self.ports.clone() };
        Self { reads: Arc::new(Reads::new(ports)), ..self.clone() }
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

    /// The outcome of a read that asks the payment gateway. Like every call to it, on the main runtime.
    pub(crate) async fn read_at_gateway<Answer, Rule, Task>(
        &self,
        session: DashboardSession,
        ask: impl FnOnce(Arc<Reads>, DashboardSession) -> Task,
    ) -> Result<Answer, ApiError>
    where
        Task: Future<Output = Result<Answer, Refused<Rule>>> + Send + 'static,
        Answer: Send + 'static,
        Rule: Refusal,
    {
        let workspace = session.workspace_id.clone();
        let asking = Box::pin(ask(Arc::clone(&self.shared_reads), session));
        self.runner.ask_gateway(&workspace, asking).await.map_err(slow_gateway)?.map_err(Into::into)
    }

    /// A change that mostly asks the payment gateway, such as a preview: of these a workspace may have few at a time. To its
    /// end, even if the client disconnects.
    pub(crate) async fn ask_to_change<Answer, Rule, Task>(
        &self,
        administrator: Administrator,
        ask: impl FnOnce(Executor, Administrator) -> Task,
    ) -> Result<Answer, ApiError>
    where
        Task: Future<Output = Result<Answer, Refused<Rule>>> + Send + 'static,
        Answer: Send + 'static,
        Rule: Refusal,
    {
        let workspace = administrator.workspace_id().clone();
        let asking = Box::pin(ask(self.executor.clone(), administrator));
        self.runner.ask_gateway(&workspace, asking).await.map_err(slow_gateway)?.map_err(Into::into)
    }

    /// Makes a change that calls the payment gateway, to its end, even if the client disconnects.
    pub(crate) async fn change_at_gateway<Answer, Rule, Task>(
        &self,
        administrator: Administrator,
        ask: impl FnOnce(Executor, Administrator) -> Task,
    ) -> Result<Answer, ApiError>
    where
        Task: Future<Output = Result<Answer, Refused<Rule>>> + Send + 'static,
        Answer: Send + 'static,
        Rule: Refusal,
    {
        let workspace = administrator.workspace_id().clone();
        let asking = Box::pin(ask(self.executor.clone(), administrator));
        self.runner.run(&workspace, asking).await.map_err(slow_gateway)?.map_err(Into::into)
    }

    /// Receives a webhook to its end, even if the sender disconnects. Counts it, and logs the refusal of one.
    pub(crate) async fn receive(&self, webhook: Result<SignedBody, ApiError>) -> Result<(), ApiError> {
        let received = self.received(webhook).await;
        let outcome = received.as_ref().map_or_else(WebhookOutcome::of, |()| WebhookOutcome::Accepted);
        self.metrics.count_webhook(outcome.as_str());
        if let (WebhookOutcome::Refused, Err(refusal)) = (outcome, &received) {
            self.refused_webhooks.log(refusal);
        }
        received
    }

    async fn received(&self, webhook: Result<SignedBody, ApiError>) -> Result<(), ApiError> {
        let (webhook, webhooks) = (webhook?, Arc::clone(&self.webhooks));
        let receiving = async move { webhooks.receive(&webhook.bytes, &webhook.signature).await };
        Ok(self.runner.run_of_the_service(receiving).await??)
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

/// Whoever waits for the payment gateway too long waits for nothing else.
fn slow_gateway(interrupted: Interrupted) -> ApiError {
    match interrupted {
        Interrupted::TooSlow => ApiError::slow_gateway(interrupted),
        Interrupted::Crowded | Interrupted::Broken(_) => interrupted.into(),
    }
}
