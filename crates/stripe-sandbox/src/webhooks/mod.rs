//! Tells registered endpoints of events, as Stripe does.

mod courier;
mod delivery;
mod signature;

use std::{collections::HashSet, sync::LazyLock};

pub use self::{
    courier::run,
    delivery::{Delivery, Outcome},
    signature::header as signature,
};
use crate::{
    resources::{accounts::Account, events::Event, webhook_endpoints::WebhookEndpoint},
    store::Tx,
};

/// Every event that Stripe tells of.
static EVENT_NAMES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("event_names.txt").lines().collect());

pub fn is_event(name: &str) -> bool {
    EVENT_NAMES.contains(name)
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::{
        api::post,
        clock::Clock,
        control::Chaos,
        store::{Origin, World},
    };

    /// What becomes of the deliveries of thirty events, with something done before each.
    fn outcomes(between: impl Fn(&mut World, &str)) -> Vec<Outcome> {
        let mut world = World::new(Clock::Standing { at: 0 }, 1, String::new());
        post(&mut world, "/v1/webhook_endpoints", "url=http://localhost/&enabled_events[]=*");
        let account = world.accounts().next().map(|(account, _)| account.to_owned()).unwrap();
        let chaos = json!({ "seed": 3, "drop": 0.5 });
        world.control.chaos = Some(serde_json::from_value::<Chaos>(chaos).unwrap());
        for _ in 0..30 {
            between(&mut world, &account);
            post(&mut world, "/v1/customers", "");
        }
        let tx = world.begin(&account, Origin::default());
        tx.newest_first::<Delivery>().map(|delivery| delivery.outcome).collect()
    }

    fn happen(tx: &mut Tx<'_>) {
        Event::record(tx, "customer.created", json!({}), None, None);
    }

    #[test]
    fn what_is_undone_leaves_the_chaos_of_what_is_done_as_it_would_be_without() {
        let wanted = outcomes(|_, _| {});
        assert!(wanted.contains(&Outcome::Dropped) && wanted.contains(&Outcome::Pending), "{wanted:?}");
        let dropped = outcomes(|world, account| happen(&mut world.begin(account, Origin::default())));
        assert_eq!(dropped, wanted);
        let rolled_back = outcomes(|world, account| {
            let mut tx = world.begin(account, Origin::default());
            let before = tx.savepoint();
            happen(&mut tx);
            tx.roll_back(before);
            tx.commit();
        });
        assert_eq!(rolled_back, wanted);
        let undone = outcomes(|world, account| {
            let mut tx = world.begin(account, Origin::default());
            happen(&mut tx);
            tx.undone().commit();
        });
        assert_eq!(undone, wanted);
    }

    /// Kinds of objects, and a field, whose names look like those of events.
    const OTHERS: [&str; 5] = [
        "billing_portal.configuration",
        "billing_portal.session",
        "checkout.session",
        "source.coupon",
        "test_helpers.test_clock",
    ];

    #[test]
    fn every_event_that_the_sources_name_is_one_that_endpoints_can_ask_for() {
        let families: Vec<_> = EVENT_NAMES.iter().filter_map(|name| name.split('.').next()).collect();
        let mut names = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
        names.retain(|name| name.split_once('.').is_some_and(|(family, _)| families.contains(&family)));
        names.retain(|name| !OTHERS.contains(&name.as_str()));
        assert!(
            names.iter().any(|name| name == "customer.subscription.created"),
            "the sources were not read"
        );
        let unknown: Vec<_> = names.iter().filter(|name| !is_event(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    /// The texts in a folder's sources that could be names of events.
    fn collect(folder: &Path, names: &mut Vec<String>) {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, names);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                let words = source.split('"').filter(|word| word.rsplit('.').next() != Some("html"));
                let is_name =
                    |word: &&str| word.bytes().all(|it| it.is_ascii_lowercase() || b"._".contains(&it));
                names.extend(words.filter(is_name).map(str::to_owned));
            }
        }
    }
}
