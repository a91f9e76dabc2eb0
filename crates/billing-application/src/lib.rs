//! The use cases of billing. Each reads as its own summary: load, decide by a rule of `billing-domain`, save.
//!
//! A use case is built once from [`Ports`] and may be executed any number of times at once. Whatever changes
//! something does so in one unit of work together with its audit entry; whatever reaches out does so between
//! two units of work, never inside one.

mod apps;
mod catalog;
mod closing;
mod disable_billing;
mod enable_billing;
mod once;
mod open_checkout_intent;
mod page;
mod ports;
mod preflight_disable;
mod read_audit_log;
mod read_billing_status;
mod read_gateways;
mod recover_closings;
mod runner;
mod transaction;
mod use_cases;

#[cfg(test)]
mod testing;

pub use apps::{AppError, CreateApp, CreateAppRequest, ReadApps, UpdateApp, UpdateAppRequest};
pub use catalog::{
    Absent, AddPrice, AddPriceRequest, ArchivePlan, ArchivePlanRequest, ArchivePrice, ArchivePriceRequest,
    AttachFeature, AttachFeatureRequest, CatalogError, CreateFeature, CreateFeatureRequest, CreatePlan,
    CreatePlanRequest, DeleteFeature, DeleteFeatureRequest, DetachFeature, DetachFeatureRequest,
    FeatureError, Made, PlanError, PlanPatch, ReadCatalog, UpdateFeature, UpdateFeatureRequest, UpdatePlan,
    UpdatePlanRequest,
};
pub use disable_billing::{DisableBilling, DisableBillingError, DisableBillingRequest};
pub use enable_billing::{EnableBilling, EnableBillingError, EnableBillingRequest, EnableWish};
pub use once::RequestKeyReused;
pub use open_checkout_intent::{OpenCheckoutIntent, OpenCheckoutIntentError, OpenCheckoutIntentRequest};
pub use page::{InvalidCursor, InvalidLimit, Page, PageLimit, PageRequest};
pub use ports::Ports;
pub use preflight_disable::{PreflightDisable, PreflightDisableError};
pub use read_audit_log::{AuditRecord, ReadAuditLog, ReadAuditLogError};
pub use read_billing_status::ReadBillingStatus;
pub use read_gateways::{GatewayOption, ReadGateways};
pub use recover_closings::{RecoverClosings, RecoveredClosings};
pub use runner::{Interrupted, Runner};
pub use use_cases::{Changes, Reads};
