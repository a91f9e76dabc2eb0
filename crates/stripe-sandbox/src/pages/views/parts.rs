use std::fmt;

use crate::wire::checks::checked_url;

/// A point in time: RFC 3339 for machines, and as people read it.
pub(crate) struct Moment {
    pub(crate) machine: String,
    /// Such as "8 Dec 2026, 14:05 UTC".
    pub(crate) text: String,
}

/// An address of the web that somebody else gave, for a page to lead to.
pub(crate) struct Address(String);

impl Address {
    /// `None` for one that a browser would run or open otherwise, as it does what begins with `javascript:`.
    pub(crate) fn of(url: &str) -> Option<Self> {
        checked_url(url.to_owned(), "").ok().map(Self)
    }

    /// One of the sandbox itself.
    pub(crate) fn within(path: String) -> Self {
        Self(path)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) text: String,
}

/// A status in a word or two.
pub(crate) struct Badge {
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

#[derive(Clone, Copy)]
pub(crate) enum Tone {
    Neutral,
    Good,
    Warning,
    Bad,
}

/// A label and what it stands for, such as "Date due" and "8 December 2026".
pub(crate) struct Fact {
    pub(crate) label: String,
    pub(crate) value: String,
}

/// A line of a sum, such as "Subtotal" and "$20.00".
pub(crate) struct AmountRow {
    pub(crate) label: String,
    pub(crate) amount: String,
}

impl Badge {
    pub(crate) fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    pub(crate) fn class(&self) -> &'static str {
        match self.tone {
            Tone::Neutral => "badge",
            Tone::Good => "badge good",
            Tone::Warning => "badge warning",
            Tone::Bad => "badge bad",
        }
    }
}

#[cfg(test)]
mod samples {
    use super::{Address, AmountRow, Badge, Fact, Link, Moment, Tone};
    use crate::pages::views::samples::Words;

    impl Moment {
        pub(crate) fn sample(words: Words) -> Self {
            Self { machine: words.say("2026-11-24T12:34:56Z"), text: words.say("24 Nov 2026, 12:34:56 UTC") }
        }
    }

    impl Address {
        pub(crate) fn sample(words: Words, url: &str) -> Option<Self> {
            match words {
                Words::Friendly => Self::of(url),
                Words::Hostile => Self::of("javascript:alert(1)")
                    .or_else(|| Self::of("https://evil.example/\"><script>alert(1)</script>")),
            }
        }
    }

    impl Link {
        pub(crate) fn sample(words: Words, href: &str, text: &str) -> Self {
            Self { href: words.say(href), text: words.say(text) }
        }
    }

    impl Badge {
        pub(crate) fn sample(words: Words, text: &str, tone: Tone) -> Self {
            Self::new(words.say(text), tone)
        }
    }

    impl Fact {
        pub(crate) fn sample(words: Words, label: &str, value: &str) -> Self {
            Self { label: words.say(label), value: words.say(value) }
        }
    }

    impl AmountRow {
        pub(crate) fn sample(words: Words, label: &str, amount: &str) -> Self {
            Self { label: words.say(label), amount: words.say(amount) }
        }
    }
}
