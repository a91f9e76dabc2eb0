//! What a customer does in the portal, as far as its configuration allows it.

use super::features::{CancelMode, Features, ItemField, SubscriptionCancel, SubscriptionUpdate, TrialUpdate};
use crate::{
    resources::{
        customers::Customer,
        payment_methods::PaymentMethod,
        subscriptions::{self, AskedItem, Change, PaymentBehavior, Proration, Status, Subscription},
    },
    store::Tx,
    wire::{ApiError, Moment, Patch},
};

/// The plan and how many of it a subscription is changed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub price: String,
    /// As it is, when it is not said.
    pub quantity: Option<u64>,
}

impl Features {
    pub fn can_cancel(&self, subscription: &Subscription) -> bool {
        self.subscription_cancel.is_enabled
            && subscription.status.is_live()
            && subscription.cancels_at().is_none()
    }

    /// Whether a cancellation that is ahead can be undone.
    pub fn can_resume(&self, subscription: &Subscription) -> bool {
        self.subscription_cancel.is_enabled
            && subscription.status.is_live()
            && subscription.cancels_at().is_some()
    }

    /// Only what runs by itself and has one item can be changed.
    pub fn can_change(&self, subscription: &Subscription) -> bool {
        self.subscription_update.is_enabled
            && !self.subscription_update.allowed_updates.is_empty()
            && matches!(subscription.status, Status::Active | Status::Trialing)
            && subscription.cancels_at().is_none()
            && subscription.schedule.is_none()
            && subscription.items.len() == 1
    }
}

impl SubscriptionCancel {
    /// # Errors
    ///
    /// A subscription that has ended.
    pub fn cancel(&self, tx: &mut Tx<'_>, subscription: Subscription) -> Result<(), ApiError> {
        match self.mode {
            CancelMode::AtPeriodEnd => {
                let change = Change { cancel_at_period_end: Some(true), ..Change::default() };
                subscriptions::change(tx, &subscription.id, change)?;
            }
            CancelMode::Immediately => {
                let prorates = self.proration_behavior != Proration::None;
                let invoices = self.proration_behavior == Proration::AlwaysInvoice;
                subscriptions::end(tx, subscription, prorates, invoices);
            }
        }
        Ok(())
    }
}

/// Undoes a cancellation that is ahead.
///
/// # Errors
///
/// A subscription that has ended.
pub fn resume(tx: &mut Tx<'_>, subscription: &Subscription) -> Result<(), ApiError> {
    let change = Change { cancel_at_period_end: Some(false), cancel_at: Patch::Clear, ..Change::default() };
    subscriptions::change(tx, &subscription.id, change).map(drop)
}

impl SubscriptionUpdate {
    /// Whether it differs from what is, in ways that customers may choose.
    pub fn allows_choice(&self, subscription: &Subscription, choice: &Choice) -> bool {
        let Some(item) = subscription.items.first() else { return false };
        let new_price = choice.price != item.price;
        let new_quantity = choice.quantity.is_some_and(|quantity| quantity != item.quantity);
        (new_price || new_quantity)
            && (!new_price || (self.allows(ItemField::Price) && self.offering(&choice.price).is_some()))
            && (!new_quantity || self.allows(ItemField::Quantity))
    }

    /// The change as the API would be asked for it.
    pub fn change(&self, subscription: &Subscription, choice: &Choice) -> Change {
        let items = subscription.items.iter().take(1).map(|item| AskedItem {
            id: Some(item.id.clone()),
            price: Some(choice.price.clone()).filter(|price| *price != item.price),
            plan: None,
            price_data: None,
            quantity: choice.quantity,
            deleted: None,
            metadata: Patch::Keep,
            is_scheduled: false,
        });
        let ends_trial =
            subscription.status == Status::Trialing && self.trial_update_behavior == TrialUpdate::EndTrial;
        Change {
            items: Some(items.collect()),
            proration_behavior: self.proration_behavior,
            billing_cycle_anchor: self.billing_cycle_anchor,
            trial_end: ends_trial.then_some(Moment::Now),
            ..Change::default()
        }
    }

    /// Makes the change. One whose payment is declined is not made; one whose payment must be authenticated is made,
    /// and its invoice is open until then.
    ///
    /// # Errors
    ///
    /// A change that cannot be made, or whose payment is declined.
    pub fn make(
        &self,
        tx: &mut Tx<'_>,
        subscription: &Subscription,
        choice: &Choice,
    ) -> Result<(), ApiError> {
        let before = tx.savepoint();
        let strict = Change {
            payment_behavior: PaymentBehavior::ErrorIfIncomplete,
            ..self.change(subscription, choice)
        };
        let Err(error) = subscriptions::change(tx, &subscription.id, strict) else { return Ok(()) };
        tx.roll_back(before);
        if error.code != Some("invoice_payment_intent_requires_action") {
            return Err(error);
        }
        subscriptions::change(tx, &subscription.id, self.change(subscription, choice)).map(drop)
    }
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
