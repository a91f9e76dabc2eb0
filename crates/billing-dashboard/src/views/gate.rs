use askama::Template;

use super::{FormState, Layout};

view! {
    /// `/app/{appId}/billing` while billing is off.
    #[derive(Template)]
    #[template(path = "billing_off.html")]
    struct BillingOffPage {
        layout: Layout,
    }

    /// `/app/{appId}/billing/enable` and `/settings/billing/gateway`.
    #[derive(Template)]
    #[template(path = "gateway.html")]
    struct GatewayPage {
        layout: Layout,
        asked: GatewayQuestion,
        form: GatewayForm,
    }

    /// The texts and paths of a choice of gateway.
    struct GatewayQuestion {
        /// Also the button's.
        title: &'static str,
        lead: &'static str,
        next: &'static [&'static str],
        action: String,
        back: String,
        back_label: &'static str,
    }

    /// The gateways, radio buttons named `gateway`.
    struct GatewayForm {
        state: FormState,
        /// `managed`, `stripe_connect` or `stripe_platform`; any other value checks none.
        chosen: String,
        options: Vec<GatewayChoice>,
        /// The address of the sandbox behind the shared test Stripe.
        sandbox: Option<String>,
    }

    struct GatewayChoice {
        value: &'static str,
        name: &'static str,
        is_available: bool,
        badge: &'static str,
        text: String,
    }
}
