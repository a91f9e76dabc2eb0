//! `POST /v1/checkout/sessions`

use super::{
    asked::{CreateSession, SubscriptionData, method_types},
    line_items::{self, LineItem, Sums},
    promotion,
    session::{Mode, Order, Session, Status},
    settings::Settings,
};
use crate::{
    clock::{DAY, MINUTE, Timestamp},
    currency,
    lifecycle::{
        periods::next_end,
        subscribing::{Terms, part_of},
    },
    resources::{
        customers::Customer, invoices::Period, payment_intents::check_payment, setup_intents::SetupIntent,
    },
    store::Tx,
    wire::{Answer, ApiError, Call, Reply, values::new_metadata},
};

const SHORTEST: Timestamp = 30 * MINUTE;
const LONGEST: Timestamp = DAY;

pub fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut params: CreateSession = call.params()?;
    params.check_urls()?;
    let customer = params.customer.as_ref().map(|id| Customer::present(tx, "customer", id)).transpose()?;
    params.check_customer()?;
    let now = customer.as_ref().map_or_else(|| tx.now(None), |customer| customer.now(tx));
    let order = order(&mut params, now)?;
    let (mut lines, currency) = priced(tx, &mut params)?;
    if let Order::Subscription(data) = &order {
        up_to_anchor(&mut lines, data, currency.as_deref().unwrap_or_default(), now)?;
    }
    if let (Some(of_customer), Some(currency)) =
        (customer.as_ref().and_then(|it| it.currency.as_ref()), &currency)
        && params.mode == Mode::Subscription
        && of_customer != currency
    {
        let message = "You cannot combine currencies on a single customer. This customer has been billed in another one.";
        return Err(ApiError::invalid(message).about("customer"));
    }
    let mut session = Session {
        id: tx.new_id("cs_test_"),
        created: now,
        expires_at: expiry(params.expires_at, now)?,
        status: Status::Open,
        order,
        lines,
        currency,
        customer_creation: params.customer_creation()?,
        method_collection: params.method_collection()?,
        payment_method_types: method_types(params.payment_method_types.take())?,
        test_clock: customer.as_ref().and_then(|customer| customer.test_clock.clone()),
        customer: customer.as_ref().map(|customer| customer.id.clone()),
        customer_email: params.customer_email.take(),
        customer_update: params.customer_update,
        details: None,
        waiting: None,
        refusal: None,
        discount: None,
        allow_promotion_codes: params.allow_promotion_codes,
        success_url: std::mem::take(&mut params.success_url),
        cancel_url: params.cancel_url.take(),
        client_reference_id: params.client_reference_id.take(),
        subscription: None,
        invoice: None,
        payment_intent: None,
        setup_intent: None,
        metadata: new_metadata(params.metadata.take())?,
        settings: Settings::default(),
    };
    if let Some(asked) = params.discount()? {
        session.discount = Some(promotion::given(tx, &session, customer.as_ref(), asked, "discounts[0]")?);
    }
    session.settings = params.settings().checked(session.mode())?;
    check_total(&session)?;
    if let Order::Setup(data) = &session.order {
        session.setup_intent = Some(SetupIntent::of_checkout(tx, &session, data.clone())?.id);
    }
    tx.put(session.clone());
    Ok(Answer::object(&session))
}

fn order(params: &mut CreateSession, now: Timestamp) -> Result<Order, ApiError> {
    let mode = params.mode;
    let given = [
        ("subscription_data", params.subscription_data.is_some(), Mode::Subscription),
        ("payment_intent_data", params.payment_intent_data.is_some(), Mode::Payment),
        ("setup_intent_data", params.setup_intent_data.is_some(), Mode::Setup),
    ];
    for (param, is_given, of) in given {
        if is_given && of != mode {
            let message = format!("You can not pass `{param}` in `{}` mode.", name(mode));
            return Err(ApiError::invalid(message).about(param));
        }
    }
    Ok(match mode {
        Mode::Payment => {
            let data = params.payment_intent_data.take().unwrap_or_default();
            data.check()?;
            Order::Payment(Box::new(data))
        }
        Mode::Setup => Order::Setup(params.setup_intent_data.take().unwrap_or_default()),
        Mode::Subscription => {
            let data = params.subscription_data.take().unwrap_or_default();
            data.check(now)?;
            Order::Subscription(data)
        }
    })
}

fn name(mode: Mode) -> &'static str {
    match mode {
        Mode::Payment => "payment",
        Mode::Setup => "setup",
        Mode::Subscription => "subscription",
    }
}

fn priced(tx: &mut Tx<'_>, params: &mut CreateSession) -> Result<(Vec<LineItem>, Option<String>), ApiError> {
    let asked = params.currency.as_ref().map(|it| currency::checked(it, "currency")).transpose()?;
    let lines = params.line_items.take();
    if params.mode == Mode::Setup {
        if lines.is_some() {
            let message = "You can not pass `line_items` in `setup` mode.";
            return Err(ApiError::invalid(message).about("line_items"));
        }
        if asked.is_none() && params.payment_method_types.is_none() {
            return Err(ApiError::missing_param("currency"));
        }
        return Ok((Vec::new(), asked));
    }
    let lines = lines.ok_or_else(|| ApiError::missing_param("line_items"))?;
    let (lines, currency) = line_items::wanted(tx, params.mode, lines)?;
    if asked.is_some_and(|asked| asked != currency) {
        return Err(ApiError::invalid("The prices are in another currency.").about("currency"));
    }
    Ok((lines, Some(currency)))
}

/// What recurs is billed by its part first, where an anchor was asked for. It stays what it is now, so that what was shown
/// is what is paid.
fn up_to_anchor(
    lines: &mut [LineItem],
    data: &SubscriptionData,
    currency: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let Some(anchor) = data.billing_cycle_anchor else { return Ok(()) };
    let late_start = data.proration_behavior.unwrap_or_default();
    for line in lines {
        let Some(recurring) = line.recurring else { continue };
        if anchor > next_end(now, recurring, now) {
            let message = "The anchor must be at most one billing period ahead.";
            return Err(ApiError::invalid(message).about("subscription_data[billing_cycle_anchor]"));
        }
        let terms = Terms { anchor, recurring, late_start, early_end: late_start };
        line.part = Some(part_of(line.amount, currency, terms, Period { start: now, end: anchor }));
    }
    Ok(())
}

fn expiry(asked: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, ApiError> {
    let refuse = |message: &str| Err(ApiError::invalid(message).about("expires_at"));
    match asked {
        None => Ok(now + LONGEST),
        Some(at) if at < now + SHORTEST => {
            refuse("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
        }
        Some(at) if at > now + LONGEST => {
            refuse("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
        }
        Some(at) => Ok(at),
    }
}

/// What is too little or too much for a card is refused now, and not on the page.
///
/// # Errors
///
/// See above.
pub fn check_total(session: &Session) -> Result<(), ApiError> {
    let Sums { total, .. } = session.sums();
    let later = session.sums_of_whole_period().total;
    for amount in [total, later].into_iter().filter(|amount| *amount > 0) {
        check_payment(amount, session.currency()).map_err(|error| ApiError {
            message: format!("The Checkout Session's total amount due cannot be charged: {}", error.message),
            ..error.about("line_items")
        })?;
    }
    Ok(())
}
