//! `/v1/invoices`.

use serde::Deserialize;

use super::{CollectionMethod, Invoice, InvoiceStatus, Line, checked_days_of, create, preview};
use crate::{
    clock::{DAY, Timestamp},
    lifecycle::{
        collection::{self, Payer},
        invoicing,
    },
    resources::{customers::Customer, payment_methods::PaymentMethod},
    store::Tx,
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes, page::list as rendered_list,
        values::merge_metadata,
    },
};

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/invoices", list);
    routes.post("/v1/invoices", create::create);
    routes.post("/v1/invoices/create_preview", preview::create_preview);
    routes.get("/v1/invoices/{invoice}", retrieve);
    routes.post("/v1/invoices/{invoice}", update);
    routes.delete("/v1/invoices/{invoice}", delete);
    routes.list("/v1/invoices/{invoice}/lines", lines);
    routes.post("/v1/invoices/{invoice}/finalize", finalize);
    routes.post("/v1/invoices/{invoice}/pay", pay);
    routes.post("/v1/invoices/{invoice}/send", send);
    routes.post("/v1/invoices/{invoice}/void", void);
    routes.post("/v1/invoices/{invoice}/mark_uncollectible", mark_uncollectible);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListInvoices {
    customer: Option<String>,
    subscription: Option<String>,
    status: Option<InvoiceStatus>,
    collection_method: Option<CollectionMethod>,
    created: Option<Range>,
    due_date: Option<Range>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListInvoices = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let wanted = |invoice: &&Invoice| {
        params.subscription.as_ref().is_none_or(|it| invoice.subscription.as_ref() == Some(it))
            && params.status.is_none_or(|status| invoice.status == status)
            && params.collection_method.is_none_or(|method| invoice.collection_method == method)
            && params.created.is_none_or(|range| range.holds(invoice.created))
            && params.due_date.is_none_or(|range| invoice.due_date.is_some_and(|date| range.holds(date)))
    };
    match &params.customer {
        Some(customer) => call.page_of(tx, tx.of_owner::<Invoice>(customer).filter(wanted)),
        None => call.page_of(tx, tx.newest_first::<Invoice>().filter(wanted)),
    }
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Invoice>(call.id("invoice"))?))
}

fn lines(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let id = call.id("invoice");
    let invoice = tx.previewed(id).cloned().map_or_else(|| tx.get::<Invoice>(id), Ok)?;
    let (page, has_more) = call.cut(invoice.lines.iter().collect(), |line: &&Line| &line.id)?;
    let data = page.into_iter().map(|line| line.render(Some(&invoice.id), &invoice.currency)).collect();
    Ok(Answer::Json(rendered_list(&call.path, data, has_more)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateInvoice {
    auto_advance: Option<bool>,
    collection_method: Option<CollectionMethod>,
    days_until_due: Option<u32>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    footer: Patch<String>,
    #[serde(default)]
    default_payment_method: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut invoice = tx.get::<Invoice>(call.id("invoice"))?;
    let params: UpdateInvoice = call.params()?;
    let is_draft = invoice.status == InvoiceStatus::Draft;
    if !is_draft
        && (params.collection_method.is_some()
            || params.days_until_due.is_some()
            || params.description != Patch::Keep)
    {
        return Err(not_editable("Finalized invoices can't be updated in this way."));
    }
    if let Some(auto_advance) = params.auto_advance {
        invoice.auto_advance = auto_advance;
        let now = tx.now(invoice.test_clock.as_deref());
        invoice.finalizes_at = (is_draft && auto_advance).then_some(now + crate::clock::HOUR);
        invoice = collection::schedule(tx, invoice);
    }
    let method = params.collection_method.unwrap_or(invoice.collection_method);
    let is_dated = method == CollectionMethod::SendInvoice && invoice.due_date.is_some();
    if params.days_until_due.is_some() || !is_dated {
        let days = checked_days_of(method, params.days_until_due, "days_until_due")?;
        invoice.due_date = days.map(|days| invoice.created + Timestamp::from(days) * DAY);
    }
    invoice.collection_method = method;
    params.description.apply(&mut invoice.description);
    params.footer.apply(&mut invoice.footer);
    match params.default_payment_method {
        Patch::Keep => {}
        Patch::Clear => invoice.default_payment_method = None,
        Patch::Set(id) => {
            let customer = tx.get::<Customer>(&invoice.customer)?;
            let method = PaymentMethod::of_customer(tx, &customer, "default_payment_method", &id)?;
            invoice.default_payment_method = Some(method.id);
        }
    }
    merge_metadata(&mut invoice.metadata, params.metadata)?;
    tx.update(&invoice, "invoice.updated");
    Ok(Answer::object(&invoice))
}

fn not_editable(message: &str) -> ApiError {
    ApiError::invalid(message).coded("invoice_not_editable")
}

fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let invoice = tx.get::<Invoice>(call.id("invoice"))?;
    if invoice.status != InvoiceStatus::Draft || invoice.subscription.is_some() {
        return Err(not_editable(
            "Only drafts that are of no subscription can be deleted; void the invoice instead.",
        ));
    }
    invoicing::delete_draft(tx, &invoice);
    Ok(Answer::deleted("invoice", &invoice.id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finalize {
    auto_advance: Option<bool>,
}

fn finalized(tx: &mut Tx<'_>, invoice: Invoice) -> Result<Invoice, ApiError> {
    if invoice.status != InvoiceStatus::Draft {
        return Err(not_editable(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
        ));
    }
    let invoice = invoicing::finalize(tx, invoice);
    let invoice = collection::schedule(tx, invoice);
    tx.put(invoice.clone());
    Ok(invoice)
}

fn finalize(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut invoice = tx.get::<Invoice>(call.id("invoice"))?;
    let params: Finalize = call.params()?;
    invoice.auto_advance = params.auto_advance.unwrap_or(invoice.auto_advance);
    let mut invoice = finalized(tx, invoice)?;
    if invoice.is_open() {
        invoice = collection::ask(tx, invoice);
    }
    Ok(Answer::object(&invoice))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    payment_method: Option<String>,
    paid_out_of_band: Option<bool>,
    off_session: Option<bool>,
}

fn pay(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut invoice = tx.get::<Invoice>(call.id("invoice"))?;
    let params: Pay = call.params()?;
    if invoice.status == InvoiceStatus::Draft {
        invoice = finalized(tx, invoice)?;
    }
    match invoice.status {
        InvoiceStatus::Open | InvoiceStatus::Uncollectible => {}
        InvoiceStatus::Paid if invoice.amount_due() == 0 => return Ok(Answer::object(&invoice)),
        InvoiceStatus::Paid => {
            return Err(ApiError::invalid("Invoice is already paid").coded("invoice_already_paid"));
        }
        InvoiceStatus::Void | InvoiceStatus::Draft => {
            return Err(ApiError::invalid("A voided invoice cannot be paid.").coded("invoice_not_payable"));
        }
    }
    if params.paid_out_of_band == Some(true) {
        return Ok(Answer::object(&invoicing::paid_without_payment(tx, invoice)));
    }
    let customer = Customer::present(tx, "customer", &invoice.customer)?;
    let method = params
        .payment_method
        .map(|id| PaymentMethod::of_customer(tx, &customer, "payment_method", &id))
        .transpose()?
        .map(|method| method.id);
    if method.is_none() && collection::payment_method(tx, &invoice).is_none() {
        return Err(crate::resources::subscriptions::no_payment_method());
    }
    let payer = if params.off_session == Some(false) { Payer::Present } else { Payer::Absent };
    let invoice = collection::pay(tx, invoice, method, payer);
    match crate::resources::subscriptions::refusal(tx, &invoice) {
        Some(error) => Err(error),
        None => Ok(Answer::object(&invoice)),
    }
}

fn send(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let mut invoice = tx.get::<Invoice>(call.id("invoice"))?;
    if invoice.status == InvoiceStatus::Void {
        return Err(not_editable("A voided invoice cannot be sent."));
    }
    if invoice.status == InvoiceStatus::Draft {
        invoice = finalized(tx, invoice)?;
    }
    tx.emit("invoice.sent", &invoice);
    Ok(Answer::object(&invoice))
}

fn void(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let invoice = tx.get::<Invoice>(call.id("invoice"))?;
    if !matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible) {
        return Err(not_editable("Only open and uncollectible invoices can be voided."));
    }
    Ok(Answer::object(&invoicing::void(tx, invoice)))
}

fn mark_uncollectible(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let invoice = tx.get::<Invoice>(call.id("invoice"))?;
    if invoice.status != InvoiceStatus::Open {
        return Err(not_editable("Only open invoices can be marked as uncollectible."));
    }
    Ok(Answer::object(&invoicing::mark_uncollectible(tx, invoice)))
}
