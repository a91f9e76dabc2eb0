use askama::Template;

use super::{Checkbox, Field, FormState, Layout};

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

/// The changeable fields of a plan, posted under these names.
pub(crate) struct EditPlanForm {
    pub(crate) state: FormState,
    pub(crate) name: Field,
    pub(crate) description: Field,
    pub(crate) trial_days: Field,
    /// `public` or `hidden`.
    pub(crate) visibility: Field,
    pub(crate) is_default: Checkbox,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{EditPlanForm, EditPlanPage};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{Checkbox, Field, FormState, Layout, Section};

    impl EditPlanPage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample(words, Section::sample_billing(words)),
                app_id: words.say("app_demo"),
                plan_id: words.say("plan_01ja8fwz4kf7nbt6v6m0kx9p3d"),
                plan_name: words.say("Pro"),
                key: words.say("pro_monthly"),
                payers: words.say("Users"),
                form: EditPlanForm {
                    state: FormState::sample_editing(words),
                    name: Field::sample(words, "Pro"),
                    description: Field::sample(words, "Everything, for people who mean it."),
                    trial_days: Field::sample(words, "14"),
                    visibility: Field::sample(words, "public"),
                    is_default: Checkbox::new(false),
                },
            }
        }

        fn overtaken(words: Words) -> Self {
            let mut page = Self::sample(words);
            page.form.state = page.form.state.overtaken();
            page.form.name = page.form.name.overtaken_by(words, "Professional");
            page.form.description = page.form.description.overtaken_by(words, "");
            page.form.trial_days = page.form.trial_days.overtaken_by(words, "30");
            page.form.visibility = page.form.visibility.overtaken_by(words, "Hidden");
            page.form.is_default.saved = Some(words.say("ticked"));
            page
        }

        fn member(words: Words) -> Self {
            let layout = Layout::member(words, Section::sample_billing(words));
            Self { layout, ..Self::sample(words) }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![
            Rendered::of("edit-plan", &EditPlanPage::sample(words)),
            Rendered::of("edit-plan-conflict", &EditPlanPage::overtaken(words)),
            Rendered::of("edit-plan-member", &EditPlanPage::member(words)),
        ]
    }
}
