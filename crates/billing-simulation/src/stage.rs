//! What the lives of one thread share.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use billing_domain::Gateway;
use billing_domain::ports::BillingStore;
use billing_stripe::{StripePaymentGateway, StripeSettings, StripeSource};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use stripe_sandbox::{ApiRequest, InProcess};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::life::Life;
use crate::mutation::Mutation;
use crate::ports::ModesOfKeys;
use crate::replica;
use crate::scene::{Counts, Scene};
use crate::stripe::SimulatedTransport;
use crate::template::{self, Template, Tenant};
use crate::weather::REPLICAS;

/// The moment at which every life begins.
pub(crate) const BEGINNING: i64 = 1_798_761_600;
/// The keys of the shared account and of the deployment's own.
pub(crate) const KEYS: [(Gateway, &str); 2] =
    [(Gateway::Managed, "sk_test_managed"), (Gateway::StripePlatform, "sk_test_platform")];
/// A file system in memory, if the machine has one.
pub(crate) const MEMORY: &str = "/dev/shm";
pub(crate) const DAY: i64 = 24 * 3_600;

/// The place of lives: a paused runtime, a database and a sandbox.
///
/// Its connections to the database stay open from life to life, with their prepared statements: a crash rolls back what
/// was open on them.
pub struct Stage {
    pub(crate) runtime: Runtime,
    pub(crate) sandbox: Arc<InProcess>,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) scene: Scene,
    /// The stores of the processes.
    pub(crate) stores: Vec<Arc<dyn BillingStore>>,
    /// The connection of the auditor.
    pub(crate) database: RefCell<SqliteConnection>,
    template: Template,
    _folder: TempDir,
}

/// A life that is over.
#[derive(Debug)]
pub struct Story {
    /// The broken rule, if one was broken.
    pub violation: Option<String>,
    /// Every decision, statement and request, if they were traced.
    pub trace: String,
    /// The size of the life.
    pub counts: Counts,
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

impl Stage {
    /// A stage of its own.
    #[must_use]
    pub fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let memory = Path::new(MEMORY);
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let sandbox = Arc::new(InProcess::new(0, BEGINNING));
        let path = folder.path().join("lives");
        let scene = Scene::new(0, BEGINNING - DAY, false);
        let tenants = runtime.block_on(async {
            let url = template::migrate(&path).await;
            let gateway = gateway(&scene, &sandbox, &[], None);
            let store = billing_diesel::open(&url).unwrap();
            template::fill(&replica::ports(&scene, store, Arc::new(gateway), 0)).await
        });
        let stores = (0..REPLICAS).map(|_| replica::store(&scene, &path)).collect();
        let mut database = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let template = Template::of(&mut database);
        let database = RefCell::new(database);
        Self { runtime, sandbox, tenants, scene, stores, database, template, _folder: folder }
    }

    /// Lives the life of this seed, with a weakened rule or without.
    pub fn live(&mut self, seed: u64, mutation: Option<Mutation>, traced: bool) -> Story {
        self.template.restore(self.database.get_mut());
        self.sandbox.renew(seed, BEGINNING);
        Life::new(self, seed, mutation, traced).lived()
    }
}

/// The webhook secrets of the accounts, in the order of [`KEYS`].
pub(crate) fn register_webhooks(sandbox: &InProcess) -> Vec<String> {
    KEYS.iter().map(|(_, key)| register_webhook(sandbox, key)).collect()
}

fn register_webhook(sandbox: &InProcess, key: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([("url", "https://billing.example/v1/stripe/webhook")]);
    form.append_pair("api_version", billing_stripe::API_VERSION);
    form.extend_pairs(billing_stripe::HANDLED.iter().map(|kind| ("enabled_events[]", kind)));
    let answer = sandbox.call(&by_hand(key, "POST", "/v1/webhook_endpoints", &form.finish()));
    answer.body["secret"].as_str().unwrap().to_owned()
}

/// A request that is not the service's.
pub(crate) fn by_hand(key: &str, method: &str, path: &str, form: &str) -> ApiRequest {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    ApiRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        content_type: (!form.is_empty()).then(|| "application/x-www-form-urlencoded".to_owned()),
        body: form.as_bytes().to_vec(),
        authorization: Some(format!("Bearer {key}")),
        ..ApiRequest::default()
    }
}

/// The payment gateway of a process.
pub(crate) fn gateway(
    scene: &Scene,
    sandbox: &Arc<InProcess>,
    webhook_secrets: &[String],
    mutation: Option<Mutation>,
) -> StripePaymentGateway<SimulatedTransport> {
    let transport = SimulatedTransport { scene: scene.clone(), sandbox: Arc::clone(sandbox), mutation };
    StripePaymentGateway::over(transport, &settings(webhook_secrets), Arc::new(ModesOfKeys))
}

/// The settings of a payment gateway with both keys.
pub(crate) fn settings(webhook_secrets: &[String]) -> StripeSettings {
    let source = |place: usize| {
        let mut source = StripeSource::new(KEYS[place].1.into());
        source.webhook_secrets.extend(webhook_secrets.get(place).map(|secret| secret.as_str().into()));
        Some(source)
    };
    StripeSettings { managed: source(0), platform: source(1), ..StripeSettings::new(StripeSettings::STRIPE) }
}
