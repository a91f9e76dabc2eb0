use askama::Template;

use super::{FormState, GatewayForm, Layout, Moment};

/// `/settings/billing`.
#[derive(Template)]
#[template(path = "billing_settings.html")]
pub(crate) struct BillingSettingsPage {
    pub(crate) layout: Layout,
    pub(crate) status: BillingStatus,
}

/// The workspace's billing switch as text.
pub(crate) enum BillingStatus {
    Off,
    On { since: Moment, gateway: String },
    BeingSwitchedOff { since: Moment, gateway: String },
}

/// `/settings/billing/gateway`.
#[derive(Template)]
#[template(path = "switch_gateway.html")]
pub(crate) struct SwitchGatewayPage {
    pub(crate) layout: Layout,
    pub(crate) form: GatewayForm,
}

/// `/settings/billing/disable`.
#[derive(Template)]
#[template(path = "disable_billing.html")]
pub(crate) struct DisableBillingPage {
    pub(crate) layout: Layout,
    pub(crate) form: FormState,
    pub(crate) answer: DisableAnswer,
}

/// The answer to disabling billing.
pub(crate) enum DisableAnswer {
    AlreadyOff,
    Possible,
    Blocked {
        text: String,
        blockers: Vec<BlockerRow>,
        /// The number of blockers that are not listed, if any.
        more: Option<String>,
    },
}

/// A blocker. Empty texts are shown as a dash.
pub(crate) struct BlockerRow {
    pub(crate) what: String,
    pub(crate) id: String,
    pub(crate) app: String,
    pub(crate) payer: String,
    pub(crate) status: String,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{
        BillingSettingsPage, BillingStatus, BlockerRow, DisableAnswer, DisableBillingPage, SwitchGatewayPage,
    };
    use crate::views::samples::{Rendered, Words};
    use crate::views::{FormState, GatewayForm, Layout, Moment, Section};

    impl BillingSettingsPage {
        fn sample(words: Words, status: BillingStatus) -> Self {
            Self { layout: Layout::sample(words, Section::BillingSettings), status }
        }

        fn member(words: Words) -> Self {
            let layout = Layout::member(words, Section::BillingSettings);
            Self { layout, ..Self::sample(words, BillingStatus::sample_on(words)) }
        }
    }

    impl BillingStatus {
        fn sample_on(words: Words) -> Self {
            Self::On { since: Moment::sample(words), gateway: words.say("Shared test Stripe") }
        }

        fn sample_closing(words: Words) -> Self {
            Self::BeingSwitchedOff { since: Moment::sample(words), gateway: words.say("Shared test Stripe") }
        }
    }

    impl SwitchGatewayPage {
        fn sample(words: Words) -> Self {
            Self { layout: Layout::sample(words, Section::BillingSettings), form: GatewayForm::sample(words) }
        }
    }

    impl DisableBillingPage {
        fn sample(words: Words, answer: DisableAnswer) -> Self {
            Self {
                layout: Layout::sample(words, Section::BillingSettings),
                form: FormState::sample_editing(words),
                answer,
            }
        }
    }

    impl DisableAnswer {
        fn sample_blocked(words: Words) -> Self {
            let row = |what: &str, app: &str, payer: &str, status: &str| BlockerRow {
                what: words.say(what),
                id: words.say("sub_01ja8fwz4kf7nbt6v6m0kx9p3d"),
                app: words.say(app),
                payer: words.say(payer),
                status: words.say(status),
            };
            Self::Blocked {
                text: words.say("Billing cannot be switched off while Stripe can still charge someone."),
                blockers: vec![
                    row("Subscription", "app_demo", "user user_31", "past_due"),
                    row("Workspace subscription", "", "", "active"),
                ],
                more: Some(words.say("12")),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let status = |name, status| Rendered::of(name, &BillingSettingsPage::sample(words, status));
        let disable = |name, answer| Rendered::of(name, &DisableBillingPage::sample(words, answer));
        vec![
            status("settings-on", BillingStatus::sample_on(words)),
            status("settings-off", BillingStatus::Off),
            status("settings-closing", BillingStatus::sample_closing(words)),
            Rendered::of("settings-member", &BillingSettingsPage::member(words)),
            Rendered::of("switch-gateway", &SwitchGatewayPage::sample(words)),
            disable("disable", DisableAnswer::Possible),
            disable("disable-blocked", DisableAnswer::sample_blocked(words)),
            disable("disable-already-off", DisableAnswer::AlreadyOff),
        ]
    }
}
