use askama::Template;

use super::{Field, FormState, Layout, Moment};

view! {
    /// `/app/{appId}/billing/subscriptions/{subscriptionId}/trial`.
    #[derive(Template)]
    #[template(path = "trial.html")]
    struct TrialPage {
        layout: Layout,
        /// The path of the subscription.
        path: String,
        /// Such as "Pro", and the payer.
        plan: String,
        payer: String,
        /// The present end of a trial that runs.
        ends: Option<Moment>,
        form: TrialForm,
    }

    /// The field of a trial, posted under this name.
    struct TrialForm {
        state: FormState,
        /// A moment in UTC, in minutes.
        ends_at: Field,
    }
}
