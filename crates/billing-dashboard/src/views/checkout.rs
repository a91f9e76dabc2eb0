use askama::Template;

use super::{Choice, Field, FormState, Layout, Moment, SeatsAtPrice, Status, StripeObject};

view! {
    /// `/app/{appId}/billing/plans/{planId}/checkout-link`.
    #[derive(Template)]
    #[template(path = "new_checkout_link.html")]
    struct NewCheckoutLinkPage {
        layout: Layout,
        /// The path of the plan.
        path: String,
        plan_name: String,
        /// "User id" or "Organization id".
        payer_label: &'static str,
        /// Such as "$12.50 / month", by id.
        prices: Vec<Choice>,
        form: CheckoutLinkForm,
    }

    /// The fields of a checkout link, posted under these names.
    struct CheckoutLinkForm {
        state: FormState,
        payer: Field,
        /// A price's id.
        price: Field,
        quantity: Field,
        success_url: Field,
        cancel_url: Field,
        is_advanced_open: bool,
    }

    /// `/app/{appId}/billing/checkout-links/{checkoutLinkId}`.
    #[derive(Template)]
    #[template(path = "checkout_link.html")]
    struct CheckoutLinkPage {
        layout: Layout,
        /// The path of the link.
        path: String,
        link: CheckoutLinkFacts,
    }

    struct CheckoutLinkFacts {
        id: String,
        status: Status,
        /// The hosted page, while it can be paid.
        address: Option<String>,
        expires: Moment,
        payer: String,
        /// "User" or "Organization".
        payer_kind: &'static str,
        plan: String,
        plan_path: String,
        price: Option<SeatsAtPrice>,
        /// Such as "14 days" or "None".
        trial: String,
        environment: String,
        created: Moment,
        /// Absent before the session is known.
        stripe: Option<StripeObject>,
        /// Whether it can be ended.
        is_endable: bool,
    }

    /// `/checkout/thanks`, `/checkout/canceled` and `/checkout/payment-method`, the pages to which Stripe's page leads back.
    #[derive(Template)]
    #[template(path = "checkout_return.html")]
    struct CheckoutReturnPage {
        heading: String,
        text: String,
    }
}
