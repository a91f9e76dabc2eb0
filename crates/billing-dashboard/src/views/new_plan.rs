use askama::Template;

use super::{Checkbox, Field, FormState, Layout};

/// `/app/{appId}/billing/plans/new`.
#[derive(Template)]
#[template(path = "new_plan.html")]
pub(crate) struct NewPlanPage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) form: NewPlanForm,
}

/// The fields of a new plan, posted under these names.
pub(crate) struct NewPlanForm {
    pub(crate) state: FormState,
    pub(crate) name: Field,
    pub(crate) key: Field,
    pub(crate) description: Field,
    /// `user` or `organization`.
    pub(crate) payer_kind: Field,
    pub(crate) trial_days: Field,
    /// `public` or `hidden`.
    pub(crate) visibility: Field,
    pub(crate) is_default: Checkbox,
    /// Posted as `price_amount_1`, `price_currency_1`, `price_interval_1`, up to 3.
    pub(crate) prices: [PriceFields; 3],
}

/// An amount, an ISO 4217 code, and `month` or `year`.
pub(crate) struct PriceFields {
    pub(crate) amount: Field,
    pub(crate) currency: Field,
    pub(crate) interval: Field,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{NewPlanForm, NewPlanPage, PriceFields};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{Checkbox, Field, FormState, Layout, Section};

    impl NewPlanPage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample(words, Section::sample_billing(words)),
                app_id: words.say("app_demo"),
                form: NewPlanForm::sample(words),
            }
        }

        fn refused(words: Words) -> Self {
            let errors = [
                ("key", "Another plan of this app has the key pro. Choose another."),
                ("payer_kind", "Choose who subscribes."),
                ("is_default", "A default plan has no prices. Leave them empty, or untick this."),
                ("price_amount_2", "Write the amount with a point, such as 12.50."),
            ];
            let mut page = Self::sample(words);
            page.form.state = page.form.state.refused(words, &errors);
            page
        }
    }

    impl NewPlanForm {
        fn sample(words: Words) -> Self {
            Self {
                state: FormState::sample_creating(words),
                name: Field::sample(words, "Pro"),
                key: Field::sample(words, "pro"),
                description: Field::sample(words, "Everything, for people who mean it."),
                payer_kind: Field::sample(words, "user"),
                trial_days: Field::sample(words, "14"),
                visibility: Field::sample(words, "public"),
                is_default: Checkbox::new(true),
                prices: [("12.50", "USD", "month"), ("12,50", "EUR", "year"), ("", "", "month")].map(
                    |(amount, currency, interval)| PriceFields::sample(words, amount, currency, interval),
                ),
            }
        }
    }

    impl PriceFields {
        pub(crate) fn sample(words: Words, amount: &str, currency: &str, interval: &str) -> Self {
            Self {
                amount: Field::sample(words, amount),
                currency: Field::sample(words, currency),
                interval: Field::sample(words, interval),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![
            Rendered::of("new-plan", &NewPlanPage::sample(words)),
            Rendered::of("new-plan-errors", &NewPlanPage::refused(words)),
        ]
    }
}
