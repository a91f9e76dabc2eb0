//! What a person types into the card form, and why it is not accepted, in Stripe's words.

use chrono::{DateTime, Datelike};
use serde::Deserialize;

use super::views::{CardForm, Field};
use crate::{
    clock::Timestamp,
    resources::{cards, payment_methods::PaymentMethod},
    store::Tx,
    wire::ApiError,
};

const LONGEST_NAME: usize = 200;
/// Years from now that an expiry may lie ahead.
const FARTHEST_EXPIRY: u32 = 50;

/// The fields of the form as they were sent; flattened into the form that holds them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CardEntry {
    #[serde(rename = "card_number")]
    number: String,
    #[serde(rename = "card_expiry")]
    expiry: String,
    #[serde(rename = "card_cvc")]
    cvc: String,
    #[serde(rename = "card_name")]
    name: String,
}

/// A card that can be: one of Stripe's test cards, with an expiry ahead and a code of the right length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    number: String,
    exp_month: u32,
    exp_year: u32,
    cvc: String,
    pub(crate) name: String,
    read_at: Timestamp,
}

impl CardEntry {
    /// The form as it was typed, to be shown again beside an error of the payment as a whole.
    pub(crate) fn form(&self) -> CardForm {
        CardForm {
            number: Field::new(&self.number),
            expiry: Field::new(&self.expiry),
            cvc: Field::new(&self.cvc),
            name: Field::new(&self.name),
        }
    }

    /// # Errors
    ///
    /// The form again, each field that is not accepted with its reason.
    pub(crate) fn read(&self, now: Timestamp) -> Result<Card, Box<CardForm>> {
        let number = read_number(&self.number);
        let expiry = read_expiry(&self.expiry, now);
        let cvc = read_cvc(&self.cvc, number.as_deref().unwrap_or_default());
        let name = read_name(&self.name);
        match (number, expiry, cvc, name) {
            (Ok(number), Ok((exp_month, exp_year)), Ok(cvc), Ok(name)) => {
                Ok(Card { number, exp_month, exp_year, cvc, name, read_at: now })
            }
            (number, expiry, cvc, name) => Err(Box::new(CardForm {
                number: field(&self.number, &number),
                expiry: field(&self.expiry, &expiry),
                cvc: field(&self.cvc, &cvc),
                name: field(&self.name, &name),
            })),
        }
    }
}

impl Card {
    /// Stores it as a payment method that is nobody's yet.
    ///
    /// # Errors
    ///
    /// None that [`CardEntry::read`] has not found already.
    pub(crate) fn payment_method(&self, tx: &mut Tx<'_>) -> Result<PaymentMethod, ApiError> {
        let cvc = Some(self.cvc.as_str());
        let expiry = (self.exp_month, self.exp_year);
        let mut method = PaymentMethod::from_card(tx, &self.number, expiry, cvc, self.read_at)?;
        method.billing_details.name = Some(self.name.clone());
        tx.put(method.clone());
        Ok(method)
    }
}

fn field<T>(typed: &str, read: &Result<T, &'static str>) -> Field {
    match read {
        Ok(_) => Field::new(typed),
        Err(error) => Field::refused(typed, *error),
    }
}

fn read_number(typed: &str) -> Result<String, &'static str> {
    let number: String = typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("Your card number is invalid.");
    }
    let wanted = if is_amex(&number) { 15 } else { 16 };
    if cards::is_test_card(&number) {
        return Ok(number);
    }
    if number.len() < wanted {
        return Err("Your card number is incomplete.");
    }
    match cards::by_number(&number) {
        Some(_) => {
            Err("Your card was declined. Your request was in test mode, but used a non test card. Use one \
                        of the test cards.")
        }
        None => Err("Your card number is invalid."),
    }
}

fn is_amex(number: &str) -> bool {
    number.starts_with("34") || number.starts_with("37")
}

/// The month and the year of "12 / 34", "1234", "12/2034" and the like.
fn read_expiry(typed: &str, now: Timestamp) -> Result<(u32, u32), &'static str> {
    let incomplete = "Your card's expiration date is incomplete.";
    let letters: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (month, year) = match letters.split_once(['/', '-']) {
        Some(parts) => parts,
        None => letters.split_at_checked(2).ok_or(incomplete)?,
    };
    if !matches!(month.len(), 1 | 2) || !matches!(year.len(), 2 | 4) {
        return Err(incomplete);
    }
    let invalid = "Your card's expiration date is invalid.";
    let month: u32 = month.parse().map_err(|_| invalid)?;
    let year: u32 = year.parse().map_err(|_| invalid)?;
    let year = if year < 100 { year + 2000 } else { year };
    let today = DateTime::from_timestamp(now, 0).unwrap_or_default();
    let this_year = u32::try_from(today.year()).unwrap_or_default();
    if !(1..=12).contains(&month) {
        Err(invalid)
    } else if year < this_year {
        Err("Your card's expiration year is in the past.")
    } else if (year, month) < (this_year, today.month()) {
        Err("Your card's expiration date is in the past.")
    } else if year > this_year + FARTHEST_EXPIRY {
        Err("Your card's expiration year is invalid.")
    } else {
        Ok((month, year))
    }
}

fn read_cvc(typed: &str, number: &str) -> Result<String, &'static str> {
    let cvc = typed.trim();
    let wanted = if is_amex(number) { 4 } else { 3 };
    if !cvc.bytes().all(|byte| byte.is_ascii_digit()) || cvc.len() > 4 {
        Err("Your card's security code is invalid.")
    } else if cvc.len() < wanted {
        Err("Your card's security code is incomplete.")
    } else {
        Ok(cvc.to_owned())
    }
}

fn read_name(typed: &str) -> Result<String, &'static str> {
    let name = typed.trim();
    if name.is_empty() {
        Err("Enter the name on the card.")
    } else if name.chars().count() > LONGEST_NAME {
        Err("This name is too long.")
    } else {
        Ok(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        store::{Origin, World},
    };

    /// 15 March 2026.
    const NOW: Timestamp = 1_773_532_800;

    fn entry(number: &str, expiry: &str, cvc: &str) -> CardEntry {
        CardEntry {
            number: number.to_owned(),
            expiry: expiry.to_owned(),
            cvc: cvc.to_owned(),
            name: "Jenny Rosen".to_owned(),
        }
    }

    fn errors(entry: &CardEntry) -> [Option<String>; 4] {
        let form = entry.read(NOW).unwrap_err();
        [form.number.error, form.expiry.error, form.cvc.error, form.name.error]
    }

    fn says(entry: &CardEntry, index: usize) -> String {
        let mut errors = errors(entry);
        let said = errors[index].take().unwrap();
        assert_eq!(errors, [None, None, None, None]);
        said
    }

    #[test]
    fn a_test_card_is_read_however_it_is_spaced() {
        for (number, expiry) in [
            ("4242 4242 4242 4242", "12 / 34"),
            ("4242424242424242", "1234"),
            ("4242-4242-4242-4242", "12/2034"),
            (" 4242 42424242 4242 ", "12-34"),
        ] {
            let card = entry(number, expiry, "123").read(NOW).unwrap();
            assert_eq!((card.number.as_str(), card.exp_month, card.exp_year), ("4242424242424242", 12, 2034));
        }
    }

    #[test]
    fn a_number_that_is_no_test_card_is_refused_with_the_reason() {
        let number = |number| says(&entry(number, "12 / 34", "123"), 0);
        assert_eq!(number(""), "Your card number is incomplete.");
        assert_eq!(number("4242 4242 4242"), "Your card number is incomplete.");
        assert_eq!(number("4242 4242 4242 4241"), "Your card number is invalid.");
        assert_eq!(number("４２４２"), "Your card number is invalid.");
        assert!(number("4111 1111 1111 1111").contains("used a non test card"));
    }

    #[test]
    fn an_expiry_must_be_a_month_that_has_not_ended() {
        let expiry = |expiry| says(&entry("4242424242424242", expiry, "123"), 1);
        assert!(entry("4242424242424242", "3/26", "123").read(NOW).is_ok());
        assert_eq!(expiry("02 / 26"), "Your card's expiration date is in the past.");
        assert_eq!(expiry("12 / 25"), "Your card's expiration year is in the past.");
        assert_eq!(expiry("12 / 77"), "Your card's expiration year is invalid.");
        assert_eq!(expiry("13 / 30"), "Your card's expiration date is invalid.");
        assert_eq!(expiry("ab / cd"), "Your card's expiration date is invalid.");
        for incomplete in ["", "1", "12 /", "12 / 3", "é", "aé / 30 / 1"] {
            assert_eq!(expiry(incomplete), "Your card's expiration date is incomplete.", "{incomplete}");
        }
    }

    #[test]
    fn a_code_has_three_digits_and_four_on_an_american_express() {
        let cvc = |number, cvc| says(&entry(number, "12 / 34", cvc), 2);
        assert_eq!(cvc("4242424242424242", "12"), "Your card's security code is incomplete.");
        assert_eq!(cvc("4242424242424242", "12a"), "Your card's security code is invalid.");
        assert_eq!(cvc("378282246310005", "123"), "Your card's security code is incomplete.");
        assert!(entry("378282246310005", "12 / 34", "1234").read(NOW).is_ok());
    }

    #[test]
    fn a_card_becomes_a_payment_method_in_the_name_of_its_owner() {
        let mut world = World::new(Clock::Standing { at: NOW }, 1, String::new());
        let mut tx = world.begin("acct_1", Origin::default());
        let typed = entry("4000 0000 0000 0002", "12 / 34", "123");
        let id = typed.read(NOW).unwrap().payment_method(&mut tx).unwrap().id;
        let method = tx.find::<PaymentMethod>(&id).unwrap();
        assert_eq!(method.billing_details.name.as_deref(), Some("Jenny Rosen"));
        assert_eq!(method.behavior, cards::Behavior::Declined(cards::Decline::Generic));
        assert_eq!(typed.form().number.value, "4000 0000 0000 0002");
    }

    #[test]
    fn every_problem_is_told_at_once_and_what_was_typed_stays() {
        let nothing = CardEntry::default();
        assert!(errors(&nothing).iter().all(Option::is_some));
        let typed = entry("42", "1", "x").read(NOW).unwrap_err();
        assert_eq!((typed.number.value.as_str(), typed.cvc.value.as_str()), ("42", "x"));
    }
}
