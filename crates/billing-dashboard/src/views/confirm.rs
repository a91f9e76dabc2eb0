use askama::Template;

use super::{FormState, Layout};

/// `…/plans/{planId}/archive`.
#[derive(Template)]
#[template(path = "archive_plan.html")]
pub(crate) struct ArchivePlanPage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) plan_id: String,
    pub(crate) plan_name: String,
    pub(crate) form: FormState,
}

/// `…/plans/{planId}/prices/{priceId}/archive`.
#[derive(Template)]
#[template(path = "archive_price.html")]
pub(crate) struct ArchivePricePage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) plan_id: String,
    pub(crate) price_id: String,
    /// Such as "12.50 USD a month".
    pub(crate) price: String,
    pub(crate) form: FormState,
}

/// `…/plans/{planId}/features/{key}/detach`.
#[derive(Template)]
#[template(path = "detach_feature.html")]
pub(crate) struct DetachFeaturePage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) plan_id: String,
    pub(crate) plan_name: String,
    pub(crate) key: String,
    pub(crate) feature_name: String,
    pub(crate) form: FormState,
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
    use super::{
        ArchivePlanPage, ArchivePricePage, AttachedFeature, DeleteFeaturePage, DetachFeaturePage, PlanLink,
    };
    use crate::views::samples::{Rendered, Words};
    use crate::views::{FormState, Layout, Section};

    impl ArchivePlanPage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample(words, Section::sample_billing(words)),
                app_id: words.say("app_demo"),
                plan_id: words.say("plan_1"),
                plan_name: words.say("Pro"),
                form: FormState::sample_editing(words),
            }
        }

        fn refused(words: Words) -> Self {
            let errors = [("", "This plan has been archived already.")];
            Self { form: FormState::sample_editing(words).refused(words, &errors), ..Self::sample(words) }
        }

        fn member(words: Words) -> Self {
            let layout = Layout::member(words, Section::sample_billing(words));
            Self { layout, ..Self::sample(words) }
        }
    }

    impl ArchivePricePage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample(words, Section::sample_billing(words)),
                app_id: words.say("app_demo"),
                plan_id: words.say("plan_1"),
                price_id: words.say("price_1"),
                price: words.say("12.50 USD a month"),
                form: FormState::sample_editing(words),
            }
        }
    }

    impl DetachFeaturePage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample(words, Section::sample_billing(words)),
                app_id: words.say("app_demo"),
                plan_id: words.say("plan_1"),
                plan_name: words.say("Pro"),
                key: words.say("pro_export"),
                feature_name: words.say("Export"),
                form: FormState::sample_editing(words),
            }
        }
    }

    impl DeleteFeaturePage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample(words, Section::sample_billing(words)),
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
        vec![
            Rendered::of("archive-plan", &ArchivePlanPage::sample(words)),
            Rendered::of("archive-plan-errors", &ArchivePlanPage::refused(words)),
            Rendered::of("archive-plan-member", &ArchivePlanPage::member(words)),
            Rendered::of("archive-price", &ArchivePricePage::sample(words)),
            Rendered::of("detach-feature", &DetachFeaturePage::sample(words)),
            Rendered::of("delete-feature", &DeleteFeaturePage::sample(words)),
            Rendered::of("delete-feature-attached", &DeleteFeaturePage::attached(words)),
        ]
    }
}
