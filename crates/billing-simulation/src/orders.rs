//! Every order in which the events of a sale can arrive.
//!
//! Stripe is only as far as the delivered events show, so that a fetch sees the earliest state that it may. A step of a
//! walk is one delivery or one turn of the worker, by the real receiver, worker and store, from the rows that the steps
//! before have left. Two walks that have come to the same rows go on alike, and the steps from there are taken once.

mod rows;
mod sale;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use billing_application::Ports;
use billing_domain::Gateway;
use billing_domain::ports::GatewayAccounts;
use billing_stripe::StripePaymentGateway;
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::auditor::Auditor;
use crate::mutation::Mutation;
use crate::ports::ModesOfKeys;
use crate::replica::{self, Job, Replica};
use crate::scene::{Point, Scene, Verdict};
use crate::stage::{self, BEGINNING, MEMORY};
use rows::{Rows, Tables};
pub(crate) use sale::work_all;
use sale::{EVENTS, Sale};

/// The moment of all deliveries: after everything.
const LATE: TimeDelta = TimeDelta::days(10);

/// A step of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// An event arrives.
    Deliver(usize),
    /// An event arrives between the worker's fetch of an object and its write.
    DeliverDuringFetch(usize),
    /// A turn of the worker.
    Work,
}

/// The rows that a walk has come to.
struct Place {
    rows: Rows,
    /// The latest stage of the events that were delivered.
    stage: usize,
    next: HashMap<Step, usize>,
}

/// The end of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Every row, but for our own ids and the audit log.
    pub rows: String,
    /// Those of subscriptions, invoices, checkout intents and trials.
    pub mirror: String,
}

/// A sale, and the places that its walks have come to.
pub struct Orders {
    runtime: Runtime,
    sale: Sale,
    /// The connection of the auditor.
    database: RefCell<SqliteConnection>,
    ports: Ports,
    replica: Replica,
    /// The way to Stripe, on which a fetch is held.
    road: Scene,
    stage: Arc<AtomicUsize>,
    tables: Tables,
    places: Vec<Place>,
    known: HashMap<String, usize>,
    /// The place whose rows the database has.
    here: usize,
    _folder: TempDir,
}

impl Orders {
    /// The number of events of the sale.
    pub const EVENTS: usize = EVENTS;

    /// A sale whose events were created when they were, or all of them in the same second.
    #[must_use]
    pub fn new(in_one_second: bool) -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let folder =
            if Path::new(MEMORY).is_dir() { TempDir::new_in(MEMORY) } else { TempDir::new() }.unwrap();
        let path = folder.path().join("sale");
        let mut sale = Sale::new(&runtime, &path);
        if in_one_second {
            sale.in_one_second();
        }
        let (scene, road) = (Scene::new(0, BEGINNING, false), Scene::new(1, BEGINNING, false));
        scene.lock().now += LATE;
        let transport = sale.transport(&road);
        let stage = Arc::clone(&transport.stage);
        let settings = stage::settings(&sale.secrets);
        let gateway = StripePaymentGateway::over(transport, &settings, Arc::new(ModesOfKeys));
        runtime.block_on(gateway.account_of(Gateway::Managed)).unwrap();
        let ports = replica::ports(&scene, replica::store(&scene, &path), Arc::new(gateway), 0);
        let database = RefCell::new(SqliteConnection::establish(path.to_str().unwrap()).unwrap());
        Auditor::new(database.borrow_mut(), &sale.sandboxes[0]).put_off_reconciliation();
        let mut tables = Tables::open(&path);
        let beginning = Place { rows: tables.rows(), stage: 0, next: HashMap::new() };
        let known = HashMap::from([(beginning.rows.compared.clone(), 0)]);
        let replica = Replica::new(ports.clone(), None);
        let places = vec![beginning];
        Self {
            runtime,
            sale,
            database,
            ports,
            replica,
            road,
            stage,
            tables,
            places,
            known,
            here: 0,
            _folder: folder,
        }
    }

    /// The types of the events, in the order in which they happened.
    #[must_use]
    pub fn kinds(&self) -> Vec<&str> {
        self.sale.events.iter().map(|event| event.webhook.kind.as_str()).collect()
    }

    /// Walks from the beginning, then works until nothing is due.
    pub fn walk(&mut self, steps: &[Step]) -> Outcome {
        let mut place = 0;
        for step in steps {
            place = self.next(place, *step);
        }
        loop {
            let next = self.next(place, Step::Work);
            if next == place {
                return self.places[place].rows.outcome();
            }
            place = next;
        }
    }

    /// The same, with every step taken anew by a process of its own, and with a weakened rule or without.
    pub fn walk_anew(&mut self, steps: &[Step], mutation: Option<Mutation>) -> Outcome {
        self.put_back(0);
        let replica = Replica::new(self.ports.clone(), mutation);
        let mut stage = 0;
        for step in steps {
            stage = self.take(&replica, stage, *step);
        }
        self.end(&replica)
    }

    /// Every event is lost, and all is reconciled in the end.
    pub fn reconciled(&mut self) -> Outcome {
        self.put_back(0);
        let replica = self.replica.clone();
        self.stage.store(self.sale.sandboxes.len() - 1, Ordering::Relaxed);
        let end = self.runtime.block_on(replica.clone().boot());
        assert!(end.succeeded, "{}", end.words);
        self.end(&replica)
    }

    /// Whether the mirror that the latest walk has left is as Stripe is at the end of the sale.
    ///
    /// # Errors
    /// The difference.
    pub fn compare_with_stripe(&mut self) -> Result<(), String> {
        let mut auditor = Auditor::new(self.database.borrow_mut(), self.sale.sandboxes.last().unwrap());
        auditor.look(false, true)?;
        auditor.mirror()
    }

    fn end(&mut self, replica: &Replica) -> Outcome {
        sale::work_all(&self.runtime, || replica.clone().work());
        // The database is at no known place.
        self.here = usize::MAX;
        self.tables.rows().outcome()
    }

    fn next(&mut self, from: usize, step: Step) -> usize {
        if let Some(next) = self.places[from].next.get(&step) {
            return *next;
        }
        self.put_back(from);
        let replica = self.replica.clone();
        let stage = self.take(&replica, self.places[from].stage, step);
        let rows = self.tables.rows();
        let next = self.known.get(&rows.compared).copied().unwrap_or_else(|| {
            self.known.insert(rows.compared.clone(), self.places.len());
            self.places.push(Place { rows, stage, next: HashMap::new() });
            self.places.len() - 1
        });
        assert_eq!(self.places[next].stage, stage, "the rows do not show which events have arrived");
        self.places[from].next.insert(step, next);
        self.here = next;
        next
    }

    fn put_back(&mut self, place: usize) {
        if self.here != place {
            self.tables.put_back(&self.places[place].rows);
            self.here = place;
        }
    }

    /// Takes a step. Returns the stage after it.
    fn take(&self, replica: &Replica, stage: usize, step: Step) -> usize {
        self.stage.store(stage, Ordering::Relaxed);
        match step {
            Step::Deliver(event) => self.deliver(replica, stage, event),
            Step::DeliverDuringFetch(event) => {
                let mut work = replica.clone().work();
                let is_held = self.is_held_behind_fetch(&mut work);
                let stage = self.deliver(replica, stage, event);
                if is_held {
                    self.road.lock().seats[0].verdict = Some(Verdict::Go);
                    self.runtime.block_on(work);
                }
                stage
            }
            Step::Work => {
                self.runtime.block_on(replica.clone().work());
                stage
            }
        }
    }

    fn deliver(&self, replica: &Replica, stage: usize, event: usize) -> usize {
        let event = &self.sale.events[event];
        let stage = stage.max(event.stage);
        self.stage.store(stage, Ordering::Relaxed);
        let at = self.ports.clock.now().timestamp();
        let end = self.runtime.block_on(replica.clone().receive(&event.webhook, at));
        assert!(end.succeeded, "{}", end.words);
        stage
    }

    /// Lets a turn of the worker go on until it has Stripe's answer. Returns whether it waits there.
    fn is_held_behind_fetch(&self, work: &mut Job) -> bool {
        let _inside = self.runtime.enter();
        self.road.lock().current = Some(0);
        let is_held = loop {
            let polled = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            if polled.is_ready() {
                break false;
            }
            let mut road = self.road.lock();
            let seat = &mut road.seats[0];
            match seat.point.take() {
                Some(Point::Answer) => break true,
                Some(_) => seat.verdict = Some(Verdict::Go),
                None => panic!("a turn of the worker waits for something else than Stripe"),
            }
        };
        self.road.lock().current = None;
        is_held
    }
}

impl Rows {
    fn outcome(&self) -> Outcome {
        Outcome { rows: self.compared.clone(), mirror: self.mirror.clone() }
    }
}
