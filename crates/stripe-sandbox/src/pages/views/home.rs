use askama::Template;

use super::{Badge, DeliveryRow, EventRow, Fact, Field, Moment, Problem, TypeCount};

/// `/`.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    /// What the form before this page did.
    pub(crate) flash: Option<String>,
    /// Such as `http://127.0.0.1:12111`.
    pub(crate) base_url: String,
    /// A key that is accepted, such as `sk_test_sandbox`.
    pub(crate) secret_key: String,
    pub(crate) clock: ClockView,
    pub(crate) types: Vec<TypeCount>,
    /// Newest first, as are the deliveries.
    pub(crate) events: Vec<EventRow>,
    pub(crate) endpoints: Vec<EndpointRow>,
    pub(crate) deliveries: Vec<DeliveryRow>,
    pub(crate) faults: Vec<FaultRow>,
    /// Such as "Duplicate" and "1 of 4 deliveries"; empty when there is none.
    pub(crate) chaos: Vec<Fact>,
}

pub(crate) struct ClockView {
    pub(crate) now: Moment,
    /// Such as "Real time" or "12 days ahead of real time".
    pub(crate) offset: String,
    /// Posted as `seconds`.
    pub(crate) seconds: Field,
    /// A new one each time the page is rendered, so that a double click moves it once.
    pub(crate) submission: String,
}

pub(crate) struct EndpointRow {
    pub(crate) id: String,
    pub(crate) url: String,
    /// Enabled or disabled.
    pub(crate) status: Badge,
    /// The types it wants, such as "invoice.paid, invoice.voided" or "all events".
    pub(crate) events: String,
    /// Whose events it gets, such as `acct_1` or "connected accounts".
    pub(crate) account: String,
}

pub(crate) struct FaultRow {
    /// Such as "500 after executing".
    pub(crate) what: String,
    /// Such as "POST /v1/subscriptions".
    pub(crate) matching: String,
    /// Such as "the next 2 calls".
    pub(crate) remaining: String,
}

impl HomePage {
    fn problems(&self) -> Vec<Problem<'_>> {
        self.clock.seconds.problem("seconds").into_iter().collect()
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{ClockView, EndpointRow, FaultRow, HomePage};
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{Badge, DeliveryRow, EventRow, Fact, Field, Moment, Tone, TypeCount};

    impl ClockView {
        fn sample(words: Words) -> Self {
            Self {
                now: Moment::sample(words),
                offset: words.say("12 days ahead of real time"),
                seconds: Field::default(),
                submission: words.say("9b40"),
            }
        }
    }

    impl EndpointRow {
        fn sample(words: Words) -> Self {
            Self {
                id: words.say("we_1Q1a2b3c4d5e6f"),
                url: words.say("http://127.0.0.1:8080/webhooks/stripe"),
                status: Badge::sample(words, "Enabled", Tone::Good),
                events: words.say("all events"),
                account: words.say("connected accounts"),
            }
        }
    }

    impl FaultRow {
        fn sample(words: Words) -> Self {
            Self {
                what: words.say("500 after executing"),
                matching: words.say("POST /v1/subscriptions"),
                remaining: words.say("the next 2 calls"),
            }
        }
    }

    impl HomePage {
        fn sample(words: Words) -> Self {
            Self {
                flash: Some(words.say("The clock was moved forward by 3 days.")),
                base_url: words.say("http://127.0.0.1:12111"),
                secret_key: words.say("sk_test_sandbox"),
                clock: ClockView::sample(words),
                types: TypeCount::samples(words),
                events: ["customer.subscription.trial_will_end", "invoice.paid"]
                    .map(|kind| EventRow::sample(words, kind))
                    .into(),
                endpoints: vec![EndpointRow::sample(words)],
                deliveries: vec![
                    DeliveryRow::waiting(words),
                    DeliveryRow::retrying(words),
                    DeliveryRow::sample(words),
                ],
                faults: vec![FaultRow::sample(words)],
                chaos: vec![Fact::sample(words, "Duplicate", "1 of 4 deliveries")],
            }
        }

        fn fresh(words: Words) -> Self {
            Self {
                flash: None,
                clock: ClockView {
                    offset: words.say("Real time"),
                    seconds: Field::refused(
                        words.say("-5"),
                        words.say("Enter a whole number of seconds, 1 or more."),
                    ),
                    ..ClockView::sample(words)
                },
                types: vec![],
                events: vec![],
                endpoints: vec![],
                deliveries: vec![],
                faults: vec![],
                chaos: vec![],
                ..Self::sample(words)
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![
            Rendered::of("home", &HomePage::sample(words)),
            Rendered::of("home-fresh", &HomePage::fresh(words)),
        ]
    }
}
