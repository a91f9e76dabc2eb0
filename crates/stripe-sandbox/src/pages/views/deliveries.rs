use super::{Badge, Link, Moment};

/// An event sent, or to be sent, to an endpoint.
pub(crate) struct DeliveryRow {
    pub(crate) id: String,
    /// To the page of the event, by its type.
    pub(crate) event: Link,
    /// The address it is sent to.
    pub(crate) endpoint: String,
    pub(crate) status: Badge,
    pub(crate) attempts: u32,
    /// What the last attempt came to, such as "HTTP 500" or "connection refused"; none before the first.
    pub(crate) last_result: Option<String>,
    pub(crate) next_attempt: Option<Moment>,
}

/// An event in a list.
pub(crate) struct EventRow {
    /// To the page of the event, by its type.
    pub(crate) event: Link,
    /// To the object it is about, by its id.
    pub(crate) object: Link,
    pub(crate) account: String,
    pub(crate) at: Moment,
}

#[cfg(test)]
mod samples {
    use super::{DeliveryRow, EventRow};
    use crate::pages::views::samples::Words;
    use crate::pages::views::{Badge, Link, Moment, Tone};

    impl DeliveryRow {
        pub(crate) fn sample(words: Words) -> Self {
            Self {
                id: words.say("dlv_1"),
                event: Link::sample(words, "/_sandbox/events/evt_1", "customer.subscription.updated"),
                endpoint: words.say("http://127.0.0.1:8080/webhooks/stripe"),
                status: Badge::sample(words, "Delivered", Tone::Good),
                attempts: 1,
                last_result: Some(words.say("HTTP 200")),
                next_attempt: None,
            }
        }

        pub(crate) fn retrying(words: Words) -> Self {
            Self {
                id: words.say("dlv_2"),
                status: Badge::sample(words, "Will retry", Tone::Warning),
                attempts: 3,
                last_result: Some(words.say("HTTP 500")),
                next_attempt: Some(Moment::sample(words)),
                ..Self::sample(words)
            }
        }

        pub(crate) fn waiting(words: Words) -> Self {
            Self {
                id: words.say("dlv_3"),
                status: Badge::sample(words, "Waiting", Tone::Neutral),
                attempts: 0,
                last_result: None,
                next_attempt: Some(Moment::sample(words)),
                ..Self::sample(words)
            }
        }
    }

    impl EventRow {
        pub(crate) fn sample(words: Words, kind: &str) -> Self {
            Self {
                event: Link::sample(words, "/_sandbox/events/evt_1", kind),
                object: Link::sample(words, "/_sandbox/objects/acct_1/sub_1", "sub_1Q1a2b3c4d5e6f"),
                account: words.say("acct_1Q1a2b3c4d"),
                at: Moment::sample(words),
            }
        }
    }
}
