//! What waits for the next invoice.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    customers::Customer,
    invoices::{Invoice, InvoiceStatus, Line, Period, Pricing},
    prices::{Price, check_amount},
    subscriptions::Subscription,
};
use crate::{
    clock::Timestamp,
    currency, lifecycle,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        values::{merge_metadata, new_metadata},
    },
};

const LARGEST_QUANTITY: u64 = 1_000_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvoiceItem {
    pub id: String,
    pub created: Timestamp,
    pub customer: String,
    pub currency: String,
    pub amount: i64,
    pub quantity: u64,
    pub description: Option<String>,
    pub is_discountable: bool,
    pub is_proration: bool,
    pub invoice: Option<String>,
    pub subscription: Option<String>,
    pub subscription_item: Option<String>,
    pub period: Period,
    pub pricing: Option<Pricing>,
    pub metadata: Metadata,
    pub test_clock: Option<String>,
}

impl Resource for InvoiceItem {
    stored_as!(InvoiceItem);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let parent = self.subscription.as_ref().map(|subscription| {
            let mut details = json!({ "subscription": subscription });
            if let Some(item) = &self.subscription_item {
                details["subscription_item"] = json!(item);
            }
            json!({ "subscription_details": details, "type": "subscription_details" })
        });
        json!({
            "id": self.id,
            "object": "invoiceitem",
            "amount": self.amount,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "date": self.created,
            "description": self.description,
            "discountable": self.is_discountable,
            "discounts": [],
            "invoice": self.invoice,
            "livemode": false,
            "metadata": self.metadata,
            "net_amount": self.amount,
            "parent": parent,
            "period": self.period,
            "pricing": self.pricing.as_ref().map(Pricing::render),
            "proration": self.is_proration,
            "quantity": self.quantity,
            "quantity_decimal": self.quantity.to_string(),
            "tax_rates": [],
            "test_clock": self.test_clock,
        })
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.customer)
    }
}

impl InvoiceItem {
    pub fn as_line(&self, tx: &mut Tx<'_>) -> Line {
        Line {
            id: tx.new_id("il_"),
            amount: self.amount,
            description: self.description.clone(),
            is_discountable: self.is_discountable,
            is_proration: self.is_proration,
            invoice_item: Some(self.id.clone()),
            subscription: self.subscription.clone(),
            subscription_item: self.subscription_item.clone(),
            period: self.period,
            pricing: self.pricing.clone(),
            quantity: self.quantity,
            metadata: self.metadata.clone(),
            discounts: Vec::new(),
        }
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/invoiceitems", list);
    routes.post("/v1/invoiceitems", create);
    routes.get("/v1/invoiceitems/{item}", retrieve);
    routes.post("/v1/invoiceitems/{item}", update);
    routes.delete("/v1/invoiceitems/{item}", delete);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListItems {
    customer: Option<String>,
    invoice: Option<String>,
    pending: Option<bool>,
    created: Option<Range>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListItems = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let wanted = |item: &&InvoiceItem| {
        params.customer.as_ref().is_none_or(|customer| item.customer == *customer)
            && params.invoice.as_ref().is_none_or(|invoice| item.invoice.as_ref() == Some(invoice))
            && params.pending.is_none_or(|pending| item.invoice.is_none() == pending)
            && params.created.is_none_or(|range| range.holds(item.created))
    };
    call.page_of(tx, tx.newest_first::<InvoiceItem>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<InvoiceItem>(call.id("item"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemPricing {
    price: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateItem {
    customer: String,
    amount: Option<i64>,
    currency: Option<String>,
    pricing: Option<ItemPricing>,
    quantity: Option<u64>,
    description: Option<String>,
    discountable: Option<bool>,
    invoice: Option<String>,
    subscription: Option<String>,
    period: Option<Period>,
    metadata: Option<Metadata>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateItem = call.params()?;
    let customer = Customer::present(tx, "customer", &params.customer)?;
    let quantity = checked_quantity(params.quantity)?;
    let period = checked_period(params.period, customer.now(tx))?;
    let (amount, currency, pricing) = match (params.amount, params.pricing) {
        (Some(amount), None) => {
            let currency = params.currency.ok_or_else(|| ApiError::missing_param("currency"))?;
            let currency = currency::checked(&currency, "currency")?;
            check_amount(amount.checked_abs().unwrap_or(i64::MAX), &currency, "amount")?;
            (amount, currency, None)
        }
        (None, Some(ItemPricing { price })) => {
            let price = Price::present(tx, "pricing[price]", &price)?;
            check_one_time(&price)?;
            let amount = price.unit_amount.times(quantity, &price.currency);
            let pricing = Pricing { price: price.id, product: price.product, unit_amount: price.unit_amount };
            (amount, price.currency, Some(pricing))
        }
        _ => return Err(ApiError::invalid("Give either `amount` or `pricing[price]`.").about("amount")),
    };
    if let Some(subscription) = &params.subscription {
        Subscription::of_customer(tx, &customer, subscription)?;
    }
    let now = customer.now(tx);
    let item = InvoiceItem {
        id: tx.new_id("ii_"),
        created: now,
        customer: customer.id,
        currency,
        amount,
        quantity,
        description: params.description,
        is_discountable: params.discountable.unwrap_or(amount >= 0),
        is_proration: false,
        invoice: params.invoice,
        subscription: params.subscription,
        subscription_item: None,
        period,
        pricing,
        metadata: new_metadata(params.metadata)?,
        test_clock: customer.test_clock,
    };
    tx.create(&item, "invoiceitem.created");
    if let Some(invoice) = &item.invoice {
        let invoice = tx.named::<Invoice>("invoice", invoice)?;
        if invoice.status != InvoiceStatus::Draft || invoice.customer != item.customer {
            let message = "Items can be added only to draft invoices of the same customer.";
            return Err(ApiError::invalid(message).about("invoice").coded("invoice_not_editable"));
        }
        lifecycle::invoicing::add_item(tx, invoice, &item)?;
    }
    Ok(Answer::object(&item))
}

fn checked_quantity(quantity: Option<u64>) -> Result<u64, ApiError> {
    let quantity = quantity.unwrap_or(1);
    if quantity > LARGEST_QUANTITY {
        let message = format!("A quantity may be at most {LARGEST_QUANTITY}.");
        return Err(ApiError::invalid(message).about("quantity"));
    }
    Ok(quantity)
}

fn checked_period(period: Option<Period>, now: Timestamp) -> Result<Period, ApiError> {
    let period = period.unwrap_or(Period { start: now, end: now });
    if period.end < period.start {
        return Err(ApiError::invalid("A period cannot end before it starts.").about("period[end]"));
    }
    Ok(period)
}

/// What recurs is a subscription's to bill.
fn check_one_time(price: &Price) -> Result<(), ApiError> {
    let refuse = |message: &str| Err(ApiError::invalid(message).about("pricing[price]"));
    if price.recurring.is_some() {
        return refuse(
            "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
        );
    }
    if !price.is_active {
        return refuse("The price specified is inactive. This field only accepts active prices.");
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateItem {
    amount: Option<i64>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

/// An item that waits or is on a draft, and that draft.
fn editable(tx: &Tx<'_>, id: &str) -> Result<(InvoiceItem, Option<Invoice>), ApiError> {
    let item = tx.get::<InvoiceItem>(id)?;
    let invoice = item.invoice.as_ref().and_then(|id| tx.find::<Invoice>(id).cloned());
    match invoice {
        None => Ok((item, None)),
        Some(draft) if draft.status == InvoiceStatus::Draft => Ok((item, Some(draft))),
        Some(Invoice { id: invoice, .. }) => Err(ApiError::invalid(format!(
            "This invoice item is on the invoice {invoice} and can no longer be changed."
        ))
        .coded("invoice_not_editable")),
    }
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let (mut item, draft) = editable(tx, call.id("item"))?;
    let params: UpdateItem = call.params()?;
    if let Some(amount) = params.amount {
        check_amount(amount.checked_abs().unwrap_or(i64::MAX), &item.currency, "amount")?;
        item.amount = amount;
    }
    params.description.apply(&mut item.description);
    merge_metadata(&mut item.metadata, params.metadata)?;
    tx.put(item.clone());
    if let Some(draft) = draft {
        lifecycle::invoicing::change_item(tx, draft, &item.id, Some(&item));
    }
    Ok(Answer::object(&item))
}

fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let (item, draft) = editable(tx, call.id("item"))?;
    if let Some(draft) = draft {
        lifecycle::invoicing::change_item(tx, draft, &item.id, None);
    }
    tx.emit("invoiceitem.deleted", &item);
    tx.remove::<InvoiceItem>(&item.id);
    Ok(Answer::deleted("invoiceitem", &item.id))
}
