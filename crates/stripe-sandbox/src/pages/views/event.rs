use askama::Template;

use super::{DeliveryRow, Link, Moment};

/// One event, with where it was sent.
#[derive(Template)]
#[template(path = "event.html")]
pub(crate) struct EventPage {
    pub(crate) id: String,
    /// Such as `customer.subscription.updated`.
    pub(crate) event_type: String,
    pub(crate) account: String,
    /// To the object it is about, by its id.
    pub(crate) object: Link,
    pub(crate) at: Moment,
    /// As it is sent, indented.
    pub(crate) json: String,
    pub(crate) deliveries: Vec<DeliveryRow>,
    /// The path of this page, to come back to.
    pub(crate) path: String,
    pub(crate) flash: Option<String>,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::EventPage;
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{DeliveryRow, Link, Moment};

    impl EventPage {
        fn sample(words: Words) -> Self {
            Self {
                id: words.say("evt_1Q1a2b3c4d5e6f"),
                event_type: words.say("customer.subscription.updated"),
                account: words.say("acct_1Q1a2b3c4d"),
                object: Link::sample(words, "/_sandbox/objects/acct_1/sub_1", "sub_1Q1a2b3c4d5e6f"),
                at: Moment::sample(words),
                json: words.say("{\n  \"id\": \"evt_1Q1a2b3c4d5e6f\",\n  \"object\": \"event\"\n}"),
                deliveries: vec![DeliveryRow::sample(words), DeliveryRow::retrying(words)],
                path: words.say("/_sandbox/events/evt_1"),
                flash: Some(words.say("Sent again.")),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let unsent = EventPage { deliveries: vec![], flash: None, ..EventPage::sample(words) };
        vec![Rendered::of("event", &EventPage::sample(words)), Rendered::of("event-unsent", &unsent)]
    }
}
