use billing_application::{ChangePlan, OutdatedPreview, PlanChange, PlanChangePreview};
use billing_domain::{AppId, Currency, PlanKey, ShownChange, SubscriptionId, wire_time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::invoice::{InvoiceAmountBody, InvoiceLineBody};
use super::words::{ChangeFromName, IntervalName};

/// A change of a subscription's plan, interval or seats.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PreviewPlanChangeBody {
    /// The key of the plan after the change. With the present plan and interval the subscription keeps its price.
    #[schema(value_type = String, pattern = "^[a-z0-9_]{1,64}$", example = "pro_monthly")]
    plan: PlanKey,
    interval: IntervalName,
    /// The currency of the subscription, which cannot change. May be omitted.
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z]{3}$")]
    currency: Option<Currency>,
    /// The number of seats after the change; the present one when omitted.
    #[schema(minimum = 1, maximum = 100_000)]
    quantity: Option<u32>,
    #[serde(default = "now")]
    #[schema(required = false)]
    from: ChangeFromName,
}

/// A change that was previewed.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChangePlanBody {
    /// The key of the plan after the change. With the present plan and interval the subscription keeps its price.
    #[schema(value_type = String, pattern = "^[a-z0-9_]{1,64}$", example = "pro_monthly")]
    plan: PlanKey,
    interval: IntervalName,
    /// The currency of the subscription, which cannot change. May be omitted.
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z]{3}$")]
    currency: Option<Currency>,
    /// The number of seats after the change; the present one when omitted.
    #[schema(minimum = 1, maximum = 100_000)]
    quantity: Option<u32>,
    #[serde(default = "now")]
    #[schema(required = false)]
    from: ChangeFromName,
    /// The `proof` of the preview, as it is.
    #[schema(
        value_type = String,
        pattern = r"^v1\.[0-9]{1,12}\.[0-9]{0,12}\.price_[0-7][0-9a-hjkmnp-tv-z]{25}\.[0-9]{1,9}\.-?[0-9]{1,18}\.-?[0-9]{1,18}$",
        example = "v1.1764588800.1764588790.price_01kapzv5e8f6ws8j4kq1bdx0mg.1.13550.13550"
    )]
    proof: ShownChange,
}

fn now() -> ChangeFromName {
    ChangeFromName::Now
}

impl PreviewPlanChangeBody {
    pub(crate) fn request(self, (app_id, subscription_id): (AppId, SubscriptionId)) -> PlanChange {
        let Self { plan, interval, currency, quantity, from } = self;
        let (interval, from) = (interval.into(), from.into());
        PlanChange { app_id, subscription_id, plan, interval, currency, quantity, from }
    }
}

impl ChangePlanBody {
    pub(crate) fn request(self, subscription: (AppId, SubscriptionId)) -> ChangePlan {
        let Self { plan, interval, currency, quantity, from, proof: shown } = self;
        let change = PreviewPlanChangeBody { plan, interval, currency, quantity, from };
        ChangePlan { change: change.request(subscription), shown }
    }
}

/// The cost of a change of plan.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanChangePreviewBody {
    /// The plan after the change.
    #[schema(example = "plan_01kapzv5e8f6ws8j4kq1bdx0mh")]
    plan_id: String,
    /// The price after the change.
    #[schema(example = "price_01kapzv5e8f6ws8j4kq1bdx0mg")]
    price_id: String,
    interval: IntervalName,
    /// The number of seats after the change.
    #[schema(example = 1)]
    quantity: u32,
    from: ChangeFromName,
    /// The lines of the invoice; negative for time that was paid and is not used. None when nothing is billed, as in a
    /// trial.
    lines: Vec<InvoiceLineBody>,
    /// Whether Stripe has more lines than these.
    #[schema(example = false)]
    has_more_lines: bool,
    /// The sum of the lines after discounts and taxes. What is negative becomes credit on the customer's balance at Stripe,
    /// which the next invoices use.
    total: InvoiceAmountBody,
    /// The part of the total that is charged, after the customer's balance.
    amount_due: InvoiceAmountBody,
    /// The amount of each period after the change, before discounts and taxes.
    recurring: InvoiceAmountBody,
    /// The moment from which that is charged.
    #[schema(required = true, format = DateTime, example = "2026-12-22T12:34:56.789Z")]
    recurs_from: Option<String>,
    /// The moment until which the change can be confirmed.
    #[schema(format = DateTime, example = "2026-11-22T12:49:56.000Z")]
    expires_at: String,
    /// What to confirm the change with.
    #[schema(example = "v1.1764588800.1764588790.price_01kapzv5e8f6ws8j4kq1bdx0mg.1.13550.13550")]
    proof: String,
}

impl From<PlanChangePreview> for PlanChangePreviewBody {
    fn from(preview: PlanChangePreview) -> Self {
        let invoice = preview.invoice;
        Self {
            plan_id: preview.plan.id.to_string(),
            price_id: preview.price.id.to_string(),
            interval: preview.price.terms.interval().into(),
            quantity: preview.quantity,
            from: preview.from.into(),
            lines: invoice.lines.into_iter().map(InvoiceLineBody::from).collect(),
            has_more_lines: invoice.has_more_lines,
            total: invoice.total.into(),
            amount_due: invoice.amount_due.into(),
            recurring: preview.recurring.into(),
            recurs_from: preview.recurs_from.map(wire_time),
            expires_at: wire_time(preview.shown.expires_at()),
            proof: preview.shown.to_string(),
        }
    }
}

/// The details of a preview that does not hold any more: what was shown, and the present preview.
pub(crate) fn both_previews(outdated: &OutdatedPreview) -> Value {
    let OutdatedPreview { shown, present } = outdated;
    json!({
        "shown": {
            "total": shown.total,
            "amountDue": shown.amount_due,
            "priceId": shown.price_id,
            "quantity": shown.quantity,
            "expiresAt": wire_time(shown.expires_at()),
        },
        "preview": PlanChangePreviewBody::from(present.clone()),
    })
}
