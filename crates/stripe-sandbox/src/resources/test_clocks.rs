//! Clocks that customers can live by, moved forward by hand.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{customers::Customer, schedules::Schedule, subscriptions::Subscription};
use crate::{
    clock::{DAY, FARTHEST_MOVE, SETTABLE, Timestamp},
    store::{Resource, Tx, stored_as},
    wire::{Answer, ApiError, Call, Reply, Routes},
};

const KEPT_FOR: Timestamp = 30 * DAY;

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
            "deletes_after": self.created + KEPT_FOR,
            "frozen_time": self.frozen_time,
            "livemode": false,
            "name": self.name,
            "status": if self.advancing_to.is_some() { "advancing" } else { "ready" },
            "status_details": details,
        })
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
    if params.frozen_time <= clock.frozen_time || params.frozen_time - clock.frozen_time > FARTHEST_MOVE {
        let message = "A clock can be moved forward only, and at most five years at once.";
        return Err(ApiError::invalid(message).about("frozen_time"));
    }
    clock.advancing_to = Some(params.frozen_time);
    tx.put(clock.clone());
    tx.emit("test_helpers.test_clock.advancing", &clock);
    tx.advance_after(&clock.id);
    Ok(Answer::object(&clock))
}

/// Its customers go with it, and their subscriptions are cancelled.
fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let clock = tx.get::<TestClock>(call.id("clock"))?;
    let of_clock = |customer: &&Customer| customer.test_clock.as_deref() == Some(clock.id.as_str());
    let customers: Vec<_> =
        tx.newest_first::<Customer>().filter(of_clock).map(|customer| customer.id.clone()).collect();
    for customer in customers {
        let subscriptions: Vec<_> = tx.of_owner::<Subscription>(&customer).map(|it| it.id.clone()).collect();
        for subscription in subscriptions {
            tx.remove::<Subscription>(&subscription);
        }
        let schedules: Vec<_> = tx.of_owner::<Schedule>(&customer).map(|it| it.id.clone()).collect();
        for schedule in schedules {
            tx.remove::<Schedule>(&schedule);
        }
        tx.remove::<Customer>(&customer);
    }
    tx.emit("test_helpers.test_clock.deleted", &clock);
    tx.remove::<TestClock>(&clock.id);
    Ok(Answer::deleted("test_helpers.test_clock", &clock.id))
}
