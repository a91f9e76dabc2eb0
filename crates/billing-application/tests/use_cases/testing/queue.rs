//! The durable work of a process in virtual time: what is stored of it, and a Stripe that takes its time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{enabled, now, stripe_id, workspace, workspace_id};
use crate::prelude::*;

const WORKERS: usize = 4;
const POLL_INTERVAL: Duration = Duration::from_secs(2);
const PAGE: usize = 100;

#[derive(Clone)]
pub(crate) struct Queue(Arc<Mutex<Shelf>>);

pub(crate) struct Shelf {
    began: Instant,
    pub(crate) rows: Vec<Row>,
    /// The own accounts, each with the number of its subscriptions at Stripe.
    pub(crate) accounts: Vec<(GatewayAccountId, usize)>,
    /// The customers of a shared account.
    pub(crate) customers: Vec<StripeId>,
    /// Stripe's time to answer for an account; 200 ms otherwise.
    pub(crate) slowness: HashMap<GatewayAccountId, Duration>,
    pub(crate) is_down: bool,
    /// The fetched subscriptions and the listed parts, each with the time since the beginning.
    pub(crate) fetched: Vec<(String, Duration)>,
    pub(crate) listed: Vec<Duration>,
}

pub(crate) struct Row {
    id: WorkId,
    due_at: Timestamp,
    pub(crate) priority: WorkPriority,
    mark: i64,
    lease: Option<String>,
}

struct VirtualClock(Instant);

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        now() + TimeDelta::from_std(self.0.elapsed()).unwrap()
    }
}

pub(crate) fn account(name: &str) -> GatewayAccountId {
    GatewayAccountId::parse(name).unwrap()
}

/// A running process.
pub(crate) struct Process {
    queue: Queue,
    ports: Ports,
    workers: JoinSet<()>,
}

impl Queue {
    pub(crate) fn empty() -> Self {
        Self(Arc::new(Mutex::new(Shelf {
            began: Instant::now(),
            rows: Vec::new(),
            accounts: Vec::new(),
            customers: Vec::new(),
            slowness: HashMap::new(),
            is_down: false,
            fetched: Vec::new(),
            listed: Vec::new(),
        })))
    }

    /// With own accounts that have so many subscriptions.
    pub(crate) fn with_accounts(accounts: &[(&str, usize)]) -> Self {
        let queue = Self::empty();
        queue.lock().accounts = accounts.iter().map(|(name, number)| (account(name), *number)).collect();
        queue
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap()
    }

    /// Schedules the fetch of a subscription now.
    pub(crate) fn schedule(&self, key: &str, priority: WorkPriority) {
        let id = WorkId { workspace_id: workspace_id(), kind: WorkKind::SyncObject, key: key.to_owned() };
        self.add(id, priority);
    }

    /// Schedules work now.
    pub(crate) fn add(&self, id: WorkId, priority: WorkPriority) {
        let mut stored = self.lock();
        let now = VirtualClock(stored.began).now();
        stored.schedule(id, now, priority);
    }

    /// When the subscription was fetched first.
    pub(crate) fn fetched_at(&self, key: &str) -> Option<Duration> {
        self.lock().fetched.iter().find(|(fetched, _)| fetched == key).map(|(_, at)| *at)
    }

    pub(crate) fn ports(&self) -> Ports {
        Ports {
            store: Arc::new(store(self)),
            gateway: Arc::new(gateway(self)),
            wake: Arc::default(),
            clock: Arc::new(VirtualClock(self.lock().began)),
            ids: Arc::new(SequentialIds::default()),
            availability: GatewayAvailability::default(),
            grace: GraceDays::default(),
            public_base_url: "https://billing.example".into(),
        }
    }

    /// A process with four workers.
    pub(crate) fn start(&self) -> Process {
        let (ports, mut workers) = (self.ports(), JoinSet::new());
        let worker = Worker::new(ports.clone());
        for _ in 0..WORKERS {
            let (worker, wake) = (worker.clone(), Arc::clone(&ports.wake));
            workers.spawn(async move {
                loop {
                    if worker.turn().await.unwrap() == Turn::Idle {
                        let _ = tokio::time::timeout(POLL_INTERVAL, wake.notified()).await;
                    }
                }
            });
        }
        Process { queue: self.clone(), ports, workers }
    }
}

impl Process {
    pub(crate) async fn reconcile(&self) {
        Worker::new(self.ports.clone()).reconcile_all().await.unwrap();
    }

    /// Takes a webhook of the subscription.
    pub(crate) fn receive(&self, key: &str) {
        self.queue.schedule(key, WorkPriority::Foreground);
        self.ports.wake.notify_one();
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.workers.try_join_next().is_none()
    }
}

impl Shelf {
    /// The time since the beginning.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn schedule(&mut self, id: WorkId, due_at: Timestamp, priority: WorkPriority) {
        let Some(row) = self.rows.iter_mut().find(|row| row.id == id) else {
            self.rows.push(Row { id, due_at, priority, mark: 0, lease: None });
            return;
        };
        row.mark += 1;
        row.due_at = row.due_at.min(due_at);
        if !priority.is_background() {
            row.priority = priority;
        }
    }

    fn due(&self, filter: &DueFilter, limit: u32) -> Vec<WorkId> {
        let is_due = |row: &&Row| {
            let except = filter.except.is_some() && row.id.account() == filter.except;
            row.priority == filter.priority && row.due_at <= filter.now && row.lease.is_none() && !except
        };
        let mut due: Vec<_> = self.rows.iter().filter(is_due).collect();
        due.sort_by_key(|row| row.due_at);
        due.into_iter().take(limit as usize).map(|row| row.id.clone()).collect()
    }

    fn claim(&mut self, id: &WorkId, lease: &str) -> Option<Claim> {
        let row = self.rows.iter_mut().find(|row| row.id == *id && row.lease.is_none())?;
        row.lease = Some(lease.to_owned());
        let (mark, priority) = (row.mark, row.priority);
        Some(Claim { id: id.clone(), lease: lease.to_owned(), mark, attempts: 1, priority })
    }

    fn complete(&mut self, claim: &Claim, now: Timestamp) -> Completion {
        let place = self.rows.iter().position(|row| row.id == claim.id).unwrap();
        if self.rows[place].mark == claim.mark {
            self.rows.remove(place);
            return Completion::Done;
        }
        let row = &mut self.rows[place];
        (row.lease, row.due_at) = (None, now);
        Completion::MoreArrived
    }

    /// A page of an own account's subscriptions, whose number is the last part of the id.
    fn page(&self, of: &GatewayAccountId, after: Option<&StripeId>) -> ObjectPage {
        let number = self.accounts.iter().find(|(account, _)| account == of).unwrap().1;
        let begin = after.map_or(0, |after| after.as_str()[4..].parse::<usize>().unwrap() + 1);
        let end = number.min(begin + PAGE);
        let ids: Vec<_> = (begin..end).map(|place| stripe_id(&format!("sub_{place}"))).collect();
        ObjectPage { next: ids.last().filter(|_| end < number).cloned(), ids }
    }
}

fn gateway(queue: &Queue) -> MockPaymentGateway {
    let mut mock = MockPaymentGateway::new();
    expect! { mock, queue,
        expect_serves_one_workspace = |_| queue.lock().customers.is_empty();
        expect_objects = |account, scope, after| {
            let shelf = &mut *queue.lock();
            shelf.listed.push(shelf.began.elapsed());
            Ok(match scope {
                GatewayScope::Account => shelf.page(account, after.as_ref()),
                GatewayScope::Customers(_) => ObjectPage::default(),
            })
        };
        expect_subscription = |account, id| {
            let shelf = &mut *queue.lock();
            let slowness = shelf.slowness.get(account).copied().unwrap_or(Duration::from_millis(200));
            shelf.fetched.push((format!("{account}/{id}"), shelf.began.elapsed()));
            let down = GatewayError::Unknown("down".into());
            let answer = if shelf.is_down { Err(down) } else { Ok(None) };
            Box::pin(async move {
                tokio::time::sleep(slowness).await;
                answer
            })
        };
    }
    mock
}

fn store(queue: &Queue) -> MockBillingStore {
    let mut mock = MockBillingStore::default();
    expect! { mock.switches, queue, expect_unscheduled_closings = |_, _| Ok(Vec::new()); }
    expect! { mock.events, queue, expect_unplaced_to_accept = |_, _| Ok(UnplacedPage::default()); }
    expect! { mock.work, queue, expect_due_work = |filter, limit| Ok(queue.lock().due(filter, limit)); }
    expect! { mock.checkout_intents, queue, expect_unclosed_checkout_intents = |_, _, _| Ok(Vec::new()); }
    expect! { mock.gateway_links, queue,
        expect_is_used_by_others = |_, _| Ok(false);
        expect_workspaces_with_accounts = |_, _| {
            let accounts = &queue.lock().accounts;
            Ok(accounts.iter().map(|(account, _)| (workspace_id(), account.clone())).collect())
        };
        expect_customers = |_, _, after, limit| {
            let customers = &queue.lock().customers;
            let beyond = customers.iter().filter(|id| after.as_ref().is_none_or(|after| *id > after));
            Ok(beyond.take(limit as usize).cloned().collect())
        };
    }
    let shared = queue.clone();
    mock.transactions.expect_begin().returning(move || Ok(Box::new(unit_of_work(&shared))));
    mock
}

fn unit_of_work(queue: &Queue) -> MockUnitOfWork {
    let mut mock = MockUnitOfWork::default();
    expect! { mock.switches, queue, expect_lock_workspace = |_| Ok(workspace(enabled(), 1)); }
    expect! { mock.subscriptions, queue,
        expect_mirrored_subscription = |_, _, _| Ok(None);
        expect_workspace_subscription = |_, _, _| Ok(None);
        expect_count_subscriptions_anew = |_| Ok(());
    }
    expect! { mock.invoices, queue, expect_count_invoices_anew = |_| Ok(()); }
    expect! { mock.work, queue,
        expect_keys_set_aside = |_, _| Ok(Vec::new());
        expect_schedule_all = |workspace, kind, keys, priority, due_at| {
            for key in keys {
                let id = WorkId { workspace_id: workspace.clone(), kind, key: key.clone() };
                queue.lock().schedule(id, due_at, priority);
            }
            Ok(())
        };
        expect_claim = |id, lease, _, _, _| Ok(queue.lock().claim(id, lease));
        expect_complete = |claim, now| Ok(queue.lock().complete(claim, now));
        expect_renew = |_, _| Ok(true);
    }
    mock.ending.expect_commit().returning(|| Ok(()));
    mock.ending.expect_rollback().returning(|| Ok(()));
    mock
}
