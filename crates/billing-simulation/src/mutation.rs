//! Weakened rules, each of which the auditor must catch: a simulation that finds nothing may be blind.
//!
//! They stand between the product and its ports, so that the product has no trace of them.

mod gateway;
mod store;
mod unit_of_work;

pub(crate) use gateway::WeakGateway;
pub(crate) use store::WeakStore;

macro_rules! mutations {
    ($($(#[doc = $doc:literal])+ $name:ident => $word:literal;)+) => {
        /// A weakened rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Mutation {
            $($(#[doc = $doc])+ $name),+
        }

        impl Mutation {
            /// Every mutation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The mutation of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|mutation| mutation.as_str() == name)
            }
        }
    };
}

mutations! {
    /// The switch is read in an earlier transaction than the one that depends on it.
    NoLock => "no_lock";
    /// A checkout is admitted while billing is being disabled.
    NoClosing => "no_closing";
    /// Each attempt of a call has a key of its own.
    NewKeyOnRetry => "new_key_on_retry";
    /// Each attempt of a call has a body of its own.
    OtherBodyOnRetry => "other_body_on_retry";
    /// A call is sent again after Stripe has forgotten its key.
    ResendAfterADay => "resend_after_a_day";
    /// The answer to a repeated call is taken for the present state of its session.
    BelieveReplay => "believe_replay";
    /// No answer is taken for a refusal.
    UnknownIsRefused => "unknown_is_refused";
    /// A conflict with an attempt under way is taken for a refusal.
    ConflictIsRefused => "conflict_is_refused";
    /// A paid session is taken for one that has ended.
    PaidIsExpired => "paid_is_expired";
    /// The guard asks the mirror and not Stripe.
    GuardTrustsMirror => "guard_trusts_mirror";
    /// Only the first page of a list is read.
    FirstPageOnly => "first_page_only";
    /// The status that an event has is written, and not the fetched one.
    SnapshotOfEvent => "snapshot_of_event";
    /// An event is ignored that was not created later than the latest one of its object.
    OrderedByCreated => "ordered_by_created";
    /// A webhook is acknowledged before it is stored.
    AcknowledgeBeforeCommit => "acknowledge_before_commit";
    /// A closing that a crash has left is not ended.
    ClosingNotRecovered => "closing_not_recovered";
    /// A call that a crash has left is not settled.
    CallsNotSettled => "calls_not_settled";
    /// Nothing is reconciled.
    NoReconciliation => "no_reconciliation";
    /// A payer's second subscription goes on.
    DuplicateGoesOn => "duplicate_goes_on";
    /// A payer's second subscription is ended and not paid back.
    DuplicateNotPaidBack => "duplicate_not_paid_back";
    /// A payer gets a trial with each subscription.
    TrialTwice => "trial_twice";
    /// Changes are audited after their commit.
    AuditAfterCommit => "audit_after_commit";
    /// Changes by the worker are not audited.
    WorkerNotAudited => "worker_not_audited";
    /// Refunds whose calls have no outcome, or that are not in the mirror, are not taken off what is left.
    RefundCallsForgotten => "refund_calls_forgotten";
    /// The answer to a refund is not remembered under its idempotency key.
    RefundRequestForgotten => "refund_request_forgotten";
    /// Each attempt of a refund has a key of its own.
    RefundKeyOnRetry => "refund_key_on_retry";
    /// What was given back at Stripe is not read.
    RefundsReadAsNone => "refunds_read_as_none";
    /// An invoice that was paid is taken for what it was then.
    PaidInvoiceNotFetched => "paid_invoice_not_fetched";
    /// What a change of plan costs is not asked again when it is confirmed.
    PreviewNotAskedAgain => "preview_not_asked_again";
    /// Each attempt of a change of plan has a key of its own.
    PlanChangeKeyOnRetry => "plan_change_key_on_retry";
    /// No answer to a change of a plan or trial is taken for its being done.
    UnknownIsDone => "unknown_is_done";
}
