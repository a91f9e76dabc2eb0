//! Tells registered endpoints of events, as Stripe does.

mod courier;
mod delivery;
mod signature;

pub use self::{
    courier::run,
    delivery::{Delivery, Outcome},
};
use crate::{
    resources::{accounts::Account, events::Event, webhook_endpoints::WebhookEndpoint},
    store::Tx,
};

/// Every event that Stripe tells of, one a line.
const EVENT_NAMES: &str = include_str!("event_names.txt");

pub fn is_event(name: &str) -> bool {
    EVENT_NAMES.lines().any(|known| known == name)
}

/// Makes a delivery to each endpoint that wants the event: those of its account, and those that platforms of the
/// account have for what they are connected to. Gives how many.
pub fn announce(tx: &mut Tx<'_>, event: &Event) -> u32 {
    let account = tx.account().to_owned();
    let platforms = tx.find::<Account>(&account).map(|it| it.platforms.clone()).unwrap_or_default();
    let mut made = deliver(tx, event, &account, false);
    for platform in platforms {
        made += tx.within(&platform, |tx| deliver(tx, event, &account, true));
    }
    made
}

fn deliver(tx: &mut Tx<'_>, event: &Event, account: &str, is_connect: bool) -> u32 {
    let endpoints: Vec<_> = tx
        .newest_first::<WebhookEndpoint>()
        .rev()
        .filter(|endpoint| endpoint.is_connect == is_connect && endpoint.wants(&event.name))
        .map(|endpoint| endpoint.id.clone())
        .collect();
    let mut made = 0;
    for endpoint in endpoints {
        let fate = tx.control().chaos_of_next();
        for _ in 0..fate.copies {
            let delivery = Delivery::new(tx, event, account, &endpoint, fate);
            tx.deliver(delivery);
            made += u32::from(!fate.is_dropped);
        }
    }
    made
}
