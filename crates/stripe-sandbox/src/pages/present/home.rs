//! The sandbox at a glance.

use serde_json::json;

use super::{
    deliveries::{delivery_row, event_row, newest},
    moment,
    objects::type_counts,
};
use crate::{
    clock::{Clock, DAY, HOUR, MINUTE, Timestamp},
    control::{Chaos, Fault},
    pages::{
        new_submission,
        views::{Badge, ClockView, EndpointRow, Fact, FaultRow, Field, HomePage, ResetPage, Tone},
    },
    resources::{events::Event, webhook_endpoints::WebhookEndpoint},
    store::{Kind, World},
    webhooks::Delivery,
};

const EVENTS_SHOWN: usize = 20;
const DELIVERIES_SHOWN: usize = 20;
const ENDPOINTS_SHOWN: usize = 50;
const FAULTS_SHOWN: usize = 50;
/// Of the names that an endpoint wants.
const NAMES_SHOWN: usize = 5;

/// `seconds` is what was typed to move the clock by.
pub(crate) fn page(world: &World, flash: Option<String>, seconds: Field) -> HomePage {
    let events = newest::<Event>(world, EVENTS_SHOWN, |_| true);
    let deliveries = newest::<Delivery>(world, DELIVERIES_SHOWN, |_| true);
    let endpoints = newest::<WebhookEndpoint>(world, ENDPOINTS_SHOWN, |_| true);
    HomePage {
        flash,
        base_url: world.url.clone(),
        secret_key: "sk_test_sandbox".to_owned(),
        clock: ClockView {
            now: moment(world.clock.now()),
            offset: offset(world.clock),
            seconds,
            submission: new_submission(),
        },
        types: type_counts(world),
        events: events.into_iter().map(|(account, event)| event_row(account, event)).collect(),
        endpoints: endpoints.into_iter().map(|(account, it)| endpoint_row(account, it)).collect(),
        deliveries: deliveries.into_iter().map(|(account, it)| delivery_row(world, account, it)).collect(),
        faults: world.control.faults.all().iter().take(FAULTS_SHOWN).map(fault_row).collect(),
        chaos: world.control.chaos.as_ref().map(chaos_facts).unwrap_or_default(),
    }
}

fn offset(clock: Clock) -> String {
    match clock {
        Clock::Standing { .. } => "It stands still until it is moved.".to_owned(),
        Clock::Running { ahead } if ahead <= 0 => "Real time".to_owned(),
        Clock::Running { ahead } => format!("{} ahead of real time", span(ahead)),
    }
}

/// Such as "12 days" or "1 hour".
fn span(seconds: Timestamp) -> String {
    let (count, unit) = match seconds {
        DAY.. => (seconds / DAY, "day"),
        HOUR.. => (seconds / HOUR, "hour"),
        MINUTE.. => (seconds / MINUTE, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn endpoint_row(account: &str, endpoint: &WebhookEndpoint) -> EndpointRow {
    let names = &endpoint.enabled_events;
    let shown = names.iter().take(NAMES_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let events = match names.len().saturating_sub(NAMES_SHOWN) {
        _ if names.iter().any(|name| name == "*") => "all events".to_owned(),
        0 => shown,
        more => format!("{shown} and {more} more"),
    };
    EndpointRow {
        id: endpoint.id.clone(),
        url: endpoint.url.clone(),
        status: if endpoint.is_enabled {
            Badge::new("Enabled", Tone::Good)
        } else {
            Badge::new("Disabled", Tone::Neutral)
        },
        events,
        account: if endpoint.is_connect {
            format!("connected accounts of {account}")
        } else {
            account.to_owned()
        },
    }
}

fn fault_row(fault: &Fault) -> FaultRow {
    let damage = json!(fault.damage).as_str().unwrap_or_default().replace('_', " ");
    let remaining = match fault.left() {
        0 => "used up".to_owned(),
        1 => "the next call".to_owned(),
        left => format!("the next {left} calls"),
    };
    FaultRow { what: damage, matching: fault.target(), remaining }
}

fn chaos_facts(chaos: &Chaos) -> Vec<Fact> {
    let chances = chaos.chances().into_iter().filter(|(_, chance)| *chance > 0.0);
    let fact = |label: &str, value| Fact { label: label.to_owned(), value };
    let late = (chaos.latest_ms() > 0).then(|| fact("Late", format!("by up to {} ms", chaos.latest_ms())));
    chances
        .map(|(label, chance)| fact(label, format!("{:.0}% of deliveries", chance * 100.0)))
        .chain(late)
        .collect()
}

pub(crate) fn reset_page(world: &World) -> ResetPage {
    let (mut objects, mut events) = (0, 0);
    for (_, tables) in world.accounts() {
        for (kind, table) in tables.iter().filter(|(kind, _)| kind.is_public()) {
            if *kind == Kind::Event { events += table.len() } else { objects += table.len() }
        }
    }
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    ResetPage { contents: format!("{} and {}", count(objects, "object"), count(events, "event")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_says_how_far_it_is_ahead() {
        assert_eq!(offset(Clock::Running { ahead: 0 }), "Real time");
        assert_eq!(offset(Clock::Running { ahead: 12 * DAY + 5 }), "12 days ahead of real time");
        assert_eq!(offset(Clock::Running { ahead: HOUR }), "1 hour ahead of real time");
        assert_eq!(offset(Clock::Standing { at: 1 }), "It stands still until it is moved.");
    }
}
