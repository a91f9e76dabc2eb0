//! Carries deliveries to their endpoints, again and again until they are taken.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use reqwest::{Client, redirect::Policy};
use tokio::{
    sync::{OnceCell, Semaphore},
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    Delivery,
    delivery::{Attempt, Outcome, Parcel},
    signature,
};
use crate::{
    clock::{Timestamp, real_now},
    http::Shared,
    store::{Origin, Resource, World},
};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 64;
/// To one endpoint, so that those that do not answer leave room for those that do.
const AT_ONCE_TO_ONE: usize = 4;

/// How long an endpoint may take before it is sent the next one: in order for those that answer, and without a jam
/// behind those that do not.
const NEXT_AFTER: Duration = Duration::from_secs(1);

/// When there is nothing to wait for.
const IDLE: Duration = Duration::from_hours(1);

/// More than this is looked through for what is no more.
const MANY: usize = 20_000;

/// Runs for as long as the sandbox does.
pub async fn run(shared: Arc<Shared>) {
    Courier::new(shared).run().await;
}

#[derive(Debug, Clone)]
struct Errand {
    account: String,
    id: String,
    endpoint: String,
}

/// What is to be sent to one endpoint, in order.
struct Lane {
    queue: VecDeque<Errand>,
    /// Each delivery under way has one, for as long as it is.
    hands: Arc<Semaphore>,
    /// The one that has no answer yet, and until when it holds back the next.
    current: Option<(u64, Instant)>,
}

impl Lane {
    fn of(queue: VecDeque<Errand>) -> Self {
        Self { queue, hands: Arc::new(Semaphore::new(AT_ONCE_TO_ONE)), current: None }
    }

    fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.current.is_none() && self.hands.available_permits() == AT_ONCE_TO_ONE
    }

    /// When it sends the next one, if not only an answer brings it further.
    fn next_at(&self) -> Option<Instant> {
        let may_send = !self.queue.is_empty() && self.hands.available_permits() > 0;
        self.current.map(|(_, until)| until).filter(|_| may_send)
    }
}

struct Courier {
    shared: Arc<Shared>,
    /// Made for the first delivery: to read the machine's certificates takes longer than all else at a start.
    client: Arc<OnceCell<Client>>,
    /// By the time at which they are sent, and the order in which they came.
    waiting: BTreeMap<(Instant, u64), Errand>,
    lanes: HashMap<String, Lane>,
    under_way: JoinSet<(u64, Errand, Attempt)>,
    last: u64,
    /// How many may wait before it is looked whether all of them are still there.
    looked_through_at: usize,
}

impl Courier {
    fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            client: Arc::default(),
            waiting: BTreeMap::new(),
            lanes: HashMap::new(),
            under_way: JoinSet::new(),
            last: 0,
            looked_through_at: MANY,
        }
    }

    async fn run(mut self) {
        self.shared.with(take_up);
        let shared = self.shared.clone();
        loop {
            self.take_new();
            self.fall_due();
            self.send();
            let wake = sleep_until(self.next_wake());
            tokio::select! {
                () = shared.news.notified() => {}
                Some(done) = self.under_way.join_next() => match done {
                    Ok((number, errand, attempt)) => self.came_back(number, errand, attempt),
                    Err(error) => tracing::error!(%error, "a delivery was lost"),
                },
                () = wake => {}
            }
        }
    }

    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn take_new(&mut self) {
        let new = self.shared.with(|world| {
            let new = std::mem::take(&mut world.undelivered);
            new.iter().filter_map(|(account, id)| found(world, account, id)).collect::<Vec<_>>()
        });
        let (now, real) = (Instant::now(), real_now());
        for (errand, delivery) in new {
            let number = self.number();
            self.waiting.insert((now + delivery.wait(real), number), errand);
        }
        self.forget_gone();
    }

    /// Keeps memory bounded when an endpoint is down or slow for long: old deliveries are forgotten.
    fn forget_gone(&mut self) {
        if self.held() > self.looked_through_at {
            let (waiting, lanes) = (&mut self.waiting, &mut self.lanes);
            self.shared.with(|world| {
                let mut is_there = |errand: &Errand| found(world, &errand.account, &errand.id).is_some();
                waiting.retain(|_, errand| is_there(errand));
                for lane in lanes.values_mut() {
                    lane.queue.retain(&mut is_there);
                }
            });
            self.looked_through_at = MANY.max(2 * self.held());
        }
    }

    fn held(&self) -> usize {
        self.waiting.len() + self.lanes.values().map(|lane| lane.queue.len()).sum::<usize>()
    }

    fn fall_due(&mut self) {
        let now = Instant::now();
        while let Some(first) = self.waiting.first_entry().filter(|first| first.key().0 <= now) {
            let errand = first.remove();
            let lane = self.lanes.entry(errand.endpoint.clone());
            lane.or_insert_with(|| Lane::of(VecDeque::new())).queue.push_back(errand);
        }
    }

    fn send(&mut self) {
        let now = Instant::now();
        self.lanes.retain(|_, lane| !lane.is_idle());
        for lane in self.lanes.values_mut() {
            while self.under_way.len() < AT_ONCE && lane.current.is_none_or(|(_, until)| until <= now) {
                let Ok(hand) = lane.hands.clone().try_acquire_owned() else { break };
                let Some(errand) = lane.queue.pop_front() else {
                    lane.current = None;
                    break;
                };
                let Some(parcel) = self.shared.with(|world| parcel(world, &errand)) else { continue };
                self.last += 1;
                lane.current = Some((self.last, now + NEXT_AFTER));
                let (number, client) = (self.last, self.client.clone());
                self.under_way.spawn(async move {
                    let attempt = send(&client, parcel).await;
                    drop(hand);
                    (number, errand, attempt)
                });
            }
        }
    }

    fn came_back(&mut self, number: u64, errand: Errand, attempt: Attempt) {
        if let Some(lane) = self.lanes.get_mut(&errand.endpoint)
            && lane.current.is_some_and(|(current, _)| current == number)
        {
            lane.current = None;
        }
        let delivery = self.shared.with(|world| {
            let mut tx = world.begin(&errand.account, Origin::default());
            let delivery = tx.find::<Delivery>(&errand.id).cloned()?.attempted(&mut tx, attempt);
            tx.commit();
            Some(delivery)
        });
        if let Some(delivery) = delivery.filter(|it| it.outcome == Outcome::Pending) {
            let number = self.number();
            self.waiting.insert((Instant::now() + delivery.wait(real_now()), number), errand);
        }
    }

    fn next_wake(&self) -> Instant {
        let due = self.waiting.first_key_value().map(|((at, _), _)| *at);
        let held = self.lanes.values().filter_map(Lane::next_at);
        // With all hands full, only an answer brings it further.
        let held = held.filter(|_| self.under_way.len() < AT_ONCE).min();
        due.into_iter().chain(held).min().unwrap_or_else(|| Instant::now() + IDLE)
    }
}

/// What an earlier run left undelivered, in the order in which it was made.
fn take_up(world: &mut World) {
    let accounts: Vec<_> = world.accounts().map(|(account, _)| account.to_owned()).collect();
    for account in accounts {
        let pending: Vec<_> = {
            let tx = world.begin(&account, Origin::default());
            let pending = tx.newest_first::<Delivery>().rev().filter(|it| it.outcome == Outcome::Pending);
            pending.map(|it| (account.clone(), it.id().to_owned())).collect()
        };
        world.undelivered.retain(|(known, _)| *known != account);
        world.undelivered.extend(pending);
    }
}

/// A delivery that is still to be made.
fn found(world: &mut World, account: &str, id: &str) -> Option<(Errand, Delivery)> {
    let tx = world.begin(account, Origin::default());
    let delivery = tx.find::<Delivery>(id).filter(|it| it.outcome == Outcome::Pending)?.clone();
    let errand =
        Errand { account: account.to_owned(), id: id.to_owned(), endpoint: delivery.endpoint.clone() };
    Some((errand, delivery))
}

fn parcel(world: &mut World, errand: &Errand) -> Option<Parcel> {
    let (_, delivery) = found(world, &errand.account, &errand.id)?;
    let mut tx = world.begin(&errand.account, Origin::default());
    match delivery.parcel(&mut tx) {
        Ok(parcel) => Some(parcel),
        Err(reason) => {
            delivery.given_up(&mut tx, reason);
            tx.commit();
            None
        }
    }
}

/// A redirect is a failure, as with Stripe.
fn client() -> reqwest::Result<Client> {
    Client::builder().timeout(ANSWER_WITHIN).redirect(Policy::none()).no_proxy().build()
}

async fn send(client: &OnceCell<Client>, parcel: Parcel) -> Attempt {
    let at = real_now();
    match client.get_or_try_init(|| async { self::client() }).await {
        Ok(client) => sent(client, parcel, at).await,
        Err(error) => Attempt { at, status: None, error: Some(reason(&error)) },
    }
}

async fn sent(client: &Client, parcel: Parcel, at: Timestamp) -> Attempt {
    let request = client
        .post(&parcel.url)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("stripe-signature", signature::header(&parcel.secrets, at, &parcel.body))
        .body(parcel.body);
    match request.send().await {
        Ok(response) => Attempt { at, status: Some(response.status().as_u16()), error: None },
        Err(error) => Attempt { at, status: None, error: Some(reason(&error.without_url())) },
    }
}

/// An error with what it came from.
fn reason(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::post, clock::Clock};

    #[tokio::test]
    async fn an_endpoint_that_does_not_answer_takes_no_more_than_its_share() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut world = World::new(Clock::Standing { at: 0 }, 1, String::new());
        let form = format!("url=http://{}/hook&enabled_events[]=*", silent.local_addr().unwrap());
        post(&mut world, "/v1/webhook_endpoints", &form);
        for _ in 0..20 {
            post(&mut world, "/v1/customers", "");
        }
        let mut courier = Courier::new(Arc::new(Shared::new(world)));
        courier.take_new();
        courier.fall_due();
        for _ in 0..20 {
            courier.send();
            let now = Instant::now();
            courier.lanes.values_mut().for_each(|lane| lane.current = lane.current.map(|(it, _)| (it, now)));
        }
        assert_eq!(courier.under_way.len(), AT_ONCE_TO_ONE);
        assert!(courier.next_wake() > Instant::now() + NEXT_AFTER, "only an answer brings it further");
    }

    #[test]
    fn what_waits_behind_a_slow_endpoint_is_forgotten_when_its_delivery_is() {
        let world = World::new(Clock::Standing { at: 0 }, 1, String::new());
        let mut courier = Courier::new(Arc::new(Shared::new(world)));
        let errand = || Errand {
            account: "acct_1".to_owned(),
            id: "whd_gone".to_owned(),
            endpoint: "we_1".to_owned(),
        };
        let queue = std::iter::repeat_with(errand).take(MANY).collect();
        courier.lanes.insert("we_1".to_owned(), Lane::of(queue));
        courier.forget_gone();
        assert_eq!(courier.held(), MANY);
        courier.waiting.insert((Instant::now(), 1), errand());
        courier.forget_gone();
        assert_eq!(courier.held(), 0);
    }
}
