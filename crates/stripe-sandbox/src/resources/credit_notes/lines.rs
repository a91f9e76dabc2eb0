//! What a credit note is made of: parts of the invoice's lines, and lines of its own.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    CreditNote, CreditNoteStatus,
    asked::{AskedLine, LineType},
};
use crate::{
    currency,
    resources::{
        invoices::{Invoice, Line, discount_amounts, pretax_credit_amounts},
        prices::check_amount,
    },
    store::Tx,
    wire::{ApiError, Metadata, values::new_metadata},
};

const MOST: usize = 250;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreditLine {
    pub id: String,
    /// Minor units, before discounts.
    pub amount: i64,
    pub description: Option<String>,
    pub discounts: Vec<(String, i64)>,
    pub invoice_line: Option<String>,
    pub quantity: Option<u64>,
    pub metadata: Metadata,
}

impl CreditLine {
    pub fn discounted(&self) -> i64 {
        self.discounts.iter().fold(0, |sum, (_, amount)| sum.saturating_add(*amount))
    }

    /// What one of it is, when that is a whole amount.
    pub fn unit_amount(&self) -> Option<i64> {
        let quantity = self.quantity.and_then(|quantity| i64::try_from(quantity).ok()).filter(|it| *it > 0);
        quantity.filter(|it| self.amount % it == 0).map(|it| self.amount / it)
    }

    pub fn render(&self) -> Value {
        let unit_amount = self.unit_amount();
        let mut body = json!({
            "id": self.id,
            "object": "credit_note_line_item",
            "amount": self.amount,
            "description": self.description,
            "discount_amount": self.discounted(),
            "discount_amounts": discount_amounts(&self.discounts),
            "livemode": false,
            "metadata": self.metadata,
            "pretax_credit_amounts": pretax_credit_amounts(&self.discounts),
            "quantity": self.quantity,
            "tax_rates": [],
            "taxes": [],
            "type": if self.invoice_line.is_some() { "invoice_line_item" } else { "custom_line_item" },
            "unit_amount": unit_amount,
            "unit_amount_decimal": unit_amount.map(|amount| amount.to_string()),
        });
        if let Some(line) = &self.invoice_line {
            body["invoice_line_item"] = json!(line);
        }
        body
    }

    /// An amount that is of no line in particular.
    pub fn of_amount(tx: &mut Tx<'_>, amount: i64) -> Self {
        Self {
            id: tx.new_id("cnli_"),
            amount,
            description: None,
            discounts: Vec::new(),
            invoice_line: None,
            quantity: Some(1),
            metadata: Metadata::new(),
        }
    }
}

/// # Errors
///
/// A line that is not the invoice's, or more than what is left of it, by the name of its parameter.
pub fn asked(tx: &mut Tx<'_>, invoice: &Invoice, asked: Vec<AskedLine>) -> Result<Vec<CreditLine>, ApiError> {
    if asked.is_empty() || asked.len() > MOST {
        let message = format!("A credit note must have 1 to {MOST} lines.");
        return Err(ApiError::invalid(message).about("lines"));
    }
    let mut lines = Vec::new();
    for (index, asked) in asked.into_iter().enumerate() {
        let param = format!("lines[{index}]");
        let line = match asked.kind {
            LineType::CustomLineItem => custom(tx, invoice, asked, &param)?,
            LineType::InvoiceLineItem => of_invoice(tx, invoice, asked, &lines, &param)?,
        };
        lines.push(line);
    }
    Ok(lines)
}

fn only_of(kind: &str, given: &[(&str, bool)], param: &str) -> Result<(), ApiError> {
    given.iter().filter(|(_, is_given)| *is_given).try_for_each(|(name, _)| {
        let message = format!("`{name}` can be given only for a line of the type `{kind}`.");
        Err(ApiError::invalid(message).about(&format!("{param}[{name}]")))
    })
}

fn custom(tx: &mut Tx<'_>, invoice: &Invoice, asked: AskedLine, param: &str) -> Result<CreditLine, ApiError> {
    let under = |name: &str| format!("{param}[{name}]");
    let others =
        [("amount", asked.amount.is_some()), ("invoice_line_item", asked.invoice_line_item.is_some())];
    only_of("invoice_line_item", &others, param)?;
    let description = asked.description.ok_or_else(|| ApiError::missing_param(&under("description")))?;
    let unit_amount = asked.unit_amount.ok_or_else(|| ApiError::missing_param(&under("unit_amount")))?;
    check_amount(unit_amount, &invoice.currency, &under("unit_amount"))?;
    let quantity = asked.quantity.unwrap_or(1);
    let amount = i64::try_from(quantity).ok().and_then(|quantity| unit_amount.checked_mul(quantity));
    let amount = amount.filter(|_| quantity > 0).ok_or_else(|| {
        ApiError::invalid("A quantity must be at least 1, and its amount one that can be.")
            .about(&under("quantity"))
    })?;
    Ok(CreditLine {
        amount,
        description: Some(description),
        quantity: Some(quantity),
        metadata: new_metadata(asked.metadata)?,
        ..CreditLine::of_amount(tx, amount)
    })
}

fn of_invoice(
    tx: &mut Tx<'_>,
    invoice: &Invoice,
    asked: AskedLine,
    made: &[CreditLine],
    param: &str,
) -> Result<CreditLine, ApiError> {
    let under = |name: &str| format!("{param}[{name}]");
    only_of("custom_line_item", &[("unit_amount", asked.unit_amount.is_some())], param)?;
    let id = asked.invoice_line_item.ok_or_else(|| ApiError::missing_param(&under("invoice_line_item")))?;
    let line = invoice.lines.iter().find(|line| line.id == id).ok_or_else(|| {
        let error = ApiError::invalid(format!("No such invoice line item: '{id}'"));
        error.about(&under("invoice_line_item")).coded("resource_missing")
    })?;
    let left = Left::of(tx, line, made);
    let (name, amount) = match (asked.amount, asked.quantity) {
        (Some(amount), None) => {
            check_amount(amount, &invoice.currency, &under("amount"))?;
            ("amount", amount)
        }
        (None, Some(quantity)) => {
            ("quantity", left.amount_of(line, quantity, &invoice.currency).unwrap_or(i64::MAX))
        }
        _ => return Err(ApiError::invalid("Give either `amount` or `quantity`.").about(&under("amount"))),
    };
    if !(1..=left.amount).contains(&amount) {
        let message =
            format!("Only {} minor units are left of this line to be credited.", left.amount.max(0));
        return Err(ApiError::invalid(message).about(&under(name)));
    }
    Ok(CreditLine {
        id: tx.new_id("cnli_"),
        amount,
        description: asked.description.or_else(|| line.description.clone()),
        discounts: left.discounts_of(amount, &invoice.currency),
        invoice_line: Some(id),
        quantity: asked.quantity,
        metadata: new_metadata(asked.metadata)?,
    })
}

/// What is left of an invoice's line after what was credited of it. Whatever takes all of it takes what rounding
/// left over.
struct Left {
    amount: i64,
    quantity: u64,
    discounts: Vec<(String, i64)>,
}

impl Left {
    fn of(tx: &Tx<'_>, line: &Line, made: &[CreditLine]) -> Self {
        let mut left =
            Self { amount: line.amount, quantity: line.quantity, discounts: line.discounts.clone() };
        let issued = tx.newest_first::<CreditNote>().filter(|note| note.status == CreditNoteStatus::Issued);
        let credited = issued.flat_map(|note| &note.lines).chain(made);
        for part in credited.filter(|part| part.invoice_line.as_ref() == Some(&line.id)) {
            left.amount -= part.amount;
            left.quantity = left.quantity.saturating_sub(part.quantity.unwrap_or(0));
            for (id, amount) in &part.discounts {
                if let Some((_, rest)) = left.discounts.iter_mut().find(|(known, _)| known == id) {
                    *rest -= amount;
                }
            }
        }
        left
    }

    fn amount_of(&self, line: &Line, quantity: u64, currency: &str) -> Option<i64> {
        if quantity == 0 || quantity > self.quantity {
            return None;
        }
        if quantity == self.quantity {
            return Some(self.amount);
        }
        let (part, whole) = (i64::try_from(quantity).ok()?, i64::try_from(line.quantity).ok()?);
        Some(currency::portion(line.amount, part, whole, currency).min(self.amount))
    }

    fn discounts_of(&self, amount: i64, currency: &str) -> Vec<(String, i64)> {
        let part = |(id, rest): &(String, i64)| {
            (id.clone(), currency::portion(*rest, amount, self.amount, currency).min(*rest))
        };
        self.discounts.iter().map(part).collect()
    }
}
