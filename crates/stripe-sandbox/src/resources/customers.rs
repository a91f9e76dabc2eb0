//! Who pays.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    discounts::Discount, payment_methods::PaymentMethod, subscriptions::Subscription, test_clocks::TestClock,
};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        page::list as rendered_list,
        values::{merge_metadata, new_metadata},
    },
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Customer {
    pub id: String,
    pub created: Timestamp,
    pub name: Option<String>,
    pub email: Option<String>,
    pub description: Option<String>,
    pub phone: Option<String>,
    pub address: Option<Address>,
    pub metadata: Metadata,
    /// Minor units; what is negative is credit for the next invoices.
    pub balance: i64,
    /// Of its first invoice; all others must be in it too.
    pub currency: Option<String>,
    pub default_payment_method: Option<String>,
    pub discount: Option<String>,
    pub invoice_prefix: String,
    pub next_invoice_number: u32,
    pub is_delinquent: bool,
    pub preferred_locales: Vec<String>,
    pub test_clock: Option<String>,
    pub is_deleted: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    pub city: Option<String>,
    pub country: Option<String>,
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub postal_code: Option<String>,
    pub state: Option<String>,
}

impl Resource for Customer {
    stored_as!(Customer);

    fn render(&self, tx: &Tx<'_>) -> Value {
        if self.is_deleted {
            return json!({ "id": self.id, "object": "customer", "deleted": true });
        }
        json!({
            "id": self.id,
            "object": "customer",
            "address": self.address,
            "balance": self.balance,
            "created": self.created,
            "currency": self.currency,
            "customer_account": null,
            "default_source": null,
            "delinquent": self.is_delinquent,
            "description": self.description,
            "discount": self.discount.as_deref().and_then(|id| tx.find::<Discount>(id)).map(|it| it.render(tx)),
            "email": self.email,
            "invoice_prefix": self.invoice_prefix,
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.default_payment_method,
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": self.next_invoice_number,
            "phone": self.phone,
            "preferred_locales": self.preferred_locales,
            "shipping": null,
            "tax_exempt": "none",
            "test_clock": self.test_clock,
        })
    }

    fn includable(&self, tx: &Tx<'_>, field: &str) -> Option<Value> {
        let empty =
            |name: &str| rendered_list(&format!("/v1/customers/{}/{name}", self.id), Vec::new(), false);
        match field {
            "subscriptions" => {
                let live = tx
                    .of_owner::<Subscription>(&self.id)
                    .filter(|subscription| subscription.status.is_live());
                let data = live.map(|subscription| subscription.render(tx)).collect();
                Some(rendered_list(&format!("/v1/customers/{}/subscriptions", self.id), data, false))
            }
            "sources" | "tax_ids" => Some(empty(field)),
            _ => None,
        }
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }
}

impl Customer {
    /// A customer that can still be sold to.
    ///
    /// # Errors
    ///
    /// There is none, or it was deleted; `param` says where its id came from.
    pub fn present(tx: &Tx<'_>, param: &str, id: &str) -> Result<Self, ApiError> {
        let customer = tx.named::<Self>(param, id)?;
        if customer.is_deleted {
            return Err(ApiError::invalid(format!("No such customer: '{id}'"))
                .about(param)
                .coded("resource_missing"));
        }
        Ok(customer)
    }

    /// As [`Customer::present`], for the customer of the address itself.
    ///
    /// # Errors
    ///
    /// `resource_missing` with 404.
    pub fn at(tx: &Tx<'_>, id: &str) -> Result<Self, ApiError> {
        tx.get::<Self>(id)
            .and_then(|it| if it.is_deleted { Err(ApiError::no_such("customer", id)) } else { Ok(it) })
    }

    pub fn now(&self, tx: &Tx<'_>) -> Timestamp {
        tx.now(self.test_clock.as_deref())
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/customers", list);
    routes.post("/v1/customers", create);
    routes.get("/v1/customers/{customer}", retrieve);
    routes.post("/v1/customers/{customer}", update);
    routes.delete("/v1/customers/{customer}", delete);
    routes.delete("/v1/customers/{customer}/discount", delete_discount);
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
    let customer = Customer {
        id: tx.new_id("cus_"),
        created: tx.now(params.test_clock.as_deref()),
        name: None,
        email: None,
        description: None,
        phone: None,
        address: None,
        metadata: new_metadata(None)?,
        balance: 0,
        currency: None,
        default_payment_method: None,
        discount: None,
        invoice_prefix: tx.secret(8).to_uppercase(),
        next_invoice_number: 1,
        is_delinquent: false,
        preferred_locales: Vec::new(),
        test_clock: params.test_clock.take(),
        is_deleted: false,
    };
    tx.put(customer.clone());
    let customer = written(tx, customer, params)?;
    tx.create(&customer, "customer.created");
    Ok(Answer::object(&customer))
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let customer = Customer::at(tx, call.id("customer"))?;
    let params: WriteCustomer = call.params()?;
    if params.test_clock.is_some() {
        return Err(ApiError::unknown_param("test_clock"));
    }
    let customer = written(tx, customer, params)?;
    tx.update(&customer, "customer.updated");
    Ok(Answer::object(&customer))
}

fn written(tx: &mut Tx<'_>, mut customer: Customer, params: WriteCustomer) -> Result<Customer, ApiError> {
    if let Patch::Set(email) = &params.email
        && (!email.contains('@') || email.chars().count() > 512)
    {
        return Err(ApiError::invalid(format!("Invalid email address: {email}"))
            .about("email")
            .coded("email_invalid"));
    }
    params.name.apply(&mut customer.name);
    params.email.apply(&mut customer.email);
    params.description.apply(&mut customer.description);
    params.phone.apply(&mut customer.phone);
    params.address.apply(&mut customer.address);
    merge_metadata(&mut customer.metadata, params.metadata)?;
    customer.preferred_locales = params.preferred_locales.unwrap_or(customer.preferred_locales);
    if let Some(balance) = params.balance {
        customer.balance = balance;
    }
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
    for token in params.source.into_iter().chain(params.payment_method) {
        let method = PaymentMethod::attached(tx, &customer, "payment_method", &token)?;
        customer.default_payment_method = Some(method.id);
    }
    if let Some(settings) = params.invoice_settings {
        match settings.default_payment_method {
            Patch::Keep => {}
            Patch::Clear => customer.default_payment_method = None,
            Patch::Set(id) => {
                let param = "invoice_settings[default_payment_method]";
                customer.default_payment_method =
                    Some(PaymentMethod::of_customer(tx, &customer, param, &id)?.id);
            }
        }
    }
    match params.coupon {
        Patch::Keep => {}
        Patch::Clear => customer.discount = Discount::end(tx, customer.discount.take()),
        Patch::Set(coupon) => {
            Discount::end(tx, customer.discount.take());
            customer.discount = Some(Discount::of_customer(tx, &customer, "coupon", &coupon)?);
        }
    }
    Ok(customer)
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
    let Some(discount) = customer.discount.take() else {
        return Err(ApiError::not_found("No active discount for customer.").coded("resource_missing"));
    };
    let body = tx.get::<Discount>(&discount)?.render_deleted(tx);
    Discount::end(tx, Some(discount));
    tx.put(customer);
    Ok(Answer::Json(body))
}
