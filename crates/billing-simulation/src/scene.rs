//! The points at which a seed decides, and the state between them.

use std::fmt::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use billing_domain::Timestamp;
use chrono::DateTime;
use stripe_sandbox::ApiRequest;

/// A place at which an actor waits for the seed's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// Before a statement. One that begins a transaction waits for the end of the other process's.
    BeforeSql { begins: bool },
    /// After a statement, before its answer.
    AfterSql { commits: bool },
    /// Before a request to Stripe.
    Send { reads: bool },
    /// After a request was carried out, before its answer.
    Answer,
}

/// The seed's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Go,
    /// The request, or its answer, is lost.
    Lose,
    /// The caller gives up, and the request arrives later.
    Late,
    /// Delivery now, and a second one later.
    Twice,
    /// Stripe refuses to begin: the key is in use by the request itself, which arrives later.
    KeyInUse,
    /// Stripe refuses to begin: too many requests.
    TooMany,
    /// Stripe fails, before it has begun or after.
    Fails {
        afterwards: bool,
    },
}

/// What an actor is at, as far as the seed must know.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seat {
    pub(crate) point: Option<Point>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) in_transaction: bool,
}

/// The number of points, statements and requests so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Decisions of the seed.
    pub points: u64,
    /// Statements of the store.
    pub statements: u64,
    /// Requests that reached Stripe.
    pub requests: u64,
}

/// A request on its way, whose sender has gone on.
pub(crate) struct LateRequest {
    pub(crate) request: ApiRequest,
    pub(crate) sent_at: Timestamp,
}

/// Everything that a seed holds in its hand.
pub(crate) struct State {
    /// The actor that is polled. Nobody is, while a life is prepared.
    pub(crate) current: Option<usize>,
    pub(crate) seats: Vec<Seat>,
    pub(crate) now: Timestamp,
    /// The connection that has the write lock of the database.
    pub(crate) writer: Option<u64>,
    /// Requests that arrive at Stripe later.
    pub(crate) in_flight: Vec<LateRequest>,
    /// Whether a transaction was committed, or something changed at Stripe, since the auditor's last look.
    pub(crate) database_changed: bool,
    pub(crate) stripe_changed: bool,
    pub(crate) counts: Counts,
    pub(crate) trace: Option<String>,
    ids: u64,
    connections: u64,
}

/// The state, shared by everything that a life is made of.
#[derive(Clone)]
pub(crate) struct Scene(Arc<Mutex<State>>);

impl Scene {
    pub(crate) fn new(actors: usize, at: i64, traced: bool) -> Self {
        Self(Arc::new(Mutex::new(State::new(actors, at, traced))))
    }

    /// Begins anew, for everything that shares the scene.
    pub(crate) fn renew(&self, actors: usize, at: i64, traced: bool) {
        let mut state = self.lock();
        *state = State { connections: state.connections, ..State::new(actors, at, traced) };
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line to the trace.
    pub(crate) fn say(&self, line: fmt::Arguments<'_>) {
        self.lock().say(line);
    }

    /// Waits at a point for the seed's decision.
    pub(crate) fn at(&self, point: Point) -> At {
        At { scene: self.clone(), point, actor: None }
    }

    pub(crate) fn new_id(&self) -> u64 {
        let mut state = self.lock();
        state.ids += 1;
        state.ids
    }

    pub(crate) fn new_connection(&self) -> u64 {
        let mut state = self.lock();
        state.connections += 1;
        state.connections
    }
}

impl State {
    fn new(actors: usize, at: i64, traced: bool) -> Self {
        Self {
            current: None,
            seats: vec![Seat::default(); actors],
            now: DateTime::from_timestamp(at, 0).unwrap(),
            writer: None,
            in_flight: Vec::new(),
            database_changed: true,
            stripe_changed: true,
            counts: Counts::default(),
            trace: traced.then(String::new),
            ids: 0,
            connections: 0,
        }
    }

    pub(crate) fn say(&mut self, line: fmt::Arguments<'_>) {
        if let Some(trace) = &mut self.trace {
            trace.write_fmt(line).unwrap();
            trace.push('\n');
        }
    }

    /// Whether the actor waits for a decision that can be made now.
    pub(crate) fn can_decide(&self, actor: usize) -> bool {
        match self.seats[actor].point {
            Some(Point::BeforeSql { begins: true }) => self.writer.is_none(),
            Some(_) => true,
            None => false,
        }
    }
}

/// A wait for the seed's decision.
pub(crate) struct At {
    scene: Scene,
    point: Point,
    actor: Option<usize>,
}

impl Future for At {
    type Output = Verdict;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Verdict> {
        let scene = self.scene.clone();
        let mut state = scene.lock();
        match (self.actor, state.current) {
            (None, None) => Poll::Ready(Verdict::Go),
            (None, Some(actor)) => {
                let seat = &mut state.seats[actor];
                if seat.point.is_none() && seat.verdict.is_none() {
                    self.actor = Some(actor);
                    seat.point = Some(self.point);
                } else {
                    // Of the requests that an actor has under way, one is decided on at a time.
                    context.waker().wake_by_ref();
                }
                Poll::Pending
            }
            (Some(actor), _) => match state.seats[actor].verdict.take() {
                None => Poll::Pending,
                Some(verdict) => {
                    self.actor = None;
                    Poll::Ready(verdict)
                }
            },
        }
    }
}

/// A request that is given up, such as at a time limit, leaves its seat to the next one.
impl Drop for At {
    fn drop(&mut self) {
        if let Some(actor) = self.actor
            && let Some(seat) = self.scene.lock().seats.get_mut(actor)
        {
            (seat.point, seat.verdict) = (None, None);
        }
    }
}
