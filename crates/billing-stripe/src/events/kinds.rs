/// The types of events after which an object is fetched.
pub const HANDLED: &[&str] = &[
    "charge.captured",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.expired",
    "charge.failed",
    "charge.pending",
    "charge.refund.updated",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "credit_note.created",
    "credit_note.updated",
    "credit_note.voided",
    "customer.discount.created",
    "customer.discount.deleted",
    "customer.discount.updated",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "customer.subscription.updated",
    "invoice.created",
    "invoice.deleted",
    "invoice.finalization_failed",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.overdue",
    "invoice.overpaid",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_attempt_required",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.sent",
    "invoice.updated",
    "invoice.voided",
    "invoice.will_be_due",
    "invoice_payment.paid",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.partially_funded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "subscription_schedule.aborted",
    "subscription_schedule.canceled",
    "subscription_schedule.completed",
    "subscription_schedule.created",
    "subscription_schedule.expiring",
    "subscription_schedule.released",
    "subscription_schedule.updated",
];

/// The types of events after which nothing is fetched, each with the reason. One that ends in `.` or `_` is a family:
/// all types that begin with it. A type in neither list is ignored too, and a test fails.
pub const IGNORED: &[(&str, &str)] = &[
    ("account.", "the details and capabilities of an account; its connection is read at Stripe"),
    ("application_fee.", "no fees are taken"),
    ("apps.", "no apps of Stripe's are used"),
    ("balance.", "payouts are between Stripe and the account"),
    ("balance_settings.", "payouts are between Stripe and the account"),
    ("billing.", "no meters, credits or alerts are used"),
    ("billing_portal.", "a change in the portal is told by what it changes"),
    ("capability.", "the capabilities of an account"),
    ("cash_balance.", "no cash balances are used"),
    ("climate.", "not used"),
    ("coupon.", "an invoice says what was discounted"),
    ("customer.created", "customers are made by us, and mirrored with their subscriptions"),
    ("customer.deleted", "its subscriptions and invoices are told by themselves"),
    ("customer.updated", "customers have nothing that is mirrored"),
    ("customer.source.", "means of payment are Stripe's"),
    ("customer.tax_id.", "an invoice says what was taxed"),
    ("customer_cash_balance_transaction.", "no cash balances are used"),
    ("entitlements.", "entitlements are ours"),
    ("file.", "no files are used"),
    ("financial_connections.", "not used"),
    ("identity.", "not used"),
    ("invoice.upcoming", "it is of no invoice yet"),
    ("invoiceitem.", "pending items are listed when billing is switched off"),
    ("issuing_", "not used"),
    ("mandate.", "means of payment are Stripe's"),
    ("payment_link.", "no payment links are used"),
    ("payment_method.", "means of payment are Stripe's"),
    ("payout.", "payouts are between Stripe and the account"),
    ("person.", "the details of an account"),
    ("plan.", "the catalog is ours"),
    ("price.", "the catalog is ours"),
    ("product.", "the catalog is ours"),
    ("promotion_code.", "an invoice says what was discounted"),
    ("quote.", "no quotes are used"),
    ("radar.", "fraud is between Stripe and the account"),
    ("reporting.", "not used"),
    ("reserve.", "payouts are between Stripe and the account"),
    ("review.", "fraud is between Stripe and the account"),
    ("setup_intent.", "means of payment are Stripe's"),
    ("sigma.", "not used"),
    ("source.", "means of payment are Stripe's"),
    ("tax.", "an invoice says what was taxed"),
    ("tax_rate.", "an invoice says what was taxed"),
    ("terminal.", "not used"),
    ("test_helpers.", "clocks of tests"),
    ("three_d_secure.", "the payment is told by its invoice"),
    ("topup.", "payouts are between Stripe and the account"),
    ("transfer.", "payouts are between Stripe and the account"),
    ("treasury.", "not used"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The types that the sandbox lists from Stripe's documentation.
    const NAMES: &str = include_str!("../../../stripe-sandbox/src/webhooks/event_names.txt");

    fn is_ignored(kind: &str) -> bool {
        IGNORED.iter().any(|(listed, _)| {
            if listed.ends_with(['.', '_']) { kind.starts_with(listed) } else { kind == *listed }
        })
    }

    #[test]
    fn each_type_of_event_is_either_handled_or_ignored() {
        assert!(NAMES.lines().count() > 250);
        for kind in NAMES.lines() {
            assert_ne!(HANDLED.contains(&kind), is_ignored(kind), "{kind} is in both lists or in none");
        }
    }

    #[test]
    fn each_listed_type_is_one_of_stripes() {
        for kind in HANDLED {
            assert!(NAMES.lines().any(|name| name == *kind), "{kind}");
        }
        for (listed, _) in IGNORED {
            assert!(NAMES.lines().any(|name| name.starts_with(listed)), "{listed}");
        }
    }
}
