use billing_application::RefundInvoice;
use billing_domain::{
    AppId, Currency, Invoice, InvoiceId, InvoiceLine, Money, Refund, RefundState, wire_time,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::PayerBody;
use super::given::given;
use super::words::RefundReasonName;

/// An invoice to an end user or organization, as Stripe has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvoiceBody {
    #[schema(example = "inv_01kapzv5e8f6ws8j4kq1bdx0mp")]
    id: String,
    #[schema(example = "app_01kapzv5e8f6ws8j4kq1bdx0me")]
    app_id: String,
    #[schema(example = "env_01kapzv5e8f6ws8j4kq1bdx0mf")]
    environment_id: String,
    payer: PayerBody,
    /// The subscription it bills; null for another invoice to the payer.
    #[schema(required = true, example = "sub_01kapzv5e8f6ws8j4kq1bdx0mk")]
    subscription_id: Option<String>,
    /// Stripe's word for it: `draft`, `open`, `paid`, `void` or `uncollectible`.
    #[schema(example = "paid")]
    status: String,
    /// The number on the document; null for a draft.
    #[schema(required = true, example = "8A41BD6E-0001")]
    number: Option<String>,
    /// The sum of the lines; null until it is fetched anew, for what an earlier version fetched.
    #[schema(required = true)]
    subtotal: Option<InvoiceAmountBody>,
    /// What discounts take off.
    #[schema(required = true)]
    discount: Option<InvoiceAmountBody>,
    /// The taxes, those that the lines include among them.
    #[schema(required = true)]
    tax: Option<InvoiceAmountBody>,
    /// After discounts and taxes.
    total: InvoiceAmountBody,
    amount_paid: InvoiceAmountBody,
    amount_due: InvoiceAmountBody,
    /// What was given back; null until it is fetched anew, for what an earlier version fetched.
    #[schema(required = true)]
    amount_refunded: Option<InvoiceAmountBody>,
    /// What of the payments through Stripe was not given back. Refunds that are under way are not taken off.
    #[schema(required = true)]
    amount_refundable: Option<InvoiceAmountBody>,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    created_at: String,
    #[schema(required = true, format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    paid_at: Option<String>,
    /// By when it is to be paid; null if Stripe charges it.
    #[schema(required = true, format = DateTime)]
    due_at: Option<String>,
    /// When Stripe tries again to charge for it; null if it does not.
    #[schema(required = true, format = DateTime)]
    next_attempt_at: Option<String>,
    /// Stripe's page to pay and download it; null for a draft.
    #[schema(required = true, example = "https://invoice.stripe.com/i/acct_1/test_1")]
    hosted_url: Option<String>,
    /// The document; null for a draft.
    #[schema(required = true, example = "https://pay.stripe.com/invoice/acct_1/test_1/pdf")]
    pdf_url: Option<String>,
    /// Only of one invoice, not in a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<InvoiceLineBody>, required = false)]
    lines: Option<Vec<InvoiceLineBody>>,
    /// Whether Stripe has more lines than `lines`, which has 100 at most. Only of one invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false, example = false)]
    has_more_lines: Option<bool>,
    /// The refunds, newest first of each payment. Only of one invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<RefundBody>, required = false)]
    refunds: Option<Vec<RefundBody>>,
    /// The Stripe account that charges.
    #[schema(example = "acct_1PgafTB1WZUa6l2w")]
    gateway_account_id: String,
    /// Its id at Stripe.
    #[schema(example = "in_1MtHbELkdIwHu7ixl4OzzPMv")]
    stripe_id: String,
    /// When it was last seen to change.
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    synced_at: String,
}

/// A line of an invoice.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvoiceLineBody {
    #[schema(example = "1 × Pro (at $12.50 / month)")]
    description: String,
    #[schema(required = true, example = 1)]
    quantity: Option<u32>,
    amount: InvoiceAmountBody,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    period_start: String,
    #[schema(format = DateTime, example = "2026-12-22T12:34:56.789Z")]
    period_end: String,
}

/// A refund, as Stripe has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundBody {
    /// Its id at Stripe.
    #[schema(example = "re_1Nispe2eZvKYlo2Cd31jOCgZ")]
    stripe_id: String,
    amount: InvoiceAmountBody,
    /// Stripe's word for it: `pending`, `requires_action`, `succeeded`, `failed` or `canceled`.
    #[schema(example = "succeeded")]
    status: String,
    /// Stripe's word for the reason.
    #[schema(required = true, example = "requested_by_customer")]
    reason: Option<String>,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    created_at: String,
}

/// A refund of an invoice.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RefundInvoiceBody {
    /// In the smallest unit of the invoice's currency; all that is left when omitted.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = i64, required = false, minimum = 1, example = 500)]
    amount: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = RefundReasonName, required = false)]
    reason: Option<RefundReasonName>,
}

impl RefundInvoiceBody {
    pub(crate) fn request(self, (app_id, invoice_id): (AppId, InvoiceId)) -> RefundInvoice {
        RefundInvoice { app_id, invoice_id, amount: self.amount, reason: self.reason.map(Into::into) }
    }
}

/// The refund that was asked for and what is left, for a refusal.
pub(crate) fn refund_conflict(asked: Option<Money>, state: &RefundState) -> Value {
    let [paid, refunded, under_way, left] =
        [state.paid, state.refunded, state.under_way, state.left].map(InvoiceAmountBody::from);
    json!({
        "asked": asked.map(InvoiceAmountBody::from), "left": left, "paid": paid, "refunded": refunded,
        "underWay": under_way,
    })
}

/// The part of a refund that was made, for a refusal of the rest.
pub(crate) fn refunded_part(refunded: Money, reason: &str) -> Value {
    json!({ "refunded": InvoiceAmountBody::from(refunded), "reason": reason })
}

/// Money, as in `AmountBody`; a credit is negative.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvoiceAmountBody {
    /// In the smallest unit of the currency.
    #[schema(example = 1250)]
    minor_units: i64,
    /// A code of ISO 4217.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "USD")]
    currency: Currency,
}

impl From<Money> for InvoiceAmountBody {
    fn from(money: Money) -> Self {
        Self { minor_units: money.minor_units(), currency: money.currency() }
    }
}

impl From<InvoiceLine> for InvoiceLineBody {
    fn from(line: InvoiceLine) -> Self {
        Self {
            description: line.description,
            quantity: line.quantity,
            amount: line.amount.into(),
            period_start: wire_time(line.period_start),
            period_end: wire_time(line.period_end),
        }
    }
}

impl From<Refund> for RefundBody {
    fn from(refund: Refund) -> Self {
        Self {
            stripe_id: refund.id.to_string(),
            amount: refund.amount.into(),
            status: refund.status.into(),
            reason: refund.reason,
            created_at: wire_time(refund.created_at),
        }
    }
}

impl InvoiceBody {
    /// The invoice with its lines and refunds.
    pub(crate) fn with_lines(mut invoice: Invoice) -> Self {
        let lines = std::mem::take(&mut invoice.details.lines);
        let has_more_lines = invoice.details.has_more_lines;
        let payments = invoice.details.payments.iter().flatten();
        let refunds = payments.flat_map(|payment| payment.refunds.clone()).map(RefundBody::from).collect();
        Self {
            lines: Some(lines.into_iter().map(InvoiceLineBody::from).collect()),
            has_more_lines: Some(has_more_lines),
            refunds: Some(refunds),
            ..invoice.into()
        }
    }
}

impl From<Invoice> for InvoiceBody {
    fn from(invoice: Invoice) -> Self {
        let state = invoice.refund_state();
        let details = invoice.details;
        Self {
            id: invoice.id.to_string(),
            app_id: invoice.app_id.to_string(),
            environment_id: invoice.environment_id.to_string(),
            payer: (&invoice.payer).into(),
            subscription_id: invoice.subscription_id.map(String::from),
            status: details.status.as_str().to_owned(),
            number: details.number,
            subtotal: details.sums.map(|sums| sums.subtotal.into()),
            discount: details.sums.map(|sums| sums.discount.into()),
            tax: details.sums.map(|sums| sums.tax.into()),
            total: details.total.into(),
            amount_paid: details.amount_paid.into(),
            amount_due: details.amount_due.into(),
            amount_refunded: state.as_ref().map(|state| state.refunded.into()),
            amount_refundable: state.map(|state| state.left.into()),
            created_at: wire_time(details.created_at),
            paid_at: details.paid_at.map(wire_time),
            due_at: details.due_at.map(wire_time),
            next_attempt_at: details.next_attempt_at.map(wire_time),
            hosted_url: details.hosted_url,
            pdf_url: details.pdf_url,
            lines: None,
            has_more_lines: None,
            refunds: None,
            gateway_account_id: invoice.gateway_account_id.to_string(),
            stripe_id: invoice.stripe_id.to_string(),
            synced_at: wire_time(invoice.synced_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use billing_domain::{
        EnvironmentId, GatewayAccountId, InvoiceDetails, InvoiceStatus, Payer, StripeId, Timestamp, UserId,
        WorkspaceId,
    };

    use super::*;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn usd(minor_units: i64) -> Money {
        Money::new(minor_units, Currency::parse("USD").unwrap())
    }

    fn credit() -> Invoice {
        let line = InvoiceLine {
            description: "Unused time".to_owned(),
            quantity: None,
            amount: usd(-250),
            period_start: noon(),
            period_end: noon(),
        };
        Invoice {
            id: InvoiceId::from_uuid(1),
            workspace_id: WorkspaceId::parse("ws_test").unwrap(),
            app_id: AppId::parse("app_shop").unwrap(),
            environment_id: EnvironmentId::parse("env_1").unwrap(),
            payer: Payer::User(UserId::parse("user_1").unwrap()),
            gateway_account_id: GatewayAccountId::parse("acct_1").unwrap(),
            stripe_id: StripeId::parse("in_1").unwrap(),
            subscription_id: None,
            details: InvoiceDetails {
                status: InvoiceStatus::Draft,
                number: None,
                total: usd(-250),
                amount_paid: usd(0),
                amount_due: usd(0),
                created_at: noon(),
                paid_at: None,
                due_at: None,
                hosted_url: None,
                pdf_url: None,
                lines: vec![line],
                has_more_lines: true,
                next_attempt_at: None,
                payments: None,
                is_charged_automatically: None,
                sums: None,
            },
            synced_at: noon(),
        }
    }

    #[test]
    fn an_invoice_has_its_lines_only_alone() {
        let listed = serde_json::to_value(InvoiceBody::from(credit())).unwrap();
        for alone in ["lines", "hasMoreLines", "refunds"] {
            assert!(listed.get(alone).is_none(), "{listed}");
        }

        let mut alone = serde_json::to_value(InvoiceBody::with_lines(credit())).unwrap();
        let alone = alone.as_object_mut().unwrap();
        let line = json!({
            "description": "Unused time", "quantity": null, "amount": { "minorUnits": -250, "currency": "USD" },
            "periodStart": "2026-11-22T12:00:00.000Z", "periodEnd": "2026-11-22T12:00:00.000Z",
        });
        assert_eq!(alone.remove("lines"), Some(json!([line])));
        assert_eq!(alone.remove("hasMoreLines"), Some(json!(true)));
        assert_eq!(alone.remove("refunds"), Some(json!([])));
        assert_eq!(json!(alone), listed);
    }
}
