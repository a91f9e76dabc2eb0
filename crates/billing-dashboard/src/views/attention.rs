use askama::Template;

use super::{Layout, ListFoot, Moment, SubscriptionRow};

view! {
    /// `/app/{appId}/billing/attention`: the subscriptions that somebody has to look after.
    #[derive(Template)]
    #[template(path = "attention.html")]
    struct AttentionPage {
        layout: Layout,
        /// Whether the gateway takes test money only.
        is_test: bool,
        rows: Vec<AttentionRow>,
        foot: ListFoot,
    }

    struct AttentionRow {
        subscription: SubscriptionRow,
        attention: AttentionFacts,
    }

    /// What has to be known of a subscription that is not paid.
    struct AttentionFacts {
        since: Option<Moment>,
        /// Such as "$12.50".
        due: Option<String>,
        /// The next attempt to charge.
        next_attempt: Option<Moment>,
        /// Whether Stripe does not try again. The mirror of an earlier version has no attempts either.
        is_given_up: bool,
        /// The end of the access that is kept.
        grace_end: Option<Moment>,
        /// Stripe's page of the oldest unpaid invoice.
        hosted: Option<String>,
    }
}
