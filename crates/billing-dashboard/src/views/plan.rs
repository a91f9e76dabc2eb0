use askama::Template;

use super::{FeatureRow, Field, FormState, Layout, Moment, PriceFields, Status};

view! {
    /// `/app/{appId}/billing/plans/{planId}`, with forms for prices and features.
    #[derive(Template)]
    #[template(path = "plan.html")]
    struct PlanPage {
        layout: Layout,
        path: String,
        plan: PlanFacts,
        prices: Vec<PriceRow>,
        /// The latest archived prices.
        archived_prices: Vec<PriceRow>,
        /// The number of all archived prices.
        archived_count: usize,
        /// With clipped descriptions.
        features: Vec<FeatureRow>,
        /// Hidden for an archived or default plan, and from a member.
        price_form: PriceForm,
        /// Posted to `…/features`. Hidden from a member.
        feature_form: AttachForm,
    }

    struct PlanFacts {
        id: String,
        name: String,
        key: String,
        status: Status,
        /// Empty if absent.
        description: String,
        /// "Users" or "Organizations".
        payers: &'static str,
        /// Such as "14 days" or "None".
        trial: String,
        visibility: &'static str,
        created: Moment,
        is_default: bool,
        archived: Option<Moment>,
        /// Whether its sale can be changed.
        is_sold: bool,
        takes_prices: bool,
    }

    struct PriceRow {
        id: String,
        /// Such as "$12.50".
        amount: String,
        /// "month" or "year".
        interval: &'static str,
        /// The reason why Stripe cannot charge it, as a sentence.
        unsellable: Option<String>,
        created: Moment,
        archived: Option<Moment>,
    }

    /// Posted to `…/prices` as `amount`, `currency`, `interval`.
    struct PriceForm {
        state: FormState,
        price: PriceFields,
    }

    /// A choice of features posted as `feature`, or the fields of a new one.
    struct AttachForm {
        state: FormState,
        is_open: bool,
        /// Whether a feature is created.
        is_new: bool,
        choices: Vec<FeatureChoice>,
        /// Says that not all features are listed. Empty if they are.
        more: String,
        key: Field,
        name: Field,
        description: Field,
    }

    struct FeatureChoice {
        key: String,
        name: String,
        is_chosen: bool,
    }
}

impl PlanPage {
    pub(crate) fn shows_some_archived(&self) -> bool {
        self.archived_prices.len() < self.archived_count
    }

    pub(crate) fn takes_prices(&self) -> bool {
        self.layout.can_change && self.plan.takes_prices
    }

    /// Whether a checkout link can be created.
    pub(crate) fn is_sellable(&self) -> bool {
        self.is_editable() && self.prices.iter().any(|price| price.unsellable.is_none())
    }

    pub(crate) fn is_editable(&self) -> bool {
        self.layout.can_change && self.plan.is_sold
    }
}
