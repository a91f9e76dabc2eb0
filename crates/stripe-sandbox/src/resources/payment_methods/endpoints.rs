//! `/v1/payment_methods`.

use serde::Deserialize;

use super::{BillingDetails, MethodKind, PaymentMethod};
use crate::{
    resources::{
        cards::{Behavior, Decline},
        customers::Customer,
        invoices::Invoice,
        subscriptions::Subscription,
    },
    store::Tx,
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Reply, Routes,
        values::{merge_metadata, new_metadata},
    },
};

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
    kind: Option<MethodType>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListMethods = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let wanted = |method: &&PaymentMethod| params.kind.is_none_or(|kind| kind.holds(&method.kind));
    match &params.customer {
        Some(customer) => call.page_of(tx, tx.of_owner::<PaymentMethod>(customer).filter(wanted)),
        None => call.page_of(tx, tx.newest_first::<PaymentMethod>().filter(wanted)),
    }
}

fn list_of_customer(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListMethods = call.params()?;
    let customer = Customer::at(tx, call.id("customer"))?;
    let wanted = |method: &&PaymentMethod| params.kind.is_none_or(|kind| kind.holds(&method.kind));
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

impl MethodType {
    fn holds(self, kind: &MethodKind) -> bool {
        match kind {
            MethodKind::Card { .. } => self == Self::Card,
            MethodKind::SepaDebit { .. } => self == Self::SepaDebit,
        }
    }
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
    let now = tx.now(None);
    PaymentMethod::from_card(tx, &number, (month, year), card.cvc.as_deref(), now)
}

/// Stripe's test accounts: those that end in 202, 205 or 123456 let a debit fail, 203 lets it be disputed.
fn new_sepa(tx: &mut Tx<'_>, sepa: &NewSepa) -> Result<PaymentMethod, ApiError> {
    let iban: String = sepa.iban.chars().filter(|letter| !letter.is_whitespace()).collect();
    if !(15..=34).contains(&iban.len()) || !iban.bytes().all(|it| it.is_ascii_alphanumeric()) {
        return Err(ApiError::invalid("The IBAN you provided is invalid.").about("sepa_debit[iban]"));
    }
    let behavior = if ["202", "205", "123456"].iter().any(|end| iban.ends_with(end)) {
        Behavior::Declined(Decline::Generic)
    } else if iban.ends_with("203") {
        Behavior::Disputed
    } else {
        Behavior::Succeeds
    };
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
        let known = method.billing_details;
        method.billing_details = BillingDetails {
            address: details.address.or(known.address),
            email: details.email.or(known.email),
            name: details.name.or(known.name),
            phone: details.phone.or(known.phone),
            tax_id: details.tax_id.or(known.tax_id),
        };
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
    method.is_detached = true;
    let Some(customer) = method.customer.take() else {
        let message =
            "The payment method you provided is not attached to a customer so detachment is impossible.";
        return Err(ApiError::invalid(message).coded("payment_method_unexpected_state"));
    };
    forget(tx, &customer, &method.id);
    tx.update(&method, "payment_method.detached");
    Ok(Answer::object(&method))
}

/// Nothing of the customer is paid with it any more.
fn forget(tx: &mut Tx<'_>, customer: &str, method: &str) {
    if let Some(mut owner) = tx.find::<Customer>(customer).cloned() {
        owner.default_payment_method.take_if(|id| id == method);
        owner.default_source.take_if(|id| id == method);
        tx.update(&owner, "customer.updated");
    }
    let subscriptions = tx.of_owner::<Subscription>(customer);
    let names_it = |it: &&Subscription| it.default_payment_method.as_deref() == Some(method);
    for subscription in subscriptions.filter(names_it).cloned().collect::<Vec<_>>() {
        let subscription = Subscription { default_payment_method: None, ..subscription };
        tx.update(&subscription, "customer.subscription.updated");
    }
    let invoices = tx.of_owner::<Invoice>(customer);
    let names_it = |it: &&Invoice| it.default_payment_method.as_deref() == Some(method);
    for invoice in invoices.filter(names_it).cloned().collect::<Vec<_>>() {
        tx.update(&Invoice { default_payment_method: None, ..invoice }, "invoice.updated");
    }
}
