use askama::Template;

/// `/_sandbox/3ds/{account}/{intent}`: the page of a bank that asks its customer to approve a payment or the saving of a card.
#[derive(Template)]
#[template(path = "three_d_secure.html")]
pub(crate) struct ThreeDSecurePage {
    pub(crate) account: String,
    /// A payment intent or a setup intent.
    pub(crate) intent: String,
    pub(crate) merchant: String,
    /// Absent for a setup intent, which charges nothing.
    pub(crate) amount: Option<String>,
    /// Such as "Visa •••• 3155".
    pub(crate) card: String,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::ThreeDSecurePage;
    use crate::pages::views::samples::{Rendered, Words};

    impl ThreeDSecurePage {
        fn sample(words: Words) -> Self {
            Self {
                account: words.say("acct_1Q1a2b3c4d"),
                intent: words.say("pi_3Q1a2b3c"),
                merchant: words.say("Acme Web"),
                amount: Some(words.say("$20.00")),
                card: words.say("Visa •••• 3155"),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let setup = ThreeDSecurePage { amount: None, ..ThreeDSecurePage::sample(words) };
        vec![Rendered::of("3ds-payment", &ThreeDSecurePage::sample(words)), Rendered::of("3ds-setup", &setup)]
    }
}
