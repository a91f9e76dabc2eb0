use askama::Template;

use super::{Choice, Layout, ListFoot, Moment, Segment, Status, StripeObject};

view! {
    /// `/app/{appId}/billing/invoices`: the invoices tab.
    #[derive(Template)]
    #[template(path = "invoices.html")]
    struct InvoicesPage {
        layout: Layout,
        /// Whether the gateway takes test money only.
        is_test: bool,
        /// The filter by status, in Stripe's word.
        status: String,
        /// The statuses to choose from.
        segments: Vec<Segment>,
        /// The filter by environment, an id.
        environment: String,
        /// The environments to choose from, by id.
        environments: Vec<Choice>,
        /// The filter by payer, the beginning of an id.
        payer: String,
        /// The filter by one payer, an id, or empty.
        payer_id: String,
        /// The filter by subscription, an id, or empty.
        subscription: String,
        invoices: Vec<InvoiceRow>,
        /// The address of the list as a file.
        export: String,
        foot: ListFoot,
    }

    struct InvoiceRow {
        id: String,
        /// Stripe's id for a draft, which has no number.
        number: String,
        status: Status,
        payer: String,
        payer_path: String,
        total: String,
        issued: Moment,
    }

    /// `/app/{appId}/billing/invoices/{invoiceId}`.
    #[derive(Template)]
    #[template(path = "invoice.html")]
    struct InvoicePage {
        layout: Layout,
        invoice: InvoiceFacts,
        lines: Vec<InvoiceLineRow>,
        /// Whether Stripe has more lines.
        has_more_lines: bool,
    }

    struct InvoiceFacts {
        row: InvoiceRow,
        /// "User" or "Organization".
        payer_kind: &'static str,
        /// The id of its subscription.
        subscription: Option<String>,
        sums: InvoiceSums,
        paid_at: Option<Moment>,
        due_at: Option<Moment>,
        /// The hosted page.
        hosted: Option<String>,
        /// The document.
        pdf: Option<String>,
        environment: String,
        stripe: StripeObject,
        synced: Moment,
    }

    /// The sums under the lines.
    struct InvoiceSums {
        total: String,
        /// The part that the payer's balance at Stripe covers, or adds.
        balance: Option<String>,
        paid: Option<String>,
        left: Option<String>,
    }

    struct InvoiceLineRow {
        text: String,
        /// Such as "28 Nov – 28 Dec 2026".
        period: String,
        /// Empty if absent.
        quantity: String,
        amount: String,
    }
}
