use crate::{
    CheckoutIntentId, EnvironmentId, ItemChange, Payer, PaymentRefund, PlanId, PriceId, StripeId, Timestamp,
    TrialEnd,
};

/// A change at Stripe before it is frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayCommand {
    /// Makes a customer.
    CreateCustomer {
        /// The payer's environment.
        environment_id: EnvironmentId,
        /// The payer.
        payer: Payer,
    },
    /// Makes a product.
    CreateProduct {
        /// The plan it stands for.
        plan_id: PlanId,
        /// The name on Stripe's pages and invoices.
        name: String,
    },
    /// Renames a product and begins or ends its sale.
    UpdateProduct {
        /// The product.
        product: StripeId,
        /// The name on Stripe's pages and invoices.
        name: String,
        /// Whether it is sold.
        active: bool,
    },
    /// Makes a price.
    CreatePrice {
        /// The price it stands for.
        price_id: PriceId,
        /// The product it is a price of.
        product: StripeId,
        /// Amount and interval.
        terms: crate::PriceTerms,
    },
    /// Ends the sale of a price; subscriptions keep it.
    ArchivePrice {
        /// The price.
        price: StripeId,
    },
    /// Makes a Checkout Session of mode `subscription`.
    CreateCheckoutSession(Box<NewCheckoutSession>),
    /// Ends an open Checkout Session.
    ExpireCheckoutSession {
        /// The session.
        session: StripeId,
    },
    /// Ends a subscription now, without proration.
    CancelSubscription {
        /// The subscription.
        subscription: StripeId,
    },
    /// Lets a subscription run to the end of its period.
    CancelAtPeriodEnd {
        /// The subscription.
        subscription: StripeId,
    },
    /// Lets a subscription that is to end go on.
    ResumeSubscription {
        /// The subscription.
        subscription: StripeId,
        /// Whether it is to end with its period, and not at another moment.
        ends_with_period: bool,
    },
    /// Moves the end of a running trial.
    SetTrialEnd {
        /// The subscription.
        subscription: StripeId,
        /// The end.
        ends: TrialEnd,
    },
    /// Makes a session of the customer portal in which the customer enters another payment method, and does nothing else.
    CreatePortalSession {
        /// The customer.
        customer: StripeId,
        /// The page to return to.
        return_url: String,
    },
    /// Changes the price or the seats of a subscription now, and charges for it. A payment that fails undoes the change.
    ChangePlan(ItemChange),
    /// Gives back all of a payment.
    Refund {
        /// The payment.
        payment_intent: StripeId,
    },
    /// Gives back a part of a payment.
    RefundPart(PaymentRefund),
    /// Cancels an invoice for good.
    VoidInvoice {
        /// The invoice.
        invoice: StripeId,
    },
    /// Gives up an invoice.
    MarkInvoiceUncollectible {
        /// The invoice.
        invoice: StripeId,
    },
    /// Sends an invoice by e-mail.
    SendInvoice {
        /// The invoice.
        invoice: StripeId,
    },
}

/// The parameters of a new Checkout Session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCheckoutSession {
    /// The intent it belongs to, in the metadata of session and subscription.
    pub intent_id: CheckoutIntentId,
    /// The app, in the metadata.
    pub app_id: crate::AppId,
    /// The environment, in the metadata.
    pub environment_id: EnvironmentId,
    /// The customer of the payer.
    pub customer: StripeId,
    /// The price.
    pub price: StripeId,
    /// The number of seats.
    pub quantity: u32,
    /// The days of trial; 0 for none.
    pub trial_days: u32,
    /// The absolute expiry: a create request that is delivered late fails instead of opening a session.
    pub expires_at: Timestamp,
    /// The page after payment.
    pub success_url: String,
    /// The page after giving up.
    pub cancel_url: String,
}
