//! A sale with seven events, and Stripe as it is at each of its stages.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use billing_application::CreateCheckoutLink;
use billing_domain::BillingInterval;
use billing_domain::ports::{BillingStore, BoxError};
use billing_stripe::{ApiAnswer, StripeTransport};
use serde_json::Value;
use stripe_sandbox::{InProcess, Webhook};
use tokio::runtime::Runtime;

use crate::replica::{self, Job, Replica};
use crate::scene::Scene;
use crate::stage::{self, BEGINNING, KEYS, by_hand};
use crate::stripe::SimulatedTransport;
use crate::template::{self, Tenant};

/// The number of events.
pub(super) const EVENTS: usize = 7;
/// Those that are delivered: the others of the sale are lost.
const KINDS: [&str; 5] = [
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.paid",
];
const DAY: i64 = 24 * 3_600;
/// The stages after the link is made: paid, renewed, the renewal charged, set to end, ended.
const STAGES: usize = 5;

/// An event, and the stage from which on it can arrive.
pub(super) struct SaleEvent {
    pub(super) webhook: Webhook,
    pub(super) stage: usize,
}

/// Stripe at the stage that the sale has reached.
pub(super) struct StagedTransport {
    stages: Vec<SimulatedTransport>,
    pub(super) stage: Arc<AtomicUsize>,
}

#[async_trait]
impl StripeTransport for StagedTransport {
    async fn send(&self, request: &billing_stripe::ApiRequest) -> Result<ApiAnswer, BoxError> {
        self.stages[self.stage.load(Ordering::Relaxed)].send(request).await
    }
}

/// The sandboxes of all stages, which have the same ids, and the events between them.
pub(super) struct Sale {
    pub(super) sandboxes: Vec<Arc<InProcess>>,
    pub(super) secrets: Vec<String>,
    pub(super) events: Vec<SaleEvent>,
}

impl Sale {
    /// The sale up to its end. The file is left with the database as it is when the link is made.
    pub(super) fn new(runtime: &Runtime, path: &Path) -> Self {
        let sandboxes: Vec<_> = (0..=STAGES).map(|_| Arc::new(InProcess::new(0, BEGINNING))).collect();
        let (mut secrets, mut events) = (Vec::new(), Vec::new());
        for (last, sandbox) in sandboxes.iter().enumerate() {
            secrets = stage::register_webhooks(sandbox);
            make_link(runtime, path, sandbox);
            sandbox.take_webhooks();
            for stage in 1..=last {
                pass(sandbox, stage);
                let told = sandbox.take_webhooks();
                if last == STAGES {
                    let ours = told.into_iter().filter(|it| KINDS.contains(&it.kind.as_str()));
                    events.extend(ours.map(|webhook| SaleEvent { webhook, stage }));
                }
            }
        }
        Self { sandboxes, secrets, events }
    }

    /// Lets all events have happened in one second.
    pub(super) fn in_one_second(&mut self) {
        for event in &mut self.events {
            let mut body: Value = serde_json::from_str(&event.webhook.body).unwrap();
            body["created"] = BEGINNING.into();
            event.webhook.body = body.to_string();
        }
    }

    /// The way to the Stripe of every stage.
    pub(super) fn transport(&self, scene: &Scene) -> StagedTransport {
        let at = |sandbox: &Arc<InProcess>| SimulatedTransport {
            scene: scene.clone(),
            sandbox: Arc::clone(sandbox),
            mutation: None,
        };
        StagedTransport { stages: self.sandboxes.iter().map(at).collect(), stage: Arc::default() }
    }
}

/// A new database, in which a payer has a checkout link.
fn make_link(runtime: &Runtime, path: &Path, sandbox: &Arc<InProcess>) {
    let _: std::io::Result<()> = std::fs::remove_file(path);
    runtime.block_on(template::migrate(path));
    let scene = Scene::new(0, BEGINNING, false);
    let gateway = Arc::new(stage::gateway(&scene, sandbox, &[], None));
    let store: Arc<dyn BillingStore> = replica::store(&scene, path);
    let ports = replica::ports(&scene, store, gateway, 0);
    let tenants = runtime.block_on(template::fill(&ports));
    let replica = Replica::new(ports, None);
    let link = replica.clone().checkout(tenants[0].clone(), link(&tenants[0]), None);
    let end = runtime.block_on(link);
    assert!(end.succeeded, "{}", end.words);
    work_all(runtime, || replica.clone().work());
}

/// Works until nothing is due.
pub(crate) fn work_all(runtime: &Runtime, mut turn: impl FnMut() -> Job) {
    while runtime.block_on(turn()).succeeded {}
}

/// A link for the plan with a trial.
fn link(tenant: &Tenant) -> CreateCheckoutLink {
    CreateCheckoutLink {
        app_id: tenant.app_id.clone(),
        environment_id: None,
        payer: tenant.payers[0].clone(),
        plan: tenant.plans[1].1.clone(),
        interval: BillingInterval::Month,
        currency: None,
        quantity: 1,
        success_url: None,
        cancel_url: None,
    }
}

/// Brings Stripe from the stage before to this one.
fn pass(sandbox: &InProcess, stage: usize) {
    let id_of = |kind: &str| {
        let found = sandbox.ledger().into_iter().find(|object| object.kind == kind);
        found.map(|object| object.id).unwrap()
    };
    let call = |method: &str, path: &str, form: &str| {
        let answer = sandbox.call(&by_hand(KEYS[0].1, method, path, form));
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    match stage {
        1 => {
            let path = format!("/v1/payment_pages/{}/confirm", id_of("checkout.session"));
            call("POST", &path, "payment_method=pm_card_visa");
        }
        // The trial ends, and the first period begins.
        2 => sandbox.move_clock(BEGINNING + 7 * DAY + 60),
        // Its invoice was a draft for an hour.
        3 => sandbox.move_clock(BEGINNING + 8 * DAY),
        4 => {
            let path = format!("/v1/subscriptions/{}", id_of("subscription"));
            call("POST", &path, "cancel_at_period_end=true");
        }
        _ => call("DELETE", &format!("/v1/subscriptions/{}", id_of("subscription")), ""),
    }
}
