//! What a customer pays with.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    cards::{Behavior, Decline, by_name, by_number},
    customers::{Address, Customer},
};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Reply, Routes,
        values::{merge_metadata, new_metadata},
    },
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentMethod {
    pub id: String,
    pub created: Timestamp,
    pub customer: Option<String>,
    pub kind: MethodKind,
    pub behavior: Behavior,
    /// Its owner has allowed that it is charged without them.
    pub is_authenticated: bool,
    pub billing_details: BillingDetails,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    Card { brand: String, last4: String, exp_month: u32, exp_year: u32 },
    SepaDebit { country: String, last4: String },
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BillingDetails {
    pub address: Option<Address>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub tax_id: Option<String>,
}

impl MethodKind {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Card { .. } => "card",
            Self::SepaDebit { .. } => "sepa_debit",
        }
    }
}

impl Resource for PaymentMethod {
    stored_as!(PaymentMethod);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let mut body = json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": self.billing_details,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": self.kind.name(),
        });
        body[self.kind.name()] = match &self.kind {
            MethodKind::Card { brand, last4, exp_month, exp_year } => json!({
                "brand": brand,
                "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
                "country": "US",
                "display_brand": brand,
                "exp_month": exp_month,
                "exp_year": exp_year,
                "fingerprint": format!("sandbox{brand}{last4}"),
                "funding": "credit",
                "generated_from": null,
                "last4": last4,
                "networks": { "available": [brand], "preferred": null },
                "regulated_status": "unregulated",
                "three_d_secure_usage": { "supported": true },
                "wallet": null,
            }),
            MethodKind::SepaDebit { country, last4 } => json!({
                "bank_code": "19043",
                "branch_code": "",
                "country": country,
                "fingerprint": format!("sandboxsepa{last4}"),
                "generated_from": { "charge": null, "setup_attempt": null },
                "last4": last4,
            }),
        };
        body
    }

    fn owner(&self) -> Option<&str> {
        self.customer.as_deref()
    }
}

impl PaymentMethod {
    /// A stored payment method, or a new one from a test token such as `pm_card_visa` or `tok_visa`.
    ///
    /// # Errors
    ///
    /// There is neither.
    pub fn resolve(tx: &mut Tx<'_>, param: &str, id: &str) -> Result<Self, ApiError> {
        let card = id.strip_prefix("pm_card_").or_else(|| id.strip_prefix("tok_")).and_then(by_name);
        if let Some(card) = card {
            let kind = card_kind(card.number, card.brand, tx.now(None));
            return Ok(Self::new(tx, kind, card.behavior));
        }
        tx.named(param, id)
    }

    fn new(tx: &mut Tx<'_>, kind: MethodKind, behavior: Behavior) -> Self {
        let method = Self {
            id: tx.new_id("pm_"),
            created: tx.now(None),
            customer: None,
            kind,
            behavior,
            is_authenticated: false,
            billing_details: BillingDetails::default(),
            metadata: Metadata::new(),
        };
        tx.put(method.clone());
        method
    }

    /// From what a person typed into a card form.
    ///
    /// # Errors
    ///
    /// A number, date or code that cannot be.
    pub fn from_card(
        tx: &mut Tx<'_>,
        number: &str,
        exp_month: u32,
        exp_year: u32,
        cvc: Option<&str>,
    ) -> Result<Self, ApiError> {
        let number: String = number.chars().filter(|letter| !letter.is_whitespace()).collect();
        let refuse = |code: &'static str, message: &str, param: &str| {
            Err(ApiError::card(code, None, message).undoing_everything().about(param))
        };
        let Some((brand, behavior)) = by_number(&number) else {
            let (_, _, message) = Decline::IncorrectNumber.words();
            return refuse("incorrect_number", message, "card[number]");
        };
        let exp_year = if exp_year < 100 { exp_year + 2000 } else { exp_year };
        if !(1..=12).contains(&exp_month) {
            return refuse(
                "invalid_expiry_month",
                "Your card's expiration month is invalid.",
                "card[exp_month]",
            );
        }
        let today = chrono::DateTime::from_timestamp(tx.now(None), 0).unwrap_or_default();
        let (year, month) = (chrono::Datelike::year(&today), chrono::Datelike::month(&today));
        let this_month = (u32::try_from(year).unwrap_or(0), month);
        if (exp_year, exp_month) < this_month || exp_year > this_month.0 + 50 {
            return refuse(
                "invalid_expiry_year",
                "Your card's expiration year is invalid.",
                "card[exp_year]",
            );
        }
        if cvc.is_some_and(|cvc| !(3..=4).contains(&cvc.len()) || !cvc.bytes().all(|it| it.is_ascii_digit()))
        {
            return refuse("invalid_cvc", "Your card's security code is invalid.", "card[cvc]");
        }
        let last4 = number[number.len() - 4..].to_owned();
        let kind = MethodKind::Card { brand: brand.to_owned(), last4, exp_month, exp_year };
        Ok(Self::new(tx, kind, behavior))
    }

    /// One that is the customer's, after this.
    ///
    /// # Errors
    ///
    /// There is none, it is another customer's, or its card cannot be attached.
    pub fn attached(tx: &mut Tx<'_>, customer: &Customer, param: &str, id: &str) -> Result<Self, ApiError> {
        let mut method = Self::resolve(tx, param, id)?;
        if method.customer.as_ref() == Some(&customer.id) {
            return Ok(method);
        }
        if method.customer.is_some() {
            let message = "The payment method you provided has already been attached to a customer.";
            return Err(ApiError::invalid(message).about(param).coded("payment_method_unexpected_state"));
        }
        if let Behavior::Declined(decline) = method.behavior {
            let (code, decline_code, message) = decline.words();
            return Err(ApiError::card(code, decline_code, message).undoing_everything());
        }
        method.customer = Some(customer.id.clone());
        tx.put(method.clone());
        tx.emit("payment_method.attached", &method);
        Ok(method)
    }

    /// One that is the customer's already; a test token becomes it.
    ///
    /// # Errors
    ///
    /// See [`PaymentMethod::attached`].
    pub fn of_customer(
        tx: &mut Tx<'_>,
        customer: &Customer,
        param: &str,
        id: &str,
    ) -> Result<Self, ApiError> {
        if tx.find::<Self>(id).is_some_and(|method| method.customer.as_ref() != Some(&customer.id)) {
            let message = format!(
                "The customer does not have a payment method with the ID {id}. The payment method must be attached to the \
                 customer."
            );
            return Err(ApiError::invalid(message).about(param).coded("resource_missing"));
        }
        Self::attached(tx, customer, param, id)
    }
}

fn card_kind(number: &str, brand: &str, now: Timestamp) -> MethodKind {
    let year = chrono::DateTime::from_timestamp(now, 0).map_or(2030, |time| chrono::Datelike::year(&time));
    MethodKind::Card {
        brand: brand.to_owned(),
        last4: number[number.len() - 4..].to_owned(),
        exp_month: 12,
        exp_year: u32::try_from(year).unwrap_or(2030) + 4,
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/payment_methods", list);
    routes.post("/v1/payment_methods", create);
    routes.get("/v1/payment_methods/{method}", retrieve);
    routes.post("/v1/payment_methods/{method}", update);
    routes.post("/v1/payment_methods/{method}/attach", attach);
    routes.post("/v1/payment_methods/{method}/detach", detach);
    routes.list("/v1/customers/{customer}/payment_methods", list_of_customer);
    routes.get("/v1/customers/{customer}/payment_methods/{method}", retrieve_of_customer);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListMethods {
    customer: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListMethods = call.params()?;
    let wanted = |method: &&PaymentMethod| params.kind.as_ref().is_none_or(|kind| method.kind.name() == kind);
    match &params.customer {
        Some(customer) => call.page_of(tx, tx.of_owner::<PaymentMethod>(customer).filter(wanted)),
        None => call.page_of(tx, tx.newest_first::<PaymentMethod>().filter(wanted)),
    }
}

fn list_of_customer(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListMethods = call.params()?;
    let customer = Customer::present(tx, "customer", call.id("customer"))?;
    let wanted = |method: &&PaymentMethod| params.kind.as_ref().is_none_or(|kind| method.kind.name() == kind);
    call.page_of(tx, tx.of_owner::<PaymentMethod>(&customer.id).filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<PaymentMethod>(call.id("method"))?))
}

fn retrieve_of_customer(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let method = tx.get::<PaymentMethod>(call.id("method"))?;
    if method.customer.as_deref() != Some(call.id("customer")) {
        return Err(ApiError::no_such("PaymentMethod", call.id("method")));
    }
    Ok(Answer::object(&method))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCard {
    token: Option<String>,
    number: Option<String>,
    exp_month: Option<u32>,
    exp_year: Option<u32>,
    cvc: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSepa {
    iban: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum MethodType {
    Card,
    SepaDebit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateMethod {
    #[serde(rename = "type")]
    kind: MethodType,
    card: Option<NewCard>,
    sepa_debit: Option<NewSepa>,
    billing_details: Option<BillingDetails>,
    metadata: Option<Metadata>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateMethod = call.params()?;
    let mut method = match params.kind {
        MethodType::Card => new_card(tx, params.card.ok_or_else(|| ApiError::missing_param("card"))?)?,
        MethodType::SepaDebit => {
            new_sepa(tx, &params.sepa_debit.ok_or_else(|| ApiError::missing_param("sepa_debit"))?)?
        }
    };
    method.billing_details = params.billing_details.unwrap_or_default();
    method.metadata = new_metadata(params.metadata)?;
    tx.put(method.clone());
    Ok(Answer::object(&method))
}

fn new_card(tx: &mut Tx<'_>, card: NewCard) -> Result<PaymentMethod, ApiError> {
    if let Some(token) = card.token {
        return PaymentMethod::resolve(tx, "card[token]", &token);
    }
    let missing = |name: &str| ApiError::missing_param(&format!("card[{name}]"));
    let number = card.number.ok_or_else(|| missing("number"))?;
    let month = card.exp_month.ok_or_else(|| missing("exp_month"))?;
    let year = card.exp_year.ok_or_else(|| missing("exp_year"))?;
    PaymentMethod::from_card(tx, &number, month, year, card.cvc.as_deref())
}

/// Stripe's test accounts: those that end in 202, 473202 or 123456 let a debit fail.
fn new_sepa(tx: &mut Tx<'_>, sepa: &NewSepa) -> Result<PaymentMethod, ApiError> {
    let iban: String = sepa.iban.chars().filter(|letter| !letter.is_whitespace()).collect();
    if !(15..=34).contains(&iban.len()) || !iban.bytes().all(|it| it.is_ascii_alphanumeric()) {
        return Err(ApiError::invalid("The IBAN you provided is invalid.").about("sepa_debit[iban]"));
    }
    let fails = iban.ends_with("202") || iban.ends_with("123456");
    let behavior = if fails { Behavior::Declined(Decline::Generic) } else { Behavior::Succeeds };
    let kind =
        MethodKind::SepaDebit { country: iban[..2].to_owned(), last4: iban[iban.len() - 4..].to_owned() };
    Ok(PaymentMethod::new(tx, kind, behavior))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpiryOf {
    exp_month: Option<u32>,
    exp_year: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateMethod {
    billing_details: Option<BillingDetails>,
    card: Option<ExpiryOf>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut method = tx.get::<PaymentMethod>(call.id("method"))?;
    let params: UpdateMethod = call.params()?;
    if let Some(details) = params.billing_details {
        method.billing_details = details;
    }
    if let (Some(expiry), MethodKind::Card { exp_month, exp_year, .. }) = (params.card, &mut method.kind) {
        *exp_month = expiry.exp_month.unwrap_or(*exp_month);
        *exp_year = expiry.exp_year.unwrap_or(*exp_year);
    }
    merge_metadata(&mut method.metadata, params.metadata)?;
    tx.update(&method, "payment_method.updated");
    Ok(Answer::object(&method))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attach {
    customer: String,
}

fn attach(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: Attach = call.params()?;
    let customer = Customer::present(tx, "customer", &params.customer)?;
    let method = PaymentMethod::attached(tx, &customer, "payment_method", call.id("method"))?;
    Ok(Answer::object(&method))
}

fn detach(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let mut method = tx.get::<PaymentMethod>(call.id("method"))?;
    let Some(customer) = method.customer.take() else {
        let message =
            "The payment method you provided is not attached to a customer so detachment is impossible.";
        return Err(ApiError::invalid(message).coded("payment_method_unexpected_state"));
    };
    if let Some(owner) = tx.find::<Customer>(&customer).cloned()
        && owner.default_payment_method.as_ref() == Some(&method.id)
    {
        tx.update(&Customer { default_payment_method: None, ..owner }, "customer.updated");
    }
    tx.update(&method, "payment_method.detached");
    Ok(Answer::object(&method))
}
