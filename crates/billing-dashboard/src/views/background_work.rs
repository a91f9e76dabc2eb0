use askama::Template;

use super::{ChangeRow, FormState, Layout, Moment};

view! {
    /// `/settings/billing/work`: background work that was set aside, and what reconciliation has mended.
    #[derive(Template)]
    #[template(path = "background_work.html")]
    struct BackgroundWorkPage {
        layout: Layout,
        form: FormState,
        rows: Vec<WorkRow>,
        /// The number of rows that are not listed.
        more: Option<String>,
        drifts: Vec<DriftRow>,
    }

    /// A mirror that reconciliation has mended.
    struct DriftRow {
        /// Stripe's id.
        object: String,
        told: &'static str,
        changes: Vec<ChangeRow>,
        at: Moment,
    }

    struct WorkRow {
        kind: &'static str,
        /// Such as "Sync object".
        label: String,
        key: String,
        reason: &'static str,
        at: Moment,
    }
}
