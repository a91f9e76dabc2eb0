use askama::Template;

use super::{Checkbox, FeatureChoice, Field, FormState, Layout};

view! {
    /// `/app/{appId}/billing/plans/new`.
    #[derive(Template)]
    #[template(path = "new_plan.html")]
    struct NewPlanPage {
        layout: Layout,
        form: NewPlanForm,
    }

    /// The fields of a new plan, posted under these names.
    struct NewPlanForm {
        state: FormState,
        plan: PlanFields,
        key: Field,
        /// `user` or `organization`.
        payer_kind: Field,
        /// Posted as `price_amount_1`, `price_currency_1`, `price_interval_1`, and so on.
        prices: Vec<PriceFields>,
        takes_more_prices: bool,
        /// Posted as `feature`, once each.
        features: Vec<FeatureChoice>,
        /// Says that not all features are listed. Empty if they are.
        more_features: String,
        is_advanced_open: bool,
    }

    /// `/app/{appId}/billing/plans/{planId}/edit`.
    #[derive(Template)]
    #[template(path = "edit_plan.html")]
    struct EditPlanPage {
        layout: Layout,
        /// The path of the plan.
        path: String,
        /// The saved name, whatever the form holds.
        plan_name: String,
        key: String,
        form: EditPlanForm,
    }

    struct EditPlanForm {
        state: FormState,
        plan: PlanFields,
    }

    /// The changeable fields of a plan, posted under these names.
    #[derive(Default)]
    struct PlanFields {
        name: Field,
        description: Field,
        trial_days: Field,
        /// `public` or `hidden`.
        visibility: Field,
        is_default: Checkbox,
    }

    /// An amount, an ISO 4217 code, and `month` or `year`.
    struct PriceFields {
        amount: Field,
        currency: Field,
        interval: Field,
    }
}
