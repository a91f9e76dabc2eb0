use askama::Template;

use super::{Layout, ListFoot, Moment};

view! {
    /// `/app/{appId}/billing/subscriptions/{subscriptionId}/timeline`.
    #[derive(Template)]
    #[template(path = "timeline.html")]
    struct TimelinePage {
        layout: Layout,
        /// The path of the subscription.
        path: String,
        plan: String,
        payer: String,
        /// On the newest page only.
        upcoming: Vec<UpcomingRow>,
        entries: Vec<TimelineRow>,
        foot: ListFoot,
    }

    /// Something that is to happen.
    struct UpcomingRow {
        /// Such as "Renews for $15.00".
        text: String,
        invoice: Option<String>,
        at: Moment,
    }

    /// Something that happened.
    struct TimelineRow {
        /// Such as "Invoice 4F2A-0012".
        subject: Option<String>,
        /// The id of the invoice, if that is its subject.
        invoice: Option<String>,
        /// Such as "open → paid $15.00".
        text: String,
        /// The name at the time, or else the id.
        who: String,
        at: Moment,
    }
}
