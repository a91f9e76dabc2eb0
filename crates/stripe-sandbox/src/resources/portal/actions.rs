//! What a customer does in the portal, as far as its configuration allows it.

use super::{
    changing::keep_plan,
    features::{CancelMode, Features, Reason, SubscriptionCancel},
};
use crate::{
    resources::{
        customers::Customer,
        payment_methods::PaymentMethod,
        schedules::Schedule,
        subscriptions::{self, CancellationDetails, Change, EndAt, Proration, Subscription},
    },
    store::Tx,
    wire::{ApiError, Patch},
};

/// Why a customer cancels, in as far as they say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CancelReason {
    pub feedback: Option<Reason>,
    pub comment: Option<String>,
}

impl Features {
    /// As by the API, when a subscription ends is the schedule's to say, if the shop has made one.
    pub fn can_cancel(&self, tx: &Tx<'_>, subscription: &Subscription) -> bool {
        self.subscription_cancel.is_enabled
            && subscription.status.is_live()
            && !Schedule::is_shops(tx, subscription)
            && subscription.cancels_at().is_none()
    }

    /// Whether a cancellation that is ahead can be undone.
    pub fn can_resume(&self, tx: &Tx<'_>, subscription: &Subscription) -> bool {
        self.subscription_cancel.is_enabled
            && subscription.status.is_live()
            && !Schedule::is_shops(tx, subscription)
            && subscription.cancels_at().is_some()
    }
}

impl SubscriptionCancel {
    /// Whether this is one of the reasons that customers are asked to choose from.
    pub fn offers(&self, reason: Reason) -> bool {
        self.asks_reason && self.reasons.contains(&reason)
    }

    /// A change of the plan that is ahead is given up with the subscription.
    ///
    /// # Errors
    ///
    /// A subscription that has ended.
    pub fn cancel(
        &self,
        tx: &mut Tx<'_>,
        subscription: &Subscription,
        reason: CancelReason,
    ) -> Result<(), ApiError> {
        keep_plan(tx, subscription);
        let said = |text: Option<String>| text.map_or(Patch::Keep, Patch::Set);
        let feedback = reason.feedback.map(|feedback| feedback.name().to_owned());
        match self.mode {
            CancelMode::AtPeriodEnd => {
                let details = CancellationDetails { comment: said(reason.comment), feedback: said(feedback) };
                let change = Change {
                    cancel_at: Patch::Set(EndAt::PeriodEnd),
                    cancellation_details: Some(details),
                    ..Change::default()
                };
                subscriptions::change(tx, &subscription.id, change)?;
            }
            CancelMode::Immediately => {
                let mut subscription = tx.get::<Subscription>(&subscription.id)?;
                said(reason.comment).apply(&mut subscription.cancellation.comment);
                said(feedback).apply(&mut subscription.cancellation.feedback);
                let prorates = self.proration_behavior != Proration::None;
                let invoices = self.proration_behavior == Proration::AlwaysInvoice;
                subscriptions::end(tx, subscription, prorates, invoices);
            }
        }
        Ok(())
    }
}

/// Undoes a cancellation that is ahead, and forgets why it was.
///
/// # Errors
///
/// A subscription that has ended.
pub fn resume(tx: &mut Tx<'_>, subscription: &Subscription) -> Result<(), ApiError> {
    let forgotten = CancellationDetails { comment: Patch::Clear, feedback: Patch::Clear };
    let change = Change {
        cancel_at_period_end: Some(false),
        cancel_at: Patch::Clear,
        cancellation_details: Some(forgotten),
        ..Change::default()
    };
    subscriptions::change(tx, &subscription.id, change).map(drop)
}

/// Makes it the card of all that the customer pays. Subscriptions with a card of their own take it too.
///
/// # Errors
///
/// One that is not the customer's, and cannot be.
pub fn pay_with(tx: &mut Tx<'_>, customer: &Customer, method: &str) -> Result<(), ApiError> {
    let method = PaymentMethod::of_customer(tx, customer, "payment_method", method)?.id;
    let mut after = tx.get::<Customer>(&customer.id)?;
    after.default_payment_method = Some(method.clone());
    tx.update(&after, "customer.updated");
    let own = tx.of_owner::<Subscription>(&customer.id);
    let own = own.filter(|it| it.status.is_live() && it.default_payment_method.is_some());
    for id in own.map(|it| it.id.clone()).collect::<Vec<_>>() {
        let default_payment_method = Patch::Set(method.clone());
        subscriptions::change(tx, &id, Change { default_payment_method, ..Change::default() })?;
    }
    Ok(())
}
