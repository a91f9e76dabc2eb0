//! Stripe's test cards and what they do.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behavior {
    Succeeds,
    Declined(Decline),
    /// Attaches to a customer, and then declines each charge.
    FailsOnceAttached,
    /// Must be authenticated on each payment.
    AuthenticatesAlways,
    /// Must be authenticated once; then it can be charged without its owner.
    AuthenticatesOnce,
    /// The charge succeeds and is disputed.
    Disputed,
    /// The charge succeeds, and the bank asks about it before it is disputed.
    Inquired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decline {
    Generic,
    InsufficientFunds,
    LostCard,
    StolenCard,
    ExpiredCard,
    IncorrectCvc,
    ProcessingError,
    IncorrectNumber,
}

impl Decline {
    /// The error's `code`, its `decline_code`, and what a person is told.
    pub fn words(self) -> (&'static str, Option<&'static str>, &'static str) {
        match self {
            Self::Generic => ("card_declined", Some("generic_decline"), "Your card was declined."),
            Self::InsufficientFunds => {
                ("card_declined", Some("insufficient_funds"), "Your card has insufficient funds.")
            }
            Self::LostCard => ("card_declined", Some("lost_card"), "Your card was declined."),
            Self::StolenCard => ("card_declined", Some("stolen_card"), "Your card was declined."),
            Self::ExpiredCard => ("expired_card", Some("expired_card"), "Your card has expired."),
            Self::IncorrectCvc => {
                ("incorrect_cvc", Some("incorrect_cvc"), "Your card's security code is incorrect.")
            }
            Self::ProcessingError => (
                "processing_error",
                Some("processing_error"),
                "An error occurred while processing your card. Try again in a little bit.",
            ),
            Self::IncorrectNumber => {
                ("incorrect_number", Some("incorrect_number"), "Your card number is incorrect.")
            }
        }
    }
}

pub struct TestCard {
    pub number: &'static str,
    pub brand: &'static str,
    /// As in `pm_card_visa` and `tok_visa`.
    pub names: &'static [&'static str],
    pub behavior: Behavior,
}

const fn card(
    number: &'static str,
    brand: &'static str,
    names: &'static [&'static str],
    behavior: Behavior,
) -> TestCard {
    TestCard { number, brand, names, behavior }
}

pub const TEST_CARDS: [TestCard; 21] = [
    card("4242424242424242", "visa", &["visa", "us", "bypassPending"], Behavior::Succeeds),
    card("4000056655665556", "visa", &["visa_debit"], Behavior::Succeeds),
    card("5555555555554444", "mastercard", &["mastercard"], Behavior::Succeeds),
    card("378282246310005", "amex", &["amex"], Behavior::Succeeds),
    card("6011111111111117", "discover", &["discover"], Behavior::Succeeds),
    card("3056930009020004", "diners", &["diners"], Behavior::Succeeds),
    card("3566002020360505", "jcb", &["jcb"], Behavior::Succeeds),
    card("6200000000000005", "unionpay", &["unionpay"], Behavior::Succeeds),
    card(
        "4000000000000002",
        "visa",
        &["chargeDeclined", "visa_chargeDeclined"],
        Behavior::Declined(Decline::Generic),
    ),
    card(
        "4000000000009995",
        "visa",
        &["chargeDeclinedInsufficientFunds", "visa_chargeDeclinedInsufficientFunds"],
        Behavior::Declined(Decline::InsufficientFunds),
    ),
    card("4000000000009987", "visa", &["visa_chargeDeclinedLostCard"], Behavior::Declined(Decline::LostCard)),
    card(
        "4000000000009979",
        "visa",
        &["visa_chargeDeclinedStolenCard"],
        Behavior::Declined(Decline::StolenCard),
    ),
    card(
        "4000000000000069",
        "visa",
        &["chargeDeclinedExpiredCard"],
        Behavior::Declined(Decline::ExpiredCard),
    ),
    card(
        "4000000000000127",
        "visa",
        &["chargeDeclinedIncorrectCvc"],
        Behavior::Declined(Decline::IncorrectCvc),
    ),
    card(
        "4000000000000119",
        "visa",
        &["chargeDeclinedProcessingError"],
        Behavior::Declined(Decline::ProcessingError),
    ),
    card("4000000000000341", "visa", &["chargeCustomerFail"], Behavior::FailsOnceAttached),
    card(
        "4000000000003220",
        "visa",
        &["threeDSecure2Required", "threeDSecureRequired"],
        Behavior::AuthenticatesAlways,
    ),
    card(
        "4000002760003184",
        "visa",
        &["authenticationRequired", "authenticationRequiredOnAllTransactions"],
        Behavior::AuthenticatesAlways,
    ),
    card(
        "4000002500003155",
        "visa",
        &["authenticationRequiredOnSetup", "authenticationRequiredSetupForOffSession"],
        Behavior::AuthenticatesOnce,
    ),
    card("4000000000000259", "visa", &["createDispute"], Behavior::Disputed),
    card("4000000000001976", "visa", &["createDisputeInquiry"], Behavior::Inquired),
];

pub fn by_name(name: &str) -> Option<&'static TestCard> {
    TEST_CARDS.iter().find(|card| card.names.contains(&name))
}

/// Any card number that can be one is taken; those that are not test cards are declined as Stripe's test mode does.
pub fn by_number(number: &str) -> Option<(&'static str, Behavior)> {
    if let Some(card) = TEST_CARDS.iter().find(|card| card.number == number) {
        return Some((card.brand, card.behavior));
    }
    is_number(number).then_some(("visa", Behavior::Declined(Decline::Generic)))
}

pub fn is_test_card(number: &str) -> bool {
    TEST_CARDS.iter().any(|card| card.number == number)
}

/// Luhn's check.
fn is_number(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().rev().map(|digit| digit.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (12..=19).contains(&digits.len())) else { return false };
    let of = |(place, digit): (usize, &u32)| match (place % 2, digit * 2) {
        (0, _) => *digit,
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    };
    digits.iter().enumerate().map(of).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_card_is_a_number_and_every_name_is_of_one_card() {
        for card in &TEST_CARDS {
            assert!(is_number(card.number), "{}", card.number);
            for name in card.names {
                assert_eq!(by_name(name).unwrap().number, card.number);
            }
        }
    }

    #[test]
    fn a_number_with_a_wrong_digit_is_no_card() {
        assert!(by_number("4242424242424241").is_none());
        assert!(by_number("42").is_none());
        assert!(by_number("").is_none());
    }
}
