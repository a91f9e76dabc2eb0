//! `POST /v1/checkout/sessions`

use serde::{Deserialize, Serialize};

use super::{
    line_items::{self, AskedLine, LineItem, Sums},
    promotion,
    session::{CustomerCreation, MethodCollection, Mode, Order, Session, Status},
    settings::{self, Settings},
};
use crate::{
    clock::{DAY, HOUR, MINUTE, Timestamp},
    currency,
    resources::{
        customers::{Customer, check_email},
        discounts::AskedDiscount,
        payment_intents::{CaptureMethod, FutureUsage, Shipping, check_payment},
        setup_intents::SetupIntent,
        subscriptions::{AskedBillingMode, Proration, TrialSettings, trial},
    },
    store::Tx,
    wire::{Answer, ApiError, Call, Metadata, Moment, Reply, values::new_metadata},
};

const SHORTEST: Timestamp = 30 * MINUTE;
const LONGEST: Timestamp = DAY;
/// A trial must outlive the checkout that begins it.
const SOONEST_TRIAL_END: Timestamp = 48 * HOUR;
const LONGEST_REFERENCE: usize = 200;
const METHOD_TYPES: [&str; 3] = ["card", "link", "sepa_debit"];

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionData {
    pub billing_cycle_anchor: Option<Timestamp>,
    pub billing_mode: Option<AskedBillingMode>,
    pub description: Option<String>,
    pub metadata: Option<Metadata>,
    /// The first period is billed in full, however long it is.
    pub proration_behavior: Option<Proration>,
    pub trial_end: Option<Timestamp>,
    pub trial_period_days: Option<u32>,
    pub trial_settings: Option<TrialSettings>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentData {
    pub capture_method: Option<CaptureMethod>,
    pub description: Option<String>,
    pub metadata: Option<Metadata>,
    pub receipt_email: Option<String>,
    pub setup_future_usage: Option<FutureUsage>,
    pub shipping: Option<Shipping>,
    pub statement_descriptor: Option<String>,
    /// What banks would be told; the sandbox has none.
    pub statement_descriptor_suffix: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupData {
    pub description: Option<String>,
    pub metadata: Option<Metadata>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeping {
    Auto,
    Never,
}

/// Whether the customer takes over what is typed on the page.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerUpdate {
    pub address: Option<Keeping>,
    pub name: Option<Keeping>,
    /// The page asks for no address to send to.
    pub shipping: Option<Keeping>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum UiMode {
    #[serde(alias = "hosted")]
    HostedPage,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateSession {
    mode: Mode,
    line_items: Option<Vec<AskedLine>>,
    success_url: String,
    cancel_url: Option<String>,
    customer: Option<String>,
    customer_email: Option<String>,
    customer_creation: Option<CustomerCreation>,
    customer_update: Option<CustomerUpdate>,
    client_reference_id: Option<String>,
    metadata: Option<Metadata>,
    allow_promotion_codes: Option<bool>,
    discounts: Option<Vec<AskedDiscount>>,
    currency: Option<String>,
    expires_at: Option<Timestamp>,
    payment_method_types: Option<Vec<String>>,
    payment_method_collection: Option<MethodCollection>,
    subscription_data: Option<SubscriptionData>,
    payment_intent_data: Option<PaymentData>,
    setup_intent_data: Option<SetupData>,
    #[serde(rename = "ui_mode")]
    _ui_mode: Option<UiMode>,
    adaptive_pricing: Option<settings::Enabled>,
    automatic_tax: Option<settings::Enabled>,
    billing_address_collection: Option<settings::AddressCollection>,
    consent_collection: Option<settings::ConsentCollection>,
    custom_text: Option<settings::CustomText>,
    integration_identifier: Option<String>,
    locale: Option<String>,
    origin_context: Option<settings::OriginContext>,
    payment_method_options: Option<settings::MethodOptions>,
    phone_number_collection: Option<settings::Enabled>,
    saved_payment_method_options: Option<settings::SavedMethods>,
    submit_type: Option<settings::SubmitType>,
    tax_id_collection: Option<settings::TaxIdCollection>,
}

pub fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut params: CreateSession = call.params()?;
    check_urls(&params)?;
    let customer = params.customer.as_ref().map(|id| Customer::present(tx, "customer", id)).transpose()?;
    check_customer(&params)?;
    let now = customer.as_ref().map_or_else(|| tx.now(None), |customer| customer.now(tx));
    let order = order(&mut params, now)?;
    let (lines, currency) = priced(tx, &mut params)?;
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
        customer_creation: customer_creation(&params)?,
        method_collection: method_collection(&params)?,
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
    if let Some(asked) = discount(&params)? {
        session.discount = Some(promotion::given(tx, &session, customer.as_ref(), asked, "discounts[0]")?);
    }
    session.settings = settings(params).checked()?;
    check_total(&session)?;
    if let Order::Setup(data) = &session.order {
        session.setup_intent = Some(SetupIntent::of_checkout(tx, &session, data.clone())?.id);
    }
    tx.put(session.clone());
    Ok(Answer::object(&session))
}

fn check_urls(params: &CreateSession) -> Result<(), ApiError> {
    let urls = [("success_url", Some(&params.success_url)), ("cancel_url", params.cancel_url.as_ref())];
    for (param, url) in urls {
        if url.is_some_and(|url| !is_url(url)) {
            return Err(ApiError::invalid("Not a valid URL").about(param).coded("url_invalid"));
        }
    }
    Ok(())
}

/// One that a browser can be sent to.
fn is_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && url.len() <= 5000
        && url.chars().all(|it| !it.is_control() && !it.is_whitespace())
}

fn check_customer(params: &CreateSession) -> Result<(), ApiError> {
    let refuse = |param: &str, message: &str| Err(ApiError::invalid(message).about(param));
    if params.customer.is_some() && params.customer_email.is_some() {
        return refuse(
            "customer_email",
            "You may only specify one of these parameters: customer, customer_email.",
        );
    }
    if params.customer.is_none() && params.customer_update.is_some() {
        return refuse("customer_update", "`customer_update` can only be used with `customer`.");
    }
    if params.client_reference_id.as_ref().is_some_and(|id| id.chars().count() > LONGEST_REFERENCE) {
        let message = format!("A reference may have at most {LONGEST_REFERENCE} characters.");
        return refuse("client_reference_id", &message);
    }
    params.customer_email.as_ref().map_or(Ok(()), |email| check_email(email, "customer_email"))
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
        Mode::Payment => Order::Payment(Box::new(params.payment_intent_data.take().unwrap_or_default())),
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

impl SubscriptionData {
    pub fn has_trial(&self) -> bool {
        self.trial_end.is_some() || self.trial_period_days.is_some()
    }

    fn check(&self, now: Timestamp) -> Result<(), ApiError> {
        let refuse = |name: &str, message: &str| {
            Err(ApiError::invalid(message).about(&format!("subscription_data[{name}]")))
        };
        if self.trial_end.is_some() && self.trial_period_days.is_some() {
            return refuse("trial_end", "Give `trial_end` or `trial_period_days`, not both.");
        }
        if self.trial_period_days == Some(0) {
            return refuse(
                "trial_period_days",
                "The minimum number of trial period days is 1. To create a subscription without a trial period, \
                 leave it out.",
            );
        }
        if self.trial_end.is_some_and(|end| end < now + SOONEST_TRIAL_END) {
            return refuse("trial_end", "The `trial_end` date has to be at least 2 days in the future.");
        }
        if self.has_trial() && self.billing_cycle_anchor.is_some() {
            return refuse("billing_cycle_anchor", "A trial sets the anchor by its end.");
        }
        if self.billing_cycle_anchor.is_some_and(|anchor| anchor <= now) {
            return refuse("billing_cycle_anchor", "The anchor must be ahead.");
        }
        let param = if self.trial_end.is_some() { "trial_end" } else { "trial_period_days" };
        trial(now, self.trial_end.map(Moment::At), self.trial_period_days)
            .map_err(|error| error.about(&format!("subscription_data[{param}]")))?;
        new_metadata(self.metadata.clone()).map(drop)
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

fn customer_creation(params: &CreateSession) -> Result<Option<CustomerCreation>, ApiError> {
    let refuse = |message: &str| Err(ApiError::invalid(message).about("customer_creation"));
    match (params.mode, params.customer_creation) {
        (_, Some(_)) if params.customer.is_some() => {
            refuse("`customer_creation` may not be used with `customer`.")
        }
        (Mode::Subscription, Some(_)) => {
            refuse("`customer_creation` can only be used in `payment` and `setup` mode.")
        }
        _ if params.customer.is_some() => Ok(None),
        (Mode::Subscription, None) => Ok(Some(CustomerCreation::Always)),
        (_, asked) => Ok(Some(asked.unwrap_or(CustomerCreation::IfRequired))),
    }
}

fn method_collection(params: &CreateSession) -> Result<MethodCollection, ApiError> {
    match params.payment_method_collection {
        Some(_) if params.mode != Mode::Subscription => {
            let message = "You can only set `payment_method_collection` in `subscription` mode.";
            Err(ApiError::invalid(message).about("payment_method_collection"))
        }
        collection => Ok(collection.unwrap_or_default()),
    }
}

fn method_types(asked: Option<Vec<String>>) -> Result<Vec<String>, ApiError> {
    let asked = asked.filter(|types| !types.is_empty()).unwrap_or_else(|| vec!["card".to_owned()]);
    match asked.iter().position(|name| !METHOD_TYPES.contains(&name.as_str())) {
        None => Ok(asked),
        Some(index) => {
            let message = format!(
                "Invalid payment_method_types[{index}]: the sandbox takes {}, and not `{}`.",
                METHOD_TYPES.join(", "),
                asked[index]
            );
            Err(ApiError::invalid(message).about(&format!("payment_method_types[{index}]")))
        }
    }
}

fn discount(params: &CreateSession) -> Result<Option<&AskedDiscount>, ApiError> {
    let asked = params.discounts.as_deref().unwrap_or_default();
    let refuse = |message: &str| Err(ApiError::invalid(message).about("discounts"));
    match asked {
        [] => Ok(None),
        _ if params.mode == Mode::Setup => refuse("You can not pass `discounts` in `setup` mode."),
        _ if params.allow_promotion_codes.is_some() => {
            refuse("You may only specify one of these parameters: allow_promotion_codes, discounts.")
        }
        [asked] => Ok(Some(asked)),
        _ => refuse("You may only specify one discount."),
    }
}

fn settings(params: CreateSession) -> Settings {
    Settings {
        adaptive_pricing: params.adaptive_pricing,
        automatic_tax: params.automatic_tax,
        billing_address_collection: params.billing_address_collection,
        consent_collection: params.consent_collection,
        custom_text: params.custom_text,
        integration_identifier: params.integration_identifier,
        locale: params.locale,
        origin_context: params.origin_context,
        payment_method_options: params.payment_method_options,
        phone_number_collection: params.phone_number_collection,
        saved_payment_method_options: params.saved_payment_method_options,
        submit_type: params.submit_type,
        tax_id_collection: params.tax_id_collection,
    }
}

/// What is too little or too much for a card is refused now, and not on the page.
///
/// # Errors
///
/// See above.
pub fn check_total(session: &Session) -> Result<(), ApiError> {
    let Sums { total, .. } = session.sums();
    let later = session.sums_after_trial().total;
    for amount in [total, later].into_iter().filter(|amount| *amount > 0) {
        check_payment(amount, session.currency()).map_err(|error| ApiError {
            message: format!("The Checkout Session's total amount due cannot be charged: {}", error.message),
            ..error.about("line_items")
        })?;
    }
    Ok(())
}
