use askama::Template;

use super::{Layout, Milestone, Moment, Status};

view! {
    /// `/settings/billing`.
    #[derive(Template)]
    #[template(path = "settings.html")]
    struct SettingsPage {
        layout: Layout,
        status: Status,
        on: Option<BillingOn>,
    }

    /// The gateway while billing is on.
    struct BillingOn {
        gateway: &'static str,
        /// The limitation of the account, such as test mode.
        badge: Option<&'static str>,
        /// The destination of payments, as a sentence.
        money: &'static str,
        since: Moment,
        /// Whether it can be switched, and billing disabled.
        is_changeable: bool,
        /// The address of the sandbox behind it.
        sandbox: Option<String>,
    }

    /// The refusal of disabling billing.
    #[derive(Template)]
    #[template(path = "disable_refused.html")]
    struct DisableRefusedPage {
        layout: Layout,
        /// Such as "2 things can still be charged".
        total: String,
        text: String,
        /// The effect of asking, as a sentence.
        changed: &'static str,
        /// When Stripe was asked.
        asked: Moment,
        blockers: Vec<BlockerRow>,
        /// The number of blockers that are not listed, if any.
        more: Option<String>,
    }

    /// A blocker. Empty texts are shown as a dash.
    struct BlockerRow {
        what: &'static str,
        id: String,
        /// The address of its page, here or at Stripe.
        address: String,
        /// The unpaid amount.
        amount: String,
        /// What happens to it next. Without it and an amount, the id is shown in their place.
        next: Option<Milestone>,
        status: Status,
        /// A user or organization, or a customer at Stripe.
        payer: String,
        app: String,
        /// The Stripe account that charges.
        account: String,
        /// Shown to an owner or admin.
        action: BlockerAction,
    }

    /// The way to get a blocker out of the way.
    struct BlockerAction {
        label: &'static str,
        address: String,
    }
}
