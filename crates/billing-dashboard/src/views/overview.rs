use askama::Template;

use super::{Layout, ListFoot, Moment};

view! {
    /// `/app/{appId}/billing/overview`: the first tab of Billing.
    #[derive(Template)]
    #[template(path = "overview.html")]
    struct OverviewPage {
        layout: Layout,
        /// Whether the gateway takes test money only.
        is_test: bool,
        foot: ListFoot,
        as_of: Moment,
        /// The environments of the app to choose from; none if it has one.
        environments: Vec<OverviewLink>,
        currencies: Vec<CurrencyFigure>,
        /// The series of the chosen currency.
        series: Option<RevenueSeries>,
        counts: OverviewCounts,
    }

    struct OverviewLink {
        label: String,
        address: String,
        is_current: bool,
    }

    /// The present figure of a currency.
    struct CurrencyFigure {
        link: OverviewLink,
        revenue: String,
        /// Such as "+8.7% since October".
        growth: String,
    }

    /// The last twelve months of a currency.
    struct RevenueSeries {
        /// Such as "US dollar".
        currency: String,
        /// Such as "Dec 2025 – Nov 2026".
        range: String,
        /// What the chart of revenue says in a sentence.
        revenue_label: String,
        /// The labels of the axis, from the top.
        revenue_axis: Vec<String>,
        /// The line as the data of a path.
        line: String,
        /// The last point, as the data of a path.
        last: String,
        /// What the chart of subscriptions says in a sentence.
        counts_label: String,
        counts_axis: Vec<String>,
        /// Oldest first.
        months: Vec<SeriesMonth>,
        /// Newest first.
        rows: Vec<SeriesRow>,
    }

    struct SeriesMonth {
        /// Such as "Dec".
        short: String,
        /// Such as "Dec 2025".
        name: String,
        revenue: String,
        new: String,
        churned: String,
        /// The left edge of its column.
        x: String,
        /// The left edge of its bars.
        bar_x: String,
        new_y: String,
        new_height: String,
        /// The line between the bars.
        zero_y: String,
        churned_height: String,
    }

    struct SeriesRow {
        name: String,
        revenue: String,
        new: String,
        churned: String,
    }

    struct OverviewCounts {
        active: String,
        trialing: String,
        past_due: String,
        ending: String,
        /// Such as "Nov".
        month: String,
        new: String,
        churned: String,
    }
}
