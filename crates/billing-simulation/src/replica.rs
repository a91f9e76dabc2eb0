//! A process of the service: everything that a crash forgets.

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use billing_application::{
    ActOnInvoice, CancelSubscription, ChangePlan, ChangeTrial, CreateCheckoutLink, EnableBilling,
    EndCheckoutLink, Executor, PlanChange, PlanPatch, Ports, RefundInvoice, ResumeSubscription, Turn,
    UpdatePlan, Webhooks, Worker,
};
use billing_domain::ports::{BillingStore, PaymentGateway, error_chain};
use billing_domain::{Gateway, GatewayAvailability, GraceDays, RequestKey, ShownChange};
use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use stripe_sandbox::Webhook;

use crate::gate::ConnectionGate;
use crate::mutation::{Mutation, WeakGateway, WeakStore};
use crate::ports::{SimulatedClock, SimulatedIds};
use crate::scene::Scene;
use crate::template::Tenant;

/// The end of a job.
pub(crate) struct End {
    pub(crate) succeeded: bool,
    /// For the trace.
    pub(crate) words: String,
    /// What a preview has shown.
    pub(crate) shown: Option<ShownChange>,
}

impl End {
    fn of<T: std::fmt::Debug, E: std::error::Error + 'static>(result: Result<T, E>) -> Self {
        match result {
            Ok(answer) => Self { succeeded: true, words: format!("{answer:?}"), shown: None },
            Err(error) => Self::failed(&error),
        }
    }

    fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        Self { succeeded: false, words: error_chain(error), shown: None }
    }
}

pub(crate) type Job = BoxFuture<'static, End>;

/// One process.
#[derive(Clone)]
pub(crate) struct Replica {
    ports: Ports,
    executor: Executor,
    /// That of the checkouts, of which one mutation weakens the rules.
    seller: Executor,
    worker: Worker,
    webhooks: Arc<Webhooks>,
    mutation: Option<Mutation>,
}

/// The ports of a process.
pub(crate) fn ports(
    scene: &Scene,
    store: Arc<dyn BillingStore>,
    gateway: Arc<dyn PaymentGateway>,
    ahead: i64,
) -> Ports {
    Ports {
        store,
        gateway,
        wake: Arc::default(),
        clock: Arc::new(SimulatedClock { scene: scene.clone(), ahead: TimeDelta::seconds(ahead) }),
        ids: Arc::new(SimulatedIds(scene.clone())),
        availability: GatewayAvailability::default(),
        grace: GraceDays::default(),
        public_base_url: Arc::from("https://billing.example"),
    }
}

/// The store of a process, each statement a point.
pub(crate) fn store(scene: &Scene, path: &Path) -> Arc<dyn BillingStore> {
    let scene = scene.clone();
    billing_diesel::open_gated(path, move |usage| Arc::new(ConnectionGate::new(scene.clone(), usage)))
        .unwrap()
}

/// The ports with a weakened rule.
fn weakened(ports: &Ports, mutation: Option<Mutation>) -> Ports {
    let Some(mutation) = mutation else { return ports.clone() };
    Ports {
        store: Arc::new(WeakStore::new(Arc::clone(&ports.store), mutation)),
        gateway: Arc::new(WeakGateway::new(Arc::clone(&ports.gateway), Arc::clone(&ports.ids), mutation)),
        ..ports.clone()
    }
}

impl Replica {
    pub(crate) fn new(ports: Ports, mutation: Option<Mutation>) -> Self {
        let weakened = weakened(&ports, mutation);
        let ports = if mutation == Some(Mutation::NoClosing) { ports } else { weakened.clone() };
        Self {
            executor: Executor::new(ports.clone()),
            seller: Executor::new(weakened),
            mutation,
            worker: Worker::new(ports.clone()),
            webhooks: Arc::new(Webhooks::new(ports.clone(), NonZero::<usize>::MIN)),
            ports,
        }
    }

    /// The start of a process: the accounts of its keys, and what it may have missed.
    pub(crate) fn boot(self) -> Job {
        Box::pin(async move {
            for gateway in [Gateway::Managed, Gateway::StripePlatform] {
                if let Err(error) = self.ports.gateway.account_of(gateway).await {
                    return End::failed(&error);
                }
            }
            if let Err(error) = self.worker.sweep().await {
                return End::failed(&error);
            }
            End::of(self.worker.reconcile_all().await)
        })
    }

    pub(crate) fn sweep(self) -> Job {
        Box::pin(async move { End::of(self.worker.sweep().await) })
    }

    /// A turn of the worker. It succeeds when it has worked.
    pub(crate) fn work(self) -> Job {
        Box::pin(async move {
            let turn = self.worker.turn().await;
            let worked = matches!(turn, Ok(Turn::Worked(..)));
            End { succeeded: worked, ..End::of(turn) }
        })
    }

    pub(crate) fn receive(self, webhook: &Webhook, at: i64) -> Job {
        let (body, signature) = (webhook.body.clone(), webhook.signature(at));
        Box::pin(async move {
            let end = End::of(self.webhooks.receive(body.as_bytes(), &signature).await);
            let always = self.mutation == Some(Mutation::AcknowledgeBeforeCommit);
            End { succeeded: end.succeeded || always, ..end }
        })
    }

    pub(crate) fn enable(self, tenant: Tenant, request: EnableBilling) -> Job {
        Box::pin(async move { End::of(self.executor.change(&tenant.administrator, &request).await) })
    }

    pub(crate) fn disable(self, tenant: Tenant) -> Job {
        Box::pin(async move { End::of(self.executor.disable_billing(&tenant.administrator).await) })
    }

    pub(crate) fn checkout(
        self,
        tenant: Tenant,
        request: CreateCheckoutLink,
        key: Option<RequestKey>,
    ) -> Job {
        Box::pin(async move {
            let made = self.seller.create_checkout_link(&tenant.administrator, &request, key.as_ref());
            End::of(made.await)
        })
    }

    pub(crate) fn end_link(self, tenant: Tenant, request: EndCheckoutLink) -> Job {
        Box::pin(
            async move { End::of(self.executor.end_checkout_link(&tenant.administrator, &request).await) },
        )
    }

    pub(crate) fn cancel(self, tenant: Tenant, request: CancelSubscription) -> Job {
        Box::pin(async move {
            let canceled = self.executor.cancel_subscription(&tenant.administrator, &request, None).await;
            End::of(canceled.map(|subscription| subscription.state.status))
        })
    }

    pub(crate) fn resume(self, tenant: Tenant, request: ResumeSubscription) -> Job {
        Box::pin(async move {
            let resumed = self.executor.resume_subscription(&tenant.administrator, &request, None).await;
            End::of(resumed.map(|subscription| subscription.state.status))
        })
    }

    pub(crate) fn refund(self, tenant: Tenant, request: RefundInvoice, key: RequestKey) -> Job {
        Box::pin(async move {
            let refunded = self.executor.refund_invoice(&tenant.administrator, &request, &key).await;
            End::of(refunded.map(|invoice| invoice.details.status))
        })
    }

    pub(crate) fn act(self, tenant: Tenant, request: ActOnInvoice) -> Job {
        Box::pin(async move {
            let acted = self.executor.act_on_invoice(&tenant.administrator, &request, None).await;
            End::of(acted.map(|invoice| invoice.details.status))
        })
    }

    pub(crate) fn preview(self, tenant: Tenant, change: PlanChange) -> Job {
        Box::pin(async move {
            let previewed = self.executor.preview_plan_change(&tenant.administrator, &change).await;
            let shown = previewed.as_ref().ok().map(|preview| preview.shown);
            End { shown, ..End::of(previewed.map(|preview| preview.shown)) }
        })
    }

    pub(crate) fn change_plan(self, tenant: Tenant, request: ChangePlan, key: RequestKey) -> Job {
        Box::pin(async move {
            let changed = self.executor.change_plan(&tenant.administrator, &request, Some(&key)).await;
            End::of(changed.map(|subscription| subscription.state.status))
        })
    }

    pub(crate) fn change_trial(self, tenant: Tenant, request: ChangeTrial, key: Option<RequestKey>) -> Job {
        Box::pin(async move {
            let changed = self.executor.change_trial(&tenant.administrator, &request, key.as_ref()).await;
            End::of(changed.map(|subscription| subscription.state.times.trial_end))
        })
    }

    pub(crate) fn rename(self, tenant: Tenant, plan: usize, patch: PlanPatch) -> Job {
        let plan_id = tenant.plans[plan].0;
        let request = UpdatePlan { app_id: tenant.app_id.clone(), plan_id, expected_version: None, patch };
        Box::pin(async move {
            let renamed = self.executor.change(&tenant.administrator, &request).await;
            End::of(renamed.map(|offer| offer.plan.details.name))
        })
    }
}
