//! Legacy sources: a customer's cards as they were before payment methods, and payment methods all the same.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    customers::{Address, Customer},
    events::Event,
    payment_methods::{MethodKind, PaymentMethod},
};
use crate::{
    store::Tx,
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Reply, Routes,
        page::{inline, list as rendered_list},
        values::{merge_metadata, new_metadata},
    },
};

const PREFIX: &str = "card_";

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/customers/{customer}/sources", list);
    routes.post("/v1/customers/{customer}/sources", create);
    routes.get("/v1/customers/{customer}/sources/{source}", retrieve);
    routes.post("/v1/customers/{customer}/sources/{source}", update);
    routes.delete("/v1/customers/{customer}/sources/{source}", delete);
}

fn render(method: &PaymentMethod) -> Value {
    let MethodKind::Card { brand, last4, exp_month, exp_year } = &method.kind else { return Value::Null };
    let details = &method.billing_details;
    let address = details.address.clone().unwrap_or_default();
    json!({
        "id": method.id,
        "object": "card",
        "address_city": address.city,
        "address_country": address.country,
        "address_line1": address.line1,
        "address_line1_check": null,
        "address_line2": address.line2,
        "address_state": address.state,
        "address_zip": address.postal_code,
        "address_zip_check": null,
        "allow_redisplay": "unspecified",
        "brand": legacy_brand(brand),
        "country": "US",
        "customer": method.customer,
        "cvc_check": "pass",
        "dynamic_last4": null,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": format!("sandbox{brand}{last4}"),
        "funding": "credit",
        "last4": last4,
        "metadata": method.metadata,
        "name": details.name,
        "regulated_status": "unregulated",
        "tokenization_method": null,
    })
}

fn legacy_brand(brand: &str) -> &str {
    match brand {
        "visa" => "Visa",
        "mastercard" => "MasterCard",
        "amex" => "American Express",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        other => other,
    }
}

/// The customer's sources, newest first.
fn of<'a>(tx: &'a Tx<'_>, customer: &'a str) -> impl Iterator<Item = &'a PaymentMethod> {
    tx.of_owner::<PaymentMethod>(customer).filter(|method| method.id.starts_with(PREFIX))
}

/// `sources` of a customer, when it is asked for.
pub fn of_customer(tx: &Tx<'_>, customer: &Customer) -> Value {
    inline(&format!("/v1/customers/{}/sources", customer.id), of(tx, &customer.id).map(render))
}

/// `default_source` of a customer, when it is expanded.
pub fn default_of(tx: &Tx<'_>, customer: &Customer) -> Option<Value> {
    Some(render(tx.find::<PaymentMethod>(customer.default_source.as_ref()?)?))
}

/// Makes a token a card of the customer's. Their first one is their default.
///
/// # Errors
///
/// No such token, or a card that cannot be attached.
pub fn added(tx: &mut Tx<'_>, customer: &mut Customer, token: &str) -> Result<PaymentMethod, ApiError> {
    if !token.starts_with("tok_") {
        return Err(ApiError::invalid(format!("No such token: '{token}'"))
            .about("source")
            .coded("resource_missing"));
    }
    let id = tx.new_id(PREFIX);
    let method = PaymentMethod::attached_as(tx, customer, "source", token, Some(id))?;
    tell(tx, "customer.source.created", &method, customer);
    customer.default_source.get_or_insert_with(|| method.id.clone());
    Ok(method)
}

/// Takes the place of the customer's default source, which is no more.
///
/// # Errors
///
/// See [`added`].
pub fn replace_default(tx: &mut Tx<'_>, customer: &mut Customer, token: &str) -> Result<(), ApiError> {
    let old = customer.default_source.take();
    added(tx, customer, token)?;
    if let Some(old) = old.and_then(|id| tx.find::<PaymentMethod>(&id).cloned()) {
        drop_source(tx, old, customer);
    }
    Ok(())
}

/// # Errors
///
/// It is no source of the customer's.
pub fn make_default(tx: &Tx<'_>, customer: &mut Customer, id: String) -> Result<(), ApiError> {
    if of(tx, &customer.id).any(|method| method.id == id) {
        customer.default_source = Some(id);
        Ok(())
    } else {
        let message = format!("Customer {} does not have a linked source with ID {id}.", customer.id);
        Err(ApiError::invalid(message).about("default_source").coded("missing"))
    }
}

fn tell(tx: &mut Tx<'_>, event: &str, method: &PaymentMethod, customer: &Customer) {
    Event::record(tx, event, render(method), None, customer.test_clock.as_deref());
}

fn drop_source(tx: &mut Tx<'_>, method: PaymentMethod, customer: &Customer) {
    tell(tx, "customer.source.deleted", &method, customer);
    tx.put(PaymentMethod { customer: None, is_detached: true, ..method });
}

fn at(tx: &Tx<'_>, call: &Call) -> Result<(Customer, PaymentMethod), ApiError> {
    let customer = Customer::at(tx, call.id("customer"))?;
    let id = call.id("source");
    let method = of(tx, &customer.id).find(|method| method.id == id).cloned();
    Ok((customer, method.ok_or_else(|| ApiError::no_such("source", id))?))
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct ListSources {
        object: Option<String>,
    }
    let params: ListSources = call.params()?;
    let customer = Customer::at(tx, call.id("customer"))?;
    let wanted = params.object.is_none_or(|object| object == "card");
    let all = of(tx, &customer.id).filter(|_| wanted).collect();
    let (page, has_more) = call.cut(all, |method: &&PaymentMethod| &method.id)?;
    Ok(Answer::Json(rendered_list(&call.path, page.into_iter().map(render).collect(), has_more)))
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct CreateSource {
        source: String,
        metadata: Option<Metadata>,
    }
    let mut customer = Customer::at(tx, call.id("customer"))?;
    let params: CreateSource = call.params()?;
    let mut method = added(tx, &mut customer, &params.source)?;
    method.metadata = new_metadata(params.metadata)?;
    tx.put(method.clone());
    tx.update(&customer, "customer.updated");
    Ok(Answer::Json(render(&method)))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::Json(render(&at(tx, call)?.1)))
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct UpdateSource {
        address_city: Option<String>,
        address_country: Option<String>,
        address_line1: Option<String>,
        address_line2: Option<String>,
        address_state: Option<String>,
        address_zip: Option<String>,
        exp_month: Option<u32>,
        exp_year: Option<u32>,
        name: Option<String>,
        #[serde(default)]
        metadata: Patch<Metadata>,
    }
    let (customer, mut method) = at(tx, call)?;
    let params: UpdateSource = call.params()?;
    let known = method.billing_details.address.take().unwrap_or_default();
    let address = Address {
        city: params.address_city.or(known.city),
        country: params.address_country.or(known.country),
        line1: params.address_line1.or(known.line1),
        line2: params.address_line2.or(known.line2),
        postal_code: params.address_zip.or(known.postal_code),
        state: params.address_state.or(known.state),
    };
    method.billing_details.address = (address != Address::default()).then_some(address);
    method.billing_details.name = params.name.or(method.billing_details.name);
    if let MethodKind::Card { exp_month, exp_year, .. } = &mut method.kind {
        *exp_month = params.exp_month.unwrap_or(*exp_month);
        *exp_year = params.exp_year.unwrap_or(*exp_year);
    }
    merge_metadata(&mut method.metadata, params.metadata)?;
    tx.put(method.clone());
    tell(tx, "customer.source.updated", &method, &customer);
    Ok(Answer::Json(render(&method)))
}

fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let (mut customer, method) = at(tx, call)?;
    let id = method.id.clone();
    drop_source(tx, method, &customer);
    if customer.default_source.as_ref() == Some(&id) {
        customer.default_source = of(tx, &customer.id).next().map(|next| next.id.clone());
        tx.update(&customer, "customer.updated");
    }
    Ok(Answer::deleted("card", &id))
}
