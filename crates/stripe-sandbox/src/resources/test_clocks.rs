//! Clocks that customers can live by, moved forward by hand.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    prices::{Interval, Recurring},
    subscriptions::Subscription,
};
use crate::{
    clock::{DAY, SETTABLE, Timestamp},
    lifecycle::periods::next_end,
    store::{Kind, Object, Resource, Tx, stored_as},
    wire::{Answer, ApiError, Call, Reply, Routes},
};

const KEPT_FOR: Timestamp = 30 * DAY;
/// The interval of a clock that no subscription lives by.
const YEARLY: Recurring = Recurring { interval: Interval::Year, interval_count: 1, trial_period_days: None };

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TestClock {
    pub id: String,
    pub created: Timestamp,
    pub name: Option<String>,
    pub frozen_time: Timestamp,
    /// Where it is being moved to.
    pub advancing_to: Option<Timestamp>,
}

impl Resource for TestClock {
    stored_as!(TestClock);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let mut details = json!({});
        if let Some(target) = self.advancing_to {
            details["advancing"] = json!({ "target_frozen_time": target });
        }
        json!({
            "id": self.id,
            "object": "test_helpers.test_clock",
            "created": self.created,
            "deletes_after": self.deletes_after(),
            "frozen_time": self.frozen_time,
            "livemode": false,
            "name": self.name,
            "status": if self.advancing_to.is_some() { "advancing" } else { "ready" },
            "status_details": details,
        })
    }

    fn due(&self) -> Option<Timestamp> {
        Some(self.deletes_after())
    }
}

impl TestClock {
    /// By the sandbox's clock, and not by its own.
    fn deletes_after(&self) -> Timestamp {
        self.created + KEPT_FOR
    }

    /// Where it can be moved to at once.
    fn farthest(&self, tx: &Tx<'_>) -> Timestamp {
        let lives_by_it =
            |it: &&Subscription| it.status.is_live() && it.test_clock.as_ref() == Some(&self.id);
        let after_two = |every: Recurring| {
            let once = next_end(self.frozen_time, every, self.frozen_time);
            next_end(self.frozen_time, every, once)
        };
        let subscriptions = tx.newest_first::<Subscription>().filter(lives_by_it);
        let ends = subscriptions.filter_map(|it| it.recurring(tx)).map(after_two);
        ends.min().unwrap_or_else(|| after_two(YEARLY))
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/test_helpers/test_clocks", list);
    routes.post("/v1/test_helpers/test_clocks", create);
    routes.get("/v1/test_helpers/test_clocks/{clock}", retrieve);
    routes.delete("/v1/test_helpers/test_clocks/{clock}", delete);
    routes.post("/v1/test_helpers/test_clocks/{clock}/advance", advance);
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    call.page_of(tx, tx.newest_first::<TestClock>())
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<TestClock>(call.id("clock"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateClock {
    frozen_time: Timestamp,
    name: Option<String>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateClock = call.params()?;
    if !SETTABLE.contains(&params.frozen_time) {
        return Err(
            ApiError::invalid("A clock must be set to a time between 1970 and 2100.").about("frozen_time")
        );
    }
    let clock = TestClock {
        id: tx.new_id("clock_"),
        created: tx.now(None),
        name: params.name,
        frozen_time: params.frozen_time,
        advancing_to: None,
    };
    tx.create(&clock, "test_helpers.test_clock.created");
    Ok(Answer::object(&clock))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceClock {
    frozen_time: Timestamp,
}

/// The clock is `advancing` in the answer; what falls due is done right after it.
fn advance(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut clock = tx.get::<TestClock>(call.id("clock"))?;
    let params: AdvanceClock = call.params()?;
    if clock.advancing_to.is_some() {
        return Err(ApiError::too_many("The test clock is still advancing.").coded("lock_timeout"));
    }
    if params.frozen_time <= clock.frozen_time {
        return Err(ApiError::invalid("A test clock can be moved forward only.").about("frozen_time"));
    }
    let farthest = clock.farthest(tx);
    if params.frozen_time > farthest {
        let message = format!(
            "A test clock cannot be moved more than two intervals of the shortest subscription on it at once, or two \
             years when there is none: at most to {farthest}."
        );
        return Err(ApiError::invalid(message).about("frozen_time"));
    }
    clock.advancing_to = Some(params.frozen_time);
    tx.put(clock.clone());
    tx.emit("test_helpers.test_clock.advancing", &clock);
    tx.advance_after(&clock.id);
    Ok(Answer::object(&clock))
}

fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let clock = tx.get::<TestClock>(call.id("clock"))?;
    remove(tx, &clock);
    Ok(Answer::deleted("test_helpers.test_clock", &clock.id))
}

/// Its customers go with it, and all that is theirs.
pub fn remove(tx: &mut Tx<'_>, clock: &TestClock) {
    for (kind, id) in living_by(tx, &clock.id) {
        tx.remove_object(kind, &id);
    }
    tx.emit("test_helpers.test_clock.deleted", clock);
    tx.remove::<TestClock>(&clock.id);
}

/// What lives by the clock, what is listed under that, what is listed under those, and so on.
fn living_by(tx: &Tx<'_>, clock: &str) -> Vec<(Kind, String)> {
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    loop {
        let is_new = |object: &&Object| {
            !ids.contains(object.id())
                && (object.test_clock() == Some(clock) || object.owner().is_some_and(|it| ids.contains(it)))
        };
        let more: Vec<_> =
            tx.objects().filter(is_new).map(|object| (object.kind(), object.id().to_owned())).collect();
        if more.is_empty() {
            return found;
        }
        ids.extend(more.iter().map(|(_, id)| id.clone()));
        found.extend(more);
    }
}
