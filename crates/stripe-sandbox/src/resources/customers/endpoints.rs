//! `/v1/customers`.

use serde::Deserialize;

use super::{Address, Customer, check_email};
use crate::{
    resources::{
        balance_transactions::{BalanceChange, BalanceTransaction},
        discounts::Discount,
        payment_methods::PaymentMethod,
        sources,
        test_clocks::TestClock,
    },
    store::Tx,
    wire::{Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes, values::merge_metadata},
};

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/customers", list);
    routes.post("/v1/customers", create);
    routes.get("/v1/customers/{customer}", retrieve);
    routes.post("/v1/customers/{customer}", update);
    routes.delete("/v1/customers/{customer}", delete);
    routes.delete("/v1/customers/{customer}/discount", delete_discount);
    routes.list("/v1/customers/{customer}/subscriptions", subscriptions);
    routes.list("/v1/customers/{customer}/tax_ids", tax_ids);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListCustomers {
    email: Option<String>,
    created: Option<Range>,
    test_clock: Option<String>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListCustomers = call.params()?;
    // Without the filter, Stripe leaves out who lives by a test clock.
    let wanted = |customer: &&Customer| {
        !customer.is_deleted
            && params.email.as_ref().is_none_or(|email| customer.email.as_ref() == Some(email))
            && params.created.is_none_or(|range| range.holds(customer.created))
            && customer.test_clock == params.test_clock
    };
    call.page_of(tx, tx.newest_first::<Customer>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Customer>(call.id("customer"))?))
}

fn subscriptions(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let customer = Customer::at(tx, call.id("customer"))?;
    call.page_of(tx, customer.subscriptions(tx))
}

/// The sandbox has none.
fn tax_ids(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Customer::at(tx, call.id("customer"))?;
    call.page_of(tx, std::iter::empty::<&Customer>())
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct InvoiceSettings {
    #[serde(default)]
    default_payment_method: Patch<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteCustomer {
    #[serde(default)]
    name: Patch<String>,
    #[serde(default)]
    email: Patch<String>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    phone: Patch<String>,
    #[serde(default)]
    address: Patch<Address>,
    #[serde(default)]
    metadata: Patch<Metadata>,
    balance: Option<i64>,
    invoice_prefix: Option<String>,
    next_invoice_sequence: Option<u32>,
    invoice_settings: Option<InvoiceSettings>,
    payment_method: Option<String>,
    source: Option<String>,
    default_source: Option<String>,
    #[serde(default)]
    coupon: Patch<String>,
    preferred_locales: Option<Vec<String>>,
    test_clock: Option<String>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut params: WriteCustomer = call.params()?;
    if let Some(test_clock) = &params.test_clock {
        tx.named::<TestClock>("test_clock", test_clock)?;
    }
    let mut customer = Customer::new(tx, params.test_clock.take());
    BalanceTransaction::set(tx, &mut customer, BalanceChange::Initial, params.balance)?;
    tx.put(customer.clone());
    let customer = written(tx, customer, params)?;
    tx.create(&customer, "customer.created");
    Ok(Answer::object(&customer))
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut customer = Customer::at(tx, call.id("customer"))?;
    let params: WriteCustomer = call.params()?;
    if params.test_clock.is_some() {
        return Err(ApiError::unknown_param("test_clock"));
    }
    let before = customer.current_discount(tx).map(|discount| discount.id.clone());
    BalanceTransaction::set(tx, &mut customer, BalanceChange::Adjustment, params.balance)?;
    let customer = written(tx, customer, params)?;
    tx.update(&customer, "customer.updated");
    if let Some(replaced) = before.filter(|id| customer.discount.as_ref() != Some(id)) {
        Discount::end(tx, &replaced);
    }
    Ok(Answer::object(&customer))
}

fn written(tx: &mut Tx<'_>, mut customer: Customer, params: WriteCustomer) -> Result<Customer, ApiError> {
    if let Patch::Set(email) = &params.email {
        check_email(email, "email")?;
    }
    params.name.apply(&mut customer.name);
    params.email.apply(&mut customer.email);
    params.description.apply(&mut customer.description);
    params.phone.apply(&mut customer.phone);
    params.address.apply(&mut customer.address);
    merge_metadata(&mut customer.metadata, params.metadata)?;
    customer.preferred_locales = params.preferred_locales.unwrap_or(customer.preferred_locales);
    if let Some(prefix) = params.invoice_prefix {
        let fits = (3..=12).contains(&prefix.len())
            && prefix.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
        if !fits {
            let message = "An invoice prefix must have 3 to 12 upper-case letters or digits.";
            return Err(ApiError::invalid(message).about("invoice_prefix"));
        }
        customer.invoice_prefix = prefix;
    }
    if let Some(number) = params.next_invoice_sequence {
        customer.next_invoice_number = number.max(1);
    }
    set_payment_methods(
        tx,
        &mut customer,
        params.source,
        params.default_source,
        params.payment_method,
        params.invoice_settings.unwrap_or_default(),
    )?;
    match params.coupon {
        Patch::Keep => {}
        Patch::Clear => customer.discount = None,
        Patch::Set(coupon) => {
            customer.discount = Some(Discount::of_customer(tx, &customer, "coupon", &coupon)?);
        }
    }
    Ok(customer)
}

fn set_payment_methods(
    tx: &mut Tx<'_>,
    customer: &mut Customer,
    source: Option<String>,
    default_source: Option<String>,
    payment_method: Option<String>,
    settings: InvoiceSettings,
) -> Result<(), ApiError> {
    if let Some(token) = source {
        sources::replace_default(tx, customer, &token)?;
    }
    if let Some(id) = default_source {
        sources::make_default(tx, customer, id)?;
    }
    let attached = payment_method
        .map(|named| Ok((PaymentMethod::attached(tx, customer, "payment_method", &named)?.id, named)))
        .transpose()?;
    match settings.default_payment_method {
        Patch::Keep => {}
        Patch::Clear => customer.default_payment_method = None,
        Patch::Set(named) => {
            let param = "invoice_settings[default_payment_method]";
            // A test card that is named twice is one payment method.
            let id = attached.filter(|(_, known)| *known == named).map_or(named, |(id, _)| id);
            customer.default_payment_method = Some(PaymentMethod::of_customer(tx, customer, param, &id)?.id);
        }
    }
    Ok(())
}

fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut customer = Customer::at(tx, call.id("customer"))?;
    call.no_params()?;
    crate::lifecycle::cancel_all_of(tx, &customer);
    tx.emit("customer.deleted", &customer);
    customer.is_deleted = true;
    tx.put(customer.clone());
    Ok(Answer::deleted("customer", &customer.id))
}

fn delete_discount(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut customer = Customer::at(tx, call.id("customer"))?;
    call.no_params()?;
    let Some(discount) = customer.current_discount(tx).cloned() else {
        return Err(ApiError::not_found("No active discount for customer.").coded("resource_missing"));
    };
    customer.discount = None;
    Discount::end(tx, &discount.id);
    tx.put(customer);
    Ok(Answer::Json(discount.render_deleted(tx)))
}
