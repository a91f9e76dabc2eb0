//! What a configuration lets customers do.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::resources::subscriptions::{AnchorChange, Proration};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Features {
    pub customer_update: CustomerUpdate,
    pub invoice_history: bool,
    pub payment_method_update: bool,
    pub subscription_cancel: SubscriptionCancel,
    pub subscription_update: SubscriptionUpdate,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CustomerUpdate {
    pub is_enabled: bool,
    pub allowed_updates: Vec<CustomerField>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerField {
    Address,
    Email,
    Name,
    Phone,
    Shipping,
    TaxId,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SubscriptionCancel {
    pub is_enabled: bool,
    pub mode: CancelMode,
    /// Applies to a cancellation at once only.
    pub proration_behavior: Proration,
    pub asks_reason: bool,
    pub reasons: Vec<Reason>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelMode {
    AtPeriodEnd,
    Immediately,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    CustomerService,
    LowQuality,
    MissingFeatures,
    Other,
    SwitchedService,
    TooComplex,
    TooExpensive,
    Unused,
}

impl Reason {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerService => "customer_service",
            Self::LowQuality => "low_quality",
            Self::MissingFeatures => "missing_features",
            Self::Other => "other",
            Self::SwitchedService => "switched_service",
            Self::TooComplex => "too_complex",
            Self::TooExpensive => "too_expensive",
            Self::Unused => "unused",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SubscriptionUpdate {
    pub is_enabled: bool,
    pub billing_cycle_anchor: Option<AnchorChange>,
    pub allowed_updates: Vec<ItemField>,
    pub products: Vec<PlanProduct>,
    pub proration_behavior: Proration,
    /// When one of these is so, a change waits for the end of the period.
    pub schedule_at_period_end: Vec<ScheduleCondition>,
    pub trial_update_behavior: TrialUpdate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemField {
    Price,
    PromotionCode,
    Quantity,
}

/// A product, and the prices of it that can be changed to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanProduct {
    pub product: String,
    pub prices: Vec<String>,
    pub adjustable_quantity: AdjustableQuantity,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct AdjustableQuantity {
    pub enabled: bool,
    pub maximum: Option<u64>,
    pub minimum: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleCondition {
    DecreasingItemAmount,
    ShorteningInterval,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialUpdate {
    ContinueTrial,
    #[default]
    EndTrial,
}

impl Default for SubscriptionCancel {
    fn default() -> Self {
        Self {
            is_enabled: false,
            mode: CancelMode::AtPeriodEnd,
            proration_behavior: Proration::None,
            asks_reason: false,
            reasons: vec![
                Reason::TooExpensive,
                Reason::MissingFeatures,
                Reason::SwitchedService,
                Reason::Unused,
                Reason::Other,
            ],
        }
    }
}

impl Default for SubscriptionUpdate {
    fn default() -> Self {
        Self {
            is_enabled: false,
            billing_cycle_anchor: None,
            allowed_updates: Vec::new(),
            products: Vec::new(),
            proration_behavior: Proration::None,
            schedule_at_period_end: Vec::new(),
            trial_update_behavior: TrialUpdate::default(),
        }
    }
}

impl Features {
    /// Of the configuration that an account has before it makes its own: all that needs no products.
    pub fn usual() -> Self {
        Self {
            customer_update: CustomerUpdate {
                is_enabled: true,
                allowed_updates: vec![CustomerField::Email, CustomerField::Address, CustomerField::Phone],
            },
            invoice_history: true,
            payment_method_update: true,
            subscription_cancel: SubscriptionCancel { is_enabled: true, ..SubscriptionCancel::default() },
            subscription_update: SubscriptionUpdate::default(),
        }
    }

    /// Without the products, which are told only when they are asked for.
    pub fn render(&self) -> Value {
        let Self {
            customer_update,
            invoice_history,
            payment_method_update,
            subscription_cancel,
            subscription_update,
        } = self;
        json!({
            "customer_update": {
                "allowed_updates": customer_update.allowed_updates,
                "enabled": customer_update.is_enabled,
            },
            "invoice_history": { "enabled": invoice_history },
            "payment_method_update": {
                "enabled": payment_method_update,
                "payment_method_configuration": null,
            },
            "subscription_cancel": subscription_cancel.render(),
            "subscription_pause": {
                "duration": { "interval_options": [], "type": "indefinite" },
                "enabled": false,
            },
            "subscription_update": subscription_update.render(),
        })
    }
}

impl SubscriptionCancel {
    fn render(&self) -> Value {
        json!({
            "cancellation_reason": {
                "enabled": self.asks_reason,
                "feedback_options": null,
                "options": self.reasons,
            },
            "enabled": self.is_enabled,
            "mode": self.mode,
            "proration_behavior": self.proration_behavior,
        })
    }
}

impl SubscriptionUpdate {
    /// The product whose price it is, if the price can be changed to.
    pub fn offering(&self, price: &str) -> Option<&PlanProduct> {
        self.products.iter().find(|product| product.prices.iter().any(|it| it == price))
    }

    pub fn allows(&self, field: ItemField) -> bool {
        self.is_enabled && self.allowed_updates.contains(&field)
    }

    fn render(&self) -> Value {
        let conditions: Vec<_> = self.schedule_at_period_end.iter().map(|it| json!({ "type": it })).collect();
        json!({
            "billing_cycle_anchor": self.billing_cycle_anchor,
            "default_allowed_updates": self.allowed_updates,
            "enabled": self.is_enabled,
            "proration_behavior": self.proration_behavior,
            "schedule_at_period_end": { "conditions": conditions },
            "trial_update_behavior": self.trial_update_behavior,
        })
    }
}
