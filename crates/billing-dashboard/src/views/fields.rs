/// The state of a form besides its fields.
#[derive(Default)]
pub(crate) struct FormState {
    pub(crate) csrf: String,
    /// The idempotency key of a form that creates, new with each rendering.
    pub(crate) submission: Option<String>,
    /// The version that an edit form is based on.
    pub(crate) version: Option<String>,
    /// The errors, by field order.
    pub(crate) errors: Vec<FormError>,
    /// An edit conflict: shows the banner. The fields that differ carry `saved`.
    pub(crate) conflict: bool,
}

/// An error of a form.
pub(crate) struct FormError {
    /// The posted name of the field; none for an error of the whole form.
    pub(crate) field: Option<String>,
    pub(crate) message: String,
}

/// A text, number, text area, select or group of radios.
#[derive(Default)]
pub(crate) struct Field {
    /// The typed or chosen value.
    pub(crate) value: String,
    /// The value another user saved meanwhile, if different. Shown as "Saved now: …".
    pub(crate) saved: Option<String>,
}

/// A checkbox. Posts `true` when ticked, and nothing otherwise.
#[derive(Default)]
pub(crate) struct Checkbox {
    pub(crate) checked: bool,
    /// As in [`Field`].
    pub(crate) saved: Option<String>,
}

impl FormState {
    pub(crate) fn creating(csrf: String, submission: String) -> Self {
        Self { csrf, submission: Some(submission), ..Self::default() }
    }

    pub(crate) fn editing(csrf: String, version: String) -> Self {
        Self { csrf, version: Some(version), ..Self::default() }
    }

    /// The first error of the field.
    pub(crate) fn error_of(&self, field: impl AsRef<str>) -> Option<&str> {
        self.errors
            .iter()
            .find(|error| error.field.as_deref() == Some(field.as_ref()))
            .map(|error| error.message.as_str())
    }
}

impl Field {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), saved: None }
    }
}

impl Checkbox {
    pub(crate) fn new(checked: bool) -> Self {
        Self { checked, saved: None }
    }
}

#[cfg(test)]
mod samples {
    use super::{Field, FormError, FormState};
    use crate::views::samples::Words;

    impl FormState {
        pub(crate) fn sample_creating(words: Words) -> Self {
            Self::creating(words.say("2f1c"), words.say("9b40"))
        }

        pub(crate) fn sample_editing(words: Words) -> Self {
            Self::editing(words.say("2f1c"), words.say("7"))
        }

        pub(crate) fn refused(mut self, words: Words, errors: &[(&str, &str)]) -> Self {
            self.errors = errors
                .iter()
                .map(|(field, message)| FormError {
                    field: (!field.is_empty()).then(|| (*field).to_owned()),
                    message: words.say(message),
                })
                .collect();
            self
        }
    }

    impl Field {
        pub(crate) fn sample(words: Words, value: &str) -> Self {
            Self::new(words.say(value))
        }
    }
}
