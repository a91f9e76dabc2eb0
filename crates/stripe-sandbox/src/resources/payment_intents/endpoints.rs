//! `/v1/payment_intents`.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{CaptureMethod, Collect, FutureUsage, PaymentIntent, Status, amounts::check_payment};
use crate::{
    currency,
    resources::{
        charges::Charge,
        checkout::guard_intent,
        customers::{Address, Customer},
        payment_methods::PaymentMethod,
    },
    store::Tx,
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        checks::checked_url,
        values::{merge_metadata, new_metadata},
    },
};

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/payment_intents", list);
    routes.post("/v1/payment_intents", create);
    routes.get("/v1/payment_intents/{intent}", retrieve);
    routes.post("/v1/payment_intents/{intent}", update);
    routes.post("/v1/payment_intents/{intent}/confirm", confirm);
    routes.post("/v1/payment_intents/{intent}/capture", capture);
    routes.post("/v1/payment_intents/{intent}/cancel", cancel);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListIntents {
    customer: Option<String>,
    created: Option<Range>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListIntents = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let wanted = |intent: &&PaymentIntent| {
        params.customer.as_ref().is_none_or(|customer| intent.customer.as_ref() == Some(customer))
            && params.created.is_none_or(|range| range.holds(intent.created))
    };
    call.page_of(tx, tx.newest_first::<PaymentIntent>().filter(wanted))
}

fn known(tx: &Tx<'_>, call: &Call) -> Result<PaymentIntent, ApiError> {
    tx.get::<PaymentIntent>(call.id("intent")).map_err(|error| error.about("intent"))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&known(tx, call)?))
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipping {
    name: String,
    address: Address,
    phone: Option<String>,
    carrier: Option<String>,
    tracking_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerAcceptance {
    #[serde(rename = "type")]
    _kind: String,
    #[serde(rename = "accepted_at")]
    _accepted_at: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MandateData {
    #[serde(rename = "customer_acceptance")]
    _customer_acceptance: CustomerAcceptance,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum ConfirmationMethod {
    Automatic,
    Manual,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateIntent {
    amount: i64,
    currency: String,
    customer: Option<String>,
    payment_method: Option<String>,
    payment_method_types: Option<Vec<String>>,
    confirm: Option<bool>,
    off_session: Option<bool>,
    capture_method: Option<CaptureMethod>,
    confirmation_method: Option<ConfirmationMethod>,
    description: Option<String>,
    receipt_email: Option<String>,
    statement_descriptor: Option<String>,
    setup_future_usage: Option<FutureUsage>,
    shipping: Option<Shipping>,
    return_url: Option<String>,
    metadata: Option<Metadata>,
    /// What is agreed to with a debit; every debit of the sandbox is.
    mandate_data: Option<MandateData>,
    error_on_requires_action: Option<bool>,
}

impl CreateIntent {
    fn check_confirmed(&self) -> Result<(), ApiError> {
        if self.confirm == Some(true) {
            return Ok(());
        }
        only_confirmed(
            "PaymentIntent",
            [
                ("error_on_requires_action", self.error_on_requires_action.is_some()),
                ("mandate_data", self.mandate_data.is_some()),
                ("off_session", self.off_session.is_some()),
                ("return_url", self.return_url.is_some()),
            ],
        )
    }
}

/// What an intent is given only while it is confirmed.
///
/// # Errors
///
/// One of these was given.
pub fn only_confirmed<const N: usize>(noun: &str, given: [(&str, bool); N]) -> Result<(), ApiError> {
    match given.iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((param, _)) => Err(ApiError::invalid(format!(
            "The parameter `{param}` cannot be passed when creating a {noun} unless `confirm` is set to true."
        ))
        .about(param)
        .before_execution()),
    }
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateIntent = call.params()?;
    params.check_confirmed()?;
    let currency = currency::checked(&params.currency, "currency")?;
    check_payment(params.amount, &currency)?;
    let customer = params.customer.map(|id| Customer::present(tx, "customer", &id)).transpose()?;
    let owner = customer.as_ref().map(|customer| customer.id.as_str());
    let method = params.payment_method.map(|id| PaymentMethod::usable(tx, owner, &id)).transpose()?;
    let off_session = params.off_session.unwrap_or(false);
    let new = Collect {
        test_clock: customer.as_ref().and_then(|customer| customer.test_clock.clone()),
        customer: customer.map(|customer| customer.id),
        amount: params.amount,
        currency,
        payment_method: method.map(|method| method.id),
        invoice: None,
        off_session,
        description: params.description,
        metadata: new_metadata(params.metadata)?,
        setup_future_usage: false,
    };
    let mut intent = PaymentIntent::new(tx, new);
    intent.setup_future_usage = params.setup_future_usage;
    intent.payment_method_types = params.payment_method_types.unwrap_or(intent.payment_method_types);
    intent.capture_method = params.capture_method.unwrap_or(CaptureMethod::AutomaticAsync);
    intent.is_confirmed_manually = params.confirmation_method == Some(ConfirmationMethod::Manual);
    intent.receipt_email = params.receipt_email;
    intent.statement_descriptor = params.statement_descriptor;
    intent.shipping = params.shipping.map(|shipping| json!(shipping));
    intent.return_url = params.return_url.map(|url| checked_url(url, "return_url")).transpose()?;
    if intent.payment_method.is_some() {
        intent.status = Status::RequiresConfirmation;
    }
    tx.create(&intent, "payment_intent.created");
    if params.confirm != Some(true) {
        return Ok(Answer::object(&intent));
    }
    tried(tx, intent, off_session, params.error_on_requires_action == Some(true))
}

/// Confirms, and answers a decline with its error.
fn tried(tx: &mut Tx<'_>, intent: PaymentIntent, off_session: bool, refuses_action: bool) -> Reply {
    if intent.payment_method.is_none() {
        return Err(ApiError::invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
        )
        .about("payment_method")
        .coded("payment_intent_unexpected_state"));
    }
    let intent = intent.confirm(tx, off_session);
    if refuses_action && intent.status == Status::RequiresAction {
        let message = "This payment required an authentication action to complete, but `error_on_requires_action` was set.";
        return Err(ApiError::card("authentication_required", Some("authentication_not_handled"), message));
    }
    match &intent.last_error {
        Some(error) => Err(error.to_api_error(tx, &intent)),
        None => Ok(Answer::object(&intent)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateIntent {
    amount: Option<i64>,
    customer: Option<String>,
    payment_method: Option<String>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    receipt_email: Patch<String>,
    setup_future_usage: Option<FutureUsage>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut intent = known(tx, call)?;
    let params: UpdateIntent = call.params()?;
    guard_intent(tx, intent.checkout_session.as_ref())?;
    let is_waiting = matches!(
        intent.status,
        Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction
    );
    if !is_waiting
        && (params.amount.is_some() || params.payment_method.is_some() || params.customer.is_some())
    {
        return Err(unexpected("update", &intent));
    }
    if intent.invoice.is_some() {
        let theirs = [("amount", params.amount.is_some()), ("customer", params.customer.is_some())];
        if let Some((param, _)) = theirs.iter().find(|(_, is_given)| *is_given) {
            let message = format!("The `{param}` of a PaymentIntent that an invoice made cannot be updated.");
            return Err(ApiError::invalid(message).about(param));
        }
    }
    if let Some(amount) = params.amount {
        check_payment(amount, &intent.currency)?;
        intent.amount = amount;
    }
    // What is kept must be the new customer's to pay with, as what is given.
    let kept = intent.payment_method.clone().filter(|_| params.customer.is_some());
    if let Some(customer) = params.customer {
        intent.customer = Some(Customer::present(tx, "customer", &customer)?.id);
    }
    if let Some(method) = params.payment_method.or(kept) {
        intent.payment_method = Some(PaymentMethod::usable(tx, intent.customer.as_deref(), &method)?.id);
        intent.status = Status::RequiresConfirmation;
    }
    params.description.apply(&mut intent.description);
    params.receipt_email.apply(&mut intent.receipt_email);
    intent.setup_future_usage = params.setup_future_usage.or(intent.setup_future_usage);
    merge_metadata(&mut intent.metadata, params.metadata)?;
    tx.put(intent.clone());
    Ok(Answer::object(&intent))
}

fn unexpected(verb: &str, intent: &PaymentIntent) -> ApiError {
    let status = json!(intent.status);
    let message = format!(
        "You cannot {verb} this PaymentIntent because it has a status of {}.",
        status.as_str().unwrap_or_default()
    );
    ApiError::invalid(message).coded("payment_intent_unexpected_state")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirm {
    payment_method: Option<String>,
    off_session: Option<bool>,
    return_url: Option<String>,
    setup_future_usage: Option<FutureUsage>,
    #[serde(rename = "mandate_data")]
    _mandate_data: Option<MandateData>,
    error_on_requires_action: Option<bool>,
}

fn confirm(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut intent = known(tx, call)?;
    let params: Confirm = call.params()?;
    guard_intent(tx, intent.checkout_session.as_ref())?;
    if !matches!(
        intent.status,
        Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction
    ) {
        return Err(unexpected("confirm", &intent));
    }
    if let Some(customer) = &intent.customer {
        Customer::present(tx, "customer", customer)?;
    }
    if let Some(id) = params.payment_method {
        intent.payment_method = Some(PaymentMethod::usable(tx, intent.customer.as_deref(), &id)?.id);
    }
    if let Some(url) = params.return_url {
        intent.return_url = Some(checked_url(url, "return_url")?);
    }
    intent.setup_future_usage = params.setup_future_usage.or(intent.setup_future_usage);
    let off_session = params.off_session.unwrap_or(false);
    let id = intent.id.clone();
    let reply = tried(tx, intent, off_session, params.error_on_requires_action == Some(true));
    if let Some(intent) = tx.find::<PaymentIntent>(&id).cloned() {
        crate::lifecycle::payment_changed(tx, &intent);
    }
    reply
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Capture {
    amount_to_capture: Option<i64>,
}

fn capture(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut intent = known(tx, call)?;
    let params: Capture = call.params()?;
    if intent.status != Status::RequiresCapture {
        return Err(unexpected("capture", &intent));
    }
    let amount = params.amount_to_capture.unwrap_or(intent.amount);
    if !(1..=intent.amount).contains(&amount) {
        let message = "The amount to capture must be more than 0 and at most what was authorized.";
        return Err(ApiError::invalid(message).about("amount_to_capture"));
    }
    intent.amount_received = amount;
    intent.status = Status::Succeeded;
    if let Some(charge) = intent.latest_charge.as_ref().and_then(|id| tx.find::<Charge>(id).cloned()) {
        tx.update(&Charge { amount_captured: amount, ..charge }, "charge.captured");
    }
    tx.put(intent.clone());
    tx.emit("payment_intent.succeeded", &intent);
    Ok(Answer::object(&intent))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    cancellation_reason: Option<String>,
}

fn cancel(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let intent = known(tx, call)?;
    let params: Cancel = call.params()?;
    guard_intent(tx, intent.checkout_session.as_ref())?;
    if intent.invoice.is_some() {
        let message = "This PaymentIntent is of an invoice: void the invoice instead.";
        return Err(ApiError::invalid(message));
    }
    let reason = params.cancellation_reason.unwrap_or_else(|| "requested_by_customer".to_owned());
    match PaymentIntent::cancel(tx, &intent.id, &reason) {
        Some(intent) => Ok(Answer::object(&intent)),
        None => Err(unexpected("cancel", &intent)),
    }
}
