use askama::Template;

use super::{Address, CardForm, Fact, Field, Problem, TEST_CARDS};

/// What the steps of the portal have in common.
pub(crate) struct PortalStep {
    pub(crate) session: String,
    /// Where who does not want to take the step goes.
    pub(crate) home: Address,
    pub(crate) merchant: String,
    /// A new one each time the page is rendered, so that a double click acts once.
    pub(crate) submission: String,
    /// Why the step could not be taken, such as "Your card was declined.".
    pub(crate) error: Option<String>,
}

/// `/p/session/{session}/subscriptions/{subscription}/change`: the choice of a plan.
#[derive(Template)]
#[template(path = "portal_change.html")]
pub(crate) struct PortalChangePage {
    pub(crate) step: PortalStep,
    pub(crate) subscription: String,
    pub(crate) choices: Vec<PlanChoice>,
}

pub(crate) struct PlanChoice {
    /// The id of the price, posted as `price`.
    pub(crate) price: String,
    pub(crate) name: String,
    /// Such as "$20.00 per month".
    pub(crate) wording: String,
    /// The one that is subscribed to, which cannot be chosen again.
    pub(crate) is_current: bool,
}

/// `…/change/confirm?price={price}`: what the change costs.
#[derive(Template)]
#[template(path = "portal_change_confirm.html")]
pub(crate) struct PortalChangeConfirmPage {
    pub(crate) step: PortalStep,
    pub(crate) subscription: String,
    pub(crate) price: String,
    /// Such as "Pro, $20.00 per month".
    pub(crate) from: String,
    pub(crate) to: String,
    /// What is paid when, such as "Due today" and "$12.34".
    pub(crate) effects: Vec<Fact>,
    /// In a sentence, such as "The unused time of Pro is taken off.".
    pub(crate) explanation: Option<String>,
}

/// `/p/session/{session}/subscriptions/{subscription}/cancel`.
#[derive(Template)]
#[template(path = "portal_cancel.html")]
pub(crate) struct PortalCancelPage {
    pub(crate) step: PortalStep,
    pub(crate) subscription: String,
    pub(crate) name: String,
    /// Such as "You can use Pro until 24 December 2026. It will not renew.".
    pub(crate) consequence: String,
    /// Present where the shop asks why.
    pub(crate) reason: Option<CancelReasonForm>,
}

/// Posted as `feedback` and `comment`.
pub(crate) struct CancelReasonForm {
    pub(crate) options: Vec<ReasonOption>,
    pub(crate) comment: Field,
}

pub(crate) struct ReasonOption {
    pub(crate) value: &'static str,
    pub(crate) label: &'static str,
    pub(crate) is_chosen: bool,
}

/// `/p/session/{session}/payment_method`.
#[derive(Template)]
#[template(path = "portal_card.html")]
pub(crate) struct PortalCardPage {
    pub(crate) step: PortalStep,
    /// Such as "Visa •••• 4242, expires 12 / 34".
    pub(crate) current: Option<String>,
    pub(crate) card: CardForm,
}

impl PortalStep {
    pub(crate) fn problems(&self) -> Vec<Problem<'_>> {
        Problem::of_form(self.error.as_ref()).into_iter().collect()
    }
}

impl PortalCancelPage {
    fn problems(&self) -> Vec<Problem<'_>> {
        let comment = self.reason.as_ref().and_then(|asked| asked.comment.problem("comment"));
        self.step.problems().into_iter().chain(comment).collect()
    }
}

impl PortalCardPage {
    fn problems(&self) -> Vec<Problem<'_>> {
        self.step.problems().into_iter().chain(self.card.problems()).collect()
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{
        CancelReasonForm, PlanChoice, PortalCancelPage, PortalCardPage, PortalChangeConfirmPage,
        PortalChangePage, PortalStep, ReasonOption,
    };
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{Address, CardForm, Fact, Field};

    impl PortalStep {
        pub(crate) fn sample(words: Words) -> Self {
            Self {
                session: words.say("bps_1"),
                home: Address::sample(words, "https://shop.example/account")
                    .unwrap_or_else(|| Address::within("/p/session/bps_1".to_owned())),
                merchant: words.say("Acme Web"),
                submission: words.say("9b40"),
                error: None,
            }
        }

        fn refused(words: Words) -> Self {
            Self { error: Some(words.say("Your card was declined.")), ..Self::sample(words) }
        }
    }

    impl PlanChoice {
        fn sample(words: Words, name: &str, is_current: bool) -> Self {
            Self {
                price: words.say("price_1"),
                name: words.say(name),
                wording: words.say("$20.00 per month"),
                is_current,
            }
        }
    }

    impl PortalChangePage {
        fn sample(words: Words) -> Self {
            Self {
                step: PortalStep::sample(words),
                subscription: words.say("sub_1"),
                choices: vec![
                    PlanChoice::sample(words, "Starter", false),
                    PlanChoice::sample(words, "Pro", true),
                    PlanChoice::sample(words, "Enterprise", false),
                ],
            }
        }
    }

    impl PortalChangeConfirmPage {
        fn sample(words: Words) -> Self {
            Self {
                step: PortalStep::refused(words),
                subscription: words.say("sub_1"),
                price: words.say("price_2"),
                from: words.say("Pro, $20.00 per month"),
                to: words.say("Enterprise, $80.00 per month"),
                effects: vec![
                    Fact::sample(words, "Due today", "$41.29"),
                    Fact::sample(words, "From 24 December 2026", "$80.00 per month"),
                ],
                explanation: Some(words.say("The unused time of Pro is taken off.")),
            }
        }
    }

    impl PortalCancelPage {
        fn sample(words: Words) -> Self {
            Self {
                step: PortalStep::sample(words),
                subscription: words.say("sub_1"),
                name: words.say("Pro"),
                consequence: words.say("You can use Pro until 24 December 2026. It will not renew."),
                reason: None,
            }
        }

        fn asking(words: Words, comment: Field) -> Self {
            let option = |value, label| ReasonOption { value, label, is_chosen: value == "unused" };
            let options = vec![
                option("too_expensive", "It’s too expensive"),
                option("unused", "I don’t use the service enough"),
                option("other", "Other reason"),
            ];
            Self { reason: Some(CancelReasonForm { options, comment }), ..Self::sample(words) }
        }
    }

    impl PortalCardPage {
        fn sample(words: Words) -> Self {
            Self {
                step: PortalStep::sample(words),
                current: Some(words.say("Visa •••• 4242, expires 12 / 34")),
                card: CardForm::default(),
            }
        }

        fn refused(words: Words) -> Self {
            Self { step: PortalStep::refused(words), current: None, card: CardForm::refused(words) }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let no_choice = PortalChangePage { choices: vec![], ..PortalChangePage::sample(words) };
        let long = Field::refused(words.say("A long story"), words.say("This is too long."));
        vec![
            Rendered::of("portal-cancel-reason", &PortalCancelPage::asking(words, Field::default())),
            Rendered::of("portal-cancel-errors", &PortalCancelPage::asking(words, long)),
            Rendered::of("portal-change", &PortalChangePage::sample(words)),
            Rendered::of("portal-change-none", &no_choice),
            Rendered::of("portal-change-confirm", &PortalChangeConfirmPage::sample(words)),
            Rendered::of("portal-cancel", &PortalCancelPage::sample(words)),
            Rendered::of("portal-card", &PortalCardPage::sample(words)),
            Rendered::of("portal-card-errors", &PortalCardPage::refused(words)),
        ]
    }
}
