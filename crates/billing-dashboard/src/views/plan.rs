use askama::Template;

use super::{FeatureForm, FeatureRow, FormState, Layout, Moment, PriceFields};

/// `/app/{appId}/billing/plans/{planId}`, with forms for prices and features.
#[derive(Template)]
#[template(path = "plan.html")]
pub(crate) struct PlanPage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) plan: PlanDetails,
    pub(crate) prices: Vec<PriceRow>,
    /// The latest archived prices.
    pub(crate) archived_prices: Vec<PriceRow>,
    /// The number of all archived prices.
    pub(crate) archived_count: usize,
    /// With clipped descriptions.
    pub(crate) features: Vec<FeatureRow>,
    /// Hidden for an archived or default plan, and from a member.
    pub(crate) price_form: PriceForm,
    /// Posted to `…/features`. Hidden from a member.
    pub(crate) feature_form: FeatureForm,
    /// The suggested keys.
    pub(crate) known_features: Vec<KnownFeature>,
}

pub(crate) struct PlanDetails {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) key: String,
    /// Empty if absent.
    pub(crate) description: String,
    /// "Users" or "Organizations".
    pub(crate) payers: String,
    /// Such as "14 days" or "None".
    pub(crate) trial: String,
    pub(crate) visibility: String,
    pub(crate) created: Moment,
    pub(crate) is_default: bool,
    pub(crate) is_hidden: bool,
    pub(crate) archived: Option<Moment>,
    pub(crate) sale: Sale,
}

/// The possible changes of a plan's sale.
#[derive(PartialEq, Eq)]
pub(crate) enum Sale {
    /// None.
    Ended,
    /// All, but the plan stays free.
    Free,
    /// All.
    Priced,
}

pub(crate) struct PriceRow {
    pub(crate) id: String,
    /// Such as "12.50 USD".
    pub(crate) amount: String,
    /// "a month" or "a year".
    pub(crate) interval: String,
    /// The reason why Stripe cannot charge it, as a sentence.
    pub(crate) unsellable: Option<String>,
}

pub(crate) struct KnownFeature {
    pub(crate) key: String,
    pub(crate) name: String,
}

/// Posted to `…/prices` as `amount`, `currency`, `interval`.
pub(crate) struct PriceForm {
    pub(crate) state: FormState,
    pub(crate) price: PriceFields,
}

impl PlanPage {
    pub(crate) fn shows_some_archived(&self) -> bool {
        self.archived_prices.len() < self.archived_count
    }

    pub(crate) fn takes_prices(&self) -> bool {
        self.layout.can_change && self.plan.sale == Sale::Priced
    }

    pub(crate) fn is_editable(&self) -> bool {
        self.layout.can_change && self.plan.sale != Sale::Ended
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{KnownFeature, PlanDetails, PlanPage, PriceForm, PriceRow, Sale};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{FeatureForm, FeatureRow, FormState, Layout, Moment, PriceFields};

    impl PlanPage {
        fn sample(words: Words) -> Self {
            let price = |amount: &str, interval: &str| PriceRow {
                id: words.say("price_01ja8fwz4kf7nbt6v6m0kx9p3d"),
                amount: words.say(amount),
                interval: words.say(interval),
                unsellable: None,
            };
            let reason = "Stripe takes KWD amounts whose last digit is 0, such as 4.500.";
            let unsellable =
                PriceRow { unsellable: Some(words.say(reason)), ..price("4.505 KWD", "a month") };
            Self {
                layout: Layout::sample_billing(words).saying(words, "Price added."),
                app_id: words.say("app_demo"),
                plan: PlanDetails::sample(words),
                prices: vec![price("12.50 USD", "a month"), price("120.00 USD", "a year"), unsellable],
                archived_prices: vec![price("9.00 USD", "a month")],
                archived_count: 21,
                features: vec![
                    FeatureRow::sample(words, "pro_export", "Export", "Download everything\nas CSV."),
                    FeatureRow::sample(words, "seats_10", "Ten seats", ""),
                ],
                price_form: PriceForm {
                    state: FormState::sample_editing(words),
                    price: PriceFields::sample(words, "", "USD", "month"),
                },
                feature_form: FeatureForm::sample(words, "", ""),
                known_features: vec![KnownFeature {
                    key: words.say("sso"),
                    name: words.say("Single sign-on"),
                }],
            }
        }

        fn refused(words: Words) -> Self {
            let mut page = Self::sample(words);
            let price_errors = [("amount", "Enter an amount, such as 12.50.")];
            page.layout.flash = None;
            page.price_form.state = page.price_form.state.refused(words, &price_errors);
            page
        }

        fn archived(words: Words) -> Self {
            let plan = PlanDetails {
                archived: Some(Moment::sample(words)),
                sale: Sale::Ended,
                ..PlanDetails::sample(words)
            };
            Self { plan, prices: vec![], ..Self::sample(words) }
        }

        fn default_plan(words: Words) -> Self {
            let plan = PlanDetails {
                is_default: true,
                sale: Sale::Free,
                is_hidden: true,
                ..PlanDetails::sample(words)
            };
            Self { plan, prices: vec![], archived_prices: vec![], features: vec![], ..Self::sample(words) }
        }
    }

    impl PlanDetails {
        fn sample(words: Words) -> Self {
            Self {
                id: words.say("plan_01ja8fwz4kf7nbt6v6m0kx9p3d"),
                name: words.say("Pro"),
                key: words.say("pro_monthly"),
                description: words.say("Everything,\nfor people who mean it."),
                payers: words.say("Users"),
                trial: words.say("14 days"),
                visibility: words.say("Public"),
                created: Moment::sample(words),
                is_default: false,
                is_hidden: false,
                archived: None,
                sale: Sale::Priced,
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let member = PlanPage { layout: Layout::member_billing(words), ..PlanPage::sample(words) };
        vec![
            Rendered::of("plan", &PlanPage::sample(words)),
            Rendered::of("plan-errors", &PlanPage::refused(words)),
            Rendered::of("plan-archived", &PlanPage::archived(words)),
            Rendered::of("plan-default", &PlanPage::default_plan(words)),
            Rendered::of("plan-member", &member),
        ]
    }
}
