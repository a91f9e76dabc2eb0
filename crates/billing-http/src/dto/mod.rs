//! The JSON of requests and responses.

mod app;
mod audit_log;
mod billing_status;
mod blockers;
mod checkout_link;
mod enable_billing;
mod feature;
mod gateways;
mod given;
mod invoice;
mod list;
mod payer;
mod plan;
mod plan_change;
mod price;
mod subscription;
mod version;
mod webhook;
mod words;

pub(crate) use app::{AppBody, CreateAppBody, UpdateAppBody};
pub(crate) use audit_log::AuditEntryBody;
pub(crate) use billing_status::BillingStatusBody;
pub(crate) use blockers::{BlockerBody, DisablePreflightBody};
pub(crate) use checkout_link::{CheckoutLinkBody, CheckoutLinkStatusBody, CreateCheckoutLinkBody};
pub(crate) use enable_billing::{DisableBillingBody, EnableBillingBody};
pub(crate) use feature::{AttachFeatureBody, CreateFeatureBody, FeatureBody, UpdateFeatureBody};
pub(crate) use gateways::GatewaysBody;
pub(crate) use invoice::{InvoiceBody, RefundInvoiceBody, refund_conflict};
pub(crate) use list::ListBody;
pub(crate) use payer::PayerBody;
pub(crate) use plan::{CreatePlanBody, PlanBody, UpdatePlanBody};
pub(crate) use plan_change::{ChangePlanBody, PlanChangePreviewBody, PreviewPlanChangeBody, both_previews};
pub(crate) use price::{AddPriceBody, PriceBody};
pub(crate) use subscription::{CancelSubscriptionBody, SubscriptionBody};
pub(crate) use webhook::ReceivedBody;
pub(crate) use words::GatewayName;
