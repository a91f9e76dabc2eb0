use askama::Template;

use super::{InvoiceRow, Layout, Moment, Segment, SubscriptionRow};

view! {
    /// `/app/{appId}/billing/payers/{kind}/{id}`.
    #[derive(Template)]
    #[template(path = "payer.html")]
    struct PayerPage {
        layout: Layout,
        id: String,
        /// "User" or "Organization".
        kind: &'static str,
        /// The environments to choose from.
        environments: Vec<Segment>,
        live: Vec<SubscriptionRow>,
        ended: Vec<SubscriptionRow>,
        /// The lists' parameters for this payer.
        filter: String,
        /// Such as "3" or "100 of 1,000+".
        subscription_count: String,
        /// The newest invoices.
        invoices: Vec<InvoiceRow>,
        invoice_count: String,
        /// A sum for each currency, less what was refunded.
        paid: Vec<String>,
        /// Whether only the newest invoices are summed up.
        is_paid_cut: bool,
        /// The moment of the one trial.
        trial: Option<Moment>,
        access: PayerAccessFacts,
    }

    /// What a payer can use now.
    struct PayerAccessFacts {
        /// Such as "Production".
        environment: String,
        /// Such as "Professional", or "Nothing".
        plan: String,
        /// Absent without a plan of ours.
        plan_path: Option<String>,
        /// The reason, as a sentence.
        reason: &'static str,
        until: Option<Moment>,
        features: Vec<String>,
    }
}
