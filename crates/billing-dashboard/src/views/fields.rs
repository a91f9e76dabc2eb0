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
    /// What was edited by somebody else meanwhile, such as "plan". The fields that differ carry `saved`.
    pub(crate) conflict: Option<&'static str>,
    /// Whether Stripe gave no answer, so that the outcome is not known.
    pub(crate) is_unanswered: bool,
    /// Whether Stripe refunded a part of what was asked for, and refused the rest.
    pub(crate) is_partly_refunded: bool,
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
    /// The heading of the errors, with the number of fields to correct.
    pub(crate) fn heading(&self) -> String {
        if self.is_unanswered {
            return "Stripe did not answer".to_owned();
        }
        if self.is_partly_refunded {
            return "Not all of it was refunded".to_owned();
        }
        match self.errors.iter().filter(|error| error.field.is_some()).count() {
            0 => "Nothing was saved.".to_owned(),
            1 => "Nothing was saved. Correct one field".to_owned(),
            fields => format!("Nothing was saved. Correct {fields} fields"),
        }
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
