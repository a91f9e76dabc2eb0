//! The state of a checkout, and its shape.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    asked::{CustomerUpdate, PaymentData, SetupData, SubscriptionData},
    line_items::{self, LineItem, Sums},
    settings::Settings,
};
use crate::{
    clock::Timestamp,
    lifecycle::periods::next_end,
    resources::{
        coupons::{Coupon, Duration},
        customers::{Address, Customer},
        discounts::Discount,
        invoices::{Invoice, InvoiceStatus},
        payment_intents::{self, PaymentIntent},
        prices::{Interval, Recurring},
    },
    store::{Resource, Tx, stored_as},
    wire::{Metadata, page::inline},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Payment,
    Setup,
    Subscription,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    Complete,
    Expired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    NoPaymentRequired,
    Paid,
    Unpaid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerCreation {
    Always,
    IfRequired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodCollection {
    #[default]
    Always,
    IfRequired,
}

/// What becomes of the checkout, and what it is made with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    Payment(Box<PaymentData>),
    Setup(SetupData),
    Subscription(SubscriptionData),
}

/// Who pays, as they say it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Details {
    pub email: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<Address>,
}

/// What is taken off, by a coupon as it was when it was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reduction {
    pub coupon: Coupon,
    pub promotion_code: Option<String>,
}

/// A payment whose owner has yet to authenticate it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Waiting {
    /// The payment or setup intent.
    pub intent: String,
    pub payment_method: String,
    /// What begins once it is paid.
    pub subscription: Option<String>,
    pub details: Details,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    pub id: String,
    pub created: Timestamp,
    pub expires_at: Timestamp,
    pub status: Status,
    pub order: Order,
    pub lines: Vec<LineItem>,
    pub currency: Option<String>,
    /// The customer that it was made for, or that was made when it was paid.
    pub customer: Option<String>,
    pub customer_email: Option<String>,
    /// Absent when it was made for a customer.
    pub customer_creation: Option<CustomerCreation>,
    pub customer_update: Option<CustomerUpdate>,
    pub details: Option<Details>,
    pub waiting: Option<Waiting>,
    /// Why the last authentication came to nothing.
    pub refusal: Option<String>,
    pub discount: Option<Reduction>,
    pub allow_promotion_codes: Option<bool>,
    pub method_collection: MethodCollection,
    pub payment_method_types: Vec<String>,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub client_reference_id: Option<String>,
    pub subscription: Option<String>,
    pub invoice: Option<String>,
    pub payment_intent: Option<String>,
    pub setup_intent: Option<String>,
    pub settings: Settings,
    pub metadata: Metadata,
    pub test_clock: Option<String>,
}

impl Session {
    pub fn mode(&self) -> Mode {
        match self.order {
            Order::Payment(_) => Mode::Payment,
            Order::Setup(_) => Mode::Setup,
            Order::Subscription(_) => Mode::Subscription,
        }
    }

    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    pub fn has_trial(&self) -> bool {
        matches!(&self.order, Order::Subscription(data) if data.has_trial())
    }

    /// What is to be paid now, in minor units.
    pub fn sums(&self) -> Sums {
        line_items::sums(&self.amounts())
    }

    /// Of each line: what it costs now, and what is taken off.
    fn amounts(&self) -> Vec<(i64, i64)> {
        let is_free = |line: &LineItem| self.has_trial() && line.recurring.is_some();
        let cost = |line: &LineItem| if is_free(line) { 0 } else { line.due() };
        line_items::amounts(&self.lines, self.discount.as_ref(), self.currency(), cost)
    }

    /// As if the first period were whole, and to be paid.
    pub fn sums_of_whole_period(&self) -> Sums {
        let (discount, currency) = (self.discount.as_ref(), self.currency());
        line_items::sums(&line_items::amounts(&self.lines, discount, currency, |line| line.amount))
    }

    /// Of the first whole period after what is paid now, when that begins at `starts`. What is paid now can have used
    /// up a coupon for once, and one for some months can have ended by then.
    pub fn sums_of_renewal(&self, now: Timestamp, starts: Timestamp) -> Sums {
        let lasts =
            |months| Recurring { interval: Interval::Month, interval_count: months, trial_period_days: None };
        self.sums_renewed(|coupon| match (coupon.duration, coupon.duration_in_months) {
            (Duration::Once, _) => self.sums().discount == 0,
            (Duration::Repeating, Some(months)) => starts < next_end(now, lasts(months), now),
            (Duration::Repeating | Duration::Forever, _) => true,
        })
    }

    /// Of a whole period once no coupon is left but one for ever.
    pub fn sums_in_the_end(&self) -> Sums {
        self.sums_renewed(|coupon| coupon.duration == Duration::Forever)
    }

    fn sums_renewed(&self, is_left: impl Fn(&Coupon) -> bool) -> Sums {
        let discount = self.discount.as_ref().filter(|it| is_left(&it.coupon));
        let cost = |line: &LineItem| if line.recurring.is_some() { line.amount } else { 0 };
        line_items::sums(&line_items::amounts(&self.lines, discount, self.currency(), cost))
    }

    /// When the first whole period begins, where an anchor was asked for.
    pub fn anchor(&self) -> Option<Timestamp> {
        match &self.order {
            Order::Subscription(data) => data.billing_cycle_anchor,
            Order::Payment(_) | Order::Setup(_) => None,
        }
    }

    pub fn currency(&self) -> &str {
        self.currency.as_deref().unwrap_or_default()
    }

    /// Whether it cannot be paid without a payment method.
    pub fn needs_payment_method(&self) -> bool {
        match self.mode() {
            Mode::Setup => true,
            Mode::Payment => self.sums().total > 0,
            Mode::Subscription => self.sums().total > 0 || self.method_collection == MethodCollection::Always,
        }
    }

    fn payment_status(&self, tx: &Tx<'_>) -> PaymentStatus {
        let intent = || tx.find::<PaymentIntent>(self.payment_intent.as_ref()?).map(|it| it.status);
        let invoice = || tx.find::<Invoice>(self.invoice.as_ref()?).map(|it| it.status);
        let is_paid = match self.mode() {
            Mode::Setup => return PaymentStatus::NoPaymentRequired,
            _ if self.status != Status::Complete => return PaymentStatus::Unpaid,
            _ if self.sums().total == 0 => return PaymentStatus::NoPaymentRequired,
            Mode::Payment => intent() == Some(payment_intents::Status::Succeeded),
            Mode::Subscription => invoice() == Some(InvoiceStatus::Paid),
        };
        if is_paid { PaymentStatus::Paid } else { PaymentStatus::Unpaid }
    }

    /// The page on which it is paid.
    pub fn url(&self, tx: &Tx<'_>) -> String {
        format!("{}/c/pay/{}", tx.world().url, self.id)
    }

    /// Who pays, as far as it is known.
    pub fn known_details(&self, tx: &Tx<'_>) -> Option<Details> {
        let of_customer = || {
            let customer = tx.find::<Customer>(self.customer.as_ref()?)?;
            Some(Details {
                email: customer.email.clone(),
                name: customer.name.clone(),
                phone: customer.phone.clone(),
                address: customer.address.clone(),
            })
        };
        let of_email = || Some(Details { email: Some(self.customer_email.clone()?), ..Details::default() });
        self.details.clone().or_else(of_customer).or_else(of_email)
    }

    fn render_details(&self, tx: &Tx<'_>) -> Option<Value> {
        let Details { email, name, phone, address } = self.known_details(tx)?;
        Some(json!({
            "address": address,
            "business_name": null,
            "email": email,
            "individual_name": null,
            "name": name,
            "phone": phone,
            "tax_exempt": "none",
            "tax_ids": self.details.as_ref().map(|_| json!([])),
        }))
    }

    fn render_discounts(&self) -> Vec<Value> {
        let render = |reduction: &Reduction| {
            let coupon = reduction.promotion_code.is_none().then_some(&reduction.coupon.id);
            json!({ "coupon": coupon, "promotion_code": reduction.promotion_code })
        };
        self.discount.iter().map(render).collect()
    }

    /// What is taken off, by which discount. It is given only when the session is paid.
    fn render_breakdown(&self, tx: &Tx<'_>) -> Value {
        let render = |reduction: &Reduction| {
            let discount = Discount {
                id: self.id.replacen("cs_test_", "di_", 1),
                created: self.created,
                coupon: reduction.coupon.clone(),
                customer: self.customer.clone(),
                subscription: None,
                promotion_code: reduction.promotion_code.clone(),
                end: None,
                is_used: false,
            };
            json!({ "amount": self.sums().discount, "discount": discount.render(tx) })
        };
        json!({ "discounts": self.discount.iter().map(render).collect::<Vec<_>>(), "taxes": [] })
    }

    /// The lines, with what each costs now.
    pub fn render_lines(&self, tx: &Tx<'_>) -> Vec<(&LineItem, Value)> {
        let amounts = self.amounts().into_iter();
        self.lines.iter().zip(amounts).map(|(line, amount)| (line, line.render(tx, amount))).collect()
    }

    fn render_result(&self, tx: &Tx<'_>) -> Value {
        let Sums { subtotal, discount, total } = self.sums();
        let has_lines = self.mode() != Mode::Setup;
        json!({
            "amount_subtotal": has_lines.then_some(subtotal),
            "amount_total": has_lines.then_some(total),
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "customer_creation": self.customer_creation,
            "customer_details": self.render_details(tx),
            "customer_email": self.customer_email,
            "discounts": self.render_discounts(),
            "invoice": self.invoice,
            "payment_intent": self.payment_intent,
            "payment_link": null,
            "payment_status": self.payment_status(tx),
            "setup_intent": self.setup_intent,
            "status": self.status,
            "subscription": self.subscription,
            "total_details": has_lines.then(|| json!({
                "amount_discount": discount, "amount_shipping": 0, "amount_tax": 0,
            })),
            "url": self.is_open().then(|| self.url(tx)),
        })
    }
}

impl Resource for Session {
    stored_as!(CheckoutSession);

    fn render(&self, tx: &Tx<'_>) -> Value {
        let mut body = json!({
            "id": self.id,
            "object": "checkout.session",
            "after_expiration": null,
            "allow_promotion_codes": self.allow_promotion_codes,
            "allowed_payment_method_types": null,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "client_secret": null,
            "collected_information": null,
            "consent": null,
            "created": self.created,
            "currency_conversion": null,
            "custom_fields": [],
            "expires_at": self.expires_at,
            "invoice_creation": (self.mode() == Mode::Payment).then(|| json!({
                "enabled": false,
                "invoice_data": {
                    "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null,
                    "issuer": null, "metadata": {}, "rendering_options": null,
                },
            })),
            "livemode": false,
            "managed_payments": null,
            "metadata": self.metadata,
            "mode": self.mode(),
            "payment_method_collection": (self.mode() == Mode::Subscription).then_some(self.method_collection),
            "payment_method_configuration_details": null,
            "payment_method_types": self.payment_method_types,
            "permissions": null,
            "recovered_from": null,
            "shipping_address_collection": null,
            "shipping_cost": null,
            "shipping_options": [],
            "success_url": self.success_url,
            "ui_mode": "hosted_page",
            "wallet_options": null,
        });
        for part in [self.render_result(tx), self.settings.render()] {
            if let (Value::Object(body), Value::Object(part)) = (&mut body, part) {
                body.extend(part);
            }
        }
        body
    }

    fn includable(&self, tx: &Tx<'_>, field: &str) -> Option<Value> {
        match field {
            "line_items" => {
                let url = format!("/v1/checkout/sessions/{}/line_items", self.id);
                Some(inline(&url, self.render_lines(tx).into_iter().map(|(_, rendered)| rendered)))
            }
            "total_details.breakdown" => Some(self.render_breakdown(tx)),
            _ => None,
        }
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }

    fn due(&self) -> Option<Timestamp> {
        let anchor = self.anchor().filter(|_| self.waiting.is_none());
        self.is_open().then(|| anchor.unwrap_or(Timestamp::MAX).min(self.expires_at))
    }

    fn owner(&self) -> Option<&str> {
        self.customer.as_deref()
    }
}
