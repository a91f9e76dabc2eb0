//! What a customer types of themselves, and why it is not accepted.

use serde::Deserialize;

use super::views::{AddressForm, CustomerForm, Field};
use crate::{
    resources::{
        customers::{Address, Customer, check_email},
        portal::{CustomerEdit, CustomerField, CustomerUpdate},
    },
    wire::Patch,
};

const LONGEST: usize = 200;
const LONGEST_PHONE: usize = 20;
const TOO_LONG: &str = "This is too long.";

/// The fields of the form as they were sent, or as they stand.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CustomerEntry {
    name: String,
    email: String,
    phone: String,
    line1: String,
    line2: String,
    postal_code: String,
    city: String,
    state: String,
    country: String,
}

type Read<T> = Result<T, &'static str>;

impl CustomerEntry {
    pub(crate) fn of(customer: &Customer) -> Self {
        let address = customer.address.clone().unwrap_or_default();
        let text = Option::unwrap_or_default;
        Self {
            name: text(customer.name.clone()),
            email: text(customer.email.clone()),
            phone: text(customer.phone.clone()),
            line1: text(address.line1),
            line2: text(address.line2),
            postal_code: text(address.postal_code),
            city: text(address.city),
            state: text(address.state),
            country: text(address.country),
        }
    }

    /// With the fields that may be edited.
    pub(crate) fn form(&self, allowed: &CustomerUpdate) -> CustomerForm {
        let shown = |is_of: CustomerField, text: &str| allowed.allows(is_of).then(|| Field::new(text));
        CustomerForm {
            name: shown(CustomerField::Name, &self.name),
            email: shown(CustomerField::Email, &self.email),
            phone: shown(CustomerField::Phone, &self.phone),
            address: allowed.allows(CustomerField::Address).then(|| AddressForm {
                line1: Field::new(&self.line1),
                line2: Field::new(&self.line2),
                postal_code: Field::new(&self.postal_code),
                city: Field::new(&self.city),
                state: Field::new(&self.state),
                country: Field::new(&self.country),
            }),
        }
    }

    /// What may not be edited is not read.
    ///
    /// # Errors
    ///
    /// The form again, each field that is not accepted with its reason.
    pub(crate) fn read(&self, allowed: &CustomerUpdate) -> Result<CustomerEdit, Box<CustomerForm>> {
        let mut form = self.form(allowed);
        let edit = CustomerEdit {
            name: taken(form.name.as_mut(), short),
            email: taken(form.email.as_mut(), email),
            phone: taken(form.phone.as_mut(), phone),
            address: form.address.as_mut().map_or(Patch::Keep, address),
        };
        if form.problems().is_empty() { Ok(edit) } else { Err(Box::new(form)) }
    }
}

/// What stands in a field once it is read; what is refused is told in the field.
fn taken(field: Option<&mut Field>, read: fn(&str) -> Read<Option<String>>) -> Patch<String> {
    let Some(field) = field else { return Patch::Keep };
    match read(field.value.trim()) {
        Ok(Some(text)) => Patch::Set(text),
        Ok(None) => Patch::Clear,
        Err(error) => {
            field.error = Some(error.to_owned());
            Patch::Keep
        }
    }
}

fn short(text: &str) -> Read<Option<String>> {
    if text.chars().count() > LONGEST { Err(TOO_LONG) } else { Ok(some(text)) }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn email(text: &str) -> Read<Option<String>> {
    match text {
        "" => Err("Enter your email address."),
        _ if check_email(text, "email").is_err() || text.contains(char::is_whitespace) => {
            Err("Your email address is invalid.")
        }
        _ => short(text),
    }
}

fn phone(text: &str) -> Read<Option<String>> {
    let can_be = |letter: char| letter.is_ascii_digit() || " +-().".contains(letter);
    let has_digits = text.bytes().any(|it| it.is_ascii_digit());
    if !text.is_empty() && (!has_digits || !text.chars().all(can_be)) {
        Err("Enter a phone number, such as +1 555 0100.")
    } else if text.len() > LONGEST_PHONE {
        Err(TOO_LONG)
    } else {
        Ok(some(text))
    }
}

fn country(text: &str) -> Read<Option<String>> {
    match text.as_bytes() {
        [] => Ok(None),
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => Ok(Some(text.to_uppercase())),
        _ => Err("Enter the two letters of a country."),
    }
}

/// An address that is left empty is none; otherwise its country and street must be known.
fn address(form: &mut AddressForm) -> Patch<Address> {
    let parts = [&form.line1, &form.line2, &form.postal_code, &form.city, &form.state, &form.country];
    if parts.iter().all(|field| field.value.trim().is_empty()) {
        return Patch::Clear;
    }
    let part = |field: &mut Field, read: fn(&str) -> Read<Option<String>>, missing: Option<&str>| {
        let read = taken(Some(&mut *field), read);
        if let (Patch::Clear, Some(missing)) = (&read, missing) {
            field.error = Some(missing.to_owned());
        }
        if let Patch::Set(text) = read { Some(text) } else { None }
    };
    Patch::Set(Address {
        line1: part(&mut form.line1, short, Some("Enter the street and number.")),
        line2: part(&mut form.line2, short, None),
        postal_code: part(&mut form.postal_code, short, None),
        city: part(&mut form.city, short, None),
        state: part(&mut form.state, short, None),
        country: part(&mut form.country, country, Some("Enter the country.")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> CustomerUpdate {
        CustomerUpdate {
            is_enabled: true,
            allowed_updates: vec![
                CustomerField::Name,
                CustomerField::Email,
                CustomerField::Phone,
                CustomerField::Address,
            ],
        }
    }

    fn entry() -> CustomerEntry {
        let text = str::to_owned;
        CustomerEntry {
            name: text(" Jenny Rosen "),
            email: text("jenny@example.com"),
            phone: text("+1 (555) 010-0100"),
            line1: text("1 Main Street"),
            country: text("de"),
            ..CustomerEntry::default()
        }
    }

    #[test]
    fn what_is_typed_is_read_without_the_space_around_it() {
        let edit = entry().read(&everything()).unwrap();
        assert_eq!(edit.name, Patch::Set("Jenny Rosen".to_owned()));
        let Patch::Set(address) = edit.address else { panic!("an address") };
        assert_eq!((address.country.as_deref(), address.city), (Some("DE"), None));
    }

    #[test]
    fn what_is_emptied_is_cleared_and_what_may_not_be_edited_is_kept() {
        let emptied = CustomerEntry { email: "ada@example.com".to_owned(), ..CustomerEntry::default() };
        let edit = emptied.read(&everything()).unwrap();
        assert_eq!((edit.name, edit.phone, edit.address), (Patch::Clear, Patch::Clear, Patch::Clear));
        let of_phone = CustomerUpdate { allowed_updates: vec![CustomerField::Phone], ..everything() };
        let edit = entry().read(&of_phone).unwrap();
        assert_eq!((edit.name, edit.email, edit.address), (Patch::Keep, Patch::Keep, Patch::Keep));
        let off = CustomerUpdate { is_enabled: false, ..everything() };
        assert_eq!(entry().read(&off).unwrap(), CustomerEdit::default());
    }

    #[test]
    fn every_field_that_is_wrong_says_why() {
        let text = str::to_owned;
        let long = "x".repeat(LONGEST + 1);
        let said = |entry: CustomerEntry| {
            let form = entry.read(&everything()).unwrap_err();
            let problems = form.problems().into_iter();
            problems.map(|it| (it.field.unwrap(), it.message.to_owned())).collect::<Vec<_>>()
        };
        for (entry, field, why) in [
            (CustomerEntry { name: long.clone(), ..entry() }, "name", TOO_LONG),
            (CustomerEntry { email: text(" "), ..entry() }, "email", "Enter your email address."),
            (CustomerEntry { email: text("jenny"), ..entry() }, "email", "Your email address is invalid."),
            (CustomerEntry { email: text("a b@c"), ..entry() }, "email", "Your email address is invalid."),
            (
                CustomerEntry { phone: text("call me"), ..entry() },
                "phone",
                "Enter a phone number, such as +1 555 0100.",
            ),
            (
                CustomerEntry { phone: text("+"), ..entry() },
                "phone",
                "Enter a phone number, such as +1 555 0100.",
            ),
            (CustomerEntry { phone: "1".repeat(21), ..entry() }, "phone", TOO_LONG),
            (CustomerEntry { line1: text(""), ..entry() }, "line1", "Enter the street and number."),
            (CustomerEntry { city: long, ..entry() }, "city", TOO_LONG),
            (CustomerEntry { country: text(""), ..entry() }, "country", "Enter the country."),
            (
                CustomerEntry { country: text("Germany"), ..entry() },
                "country",
                "Enter the two letters of a country.",
            ),
            (
                CustomerEntry { country: text("é"), ..entry() },
                "country",
                "Enter the two letters of a country.",
            ),
        ] {
            assert_eq!(said(entry), [(field, why.to_owned())]);
        }
    }
}
