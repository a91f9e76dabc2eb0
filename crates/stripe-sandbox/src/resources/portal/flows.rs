//! Flows: a session that leads to one step, and what comes after it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flow {
    pub step: FlowStep,
    pub after_completion: AfterCompletion,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowStep {
    CustomerUpdate,
    PaymentMethodUpdate,
    SubscriptionCancel { subscription: String },
    SubscriptionUpdate { subscription: String },
    SubscriptionUpdateConfirm { subscription: String, item: String, price: String, quantity: Option<u64> },
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterCompletion {
    HostedConfirmation {
        message: Option<String>,
    },
    #[default]
    PortalHomepage,
    Redirect {
        return_url: String,
    },
}

impl Flow {
    pub fn render(&self) -> Value {
        let mut body = json!({
            "after_completion": self.after_completion.render(),
            "customer_update": null,
            "subscription_cancel": null,
            "subscription_pause": null,
            "subscription_update": null,
            "subscription_update_confirm": null,
            "type": self.step.name(),
        });
        let details = match &self.step {
            FlowStep::CustomerUpdate => json!({}),
            FlowStep::PaymentMethodUpdate => return body,
            FlowStep::SubscriptionCancel { subscription } => {
                json!({ "retention": null, "subscription": subscription })
            }
            FlowStep::SubscriptionUpdate { subscription } => json!({ "subscription": subscription }),
            FlowStep::SubscriptionUpdateConfirm { subscription, item, price, quantity } => {
                let mut item = json!({ "id": item, "price": price });
                if let Some(quantity) = quantity {
                    item["quantity"] = json!(quantity);
                }
                json!({ "discounts": null, "items": [item], "subscription": subscription })
            }
        };
        body[self.step.name()] = details;
        body
    }
}

impl FlowStep {
    fn name(&self) -> &'static str {
        match self {
            Self::CustomerUpdate => "customer_update",
            Self::PaymentMethodUpdate => "payment_method_update",
            Self::SubscriptionCancel { .. } => "subscription_cancel",
            Self::SubscriptionUpdate { .. } => "subscription_update",
            Self::SubscriptionUpdateConfirm { .. } => "subscription_update_confirm",
        }
    }
}

impl AfterCompletion {
    fn render(&self) -> Value {
        let (kind, confirmation, redirect) = match self {
            Self::HostedConfirmation { message } => {
                ("hosted_confirmation", json!({ "custom_message": message }), Value::Null)
            }
            Self::PortalHomepage => ("portal_homepage", Value::Null, Value::Null),
            Self::Redirect { return_url } => ("redirect", Value::Null, json!({ "return_url": return_url })),
        };
        json!({ "hosted_confirmation": confirmation, "redirect": redirect, "type": kind })
    }
}
