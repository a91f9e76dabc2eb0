/// One control of a form.
#[derive(Debug, Default)]
pub(crate) struct Field {
    /// As typed or chosen.
    pub(crate) value: String,
    /// Why it was not accepted.
    pub(crate) error: Option<String>,
}

/// A line of the list of problems above a form, which leads to the field.
pub(crate) struct Problem<'page> {
    /// The id of the control; none when it is about the form as a whole.
    pub(crate) field: Option<&'static str>,
    pub(crate) message: &'page str,
}

impl Field {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: None }
    }

    pub(crate) fn refused(value: impl Into<String>, error: impl Into<String>) -> Self {
        Self { value: value.into(), error: Some(error.into()) }
    }

    pub(crate) fn problem(&self, id: &'static str) -> Option<Problem<'_>> {
        self.error.as_deref().map(|message| Problem { field: Some(id), message })
    }
}

impl<'page> Problem<'page> {
    pub(crate) fn of_form(error: Option<&'page String>) -> Option<Self> {
        error.map(|message| Self { field: None, message })
    }
}
