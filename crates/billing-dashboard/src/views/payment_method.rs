use askama::Template;

use super::{FormState, Layout};

view! {
    /// `/app/{appId}/billing/subscriptions/{subscriptionId}/payment-method-link`.
    #[derive(Template)]
    #[template(path = "payment_method.html")]
    struct PaymentMethodPage {
        layout: Layout,
        /// The path of the subscription.
        path: String,
        plan: String,
        payer: String,
        form: FormState,
        /// The link, once it is made.
        address: Option<String>,
    }
}
