//! What becomes of a checkout whose payment waits for somebody: for the owner of the card, or for a bank.

use super::{
    pay::{Waits, complete, subscribe},
    session::{Mode, Order, Session, Status, Waiting},
};
use crate::{
    lifecycle::{invoicing, subscribing},
    resources::{
        customers::Customer,
        discounts::Discount,
        invoices::Invoice,
        payment_intents::{self, PaymentIntent},
        payment_methods::PaymentMethod,
        setup_intents::{SetupIntent, SetupStatus},
        subscriptions::Subscription,
    },
    store::Tx,
    wire::ApiError,
};

/// The open session that waits for this intent.
fn waiting_for(tx: &Tx<'_>, session: Option<&String>, intent: &str) -> Option<(Session, Waiting)> {
    let session = tx.find::<Session>(session?).filter(|session| session.is_open()).cloned()?;
    let waiting = session.waiting.clone().filter(|waiting| waiting.intent == intent)?;
    Some((session, waiting))
}

/// The owner of the card authenticated a payment, or failed to.
pub fn payment_changed(tx: &mut Tx<'_>, intent: &PaymentIntent) {
    use payment_intents::Status as S;
    let Some((session, waiting)) = waiting_for(tx, intent.checkout_session.as_ref(), &intent.id) else {
        return;
    };
    match intent.status {
        S::Succeeded | S::Processing | S::RequiresCapture => finish(tx, session, waiting),
        S::RequiresPaymentMethod | S::Canceled => {
            let message = intent.last_error.as_ref().map(|error| error.message.clone());
            refuse(tx, session, message);
        }
        S::RequiresAction | S::RequiresConfirmation => {}
    }
}

/// However an invoice came to be paid, the session that waits for it is complete.
pub fn invoice_paid(tx: &mut Tx<'_>, invoice: &Invoice) {
    let intent = invoice.payment_intent.as_ref().and_then(|id| tx.find::<PaymentIntent>(id).cloned());
    let Some(intent) = intent else { return };
    if let Some((session, waiting)) = waiting_for(tx, intent.checkout_session.as_ref(), &intent.id) {
        finish(tx, session, waiting);
    }
}

fn finish(tx: &mut Tx<'_>, mut session: Session, waiting: Waiting) {
    if let Some(subscription) = waiting.subscription {
        session.invoice = tx.find::<Subscription>(&subscription).and_then(|it| it.latest_invoice.clone());
        session.subscription = Some(subscription);
    } else if session.mode() == Mode::Payment {
        session.payment_intent = Some(waiting.intent);
    }
    complete(tx, session, Some(&waiting.payment_method), waiting.details);
}

/// The owner of the card authenticated it for later, or failed to.
pub fn setup_changed(tx: &mut Tx<'_>, intent: &SetupIntent) {
    let Some((session, waiting)) = waiting_for(tx, intent.checkout_session.as_ref(), &intent.id) else {
        return;
    };
    match intent.status {
        SetupStatus::Succeeded if session.mode() == Mode::Subscription => {
            let before = tx.savepoint();
            if let Err(error) = begin(tx, session.clone(), waiting) {
                tx.roll_back(before);
                refuse(tx, session, Some(error.message));
            }
        }
        SetupStatus::Succeeded => finish(tx, session, waiting),
        SetupStatus::RequiresPaymentMethod | SetupStatus::Canceled => {
            let message = intent.last_error.as_ref().map(|error| error.message.clone());
            refuse(tx, session, message);
        }
        SetupStatus::RequiresAction | SetupStatus::RequiresConfirmation => {}
    }
}

/// A subscription that is free at first begins once its card is authenticated.
fn begin(tx: &mut Tx<'_>, mut session: Session, waiting: Waiting) -> Result<(), ApiError> {
    let customer = Customer::present(tx, "customer", session.customer.as_deref().unwrap_or_default())?;
    let method = tx.get::<PaymentMethod>(&waiting.payment_method)?;
    match subscribe(tx, &mut session, &customer, Some(&method))? {
        None => complete(tx, session, Some(&method.id), waiting.details),
        Some(Waits { intent, subscription }) => {
            let waiting = Waiting { intent, subscription, ..waiting };
            tx.put(Session { waiting: Some(waiting), subscription: None, invoice: None, ..session });
        }
    }
    Ok(())
}

/// The session can be paid with another card.
fn refuse(tx: &mut Tx<'_>, session: Session, message: Option<String>) {
    let session = abandon(tx, session);
    tx.put(Session { refusal: message, ..session });
}

/// Ends what waits for authentication, so that it can never be charged.
pub fn abandon(tx: &mut Tx<'_>, mut session: Session) -> Session {
    let Some(waiting) = session.waiting.take() else { return session };
    tx.put(session.clone());
    if let Some(subscription) = &waiting.subscription {
        end_unfinished(tx, subscription);
    }
    if session.setup_intent.as_ref() != Some(&waiting.intent) {
        SetupIntent::abandon(tx, &waiting.intent);
    }
    PaymentIntent::cancel(tx, &waiting.intent, "abandoned");
    session
}

fn end_unfinished(tx: &mut Tx<'_>, id: &str) {
    let live = |tx: &Tx<'_>| tx.find::<Subscription>(id).filter(|it| it.status.is_live()).cloned();
    let Some(mut subscription) = live(tx) else { return };
    for discount in std::mem::take(&mut subscription.discounts) {
        Discount::give_back(tx, &discount);
    }
    tx.put(subscription.clone());
    let open = tx.of_owner::<Invoice>(&subscription.customer).filter(|invoice| invoice.is_payable());
    let invoices: Vec<_> = open.filter(|it| it.subscription.as_deref() == Some(id)).cloned().collect();
    for invoice in invoices {
        invoicing::void(tx, invoice);
    }
    if let Some(subscription) = live(tx) {
        subscribing::cancel(tx, subscription);
    }
}

/// Its time is over, or the anchor of its subscription has come before it was paid: the first period is a whole one then.
pub fn fall_due(tx: &mut Tx<'_>, mut session: Session) {
    if session.expires_at <= tx.now(session.test_clock.as_deref()) {
        expire(tx, session);
        return;
    }
    if let Order::Subscription(data) = &mut session.order {
        data.billing_cycle_anchor = None;
    }
    for line in &mut session.lines {
        line.part = None;
    }
    tx.put(session);
}

/// By its time or by hand: nothing of it can be paid any more.
pub fn expire(tx: &mut Tx<'_>, session: Session) -> Session {
    let session = abandon(tx, session);
    if let Some(intent) = &session.setup_intent {
        SetupIntent::abandon(tx, intent);
    }
    let session = Session { status: Status::Expired, refusal: None, ..session };
    tx.put(session.clone());
    tx.emit("checkout.session.expired", &session);
    session
}

/// A debit, with which the session was complete already, arrived or came back.
pub fn debit_settled(tx: &mut Tx<'_>, intent: &PaymentIntent) {
    let session = intent.checkout_session.as_ref().and_then(|id| tx.find::<Session>(id).cloned());
    let Some(session) = session.filter(|session| session.status == Status::Complete) else { return };
    let has_arrived = intent.status == payment_intents::Status::Succeeded;
    tx.emit(
        if has_arrived {
            "checkout.session.async_payment_succeeded"
        } else {
            "checkout.session.async_payment_failed"
        },
        &session,
    );
}

/// What an open session has begun is confirmed and ended by the session only.
///
/// # Errors
///
/// There is such a session.
pub fn guard_intent(tx: &Tx<'_>, session: Option<&String>) -> Result<(), ApiError> {
    match session.and_then(|id| tx.find::<Session>(id)).filter(|session| session.is_open()) {
        None => Ok(()),
        Some(session) => Err(ApiError::invalid(format!(
            "This intent was created by the Checkout Session {}, which is open: pay or expire that instead.",
            session.id
        ))),
    }
}
