//! An invoice as the API shows it.

use serde_json::{Value, json};

use super::{Invoice, Particulars, discount_amounts, pretax_credit_amounts};
use crate::{
    resources::accounts::Account,
    store::Tx,
    wire::{answer::merged, page::inline},
};

pub fn invoice(invoice: &Invoice, tx: &Tx<'_>) -> Value {
    let particulars = invoice.particulars(tx);
    merged([
        own(invoice, tx, &particulars),
        account(tx),
        customer(invoice, &particulars),
        amounts(invoice),
        collection(invoice),
        unset(),
    ])
}

fn own(invoice: &Invoice, tx: &Tx<'_>, particulars: &Particulars) -> Value {
    let is_final = invoice.transitions.finalized_at.is_some();
    let url = invoice.hosted_url(tx);
    let lines = invoice.lines.iter().map(|line| line.render(Some(&invoice.id), &invoice.currency));
    json!({
        "id": invoice.id,
        "object": "invoice",
        "billing_reason": invoice.billing_reason,
        "created": invoice.created,
        "currency": invoice.currency,
        "description": invoice.description,
        "discounts": invoice.discounts,
        "effective_at": invoice.transitions.finalized_at,
        "footer": invoice.footer,
        "hosted_invoice_url": is_final.then_some(&url),
        "invoice_pdf": is_final.then(|| format!("{url}/pdf")),
        "lines": inline(&format!("/v1/invoices/{}/lines", invoice.id), lines),
        "livemode": false,
        "metadata": invoice.metadata,
        "number": invoice.number,
        "parent": parent(invoice, particulars),
        "period_end": invoice.period.end,
        "period_start": invoice.period.start,
        "status": invoice.status,
        "status_transitions": invoice.transitions,
        "test_clock": invoice.test_clock,
        "webhooks_delivered_at": is_final.then_some(invoice.created),
    })
}

fn parent(invoice: &Invoice, particulars: &Particulars) -> Value {
    let Some(id) = &invoice.subscription else { return Value::Null };
    json!({
        "quote_details": null,
        "subscription_details": { "metadata": particulars.subscription_metadata, "subscription": id },
        "type": "subscription_details",
    })
}

fn account(tx: &Tx<'_>) -> Value {
    let account = tx.find::<Account>(tx.account());
    json!({
        "account_country": account.map(|account| &account.country),
        "account_name": account.and_then(|account| account.name.as_ref()),
        "account_tax_ids": null,
    })
}

fn customer(invoice: &Invoice, particulars: &Particulars) -> Value {
    json!({
        "customer": invoice.customer,
        "customer_account": null,
        "customer_address": particulars.address,
        "customer_email": particulars.email,
        "customer_name": particulars.name,
        "customer_phone": particulars.phone,
        "customer_shipping": null,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
    })
}

fn amounts(invoice: &Invoice) -> Value {
    let taken_off = invoice.taken_off();
    json!({
        "amount_due": invoice.amount_due(),
        "amount_overpaid": 0,
        "amount_paid": invoice.amount_paid,
        "amount_remaining": invoice.amount_remaining(),
        "amount_shipping": 0,
        "ending_balance": invoice.ending_balance,
        "post_payment_credit_notes_amount": invoice.post_credited,
        "pre_payment_credit_notes_amount": invoice.pre_credited,
        "starting_balance": invoice.starting_balance,
        "subtotal": invoice.subtotal(),
        "subtotal_excluding_tax": invoice.subtotal(),
        "total": invoice.total(),
        "total_discount_amounts": discount_amounts(&taken_off),
        "total_excluding_tax": invoice.total(),
        "total_pretax_credit_amounts": pretax_credit_amounts(&taken_off),
        "total_taxes": [],
    })
}

fn collection(invoice: &Invoice) -> Value {
    json!({
        "attempt_count": invoice.attempt_count,
        "attempted": invoice.is_attempted,
        "auto_advance": invoice.auto_advance,
        "automatically_finalizes_at": invoice.finalizes_at,
        "collection_method": invoice.collection_method,
        "default_payment_method": invoice.default_payment_method,
        "default_source": null,
        "due_date": invoice.due_date,
        "next_payment_attempt": invoice.next_payment_attempt,
        "payment_settings": {
            "default_mandate": null, "payment_method_options": null, "payment_method_types": null,
        },
    })
}

/// What the sandbox has none of.
fn unset() -> Value {
    json!({
        "application": null,
        "automatic_tax": {
            "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null,
        },
        "custom_fields": null,
        "default_tax_rates": [],
        "from_invoice": null,
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "latest_revision": null,
        "on_behalf_of": null,
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "statement_descriptor": null,
    })
}
