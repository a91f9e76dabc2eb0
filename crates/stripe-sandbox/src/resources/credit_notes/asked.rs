//! The parameters of a credit note.

use serde::Deserialize;

use super::CreditReason;
use crate::{
    clock::Timestamp,
    resources::prices::check_amount,
    wire::{ApiError, Metadata},
};

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EmailType {
    CreditNote,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedNote {
    pub invoice: String,
    pub amount: Option<i64>,
    pub credit_amount: Option<i64>,
    pub effective_at: Option<Timestamp>,
    /// The sandbox sends no mail.
    #[serde(rename = "email_type")]
    _email_type: Option<EmailType>,
    pub lines: Option<Vec<AskedLine>>,
    pub memo: Option<String>,
    pub metadata: Option<Metadata>,
    pub out_of_band_amount: Option<i64>,
    pub reason: Option<CreditReason>,
    pub refund_amount: Option<i64>,
    pub refunds: Option<Vec<AskedRefund>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineType {
    CustomLineItem,
    InvoiceLineItem,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedLine {
    #[serde(rename = "type")]
    pub kind: LineType,
    pub amount: Option<i64>,
    pub description: Option<String>,
    pub invoice_line_item: Option<String>,
    pub metadata: Option<Metadata>,
    pub quantity: Option<u64>,
    pub unit_amount: Option<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RefundType {
    Refund,
}

/// A refund that was made already.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedRefund {
    pub refund: String,
    pub amount_refunded: Option<i64>,
    #[serde(rename = "type")]
    _kind: Option<RefundType>,
}

impl AskedNote {
    /// # Errors
    ///
    /// An amount that is negative, too large, or finer than the currency is.
    pub fn check_amounts(&self, currency: &str) -> Result<(), ApiError> {
        let amounts = [
            ("amount", self.amount),
            ("credit_amount", self.credit_amount),
            ("out_of_band_amount", self.out_of_band_amount),
            ("refund_amount", self.refund_amount),
        ];
        let given = amounts.into_iter().filter_map(|(name, amount)| Some((name, amount?)));
        given.into_iter().try_for_each(|(name, amount)| check_amount(amount, currency, name))
    }

    /// Which of the parameters that say where the money goes an error is about.
    pub fn way_back(&self) -> &'static str {
        match (self.refund_amount, &self.refunds, self.out_of_band_amount) {
            (Some(_), _, _) => "refund_amount",
            (None, Some(_), _) => "refunds",
            (None, None, Some(_)) if self.credit_amount.is_none() => "out_of_band_amount",
            _ => "credit_amount",
        }
    }
}
