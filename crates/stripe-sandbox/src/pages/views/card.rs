use super::{Field, Problem};

/// The fields of a card; posted as `card_number`, `card_expiry` ("MM / YY"), `card_cvc` and `card_name`.
#[derive(Debug, Default)]
pub(crate) struct CardForm {
    pub(crate) number: Field,
    pub(crate) expiry: Field,
    pub(crate) cvc: Field,
    pub(crate) name: Field,
}

/// A number that behaves in a way worth testing.
pub(crate) struct TestCard {
    pub(crate) number: &'static str,
    pub(crate) effect: &'static str,
}

pub(crate) const TEST_CARDS: [TestCard; 9] = [
    TestCard { number: "4242 4242 4242 4242", effect: "Succeeds" },
    TestCard { number: "4000 0025 0000 3155", effect: "3-D Secure, once" },
    TestCard { number: "4000 0000 0000 3220", effect: "3-D Secure, each time" },
    TestCard { number: "4000 0000 0000 0002", effect: "Is declined" },
    TestCard { number: "4000 0000 0000 9995", effect: "Has insufficient funds" },
    TestCard { number: "4000 0000 0000 0341", effect: "Is saved, but later charges fail" },
    TestCard { number: "4000 0000 0000 0069", effect: "Has expired" },
    TestCard { number: "4000 0000 0000 0127", effect: "Has an incorrect CVC" },
    TestCard { number: "4000 0000 0000 0119", effect: "Meets a processing error" },
];

impl CardForm {
    pub(crate) fn problems(&self) -> Vec<Problem<'_>> {
        [
            self.number.problem("card_number"),
            self.expiry.problem("card_expiry"),
            self.cvc.problem("card_cvc"),
            self.name.problem("card_name"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod samples {
    use super::CardForm;
    use crate::pages::views::Field;
    use crate::pages::views::samples::Words;

    impl CardForm {
        pub(crate) fn sample(words: Words) -> Self {
            Self {
                number: Field::new(words.say("4242 4242 4242 4242")),
                expiry: Field::new(words.say("12 / 34")),
                cvc: Field::new(words.say("123")),
                name: Field::new(words.say("Jenny Rosen")),
            }
        }

        pub(crate) fn refused(words: Words) -> Self {
            Self {
                number: Field::refused(words.say("4242 4242"), words.say("Your card number is incomplete.")),
                expiry: Field::refused(
                    words.say("12 / 19"),
                    words.say("Your card's expiration year is in the past."),
                ),
                cvc: Field::refused(words.say("1"), words.say("Your card's security code is incomplete.")),
                name: Field::refused(String::new(), words.say("Enter the name on the card.")),
            }
        }
    }
}
