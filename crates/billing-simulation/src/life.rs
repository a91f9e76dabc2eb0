//! One seed, one life.

mod changes;
mod events;
mod jobs;
mod quiet;
mod wishes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use stripe_sandbox::Webhook;

use crate::auditor::Auditor;
use crate::mutation::Mutation;
use crate::replica::{self, Job, Replica};
use crate::scene::{Point, Scene, Seat, Verdict};
use crate::stage::{self, BEGINNING, Stage, Story};
use crate::weather::{ACTORS, Weather};
use wishes::Wishes;

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One of the jobs at a time.
struct Actor {
    /// Its process.
    replica: usize,
    job: Option<(&'static str, Job)>,
    /// The webhook that the job brings, to be sent again if it fails.
    webhook: Option<Webhook>,
    woken: Arc<Woken>,
    /// It sleeps until this step, or until so many jobs have ended.
    sleeps_until: usize,
    wakes_at_end: usize,
}

/// A process, and whether it has begun its start, and ended it.
struct Process {
    replica: Replica,
    booted: bool,
}

/// A life.
pub(crate) struct Life<'s> {
    stage: &'s Stage,
    scene: Scene,
    rng: fastrand::Rng,
    weather: Weather,
    secrets: Vec<String>,
    mutation: Option<Mutation>,
    processes: Vec<Process>,
    actors: Vec<Actor>,
    auditor: Auditor<'s>,
    /// Webhooks that Stripe has yet to bring.
    webhooks: Vec<Webhook>,
    lost_webhooks: usize,
    last: usize,
    steps: usize,
    ended: usize,
    is_quiet: bool,
    /// Whether the last turn of a worker did something.
    worked: bool,
    violation: Option<String>,
    wishes: Wishes,
}

impl<'s> Life<'s> {
    pub(crate) fn new(stage: &'s Stage, seed: u64, mutation: Option<Mutation>, traced: bool) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let weather = Weather::of(&mut rng);
        let scene = stage.scene.clone();
        scene.renew(ACTORS, BEGINNING, traced);
        scene.say(format_args!("seed {seed} {mutation:?} {weather:?}"));
        let actor = |place: usize| Actor {
            replica: place % weather.replicas,
            job: None,
            webhook: None,
            woken: Arc::new(Woken(AtomicBool::new(false))),
            sleeps_until: 0,
            wakes_at_end: usize::MAX,
        };
        let secrets = stage::register_webhooks(&stage.sandbox);
        let mut life = Self {
            auditor: Auditor::new(stage.database.borrow_mut(), &stage.sandbox),
            actors: (0..weather.actors).map(actor).collect(),
            processes: Vec::new(),
            webhooks: Vec::new(),
            lost_webhooks: 0,
            last: 0,
            steps: 0,
            ended: 0,
            is_quiet: false,
            worked: false,
            violation: None,
            wishes: Wishes::default(),
            stage,
            scene,
            rng,
            weather,
            secrets,
            mutation,
        };
        life.processes = (0..life.weather.replicas).map(|place| life.started(place)).collect();
        life
    }

    /// Lives to the end.
    pub(crate) fn lived(mut self) -> Story {
        let _inside = self.stage.runtime.enter();
        while self.steps < self.weather.steps && self.violation.is_none() {
            self.step();
            self.look();
        }
        if self.violation.is_none() {
            self.come_to_rest();
        }
        for actor in &mut self.actors {
            actor.job = None;
        }
        self.processes.clear();
        let mut state = self.scene.lock();
        Story {
            violation: self.violation.take(),
            trace: state.trace.take().unwrap_or_default(),
            counts: state.counts,
        }
    }

    /// A new process in this place.
    fn started(&self, place: usize) -> Process {
        let gateway = stage::gateway(&self.scene, &self.stage.sandbox, &self.secrets, self.mutation);
        let store = Arc::clone(&self.stage.stores[place]);
        let ahead = if place == 0 { 0 } else { self.weather.skew };
        let ports = replica::ports(&self.scene, store, Arc::new(gateway), ahead);
        Process { replica: Replica::new(ports, self.mutation), booted: false }
    }

    fn chance(&mut self, chance: f64) -> bool {
        chance > 0.0 && self.rng.f64() < chance
    }

    fn step(&mut self) {
        self.steps += 1;
        if !self.strike() {
            self.act();
        }
    }

    /// Lets an actor go on, or an idle one begin.
    fn act(&mut self) {
        let ready: Vec<usize> =
            (0..self.actors.len()).filter(|actor| self.is_awake(*actor) && self.is_ready(*actor)).collect();
        let idle: Vec<usize> =
            (0..self.actors.len()).filter(|actor| self.actors[*actor].job.is_none()).collect();
        let begins = !idle.is_empty() && (ready.is_empty() || self.chance(self.weather.begin));
        if begins {
            let actor = idle[self.rng.usize(..idle.len())];
            return self.begin_job(actor);
        }
        if ready.is_empty() {
            if (0..self.actors.len()).all(|actor| self.is_awake(actor)) {
                // All wait for something that only time brings.
                self.move_clock(1);
            }
            return;
        }
        let stays = ready.contains(&self.last) && self.chance(self.weather.stay);
        let actor = if stays { self.last } else { ready[self.rng.usize(..ready.len())] };
        // In a transaction it holds up the others. Before one, and best behind Stripe's answer, it sees the world change.
        let seat = self.scene.lock().seats[actor];
        let weight = match seat.point {
            Some(Point::Answer) => 10.0,
            _ if seat.in_transaction => 0.1,
            Some(Point::BeforeSql { begins: true }) => 5.0,
            _ => 2.0,
        };
        if self.chance(self.weather.pause * weight) {
            self.fall_asleep(actor);
        } else {
            self.resume(actor);
        }
    }

    fn is_awake(&self, actor: usize) -> bool {
        let actor = &self.actors[actor];
        actor.sleeps_until <= self.steps || actor.wakes_at_end <= self.ended
    }

    fn is_ready(&self, actor: usize) -> bool {
        let slot = &self.actors[actor];
        slot.job.is_some() && (self.scene.lock().can_decide(actor) || slot.woken.0.load(Ordering::Relaxed))
    }

    fn fall_asleep(&mut self, actor: usize) {
        let (mut until, mut at_end) = (self.steps + (1 << self.rng.usize(2..8)), usize::MAX);
        if self.rng.bool() {
            (until, at_end) = (self.steps + 500, self.ended + self.rng.usize(1..4));
        }
        self.scene.say(format_args!("a{actor} sleeps"));
        (self.actors[actor].sleeps_until, self.actors[actor].wakes_at_end) = (until, at_end);
    }

    /// Begins a job.
    fn begin(&mut self, actor: usize, name: &'static str, job: Job) {
        let replica = self.actors[actor].replica;
        self.scene.say(format_args!("a{actor} of p{replica} begins {name}"));
        self.actors[actor].job = Some((name, job));
        self.poll(actor);
    }

    /// Decides for an actor, and lets it go on to its next point.
    fn resume(&mut self, actor: usize) {
        let point = self.scene.lock().seats[actor].point;
        let can_decide = self.scene.lock().can_decide(actor);
        if let Some(point) = point.filter(|_| can_decide) {
            let verdict = if self.is_quiet { Verdict::Go } else { self.verdict(point) };
            let mut state = self.scene.lock();
            state.counts.points += 1;
            if verdict == Verdict::Go {
                state.say(format_args!("a{actor}"));
            } else {
                state.say(format_args!("a{actor} {point:?} {verdict:?}"));
            }
            let seat = &mut state.seats[actor];
            (seat.point, seat.verdict) = (None, Some(verdict));
        }
        self.poll(actor);
    }

    fn verdict(&mut self, point: Point) -> Verdict {
        let fault = |is: bool, verdict| if is { Some(verdict) } else { None };
        let (sql, lose, late, twice, fails) = (
            self.weather.sql_fault,
            self.weather.lose,
            self.weather.late,
            self.weather.twice,
            self.weather.fails,
        );
        let decided = match point {
            Point::BeforeSql { .. } | Point::AfterSql { commits: false } => {
                fault(self.chance(sql), Verdict::Lose)
            }
            // The one statement whose lost answer matters most.
            Point::AfterSql { commits: true } => fault(self.chance(sql * 10.0), Verdict::Lose),
            Point::Send { reads: true } => fault(self.chance(lose / 4.0), Verdict::Lose)
                .or_else(|| fault(self.chance(fails / 4.0), Verdict::TooMany)),
            Point::Send { reads: false } => fault(self.chance(lose / 2.0), Verdict::Lose)
                .or_else(|| fault(self.chance(late), Verdict::Late))
                .or_else(|| fault(self.chance(twice), Verdict::Twice))
                .or_else(|| fault(self.chance(fails), Verdict::KeyInUse))
                .or_else(|| fault(self.chance(fails), Verdict::TooMany))
                .or_else(|| {
                    let afterwards = self.rng.bool();
                    fault(self.chance(fails), Verdict::Fails { afterwards })
                }),
            Point::Answer => fault(self.chance(lose / 2.0), Verdict::Lose),
        };
        decided.unwrap_or(Verdict::Go)
    }

    fn poll(&mut self, actor: usize) {
        self.last = actor;
        self.scene.lock().current = Some(actor);
        let slot = &mut self.actors[actor];
        slot.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&slot.woken));
        let Some((name, job)) = slot.job.as_mut() else { return };
        let name = *name;
        let polled = job.as_mut().poll(&mut Context::from_waker(&waker));
        self.scene.lock().current = None;
        if let Poll::Ready(end) = polled {
            self.scene.say(format_args!("a{actor} {name} ends: {}", end.words));
            self.stand_up(actor);
            self.ended += 1;
            self.job_ended(actor, name, &end);
        }
    }

    /// Frees an actor of its job.
    fn stand_up(&mut self, actor: usize) {
        let slot = &mut self.actors[actor];
        (slot.job, slot.sleeps_until, slot.wakes_at_end) = (None, 0, usize::MAX);
        self.scene.lock().seats[actor] = Seat::default();
    }

    /// Shows the auditor what has changed.
    fn look(&mut self) {
        self.take_webhooks();
        let (database, stripe) = {
            let mut state = self.scene.lock();
            (std::mem::take(&mut state.database_changed), std::mem::take(&mut state.stripe_changed))
        };
        if let Err(broken) = self.auditor.look(database, stripe) {
            self.violate(broken);
        }
    }

    fn violate(&mut self, broken: String) {
        self.scene.say(format_args!("VIOLATION {broken}"));
        self.violation.get_or_insert(broken);
    }
}
