use askama::Template;

use super::{Layout, Pager};

/// `/app/{appId}/billing` while billing is on: the plans tab.
#[derive(Template)]
#[template(path = "plans.html")]
pub(crate) struct PlansPage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    /// Whether archived plans are listed instead of active ones.
    pub(crate) archived: bool,
    pub(crate) plans: Vec<PlanRow>,
    pub(crate) pager: Pager,
}

pub(crate) struct PlanRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) key: String,
    /// "Users" or "Organizations".
    pub(crate) payers: String,
    /// Such as "12.50 USD / month".
    pub(crate) prices: Vec<String>,
    pub(crate) feature_count: String,
    pub(crate) is_default: bool,
    pub(crate) is_hidden: bool,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{PlanRow, PlansPage};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{Layout, Pager};

    impl PlansPage {
        fn sample(words: Words) -> Self {
            let row = |name: &str, key: &str, prices: &[&str]| PlanRow {
                id: words.say("plan_01ja8fwz4kf7nbt6v6m0kx9p3d"),
                name: words.say(name),
                key: words.say(key),
                payers: words.say("Users"),
                prices: prices.iter().map(|price| words.say(price)).collect(),
                feature_count: words.say("3"),
                is_default: false,
                is_hidden: false,
            };
            Self {
                layout: Layout::sample_billing(words).saying(words, "Plan “Pro” created."),
                app_id: words.say("app_demo"),
                archived: false,
                plans: vec![
                    row(
                        "Pro",
                        "pro_monthly",
                        &["12.50 USD / month", "120.00 USD / year", "11.00 EUR / month"],
                    ),
                    PlanRow { is_hidden: true, ..row("Enterprise", "enterprise", &["900.00 USD / month"]) },
                    PlanRow { is_default: true, ..row("Free", "free", &[]) },
                ],
                pager: Pager::sample(words),
            }
        }

        fn empty(words: Words) -> Self {
            let layout = Layout::sample_billing(words);
            Self { layout, plans: vec![], pager: Pager::default(), ..Self::sample(words) }
        }

        fn none_archived(words: Words) -> Self {
            Self { archived: true, ..Self::empty(words) }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let member = PlansPage { layout: Layout::member_billing(words), ..PlansPage::sample(words) };
        vec![
            Rendered::of("plans", &PlansPage::sample(words)),
            Rendered::of("plans-empty", &PlansPage::empty(words)),
            Rendered::of("plans-none-archived", &PlansPage::none_archived(words)),
            Rendered::of("plans-member", &member),
        ]
    }
}
