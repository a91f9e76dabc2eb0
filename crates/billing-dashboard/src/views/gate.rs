use askama::Template;

use super::{FormState, Layout};

/// `/app/{appId}/billing` while billing is off.
#[derive(Template)]
#[template(path = "billing_off.html")]
pub(crate) struct BillingOffPage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
}

/// `/app/{appId}/billing/enable`.
#[derive(Template)]
#[template(path = "enable_billing.html")]
pub(crate) struct EnableBillingPage {
    pub(crate) layout: Layout,
    pub(crate) app_id: String,
    pub(crate) form: GatewayForm,
}

/// The gateway cards, radio buttons named `gateway`.
pub(crate) struct GatewayForm {
    pub(crate) state: FormState,
    /// `managed`, `stripe_connect` or `stripe_platform`; any other value checks none.
    pub(crate) chosen: String,
    pub(crate) unavailable: UnavailableGateways,
}

/// The reason why each gateway is unavailable; empty if available.
#[derive(Default)]
pub(crate) struct UnavailableGateways {
    pub(crate) managed: Option<String>,
    pub(crate) stripe_connect: Option<String>,
    pub(crate) stripe_platform: Option<String>,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{BillingOffPage, EnableBillingPage, GatewayForm, UnavailableGateways};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{FormState, Layout};

    impl BillingOffPage {
        fn sample(words: Words) -> Self {
            let layout = Layout::sample_billing(words);
            Self { layout, app_id: words.say("app_demo") }
        }
    }

    impl EnableBillingPage {
        fn sample(words: Words) -> Self {
            Self {
                layout: Layout::sample_billing(words),
                app_id: words.say("app_demo"),
                form: GatewayForm::sample(words),
            }
        }

        fn refused(words: Words) -> Self {
            let errors = [("gateway", "Choose a gateway that is available.")];
            let mut page = Self::sample(words);
            page.form.state = page.form.state.refused(words, &errors);
            page
        }
    }

    impl GatewayForm {
        pub(crate) fn sample(words: Words) -> Self {
            let reason = "Not available: KL_STRIPE_SECRET_KEY is not set.";
            Self {
                state: FormState::sample_creating(words),
                chosen: words.say("managed"),
                unavailable: UnavailableGateways {
                    stripe_platform: Some(words.say(reason)),
                    ..UnavailableGateways::default()
                },
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let member =
            BillingOffPage { layout: Layout::member_billing(words), ..BillingOffPage::sample(words) };
        vec![
            Rendered::of("billing-off", &BillingOffPage::sample(words)),
            Rendered::of("billing-off-member", &member),
            Rendered::of("enable-billing", &EnableBillingPage::sample(words)),
            Rendered::of("enable-billing-errors", &EnableBillingPage::refused(words)),
        ]
    }
}
