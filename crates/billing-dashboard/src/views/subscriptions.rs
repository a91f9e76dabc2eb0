use askama::Template;

use super::{
    AttentionFacts, Choice, Field, FormState, InvoiceRow, Layout, ListFoot, Moment, Segment, Status,
    TimelineRow, UpcomingRow,
};

view! {
    /// `/app/{appId}/billing/subscriptions`: the subscriptions tab.
    #[derive(Template)]
    #[template(path = "subscriptions.html")]
    struct SubscriptionsPage {
        layout: Layout,
        /// Whether the gateway takes test money only.
        is_test: bool,
        /// The filter by status, in the word of the address.
        status: String,
        /// The statuses to choose from.
        segments: Vec<Segment>,
        /// The filter by plan, an id.
        plan: String,
        /// The plans to choose from, by id.
        plans: Vec<Choice>,
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
        subscriptions: Vec<SubscriptionRow>,
        /// The address of the list as a file.
        export: String,
        foot: ListFoot,
    }

    struct SubscriptionRow {
        id: String,
        payer: String,
        /// "User" or "Organization".
        payer_kind: &'static str,
        payer_path: String,
        status: Status,
        plan: String,
        /// Absent if the price is not ours.
        price: Option<SeatsAtPrice>,
        next: Option<Milestone>,
    }

    /// A price with its seats.
    struct SeatsAtPrice {
        /// Such as "3 × $12.00".
        amount: String,
        /// "month" or "year".
        interval: &'static str,
    }

    /// A moment in the life of a subscription, such as "Renews" on a date.
    struct Milestone {
        label: &'static str,
        at: Moment,
    }

    /// `/app/{appId}/billing/subscriptions/{subscriptionId}`.
    #[derive(Template)]
    #[template(path = "subscription.html")]
    struct SubscriptionPage {
        layout: Layout,
        /// The path of the subscription.
        path: String,
        subscription: SubscriptionFacts,
        /// The newest invoices.
        invoices: Vec<InvoiceRow>,
        /// The number of all invoices.
        invoice_count: String,
        /// If it is past due, unpaid, incomplete or paused.
        attention: Option<AttentionFacts>,
        upcoming: Vec<UpcomingRow>,
        /// The newest entries.
        timeline: Vec<TimelineRow>,
        /// Whether there are older ones.
        has_more: bool,
    }

    struct SubscriptionFacts {
        row: SubscriptionRow,
        /// Absent for a plan that is not ours.
        plan_path: Option<String>,
        seats: String,
        /// Such as "28 Nov – 28 Dec 2026".
        period: Option<String>,
        trial_end: Option<Moment>,
        started: Option<Moment>,
        canceled: Option<Moment>,
        environment: String,
        stripe: StripeObject,
        synced: Moment,
        is_live: bool,
        is_ending: bool,
        is_trialing: bool,
        /// Whether its plan can be changed, as far as the mirror says.
        is_changeable: bool,
    }

    /// `/app/{appId}/billing/subscriptions/{subscriptionId}/change-plan`.
    #[derive(Template)]
    #[template(path = "change_plan.html")]
    struct ChangePlanPage {
        layout: Layout,
        /// The path of the subscription.
        path: String,
        payer: String,
        /// The name of the present plan.
        plan: String,
        /// The present price.
        price: Option<SeatsAtPrice>,
        is_trialing: bool,
        /// The plans to choose from, by key.
        plans: Vec<Choice>,
        form: ChangePlanForm,
        preview: Option<ChangeCost>,
    }

    struct ChangePlanForm {
        state: FormState,
        plan: Field,
        interval: Field,
        quantity: Field,
    }

    /// The cost of a change of plan.
    struct ChangeCost {
        /// The lines of the invoice, with their amounts.
        lines: Vec<(String, String)>,
        /// Such as "Charged today".
        charged_label: &'static str,
        charged: String,
        /// The credit on the customer's balance.
        credit: Option<String>,
        recurring: SeatsAtPrice,
        recurs_from: Option<Moment>,
        expires: Moment,
        proof: String,
        /// Such as "Change plan and charge $135.50".
        button: String,
    }

    /// An object at Stripe and its page there.
    struct StripeObject {
        id: String,
        account: String,
        /// Absent if the kind has no page.
        address: Option<String>,
    }
}
