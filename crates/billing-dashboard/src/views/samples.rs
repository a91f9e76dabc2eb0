//! A sample of each page, made of its fields.

use super::{Checkbox, Document, Field, FormError, FormState, Heading, Place, TrustedHtml};

pub(crate) const ATTACK: &str = "<script>alert(1)</script>\" autofocus onfocus=alert(1) '";

/// The variant of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All there is, and forms that were refused, for an owner.
    Full,
    /// The same with an attack in every text.
    Hostile,
    /// Only what is always there, and forms that were overtaken, for an owner.
    Plain,
    /// The view of a member.
    Member,
    /// No items and nothing that may be absent, for a member.
    Bare,
}

/// A sample of a field of this name.
pub(crate) trait Sample: Sized {
    fn sample(mode: Mode, name: &'static str) -> Self;
}

impl Sample for String {
    fn sample(mode: Mode, name: &'static str) -> Self {
        match (mode, name) {
            (Mode::Hostile, _) => ATTACK.to_owned(),
            (_, "description") => "Everything,\nfor people who mean it.".to_owned(),
            (_, name) => name.to_owned(),
        }
    }
}

impl Sample for &'static str {
    fn sample(_: Mode, name: &'static str) -> Self {
        name
    }
}

impl Sample for &'static [&'static str] {
    fn sample(_: Mode, _: &'static str) -> Self {
        &["One thing.", "Another thing."]
    }
}

impl Sample for bool {
    fn sample(mode: Mode, name: &'static str) -> Self {
        match mode {
            Mode::Full | Mode::Hostile => true,
            Mode::Plain => name == "can_change",
            Mode::Member => name != "can_change",
            Mode::Bare => false,
        }
    }
}

impl Sample for usize {
    fn sample(_: Mode, _: &'static str) -> Self {
        3
    }
}

/// A status of HTTP.
impl Sample for u16 {
    fn sample(mode: Mode, _: &'static str) -> Self {
        [400, 404, 409, 500, 503][mode as usize]
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(mode: Mode, name: &'static str) -> Self {
        (!matches!(mode, Mode::Plain | Mode::Bare)).then(|| T::sample(mode, name))
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(mode: Mode, name: &'static str) -> Self {
        if mode == Mode::Bare { Self::new() } else { vec![T::sample(mode, name)] }
    }
}

impl<T: Sample, U: Sample> Sample for (T, U) {
    fn sample(mode: Mode, name: &'static str) -> Self {
        (T::sample(mode, name), U::sample(mode, name))
    }
}

impl Sample for Place {
    fn sample(_: Mode, _: &'static str) -> Self {
        Self::Billing
    }
}

impl Sample for FormState {
    fn sample(mode: Mode, _: &'static str) -> Self {
        let fields = [
            "name",
            "key",
            "description",
            "origins",
            "amount",
            "currency",
            "interval",
            "price_amount_1",
            "price_currency_1",
            "trial_days",
            "feature",
            "payer_kind",
            "visibility",
            "is_default",
            "gateway",
            "payer",
            "price",
            "quantity",
            "success_url",
            "cancel_url",
            "reason",
        ];
        let error = |field: &str| FormError {
            field: Some(field.to_owned()),
            message: Sample::sample(mode, "message"),
        };
        let is_refused = matches!(mode, Mode::Full | Mode::Hostile);
        Self {
            csrf: Sample::sample(mode, "csrf"),
            submission: Sample::sample(mode, "submission"),
            version: Sample::sample(mode, "version"),
            errors: if is_refused { fields.map(error).into() } else { Vec::new() },
            conflict: (mode == Mode::Plain).then_some("plan"),
            is_unanswered: false,
            is_partly_refunded: false,
        }
    }
}

impl Sample for Field {
    fn sample(mode: Mode, name: &'static str) -> Self {
        // A price is never edited.
        let is_overtaken = mode == Mode::Plain && !["amount", "currency", "interval"].contains(&name);
        Self { value: Sample::sample(mode, name), saved: is_overtaken.then(|| "Saved".to_owned()) }
    }
}

impl Sample for Checkbox {
    fn sample(mode: Mode, name: &'static str) -> Self {
        Self { checked: Sample::sample(mode, name), saved: Field::sample(mode, name).saved }
    }
}

impl Sample for &'static Document {
    fn sample(mode: Mode, name: &'static str) -> Self {
        Box::leak(Box::new(Document::sample(mode, name)))
    }
}

impl Sample for TrustedHtml {
    fn sample(_: Mode, _: &'static str) -> Self {
        Self("<h2 id=\"id\"><a href=\"#id\">Why gated?</a></h2><p>It is <strong>off</strong>.</p>".to_owned())
    }
}

impl Sample for Heading {
    fn sample(mode: Mode, _: &'static str) -> Self {
        let heading =
            |under| Self { id: Sample::sample(mode, "id"), text: Sample::sample(mode, "text"), under };
        heading(vec![heading(Vec::new())])
    }
}
