use std::fmt::Display;
use std::str::FromStr;

use crate::views::{Field, FormError};

/// The submitted fields by name. An absent field is empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Parses a form body. Invalid UTF-8 is replaced, and then refused as any invalid text.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The text of the field.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text.as_str())
    }

    /// Whether the form had the field.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Each text of a field that may be there more than once.
    pub(crate) fn each(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// The field as submitted, to be shown again.
    pub(crate) fn typed(&self, name: &str) -> Field {
        Field::new(self.text(name))
    }

    /// Whether the checkbox was ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// The fields in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The field as a value of the domain; an error goes to `errors`.
    pub(crate) fn parse<T: FromStr<Err: Display>>(
        &self,
        name: &str,
        errors: &mut Vec<FormError>,
    ) -> Option<T> {
        parsed(self.text(name).parse(), name, errors)
    }

    /// The same for an optional field: `None` if empty, and if invalid, with an error in `errors`.
    pub(crate) fn parse_optional<T: FromStr<Err: Display>>(
        &self,
        name: &str,
        errors: &mut Vec<FormError>,
    ) -> Option<T> {
        if self.text(name).trim().is_empty() {
            return None;
        }
        self.parse(name, errors)
    }
}

impl Field {
    /// Shows the value another user saved meanwhile, if different.
    pub(crate) fn mark_saved(&mut self, saved: &str) {
        if self.value.replace("\r\n", "\n").trim() != saved {
            self.saved = Some(saved.to_owned());
        }
    }
}

/// The parsed value, or its error at the field.
pub(crate) fn parsed<T, E: Display>(
    read: Result<T, E>,
    name: &str,
    errors: &mut Vec<FormError>,
) -> Option<T> {
    read.map_err(|error| errors.push(error_of(name, &error))).ok()
}

/// The error of a field.
pub(crate) fn error_of(field: &str, error: &impl Display) -> FormError {
    FormError { field: Some(field.to_owned()), message: error.to_string() }
}

/// The error of a whole form.
pub(crate) fn error_of_form(error: &impl Display) -> FormError {
    FormError { field: None, message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_form_body_is_read() {
        let fields = Fields::read(b"name=A+b%20%C3%A9&bad=%ff%zz&twice=1&twice=2&flag=true&&=x");
        assert_eq!(fields.text("name"), "A b é");
        assert_eq!(fields.text("bad"), "\u{fffd}%zz");
        assert_eq!(fields.text("twice"), "1");
        assert_eq!(fields.text("absent"), "");
        assert!(fields.is_ticked("flag") && !fields.is_ticked("absent"));
    }
}
