use askama::Template;

use super::{Field, PortalStep, Problem};

/// `/p/session/{session}/customer`.
#[derive(Template)]
#[template(path = "portal_customer.html")]
pub(crate) struct PortalCustomerPage {
    pub(crate) step: PortalStep,
    pub(crate) customer: CustomerForm,
}

/// The fields that may be edited; posted under their names, those of the address too.
#[derive(Debug, Default)]
pub(crate) struct CustomerForm {
    pub(crate) name: Option<Field>,
    pub(crate) email: Option<Field>,
    pub(crate) phone: Option<Field>,
    pub(crate) address: Option<AddressForm>,
}

#[derive(Debug, Default)]
pub(crate) struct AddressForm {
    pub(crate) line1: Field,
    pub(crate) line2: Field,
    pub(crate) postal_code: Field,
    pub(crate) city: Field,
    pub(crate) state: Field,
    /// Two letters.
    pub(crate) country: Field,
}

impl PortalCustomerPage {
    fn problems(&self) -> Vec<Problem<'_>> {
        self.step.problems().into_iter().chain(self.customer.problems()).collect()
    }
}

impl CustomerForm {
    pub(crate) fn problems(&self) -> Vec<Problem<'_>> {
        let own = [(&self.name, "name"), (&self.email, "email"), (&self.phone, "phone")];
        let own = own.into_iter().filter_map(|(field, id)| field.as_ref()?.problem(id));
        own.chain(self.address.iter().flat_map(AddressForm::problems)).collect()
    }
}

impl AddressForm {
    fn problems(&self) -> Vec<Problem<'_>> {
        [
            self.line1.problem("line1"),
            self.line2.problem("line2"),
            self.postal_code.problem("postal_code"),
            self.city.problem("city"),
            self.state.problem("state"),
            self.country.problem("country"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{AddressForm, CustomerForm, PortalCustomerPage};
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{Field, PortalStep};

    impl AddressForm {
        fn sample(words: Words) -> Self {
            let field = |text: &str| Field::new(words.say(text));
            Self {
                line1: field("1 Main Street"),
                line2: Field::default(),
                postal_code: field("10115"),
                city: field("Berlin"),
                state: Field::default(),
                country: field("DE"),
            }
        }

        fn refused(words: Words) -> Self {
            let field = |text: &str| Field::refused(words.say(text), words.say("This is too long."));
            Self {
                line1: field("1"),
                line2: field("2"),
                postal_code: field("3"),
                city: field("4"),
                state: field("5"),
                country: Field::refused(
                    words.say("Germany"),
                    words.say("Enter the two letters of a country."),
                ),
            }
        }
    }

    impl PortalCustomerPage {
        fn sample(words: Words) -> Self {
            let field = |text: &str| Some(Field::new(words.say(text)));
            Self {
                step: PortalStep::sample(words),
                customer: CustomerForm {
                    name: field("Jenny Rosen"),
                    email: field("jenny@example.com"),
                    phone: field("+49 30 901820"),
                    address: Some(AddressForm::sample(words)),
                },
            }
        }

        fn refused(words: Words) -> Self {
            let field = |text: &str, error: &str| Some(Field::refused(words.say(text), words.say(error)));
            Self {
                customer: CustomerForm {
                    name: field("Jenny", "This is too long."),
                    email: field("jenny", "Your email address is invalid."),
                    phone: field("call me", "Enter a phone number, such as +1 555 0100."),
                    address: Some(AddressForm::refused(words)),
                },
                ..Self::sample(words)
            }
        }

        fn of_email(words: Words) -> Self {
            let email = Some(Field::new(words.say("jenny@example.com")));
            Self { customer: CustomerForm { email, ..CustomerForm::default() }, ..Self::sample(words) }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![
            Rendered::of("portal-customer", &PortalCustomerPage::sample(words)),
            Rendered::of("portal-customer-errors", &PortalCustomerPage::refused(words)),
            Rendered::of("portal-customer-email", &PortalCustomerPage::of_email(words)),
        ]
    }
}
