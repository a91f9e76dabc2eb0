//! A workspace with 300 customers on the shared account of Stripe, which takes 50 to 100 ms to answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use billing_application::{
    CreateApp, DisableBillingError, EnableBilling, EnableWish, Executor, Ports, Refused, Turn, Worker,
};
use billing_domain::ports::{BoxError, InvoiceFilter};
use billing_domain::{
    Administrator, App, BillingSwitch, DashboardSession, DashboardUserId, DisplayName, Gateway,
    GatewayAvailability, GatewayLink, GraceDays, LinkSubject, Payer, Role, StripeId, UserId, WorkspaceId,
};
use billing_server::adapters::{SystemClock, UuidV7Generator};
use billing_stripe::{
    ApiAnswer, ApiRequest, HttpTransport, RateLimit, StripePaymentGateway, StripeSettings, StripeSource,
    StripeTransport,
};
use billing_testing::{Suite, TestDatabase, plain_client};
use serde_json::Value;
use stripe_sandbox::{Options, Sandbox};

const KEY: &str = "sk_test_managed";
const CUSTOMERS: usize = 300;
/// The customers with a draft of an invoice.
const INVOICED: usize = 30;
const RECONCILED_WITHIN: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_every_database(
        "a_workspace_with_many_customers_is_reconciled_and_disabled",
        a_workspace_with_many_customers_is_reconciled_and_disabled,
    )
}

/// Stripe's time to answer.
struct Distant {
    http: HttpTransport,
    requests: Arc<AtomicU64>,
}

#[async_trait]
impl StripeTransport for Distant {
    async fn send(&self, request: &ApiRequest) -> Result<ApiAnswer, BoxError> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50 + number * 17 % 51)).await;
        self.http.send(request).await
    }
}

/// A workspace whose customers are at Stripe.
struct World {
    sandbox: Sandbox,
    ports: Ports,
    requests: Arc<AtomicU64>,
    owner: Administrator,
    app: App,
    customers: Vec<StripeId>,
}

impl World {
    async fn of(database: &TestDatabase) -> Self {
        let url = database.url.parse().unwrap();
        billing_diesel::migrate(&url).await.unwrap();
        let sandbox = Sandbox::start(Options::in_memory()).await.unwrap();
        let requests = Arc::new(AtomicU64::new(0));
        let http = HttpTransport::new(sandbox.url(), RateLimit::PerSecond(1_000)).unwrap();
        let managed = Some(StripeSource::new(KEY.into()));
        let settings = StripeSettings { managed, ..StripeSettings::new(sandbox.url()) };
        let distant = Distant { http, requests: Arc::clone(&requests) };
        let store = billing_diesel::open(&url).unwrap();
        let gateway = StripePaymentGateway::over(distant, &settings, store.clone());
        let ports = Ports {
            store,
            gateway: Arc::new(gateway),
            wake: Arc::default(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidV7Generator),
            availability: GatewayAvailability::default(),
            grace: GraceDays::default(),
            public_base_url: "http://localhost".into(),
        };
        let user_id = DashboardUserId::parse("owner").unwrap();
        let workspace = WorkspaceId::parse("ws_many").unwrap();
        let owner = DashboardSession::new(user_id, workspace, Role::Owner).administrator().unwrap();
        let executor = Executor::new(ports.clone());
        let enable = EnableBilling { gateway: Gateway::Managed, wish: EnableWish::Enable };
        executor.change(&owner, &enable).await.unwrap();
        let name = DisplayName::parse("Shop").unwrap();
        let create = CreateApp { name, allowed_redirect_origins: Vec::new() };
        let app = executor.change(&owner, &create).await.unwrap();
        let mut world = Self { sandbox, ports, requests, owner, app, customers: Vec::new() };
        world.sell().await;
        world
    }

    /// Customers of the workspace, and others of the account with something open.
    async fn sell(&mut self) {
        let account = self.ports.gateway.account_of(Gateway::Managed).await.unwrap();
        let workspace_id = self.owner.workspace_id().clone();
        for _ in 0..CUSTOMERS {
            let customer = self.post("/v1/customers", &[]).await;
            self.customers.push(StripeId::parse(customer["id"].as_str().unwrap()).unwrap());
        }
        let mut work = self.ports.store.begin(&workspace_id).await.unwrap();
        work.switches().lock_workspace(&workspace_id).await.unwrap();
        let (now, links) = (self.ports.clock.now(), work.gateway_links());
        links.use_gateway_account(&workspace_id, &account, Gateway::Managed, false, now).await.unwrap();
        for (number, stripe_id) in self.customers.iter().enumerate() {
            let payer = Payer::User(UserId::parse(format!("user_{number}")).unwrap());
            let subject =
                LinkSubject::Customer { environment_id: self.app.environments[0].id.clone(), payer };
            let (account, stripe_id) = (account.clone(), stripe_id.clone());
            let link = GatewayLink { workspace_id: workspace_id.clone(), account, subject, stripe_id };
            links.insert_gateway_link(&link).await.unwrap();
        }
        work.commit().await.unwrap();
        let other = self.post("/v1/customers", &[]).await;
        self.draft(other["id"].as_str().unwrap()).await;
    }

    async fn draft(&self, customer: &str) -> String {
        let draft = self.post("/v1/invoices", &[("customer", customer), ("auto_advance", "false")]).await;
        draft["id"].as_str().unwrap().to_owned()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = plain_client().build().unwrap().post(format!("{}{path}", self.sandbox.url()));
        let answer = request.bearer_auth(KEY).form(form).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    async fn delete(&self, path: &str) {
        let request = plain_client().build().unwrap().delete(format!("{}{path}", self.sandbox.url()));
        request.bearer_auth(KEY).send().await.unwrap().error_for_status().unwrap();
    }

    async fn disable(&self) -> Result<BillingSwitch, Refused<DisableBillingError>> {
        Executor::new(self.ports.clone()).disable_billing(&self.owner).await
    }

    /// Four workers work until nothing is due.
    async fn work(&self) {
        let worker = Worker::new(self.ports.clone());
        let working = async || while worker.turn().await.unwrap() != Turn::Idle {};
        for _ in 0..2 {
            tokio::join!(working(), working(), working(), working());
        }
    }

    async fn mirrored(&self) -> u64 {
        let (workspace, invoices) = (self.owner.workspace_id(), self.ports.store.invoices());
        let all = InvoiceFilter::default();
        invoices.count_invoices(workspace, &self.app.id, &all, None).await.unwrap().total
    }
}

async fn a_workspace_with_many_customers_is_reconciled_and_disabled(database: TestDatabase) {
    let world = World::of(&database).await;
    let mut drafts = Vec::new();
    for customer in &world.customers[..INVOICED] {
        drafts.push(world.draft(customer.as_str()).await);
    }

    let began = Instant::now();
    Worker::new(world.ports.clone()).reconcile_all().await.unwrap();
    // The objects become due one after another.
    while world.mirrored().await < INVOICED as u64 {
        assert!(began.elapsed() < RECONCILED_WITHIN, "{} are mirrored", world.mirrored().await);
        Box::pin(world.work()).await;
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    println!("reconciled in {:?}", began.elapsed());

    let (began, before) = (Instant::now(), world.requests.load(Ordering::SeqCst));
    let refused = world.disable().await;
    let requests = world.requests.load(Ordering::SeqCst) - before;
    println!("asked {requests} times in {:?}", began.elapsed());
    let Err(Refused::Rule(DisableBillingError::Blocked(blockers))) = refused else { panic!("{refused:?}") };
    assert_eq!(blockers.total(), INVOICED as u64);
    assert!(requests < 100, "{requests} requests for {CUSTOMERS} customers");

    for draft in drafts {
        world.delete(&format!("/v1/invoices/{draft}")).await;
    }
    assert_eq!(world.disable().await.unwrap(), BillingSwitch::Disabled);
    world.sandbox.stop().await;
}
