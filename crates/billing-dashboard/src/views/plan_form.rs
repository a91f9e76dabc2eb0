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
    pub(crate) plan: PlanFields,
    pub(crate) key: Field,
    /// `user` or `organization`.
    pub(crate) payer_kind: Field,
    /// Posted as `price_amount_1`, `price_currency_1`, `price_interval_1`, up to 3.
    pub(crate) prices: [PriceFields; 3],
}

/// `/app/{appId}/billing/plans/{planId}/edit`.
#[derive(Template)]
#[template(path = "edit_plan.html")]
pub(crate) struct EditPlanPage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) plan_id: String,
    /// The saved name, whatever the form holds.
    pub(crate) plan_name: String,
    pub(crate) key: String,
    /// "Users" or "Organizations".
    pub(crate) payers: String,
    pub(crate) form: EditPlanForm,
}

pub(crate) struct EditPlanForm {
    pub(crate) state: FormState,
    pub(crate) plan: PlanFields,
}

/// The changeable fields of a plan, posted under these names.
#[derive(Default)]
pub(crate) struct PlanFields {
    pub(crate) name: Field,
    pub(crate) description: Field,
    pub(crate) trial_days: Field,
    /// `public` or `hidden`.
    pub(crate) visibility: Field,
    pub(crate) is_default: Checkbox,
}

/// An amount, an ISO 4217 code, and `month` or `year`.
pub(crate) struct PriceFields {
    pub(crate) amount: Field,
    pub(crate) currency: Field,
    pub(crate) interval: Field,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{EditPlanForm, EditPlanPage, NewPlanForm, NewPlanPage, PlanFields, PriceFields};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{Checkbox, Field, FormState, Layout};

    impl NewPlanPage {
        fn sample(words: Words) -> Self {
            let prices = [("12.50", "USD", "month"), ("12,50", "EUR", "year"), ("", "", "month")];
            Self {
                layout: Layout::sample_billing(words),
                app_id: words.say("app_demo"),
                form: NewPlanForm {
                    state: FormState::sample_creating(words),
                    plan: PlanFields { is_default: Checkbox::new(true), ..PlanFields::sample(words) },
                    key: Field::sample(words, "pro"),
                    payer_kind: Field::sample(words, "user"),
                    prices: prices.map(|(amount, currency, interval)| {
                        PriceFields::sample(words, amount, currency, interval)
                    }),
                },
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

    impl EditPlanPage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample_billing(words),
                app_id: words.say("app_demo"),
                plan_id: words.say("plan_01ja8fwz4kf7nbt6v6m0kx9p3d"),
                plan_name: words.say("Pro"),
                key: words.say("pro_monthly"),
                payers: words.say("Users"),
                form: EditPlanForm {
                    state: FormState::sample_editing(words),
                    plan: PlanFields::sample(words),
                },
            }
        }

        fn overtaken(words: Words) -> Self {
            let mut page = Self::sample(words);
            page.form.state.conflict = true;
            page.form.plan = page.form.plan.overtaken(words);
            page
        }
    }

    impl PlanFields {
        fn sample(words: Words) -> Self {
            Self {
                name: Field::sample(words, "Pro"),
                description: Field::sample(words, "Everything,\nfor people who mean it."),
                trial_days: Field::sample(words, "14"),
                visibility: Field::sample(words, "public"),
                is_default: Checkbox::new(false),
            }
        }

        fn overtaken(mut self, words: Words) -> Self {
            self.name.saved = Some(words.say("Professional"));
            self.description.saved = Some(words.say(""));
            self.trial_days.saved = Some(words.say("30"));
            self.visibility.saved = Some(words.say("Hidden"));
            self.is_default.saved = Some(words.say("ticked"));
            self
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
        let member = EditPlanPage { layout: Layout::member_billing(words), ..EditPlanPage::sample(words) };
        vec![
            Rendered::of("new-plan", &NewPlanPage::sample(words)),
            Rendered::of("new-plan-errors", &NewPlanPage::refused(words)),
            Rendered::of("edit-plan", &EditPlanPage::sample(words)),
            Rendered::of("edit-plan-conflict", &EditPlanPage::overtaken(words)),
            Rendered::of("edit-plan-member", &member),
        ]
    }
}
