//! A shop that sells through Stripe: what is stored, in the hands of generated doubles, over all units of work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::store_of_sales;
use super::stripe::{self, Reply, Stripe, stripe_id};
use super::{app_id, enabled, monthly_price, now, pro, request_key, shop, workspace_id};
use crate::prelude::*;

/// A shop with the plan `pro`, in which nothing was sold yet.
#[derive(Clone)]
pub(crate) struct Sales(Arc<Mutex<Shelf>>);

/// The stored rows, and Stripe's objects.
pub(crate) struct Shelf {
    pub(crate) switch: BillingSwitch,
    pub(super) version: u32,
    pub(crate) used_accounts: Vec<GatewayAccountId>,
    pub(crate) app: App,
    pub(crate) plan: PlanOffer,
    pub(crate) links: Vec<GatewayLink>,
    pub(crate) calls: Vec<GatewayCall>,
    pub(crate) intents: Vec<CheckoutIntent>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) had_trial: bool,
    /// The recounted tables, in order.
    pub(crate) recounted: Vec<&'static str>,
    /// The rows of work, each with the number of its claims.
    pub(crate) work: Vec<(WorkId, u32)>,
    /// The rows that a worker holds which has died.
    pub(crate) held: Vec<WorkId>,
    /// The rows that were postponed or set aside, with their reasons.
    pub(crate) failed: Vec<(WorkId, &'static str, String)>,
    pub(crate) audited: Vec<AuditEntry>,
    /// The number of times that a lease was extended, of those to come that fail, and whether it is lost then.
    pub(crate) renewals: usize,
    pub(crate) failing_renewals: usize,
    pub(crate) loses_lease: bool,
    /// The leases, each with its end. What is not extended until then, another worker has claimed.
    leases: HashMap<String, Instant>,
    pub(crate) stripe: Stripe,
    pub(super) answered: Vec<(RequestKey, AnsweredRequest)>,
    ids: Arc<SequentialIds>,
}

const LEASE: Duration = Duration::from_secs(20);
pub(crate) const POSTPONED: &str = "postponed";
pub(crate) const SET_ASIDE: &str = "set aside";

pub(crate) fn account() -> GatewayAccountId {
    GatewayAccountId::parse("acct_shop").unwrap()
}

pub(crate) fn payer() -> Payer {
    Payer::User(UserId::parse("ada").unwrap())
}

fn environment_id() -> EnvironmentId {
    shop().environments[0].id.clone()
}

/// The work that fetches an object.
pub(crate) fn sync_of(id: &str) -> WorkId {
    let key = SyncTarget::of(stripe_id(id)).unwrap().work_key(&account());
    WorkId { workspace_id: workspace_id(), kind: WorkKind::SyncObject, key }
}

/// A link at which the payer buys `pro` monthly.
pub(crate) fn create_checkout_link() -> CreateCheckoutLink {
    CreateCheckoutLink {
        app_id: app_id(),
        environment_id: None,
        payer: payer(),
        plan: PlanKey::parse("pro").unwrap(),
        interval: BillingInterval::Month,
        currency: None,
        quantity: 1,
        success_url: None,
        cancel_url: None,
    }
}

impl Sales {
    pub(crate) fn open() -> Self {
        Self(Arc::new(Mutex::new(Shelf {
            switch: enabled(),
            version: 1,
            used_accounts: Vec::new(),
            app: shop(),
            plan: pro(),
            links: Vec::new(),
            calls: Vec::new(),
            intents: Vec::new(),
            subscriptions: Vec::new(),
            invoices: Vec::new(),
            had_trial: false,
            recounted: Vec::new(),
            work: Vec::new(),
            held: Vec::new(),
            failed: Vec::new(),
            audited: Vec::new(),
            renewals: 0,
            failing_renewals: 0,
            leases: HashMap::new(),
            loses_lease: false,
            stripe: Stripe::default(),
            answered: Vec::new(),
            ids: Arc::default(),
        })))
    }

    /// The same with customer, product and price at Stripe.
    pub(crate) fn known_at_stripe() -> Self {
        let sales = Self::open();
        sales.lock().used_accounts.push(account());
        let customer = LinkSubject::Customer { environment_id: environment_id(), payer: payer() };
        let (product, price) = (LinkSubject::Product(pro().plan.id), LinkSubject::Price(monthly_price().id));
        for (subject, id) in [(customer, "cus_1"), (product, "prod_1"), (price, "price_1")] {
            let (workspace_id, account, stripe_id) = (workspace_id(), account(), stripe_id(id));
            sales.lock().links.push(GatewayLink { workspace_id, account, subject, stripe_id });
        }
        sales
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap()
    }

    /// Stripe answers the next call of this kind so.
    pub(crate) fn replying(self, kind: &'static str, reply: Reply) -> Self {
        self.lock().stripe.replies.entry(kind).or_default().push_back(reply);
        self
    }

    pub(crate) fn ports(&self) -> Ports {
        Ports {
            store: Arc::new(store_of_sales::store(self)),
            gateway: Arc::new(stripe::gateway(self)),
            wake: Arc::default(),
            clock: Arc::new(FixedClock(now())),
            ids: self.lock().ids.clone(),
            availability: GatewayAvailability::default(),
            grace: GraceDays::default(),
            public_base_url: "https://billing.example".into(),
        }
    }

    pub(crate) fn executor(&self) -> Executor {
        Executor::new(self.ports())
    }

    /// Makes a checkout link under the [`request_key`].
    pub(crate) async fn checkout(&self) -> Result<CheckoutLink, Refused<CheckoutError>> {
        let (owner, key) = (super::administrator(), request_key());
        self.executor().create_checkout_link(&owner, &create_checkout_link(), Some(&key)).await
    }

    /// Fetches an object, as a webhook has it done, with all that follows at once.
    pub(crate) async fn fetches(&self, id: &str) -> Outcome {
        self.lock().work.insert(0, (sync_of(id), 0));
        self.works().await
    }

    /// One turn of the worker.
    pub(crate) async fn works(&self) -> Outcome {
        match Worker::new(self.ports()).turn().await.unwrap() {
            Turn::Worked(_, outcome) => outcome,
            Turn::Idle => panic!("nothing was due"),
        }
    }

    /// The kinds of the calls that were sent, in order.
    pub(crate) fn sent(&self) -> Vec<&'static str> {
        self.lock().stripe.sent.iter().map(|(kind, _)| *kind).collect()
    }

    /// The keys of the sent calls of a kind, in order.
    pub(crate) fn keys_of(&self, kind: &str) -> Vec<String> {
        let sent = &self.lock().stripe.sent;
        sent.iter().filter(|(sent, _)| *sent == kind).map(|(_, key)| key.clone()).collect()
    }

    /// The audited subjects and events, in order.
    pub(crate) fn audited(&self) -> Vec<(&'static str, &'static str)> {
        self.lock().audited.iter().map(|entry| (entry.change.subject, entry.change.event)).collect()
    }

    pub(crate) fn intent_states(&self) -> Vec<CheckoutIntentState> {
        self.lock().intents.iter().map(|intent| intent.state).collect()
    }

    /// The mirrored statuses.
    pub(crate) fn statuses(&self) -> Vec<SubscriptionStatus> {
        self.lock().subscriptions.iter().map(|it| it.state.status.clone()).collect()
    }
}

impl Shelf {
    pub(super) fn blockers(&self) -> Blockers {
        let unclosed = self.intents.iter().filter(|it| !it.state.is_closed());
        let intents = unclosed.map(|it| Blocker::CheckoutIntent {
            id: it.id,
            app_id: it.app_id.clone(),
            payer: it.payer.clone(),
            state: it.state,
            expires_at: it.expires_at,
        });
        let subscriptions =
            self.subscriptions.iter().filter(|it| it.is_live()).map(|it| Blocker::Subscription {
                id: it.id,
                stripe_id: it.stripe_id.clone(),
                app_id: it.app_id.clone(),
                payer: it.payer.clone(),
                status: it.state.status.clone(),
            });
        Blockers::new(intents.chain(subscriptions).collect(), 0)
    }

    pub(super) fn schedule(&mut self, id: WorkId) {
        if !self.work.iter().any(|(stored, _)| *stored == id) {
            self.work.push((id, 0));
        }
    }

    pub(super) fn claim(&mut self, id: &WorkId, lease: &str) -> Option<Claim> {
        if self.held.contains(id) {
            return None;
        }
        let (_, attempts) = self.work.iter_mut().find(|(stored, _)| stored == id)?;
        *attempts += 1;
        self.leases.insert(lease.to_owned(), Instant::now() + LEASE);
        let priority = WorkPriority::Foreground;
        Some(Claim { id: id.clone(), lease: lease.to_owned(), mark: 0, attempts: *attempts, priority })
    }

    pub(super) fn renew(&mut self, claim: &Claim) -> Result<bool, StoreError> {
        if self.failing_renewals > 0 {
            self.failing_renewals -= 1;
            return Err(StoreError::Unavailable("down".into()));
        }
        self.renewals += 1;
        self.leases.insert(claim.lease.clone(), Instant::now() + LEASE);
        Ok(!self.loses_lease)
    }

    pub(super) fn complete(&mut self, claim: &Claim) -> Completion {
        if self.leases[&claim.lease] < Instant::now() {
            return Completion::LeaseLost;
        }
        self.work.retain(|(stored, _)| *stored != claim.id);
        Completion::Done
    }

    pub(super) fn fail(&mut self, claim: &Claim, how: &'static str, reason: &str) -> Completion {
        self.failed.push((claim.id.clone(), how, reason.to_owned()));
        self.work.retain(|(stored, _)| *stored != claim.id || how == POSTPONED);
        Completion::Done
    }
}
