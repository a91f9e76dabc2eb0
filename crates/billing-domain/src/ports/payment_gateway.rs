use async_trait::async_trait;

use super::BoxError;
use crate::{
    ChangeableSubscription, ChargeableObject, FrozenRequest, Gateway, GatewayAccountId, GatewayCall,
    GatewayCallId, GatewayCheckoutSession, GatewayCommand, GatewayEvent, GatewayInvoice, GatewaySubscription,
    ItemChange, PreviewedInvoice, StripeId, StripeSubscriptionId, Timestamp, WorkspaceId,
};

/// The payment gateway: all of its capabilities.
pub trait PaymentGateway: GatewayAccounts + GatewayCalls + GatewayReads + GatewayEvents {}

impl<T: GatewayAccounts + GatewayCalls + GatewayReads + GatewayEvents + ?Sized> PaymentGateway for T {}

/// The Stripe accounts behind the gateways.
#[async_trait]
pub trait GatewayAccounts: Send + Sync {
    /// The account that new sales through this gateway go to. Asks Stripe once per key and remembers the answer.
    ///
    /// # Errors
    /// [`GatewayError`]. May be repeated.
    async fn account_of(&self, gateway: Gateway) -> Result<GatewayAccountId, GatewayError>;

    /// Whether the account serves one workspace only, so that everything on it is that workspace's. False for the
    /// shared managed account.
    fn serves_one_workspace(&self, account: &GatewayAccountId) -> bool;

    /// Whether the account is used in live mode, where money is real (invariant I8).
    fn is_live(&self, account: &GatewayAccountId) -> bool;
}

/// The changes at Stripe.
#[async_trait]
pub trait GatewayCalls: Send + Sync {
    /// The request of a command, ready to be stored. What it creates carries `kl_call_id` and `kl_workspace_id` as
    /// metadata. No I/O.
    fn freeze(&self, call: GatewayCallId, workspace: &WorkspaceId, command: &GatewayCommand)
    -> FrozenRequest;

    /// Sends a call under its key. Must be repeated until it gives `Ok`: the same call makes at most one object.
    ///
    /// A call that [makes no object](crate::CallPurpose::makes_an_object) goes on to a [numbered](crate::IdempotencyKey::numbered)
    /// key once Stripe repeats a failure that it has stored under the one before: an attempt that is still on its way under
    /// that key can do nothing any more. A lost answer never changes the key.
    ///
    /// `important` calls, for which a person waits, go before others where Stripe's rate is limited.
    ///
    /// `Ok(Refused)` is final: nothing was made, and nothing will be. An object that `Ok(Done)` names may have changed
    /// since Stripe made it, for Stripe repeats the answer of then.
    ///
    /// # Errors
    /// [`GatewayError::Unknown`]: it may or may not have been carried out.
    async fn send(&self, call: &GatewayCall, important: bool) -> Result<SentCall, GatewayError>;

    /// Sends a call that makes a page for a person, as [`send`](Self::send) does, and gives the address of the page. For a call
    /// that was carried out it gives the address of then, for as long as Stripe keeps the key.
    ///
    /// # Errors
    /// [`GatewayError::Unknown`]: it may or may not have been carried out.
    async fn open_page(&self, call: &GatewayCall) -> Result<OpenedPage, GatewayError>;

    /// The object that a call made or changed, for a call too old to be sent again. What it made is found by listing what
    /// carries its `kl_call_id` (never by Search); of what it changes, the present state tells. `None` if it was not carried
    /// out.
    ///
    /// # Errors
    /// [`GatewayError`]. May be repeated.
    async fn object_of(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError>;
}

/// The answer to a call that makes a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenedPage {
    /// The page is there.
    Open {
        /// Stripe's id of its session.
        id: StripeId,
        /// The address.
        address: PrivateAddress,
    },
    /// Refused, for this reason.
    Refused(String),
}

/// The address of a page at Stripe on which whoever has it acts for a payer. It is not stored, and not in the log.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateAddress(pub String);

impl std::fmt::Debug for PrivateAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateAddress(…)")
    }
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentCall {
    /// Carried out on the object with this id.
    Done(StripeId),
    /// Refused.
    Refused {
        /// Stripe's reason.
        reason: String,
        /// The object that the call refers to and Stripe does not have any more.
        missing: Option<StripeId>,
    },
}

/// The present state of objects at Stripe. `None` for an object that does not exist.
///
/// # Errors
/// Each gives [`GatewayError`] and may be repeated.
#[async_trait]
pub trait GatewayReads: Send + Sync {
    /// A Checkout Session.
    async fn checkout_session(
        &self,
        account: &GatewayAccountId,
        id: &StripeId,
    ) -> Result<Option<GatewayCheckoutSession>, GatewayError>;

    /// A subscription.
    async fn subscription(
        &self,
        account: &GatewayAccountId,
        id: &StripeSubscriptionId,
    ) -> Result<Option<GatewaySubscription>, GatewayError>;

    /// A subscription with what a change of its plan needs. A person waits for it, as for
    /// [`previewed_change`](Self::previewed_change).
    async fn changeable_subscription(
        &self,
        account: &GatewayAccountId,
        id: &StripeSubscriptionId,
    ) -> Result<Option<ChangeableSubscription>, GatewayError>;

    /// The invoice that a change would make now. Changes nothing.
    async fn previewed_change(
        &self,
        account: &GatewayAccountId,
        change: &ItemChange,
    ) -> Result<PreviewedInvoice, GatewayError>;

    /// An invoice with its first 100 lines, its payments and their refunds.
    async fn invoice(
        &self,
        account: &GatewayAccountId,
        id: &StripeId,
    ) -> Result<Option<GatewayInvoice>, GatewayError>;

    /// The invoices that a payment intent pays.
    async fn invoices_of_payment(
        &self,
        account: &GatewayAccountId,
        payment: &StripeId,
    ) -> Result<Vec<StripeId>, GatewayError>;

    /// Everything on the account through which Stripe can charge someone: all pages of List, never Search.
    async fn chargeable(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
    ) -> Result<Vec<ChargeableObject>, GatewayError>;

    /// The ids of subscriptions and invoices of the scope, ended ones included, for reconciliation: all of some customers;
    /// of a whole account one page, which begins after the object `after`.
    async fn objects(
        &self,
        account: &GatewayAccountId,
        scope: &GatewayScope,
        after: Option<StripeId>,
    ) -> Result<ObjectPage, GatewayError>;

    /// The payments of all paid invoices of a subscription, but for those of which all is refunded or being refunded.
    async fn unrefunded_payments(
        &self,
        account: &GatewayAccountId,
        subscription: &StripeSubscriptionId,
    ) -> Result<Vec<StripeId>, GatewayError>;

    /// The live subscriptions by which workspaces pay the platform, on the account of this gateway's own key: all pages of
    /// List. None for a gateway without a key, and none on the managed account.
    async fn paying_workspaces(&self, gateway: Gateway) -> Result<Vec<PayingWorkspace>, GatewayError>;
}

/// A subscription by which a workspace pays the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayingWorkspace {
    /// The workspace in its metadata.
    pub workspace_id: WorkspaceId,
    /// The platform's account.
    pub account: GatewayAccountId,
    /// Stripe's id.
    pub subscription: StripeSubscriptionId,
}

/// The part of an account that is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayScope {
    /// All of it.
    Account,
    /// The objects of these customers.
    Customers(Vec<StripeId>),
}

/// A page of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectPage {
    /// The ids.
    pub ids: Vec<StripeId>,
    /// The object after which the next page begins; `None` at the end.
    pub next: Option<StripeId>,
}

/// The webhooks of Stripe.
pub trait GatewayEvents: Send + Sync {
    /// The event in a webhook's body, if one of the configured secrets signed it within 300 seconds of `now`.
    ///
    /// # Errors
    /// [`WebhookRefused`].
    fn verified_event(
        &self,
        body: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<GatewayEvent, WebhookRefused>;
}

/// The webhook is not from Stripe, or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    /// The signature header is missing, malformed, too old, from the future, or of another secret.
    #[error("The signature of the webhook is not valid: {0}.")]
    Signature(&'static str),
    /// The body is not an event of Stripe.
    #[error("The body of the webhook is not an event of Stripe: {0}")]
    Body(String),
    /// The event is of live mode and its secret of test mode, or the other way round (invariant I8).
    #[error("The event is of another mode than the gateway.")]
    Mode,
    /// The account of the secret is not known yet: Stripe has not been reached since the start, or the key may not be used
    /// for its account. Stripe sends the event again.
    #[error("The account that the webhook is of is not known yet.")]
    NotReady,
}

/// Stripe's answer is not known.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A timeout, a lost connection, a 5xx, a rate limit, or an answer to a change that cannot be read: the request may
    /// have been carried out. Repeat it, under the same key if it changes something.
    #[error("the outcome at the payment gateway is unknown")]
    Unknown(#[source] BoxError),
    /// Stripe has answered a request that only reads, and the answer cannot be read. A repeat may not help.
    #[error("the answer of the payment gateway cannot be read")]
    Unreadable(#[source] BoxError),
    /// This deployment has no key for the account. Nothing was sent.
    #[error("there is no key for the gateway account {0}")]
    NoAccess(GatewayAccountId),
    /// Stripe refuses the key, or a request that only reads. Nothing was changed; an operator must look.
    #[error("the payment gateway refused: {0}")]
    Refused(String),
    /// The key for the account is of the other mode than the account is used in, or keys of both modes are of one account
    /// (invariant I8). Nothing was sent for the account. Nothing is known of it until an operator has set the right key, so
    /// it is to be taken as an outage.
    #[error("test mode and live mode must not mix: {0}")]
    MixedModes(String),
    /// The account of this gateway is not linked yet.
    #[error("no Stripe account is linked")]
    NotLinked,
}
