use askama::Template;

use super::{FormState, Layout};

/// Asks before a change of a plan, such as `…/plans/{planId}/archive`.
#[derive(Template)]
#[template(path = "confirm_change.html")]
pub(crate) struct ConfirmChangePage {
    pub(crate) layout: Layout,
    pub(crate) asked: Confirmation,
    /// The path the form is posted to.
    pub(crate) action: String,
    /// The path of the plan.
    pub(crate) cancel: String,
    pub(crate) form: FormState,
}

/// The texts of a confirmation.
pub(crate) struct Confirmation {
    pub(crate) question: String,
    pub(crate) consequences: &'static str,
    pub(crate) button: &'static str,
}

/// `/app/{appId}/billing/features/{key}/delete`.
#[derive(Template)]
#[template(path = "delete_feature.html")]
pub(crate) struct DeleteFeaturePage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) key: String,
    pub(crate) feature_name: String,
    /// Present if plans have the feature: replaces the question.
    pub(crate) attached: Option<AttachedFeature>,
    pub(crate) form: FormState,
}

/// The reason why a feature cannot be deleted, with its plans.
pub(crate) struct AttachedFeature {
    pub(crate) text: String,
    pub(crate) plans: Vec<PlanLink>,
}

pub(crate) struct PlanLink {
    pub(crate) id: String,
    pub(crate) name: String,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{AttachedFeature, ConfirmChangePage, Confirmation, DeleteFeaturePage, PlanLink};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{FormState, Layout};

    impl ConfirmChangePage {
        fn sample(words: Words) -> Self {
            let plan = format!("/app/{}/billing/plans/{}", words.say("app_demo"), words.say("plan_1"));
            Self {
                layout: Layout::sample_billing(words),
                asked: Confirmation {
                    question: format!("Archive {}?", words.say("Pro")),
                    consequences: "Nobody new can subscribe to it. Whoever subscribed keeps the plan, its \
                                   price and its features. This cannot be undone.",
                    button: "Archive plan",
                },
                action: format!("{plan}/archive"),
                cancel: plan,
                form: FormState::sample_editing(words),
            }
        }

        fn refused(words: Words) -> Self {
            let errors = [("", "This plan has been archived already.")];
            Self { form: FormState::sample_editing(words).refused(words, &errors), ..Self::sample(words) }
        }
    }

    impl DeleteFeaturePage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample_billing(words),
                app_id: words.say("app_demo"),
                key: words.say("pro_export"),
                feature_name: words.say("Export"),
                attached: None,
                form: FormState::sample_editing(words),
            }
        }

        fn attached(words: Words) -> Self {
            let plans =
                ["Pro", "Enterprise"].map(|name| PlanLink { id: words.say("plan_1"), name: words.say(name) });
            let text = words.say("Two plans have this feature. Detach it from them first.");
            Self { attached: Some(AttachedFeature { text, plans: plans.into() }), ..Self::sample(words) }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let member =
            ConfirmChangePage { layout: Layout::member_billing(words), ..ConfirmChangePage::sample(words) };
        vec![
            Rendered::of("archive-plan", &ConfirmChangePage::sample(words)),
            Rendered::of("archive-plan-errors", &ConfirmChangePage::refused(words)),
            Rendered::of("archive-plan-member", &member),
            Rendered::of("delete-feature", &DeleteFeaturePage::sample(words)),
            Rendered::of("delete-feature-attached", &DeleteFeaturePage::attached(words)),
        ]
    }
}
