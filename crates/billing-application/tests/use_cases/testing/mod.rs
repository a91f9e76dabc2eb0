//! Builders for the unit tests of the use cases.

use crate::prelude::*;

/// Lets a double answer each of these methods from what it shares with others.
macro_rules! expect {
    ($mock:expr, $work:ident, $($method:ident = |$($argument:pat_param),*| $answer:expr;)+) => {
        $({
            let $work = $work.clone();
            // Some answers need none of it.
            let _ = &$work;
            $mock.$method().returning(move |$($argument),*| $answer);
        })+
    };
}

mod catalog;
mod queue;
mod requests;
mod sales;
mod store_of_sales;
mod stored;
mod stripe;
mod switch;
mod written;

use std::sync::Arc;

use mockall::Sequence;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use catalog::*;
pub(crate) use queue::Queue;
pub(crate) use requests::*;
pub(crate) use sales::*;
pub(crate) use stored::Stored;
pub(crate) use stripe::{Reply, paid_invoice, running, stripe_id};
pub(crate) use switch::*;
pub(crate) use written::{Write, Written, follows, follows_price};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(second, 0).unwrap()
}

/// The fixed time of the use cases under test.
pub(crate) fn now() -> Timestamp {
    at(100)
}

pub(crate) fn workspace_id() -> WorkspaceId {
    WorkspaceId::parse("ws_test").unwrap()
}

pub(crate) fn owner() -> Actor {
    administrator().actor().clone()
}

pub(crate) fn administrator() -> Administrator {
    let user_id = DashboardUserId::parse("owner").unwrap();
    DashboardSession::new(user_id, workspace_id(), Role::Owner).administrator().unwrap()
}

/// Makes a change for the owner.
pub(crate) async fn change<C: Change>(ports: Ports, change: C) -> Result<C::Answer, Refused<C::Refusal>> {
    Executor::new(ports).change(&administrator(), &change).await
}

/// The same with stored data; also returns what was written.
pub(crate) async fn change_on<C: Change>(
    stored: Stored,
    asked: C,
) -> (Result<C::Answer, Refused<C::Refusal>>, Written) {
    let (ports, written) = stored.ports();
    (change(ports, asked).await, written)
}

/// Makes a change for the owner under the [`request_key`].
pub(crate) async fn change_once<C>(ports: Ports, change: C) -> Result<C::Answer, Refused<C::Refusal>>
where
    C: Change<Answer: Serialize + DeserializeOwned> + Serialize,
{
    Executor::new(ports).change_once(&administrator(), &change, Some(&request_key())).await
}

pub(crate) fn request_key() -> RequestKey {
    RequestKey::parse("key-1").unwrap()
}

/// Ports over a store that begins these units of work in order, and no more.
pub(crate) fn ports(units: Vec<MockUnitOfWork>) -> Ports {
    ports_over(MockBillingStore::default(), units)
}

/// The same over a store that also answers reads.
pub(crate) fn ports_over(mut store: MockBillingStore, units: Vec<MockUnitOfWork>) -> Ports {
    let mut sequence = Sequence::new();
    for work in units {
        let work: Box<dyn UnitOfWork> = Box::new(work);
        store.transactions.expect_begin().once().in_sequence(&mut sequence).return_once(move || Ok(work));
    }
    nothing_at_stripe(&mut store);
    Ports {
        store: Arc::new(store),
        gateway: Arc::new(MockPaymentGateway::new()),
        wake: Arc::default(),
        clock: Arc::new(FixedClock(now())),
        ids: Arc::new(SequentialIds::default()),
        availability: GatewayAvailability::default(),
        grace: GraceDays::default(),
        public_base_url: "https://billing.example".into(),
    }
}

/// A workspace that never used a gateway account.
fn nothing_at_stripe(store: &mut MockBillingStore) {
    store.gateway_links.expect_gateway_accounts().returning(|_| Ok(Vec::new()));
    store.gateway_calls.expect_unresolved_calls().returning(|_, _, _| Ok(Vec::new()));
    store.checkout_intents.expect_unclosed_checkout_intents().returning(|_, _, _| Ok(Vec::new()));
    store.events.expect_unplaced_to_accept().returning(|_, _| Ok(UnplacedPage::default()));
    store.subscriptions.expect_live_subscriptions().returning(|_, _, _| Ok(Vec::new()));
}

/// The items of a list that was looked at to its end.
pub(crate) fn whole<T>(items: Vec<T>) -> Part<T> {
    Part { items, is_cut: false, counted: None }
}
