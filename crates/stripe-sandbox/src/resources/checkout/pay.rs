//! Pays a checkout: the API and the page do it alike.

use serde_json::Value;

use super::{
    asked::{PaymentData, SetupData, SubscriptionData},
    payer,
    session::{Details, Order, Session, Status, Waiting},
    waiting,
};
use crate::{
    lifecycle::collection::Payer,
    resources::{
        cards::Behavior,
        customers::Customer,
        discounts::{AskedDiscount, Discount},
        invoices::{Invoice, Line, Period, Pricing},
        payment_intents::{self, CaptureMethod, Collect, PaymentIntent},
        payment_methods::PaymentMethod,
        setup_intents::{SetupIntent, SetupStatus},
        subscriptions::{
            Agreed, AskedItem, CreateSubscription, PaymentBehavior, Start, Subscription, begin, start_as,
        },
    },
    store::{Resource, Tx},
    wire::{ApiError, Moment, Patch},
};

/// What a checkout is paid with.
#[derive(Debug, Default)]
pub struct Payment {
    pub payment_method: Option<String>,
    pub details: Details,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    Complete,
    /// The owner of the card must authenticate this intent first.
    Authenticate(String),
}

/// Pays an open checkout. When that fails, everything is as it was before.
///
/// # Errors
///
/// A checkout that is not open, a payment method that it does not take, or a card that is declined.
pub fn pay(tx: &mut Tx<'_>, id: &str, payment: Payment) -> Result<Outcome, ApiError> {
    let before = tx.savepoint();
    attempt(tx, id, payment).map_err(|error| {
        tx.roll_back(before);
        let mut error = error.undoing_everything();
        // They are no more.
        for undone in ["charge", "payment_intent", "setup_intent"] {
            error.more.remove(undone);
        }
        error
    })
}

fn attempt(tx: &mut Tx<'_>, id: &str, payment: Payment) -> Result<Outcome, ApiError> {
    let session = payable(tx, id)?;
    let method = payment.payment_method.map(|id| usable(tx, &session, &id)).transpose()?;
    if method.is_none() && session.needs_payment_method() {
        return Err(ApiError::missing_param("payment_method"));
    }
    if let (Some(waiting), Some(method)) = (&session.waiting, &method)
        && waiting.payment_method == method.id
    {
        return Ok(Outcome::Authenticate(waiting.intent.clone()));
    }
    let mut session = Session { refusal: None, ..waiting::abandon(tx, session) };
    let details = payer::details(tx, &session, payment.details, method.as_ref())?;
    let customer = payer::customer(tx, &mut session, &details)?;
    tx.put(session.clone());
    let intent = match (session.order.clone(), method.as_ref(), customer) {
        (Order::Setup(_), Some(method), _) => set_up(tx, &session, method)?,
        (Order::Payment(data), Some(method), customer) if session.sums().total > 0 => {
            take(tx, &mut session, *data, method, customer.as_ref())?
        }
        (Order::Subscription(_), Some(method), Some(customer)) if session.sums().total == 0 => {
            let intent = SetupIntent::of_checkout(tx, &session, SetupData::default())?;
            match confirm(tx, &session, intent, method)? {
                Some(waits) => Some(waits),
                None => subscribe(tx, &mut session, &customer, Some(method))?,
            }
        }
        (Order::Subscription(_), method, Some(customer)) => subscribe(tx, &mut session, &customer, method)?,
        (Order::Setup(_) | Order::Payment(_) | Order::Subscription(_), _, _) => None,
    };
    let method = method.map(|method| method.id);
    Ok(match intent {
        None => {
            complete(tx, session, method.as_deref(), details);
            Outcome::Complete
        }
        Some(Waits { intent, subscription }) => {
            let payment_method = method.unwrap_or_default();
            let waiting = Waiting { intent: intent.clone(), payment_method, subscription, details };
            tx.put(Session { waiting: Some(waiting), subscription: None, invoice: None, ..session });
            Outcome::Authenticate(intent)
        }
    })
}

/// What the owner of the card must do before anything else happens.
pub struct Waits {
    pub intent: String,
    pub subscription: Option<String>,
}

fn payable(tx: &Tx<'_>, id: &str) -> Result<Session, ApiError> {
    let session = tx.get::<Session>(id)?;
    let refuse = |message: &str, code| Err(ApiError::invalid(message).coded(code));
    let now = tx.now(session.test_clock.as_deref());
    match session.status {
        Status::Open if now < session.expires_at => Ok(session),
        Status::Open | Status::Expired => {
            refuse("This Checkout Session has expired and can no longer be paid.", "checkout_session_expired")
        }
        Status::Complete => refuse(
            "This Checkout Session has already been completed and cannot be paid again.",
            "checkout_session_completed",
        ),
    }
}

fn usable(tx: &mut Tx<'_>, session: &Session, id: &str) -> Result<PaymentMethod, ApiError> {
    let method = PaymentMethod::resolve(tx, "payment_method", id)?;
    if method.customer.is_some() && method.customer != session.customer {
        let message = "The payment method is attached to another customer.";
        return Err(ApiError::invalid(message).about("payment_method"));
    }
    if method.is_detached {
        return Err(crate::resources::payment_methods::detached("payment_method"));
    }
    let kind = method.kind.name();
    if !session.payment_method_types.iter().any(|known| known == kind) {
        let message = format!(
            "This Checkout Session takes {}, and not `{kind}`.",
            session.payment_method_types.join(", ")
        );
        return Err(ApiError::invalid(message).about("payment_method"));
    }
    Ok(method)
}

/// Where the owner of a card comes back to from the authentication page.
fn return_url(tx: &Tx<'_>, session: &Session) -> String {
    format!("{}/return", session.url(tx))
}

fn set_up(tx: &mut Tx<'_>, session: &Session, method: &PaymentMethod) -> Result<Option<Waits>, ApiError> {
    let intent = tx.get::<SetupIntent>(session.setup_intent.as_deref().unwrap_or_default())?;
    let intent = SetupIntent { customer: session.customer.clone(), ..intent };
    confirm(tx, session, intent, method)
}

fn confirm(
    tx: &mut Tx<'_>,
    session: &Session,
    intent: SetupIntent,
    method: &PaymentMethod,
) -> Result<Option<Waits>, ApiError> {
    let (payment_method, return_url) = (Some(method.id.clone()), Some(return_url(tx, session)));
    let intent = SetupIntent { payment_method, return_url, ..intent }.confirm(tx)?;
    let waits = intent.status == SetupStatus::RequiresAction;
    Ok(waits.then_some(Waits { intent: intent.id, subscription: None }))
}

/// One payment.
fn take(
    tx: &mut Tx<'_>,
    session: &mut Session,
    data: PaymentData,
    method: &PaymentMethod,
    customer: Option<&Customer>,
) -> Result<Option<Waits>, ApiError> {
    let asked = Collect {
        customer: customer.map(|customer| customer.id.clone()),
        amount: session.sums().total,
        currency: session.currency().to_owned(),
        payment_method: Some(method.id.clone()),
        invoice: None,
        off_session: false,
        description: data.description,
        metadata: data.metadata.unwrap_or_default(),
        setup_future_usage: false,
        test_clock: session.test_clock.clone(),
    };
    let intent = PaymentIntent {
        capture_method: data.capture_method.unwrap_or(CaptureMethod::AutomaticAsync),
        receipt_email: data.receipt_email,
        setup_future_usage: data.setup_future_usage,
        shipping: data.shipping.map(|shipping| serde_json::json!(shipping)),
        statement_descriptor: data.statement_descriptor,
        payment_method_types: session.payment_method_types.clone(),
        checkout_session: Some(session.id.clone()),
        return_url: Some(return_url(tx, session)),
        ..PaymentIntent::new(tx, asked)
    };
    tx.create(&intent, "payment_intent.created");
    let intent = intent.confirm(tx, false);
    let waits = waits(tx, &intent, None)?;
    if waits.is_none() {
        session.payment_intent = Some(intent.id);
    }
    Ok(waits)
}

/// Begins the subscription and pays its first invoice.
///
/// # Errors
///
/// What it is for cannot be had any more, or the card is declined.
pub fn subscribe(
    tx: &mut Tx<'_>,
    session: &mut Session,
    customer: &Customer,
    method: Option<&PaymentMethod>,
) -> Result<Option<Waits>, ApiError> {
    let Order::Subscription(data) = session.order.clone() else { return Ok(None) };
    // A card that has yet to be authenticated becomes the customer's only then.
    let is_ready = |method: &&PaymentMethod| {
        method.is_authenticated
            || !matches!(method.behavior, Behavior::AuthenticatesAlways | Behavior::AuthenticatesOnce)
    };
    let ready = method.filter(is_ready);
    let ready =
        ready.map(|it| PaymentMethod::attached(tx, customer, "payment_method", &it.id)).transpose()?;
    let params = CreateSubscription {
        default_payment_method: ready.map(|method| method.id),
        ..asked(session, customer, data)
    };
    let subscription = begin(tx, customer, params)?;
    let agreed = Agreed { once: once(tx, session, &subscription), recurring: recurring(session) };
    let id = subscription.id.clone();
    let start = Start {
        behavior: PaymentBehavior::AllowIncomplete,
        payer: Payer::Present,
        payment_method: method.map(|method| method.id.clone()),
        agreed: Some(agreed),
    };
    start_as(tx, subscription, start)?;
    let invoice = tx.get::<Subscription>(&id)?.latest_invoice;
    let intent = invoice.as_ref().and_then(|id| tx.find::<Invoice>(id)?.payment_intent.clone());
    session.subscription = Some(id.clone());
    session.invoice = invoice;
    let Some(intent) = intent.and_then(|id| tx.find::<PaymentIntent>(&id).cloned()) else { return Ok(None) };
    let (checkout_session, return_url) = (Some(session.id.clone()), Some(return_url(tx, session)));
    let intent = PaymentIntent { return_url, checkout_session, ..intent };
    tx.put(intent.clone());
    waits(tx, &intent, Some(id))
}

fn asked(session: &Session, customer: &Customer, data: SubscriptionData) -> CreateSubscription {
    let item = |line: &super::LineItem| AskedItem {
        id: None,
        price: Some(line.price.clone()),
        plan: None,
        price_data: None,
        quantity: Some(line.quantity),
        deleted: None,
        metadata: Patch::Set(line.metadata.clone()),
        is_scheduled: false,
    };
    let discount = session.discount.as_ref().map(|reduction| AskedDiscount {
        coupon: reduction.promotion_code.is_none().then(|| reduction.coupon.id.clone()),
        promotion_code: reduction.promotion_code.clone(),
        discount: None,
    });
    CreateSubscription {
        customer: customer.id.clone(),
        items: session.lines.iter().filter(|line| line.recurring.is_some()).map(item).collect(),
        discounts: Some(discount.into_iter().collect()),
        description: data.description,
        metadata: data.metadata,
        trial_period_days: data.trial_period_days,
        trial_end: data.trial_end.map(Moment::At),
        trial_settings: data.trial_settings,
        billing_cycle_anchor: data.billing_cycle_anchor,
        proration_behavior: data.proration_behavior,
        ..CreateSubscription::default()
    }
}

/// What each of what recurs costs first.
fn recurring(session: &Session) -> Vec<i64> {
    let lines = session.lines.iter().filter(|line| line.recurring.is_some());
    lines.map(|line| if session.has_trial() { 0 } else { line.due() }).collect()
}

/// What is paid once, with the first period.
fn once(tx: &mut Tx<'_>, session: &Session, subscription: &Subscription) -> Vec<Line> {
    let start = subscription.start_date;
    let lines = session.lines.iter().filter(|line| line.recurring.is_none());
    let line = |line: &super::LineItem| Line {
        id: tx.new_id("il_"),
        amount: line.amount,
        description: Some(line.name.clone()),
        is_discountable: true,
        is_proration: false,
        invoice_item: None,
        subscription: Some(subscription.id.clone()),
        subscription_item: None,
        period: Period { start, end: start },
        pricing: Some(Pricing {
            price: line.price.clone(),
            product: line.product.clone(),
            unit_amount: line.unit_amount,
        }),
        quantity: line.quantity,
        metadata: line.metadata.clone(),
        discounts: Vec::new(),
    };
    lines.map(line).collect()
}

fn waits(
    tx: &Tx<'_>,
    intent: &PaymentIntent,
    subscription: Option<String>,
) -> Result<Option<Waits>, ApiError> {
    use payment_intents::Status as S;
    match (intent.status, &intent.last_error) {
        (S::Succeeded | S::Processing | S::RequiresCapture, _) => Ok(None),
        (S::RequiresAction, _) => Ok(Some(Waits { intent: intent.id.clone(), subscription })),
        (_, Some(error)) => Err(error.to_api_error(tx, intent)),
        (_, None) => Err(ApiError::missing_param("payment_method")),
    }
}

/// What was asked for has begun: the card is kept where it will be needed again, and the session is over.
pub fn complete(tx: &mut Tx<'_>, session: Session, method: Option<&str>, details: Details) {
    let customer = session.customer.as_ref().and_then(|id| tx.find::<Customer>(id).cloned());
    if let (Some(customer), Some(method), true) = (customer, method, keeps_method(&session)) {
        keep(tx, &session, &customer, method);
    }
    if let (Order::Payment(_), Some(reduction)) = (&session.order, &session.discount) {
        Discount::count(tx, &reduction.coupon.id, reduction.promotion_code.as_deref());
    }
    let session =
        Session { status: Status::Complete, details: Some(details), waiting: None, refusal: None, ..session };
    tx.put(session.clone());
    tx.emit("checkout.session.completed", &session);
}

fn keeps_method(session: &Session) -> bool {
    match &session.order {
        Order::Payment(data) => data.setup_future_usage.is_some(),
        Order::Setup(_) | Order::Subscription(_) => true,
    }
}

/// A card that became another customer's meanwhile was still good for this payment.
fn keep(tx: &mut Tx<'_>, session: &Session, customer: &Customer, method: &str) {
    let Ok(method) = PaymentMethod::attached(tx, customer, "payment_method", method) else { return };
    let subscription = session.subscription.as_ref().and_then(|id| tx.find::<Subscription>(id).cloned());
    if let Some(subscription) = subscription {
        let default_payment_method = Some(method.id);
        let subscription = Subscription { default_payment_method, ..subscription };
        tx.update(&subscription, "customer.subscription.updated");
    }
}

/// The session as the caller of the page's endpoint sees it: an intent that must be authenticated is in it whole.
pub fn render(tx: &Tx<'_>, id: &str, outcome: &Outcome) -> Result<Value, ApiError> {
    let mut body = tx.get::<Session>(id)?.render(tx);
    if let Outcome::Authenticate(intent) = outcome {
        let field = if tx.find::<SetupIntent>(intent).is_some() { "setup_intent" } else { "payment_intent" };
        body[field] = tx.any(intent).map_or(Value::Null, |intent| intent.render(tx));
    }
    Ok(body)
}
