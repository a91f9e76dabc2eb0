use askama::Template;

use super::{Layout, ListFoot, Moment, PriceRow, Status};

view! {
    /// `/app/{appId}/billing` while billing is on: the plans tab.
    #[derive(Template)]
    #[template(path = "plans.html")]
    struct PlansPage {
        layout: Layout,
        /// Whether the gateway takes test money only.
        is_test: bool,
        /// Whether archived plans are listed instead of active ones.
        archived: bool,
        search: String,
        /// The filter by kind of payer: `user`, `organization` or empty.
        payers: String,
        plans: Vec<PlanRow>,
        foot: ListFoot,
    }

    struct PlanRow {
        id: String,
        name: String,
        key: String,
        status: Status,
        /// "Users" or "Organizations".
        payers: &'static str,
        prices: Vec<PriceRow>,
        /// The number of prices that are not listed.
        more_prices: usize,
        /// Stands for the prices if there are none.
        no_prices: &'static str,
        feature_count: usize,
        created: Moment,
    }
}
