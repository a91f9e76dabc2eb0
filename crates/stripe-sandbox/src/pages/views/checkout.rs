use askama::Template;

use super::{Address, AmountRow, CardForm, Field, Problem, TEST_CARDS};

/// `/c/pay/{session}` while the session is open.
#[derive(Template)]
#[template(path = "checkout.html")]
pub(crate) struct CheckoutPage {
    pub(crate) session: String,
    pub(crate) merchant: String,
    /// Such as "Subscribe to Pro".
    pub(crate) title: String,
    /// Such as "$20.00 per month" or "14 days free"; absent where nothing is sold.
    pub(crate) price: Option<String>,
    /// Such as "Then $20.00 per month starting 8 December 2026".
    pub(crate) price_note: Option<String>,
    pub(crate) lines: Vec<CheckoutLine>,
    pub(crate) subtotal: String,
    pub(crate) discounts: Vec<AmountRow>,
    /// Absent where nothing is sold.
    pub(crate) total_due_today: Option<String>,
    pub(crate) promotion: Promotion,
    pub(crate) email: Email,
    /// Absent when no payment method is collected.
    pub(crate) card: Option<CardForm>,
    /// About the payment as a whole, such as "Your card was declined.".
    pub(crate) error: Option<String>,
    /// A new one each time the page is rendered, so that a double click pays once.
    pub(crate) submission: String,
    /// What the page says is due, in minor units: only that is paid.
    pub(crate) expected_amount: String,
    /// "Pay $20.00", "Subscribe" or "Start trial".
    pub(crate) submit: String,
    pub(crate) cancel_url: Option<Address>,
}

pub(crate) struct CheckoutLine {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// Such as "Qty 3, $20.00 each"; absent for one of a thing.
    pub(crate) quantity: Option<String>,
    pub(crate) amount: String,
    /// What follows the amount, such as "per month".
    pub(crate) interval: Option<String>,
}

pub(crate) enum Promotion {
    NotAllowed,
    /// Posted as `promotion_code`.
    Enter(Field),
    Applied {
        code: String,
        /// Such as "20% off for 3 months".
        terms: String,
    },
}

pub(crate) enum Email {
    Known(String),
    /// Posted as `email`.
    Ask(Field),
}

/// `/c/pay/{session}` once it is complete.
#[derive(Template)]
#[template(path = "checkout_complete.html")]
pub(crate) struct CheckoutCompletePage {
    pub(crate) merchant: String,
    pub(crate) success_url: Option<Address>,
}

/// `/c/pay/{session}` once it has expired.
#[derive(Template)]
#[template(path = "checkout_expired.html")]
pub(crate) struct CheckoutExpiredPage {
    pub(crate) merchant: String,
    pub(crate) cancel_url: Option<Address>,
}

impl CheckoutPage {
    fn problems(&self) -> Vec<Problem<'_>> {
        let email = match &self.email {
            Email::Ask(field) => field.problem("email"),
            Email::Known(_) => None,
        };
        let card = self.card.iter().flat_map(CardForm::problems);
        Problem::of_form(self.error.as_ref()).into_iter().chain(email).chain(card).collect()
    }

    fn promotion_problem(&self) -> bool {
        matches!(&self.promotion, Promotion::Enter(field) if field.error.is_some())
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{CheckoutCompletePage, CheckoutExpiredPage, CheckoutLine, CheckoutPage, Email, Promotion};
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{Address, AmountRow, CardForm, Field};

    impl CheckoutLine {
        fn sample(words: Words, name: &str, quantity: Option<&str>, amount: &str) -> Self {
            Self {
                name: words.say(name),
                description: Some(words.say("For teams that ship every day")),
                quantity: quantity.map(|quantity| words.say(quantity)),
                amount: words.say(amount),
                interval: Some(words.say("per month")),
            }
        }
    }

    impl CheckoutPage {
        fn sample(words: Words) -> Self {
            Self {
                session: words.say("cs_test_a1B2c3"),
                merchant: words.say("Acme Web"),
                title: words.say("Subscribe to Pro"),
                price: Some(words.say("$20.00 per month")),
                price_note: None,
                lines: vec![CheckoutLine::sample(words, "Pro", None, "$20.00")],
                subtotal: words.say("$20.00"),
                discounts: vec![],
                total_due_today: Some(words.say("$20.00")),
                promotion: Promotion::Enter(Field::default()),
                email: Email::Ask(Field::default()),
                card: Some(CardForm::default()),
                error: None,
                submission: words.say("9b40"),
                expected_amount: words.say("2000"),
                submit: words.say("Subscribe"),
                cancel_url: Address::sample(words, "https://shop.example/pricing"),
            }
        }

        fn trial(words: Words) -> Self {
            Self {
                title: words.say("Try Pro and Seats"),
                price: Some(words.say("14 days free")),
                price_note: Some(words.say("Then $80.00 per month starting 8 December 2026")),
                lines: vec![
                    CheckoutLine::sample(words, "Pro", None, "$20.00"),
                    CheckoutLine::sample(words, "Seats", Some("Qty 3, $20.00 each"), "$60.00"),
                ],
                subtotal: words.say("$80.00"),
                discounts: vec![
                    AmountRow::sample(words, "LAUNCH20 (20% off)", "-$16.00"),
                    AmountRow::sample(words, "Free trial", "-$64.00"),
                ],
                total_due_today: Some(words.say("$0.00")),
                promotion: Promotion::Applied {
                    code: words.say("LAUNCH20"),
                    terms: words.say("20% off for 3 months"),
                },
                email: Email::Known(words.say("jenny@example.com")),
                submit: words.say("Start trial"),
                ..Self::sample(words)
            }
        }

        fn declined(words: Words) -> Self {
            Self {
                error: Some(words.say("Your card was declined.")),
                card: Some(CardForm::sample(words)),
                promotion: Promotion::NotAllowed,
                ..Self::sample(words)
            }
        }

        fn refused(words: Words) -> Self {
            Self {
                promotion: Promotion::Enter(Field::refused(
                    words.say("LAUNCH99"),
                    words.say("This code is invalid."),
                )),
                email: Email::Ask(Field::refused(
                    words.say("jenny"),
                    words.say("Enter a whole e-mail address."),
                )),
                card: Some(CardForm::refused(words)),
                ..Self::sample(words)
            }
        }

        fn setup(words: Words) -> Self {
            Self {
                title: words.say("Save a card with Acme Web"),
                price: None,
                price_note: Some(words.say("Your card is saved for later, and not charged today.")),
                lines: vec![],
                total_due_today: None,
                promotion: Promotion::NotAllowed,
                submit: words.say("Save card"),
                ..Self::sample(words)
            }
        }

        fn without_card(words: Words) -> Self {
            Self { card: None, cancel_url: None, ..Self::trial(words) }
        }
    }

    impl CheckoutCompletePage {
        fn sample(words: Words) -> Self {
            Self {
                merchant: words.say("Acme Web"),
                success_url: Address::sample(words, "https://shop.example/welcome"),
            }
        }
    }

    impl CheckoutExpiredPage {
        fn sample(words: Words) -> Self {
            Self {
                merchant: words.say("Acme Web"),
                cancel_url: Address::sample(words, "https://shop.example/pricing"),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let nowhere = CheckoutCompletePage { success_url: None, ..CheckoutCompletePage::sample(words) };
        vec![
            Rendered::of("checkout", &CheckoutPage::sample(words)),
            Rendered::of("checkout-trial", &CheckoutPage::trial(words)),
            Rendered::of("checkout-declined", &CheckoutPage::declined(words)),
            Rendered::of("checkout-errors", &CheckoutPage::refused(words)),
            Rendered::of("checkout-setup", &CheckoutPage::setup(words)),
            Rendered::of("checkout-without-card", &CheckoutPage::without_card(words)),
            Rendered::of("checkout-complete", &CheckoutCompletePage::sample(words)),
            Rendered::of("checkout-complete-nowhere", &nowhere),
            Rendered::of("checkout-expired", &CheckoutExpiredPage::sample(words)),
        ]
    }
}
