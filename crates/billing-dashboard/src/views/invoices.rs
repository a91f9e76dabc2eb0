use askama::Template;

use super::{Choice, Field, FormState, Layout, ListFoot, Moment, Segment, Status, StripeObject};

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
        /// The kind of that payer, in the word of the address, or empty.
        payer_kind: String,
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
        refunds: Vec<RefundRow>,
        /// Whether there is anything to open or to do.
        has_actions: bool,
        /// Whether something is left to refund.
        can_refund: bool,
        can_void: bool,
        can_give_up: bool,
        can_send: bool,
    }

    struct RefundRow {
        id: String,
        status: Status,
        /// Such as "Duplicate"; empty if absent.
        reason: String,
        amount: String,
        made: Moment,
    }

    /// `/app/{appId}/billing/invoices/{invoiceId}/refund`.
    #[derive(Template)]
    #[template(path = "refund.html")]
    struct RefundPage {
        layout: Layout,
        /// The path of the invoice.
        path: String,
        number: String,
        payer: String,
        /// What was paid, was refunded, and is left.
        paid: String,
        refunded: Option<String>,
        left: String,
        currency: String,
        reasons: Vec<Choice>,
        form: RefundForm,
    }

    /// The fields of a refund, posted under these names.
    struct RefundForm {
        state: FormState,
        amount: Field,
        reason: Field,
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
        /// Absent where neither discount nor tax makes the total another.
        subtotal: Option<String>,
        discount: Option<String>,
        tax: Option<String>,
        total: String,
        /// The part that the payer's balance at Stripe covers, or adds.
        balance: Option<String>,
        paid: Option<String>,
        /// The part that was given back.
        refunded: Option<String>,
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
