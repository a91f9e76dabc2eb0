use std::sync::Arc;

use billing_domain::GatewayAvailability;
use billing_domain::ports::{BillingStore, StoreError};

use crate::{
    AddPrice, ArchivePlan, ArchivePrice, AttachFeature, CreateApp, CreateFeature, CreatePlan, DeleteFeature,
    DetachFeature, DisableBilling, EnableBilling, Ports, PreflightDisable, ReadApps, ReadAuditLog,
    ReadBillingStatus, ReadCatalog, ReadGateways, UpdateApp, UpdateFeature, UpdatePlan,
};

/// Everything a driving adapter can ask.
pub struct Reads {
    /// Whether billing is on.
    pub billing_status: ReadBillingStatus,
    /// What blocks switching it off.
    pub preflight_disable: PreflightDisable,
    /// Which gateways can be chosen.
    pub gateways: ReadGateways,
    /// The apps.
    pub apps: ReadApps,
    /// What an app sells.
    pub catalog: ReadCatalog,
    /// Who changed what.
    pub audit_log: ReadAuditLog,
    store: Arc<dyn BillingStore>,
}

impl Reads {
    /// The reads over this store, in a deployment configured for these gateways.
    #[must_use]
    pub fn new(store: &Arc<dyn BillingStore>, availability: GatewayAvailability) -> Self {
        let store = || Arc::clone(store);
        Self {
            billing_status: ReadBillingStatus::new(store()),
            preflight_disable: PreflightDisable::new(store()),
            gateways: ReadGateways::new(store(), availability),
            apps: ReadApps::new(store()),
            catalog: ReadCatalog::new(store()),
            audit_log: ReadAuditLog::new(store()),
            store: store(),
        }
    }

    /// Passes when requests can be served.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when they cannot.
    pub async fn readiness(&self) -> Result<(), StoreError> {
        self.store.readiness().await
    }
}

/// Everything a driving adapter can have changed.
pub struct Changes {
    /// Switch billing on.
    pub enable_billing: EnableBilling,
    /// Switch billing off.
    pub disable_billing: DisableBilling,
    /// Add an app.
    pub create_app: CreateApp,
    /// Change an app.
    pub update_app: UpdateApp,
    /// Add a plan.
    pub create_plan: CreatePlan,
    /// Change a plan.
    pub update_plan: UpdatePlan,
    /// End the sale of a plan.
    pub archive_plan: ArchivePlan,
    /// Sell a plan at one more price.
    pub add_price: AddPrice,
    /// End the sale of a plan at a price.
    pub archive_price: ArchivePrice,
    /// Let a plan include a feature.
    pub attach_feature: AttachFeature,
    /// Let a plan not include a feature.
    pub detach_feature: DetachFeature,
    /// Add a feature.
    pub create_feature: CreateFeature,
    /// Change a feature.
    pub update_feature: UpdateFeature,
    /// Delete a feature.
    pub delete_feature: DeleteFeature,
}

impl Changes {
    /// The changes over these ports, in a deployment configured for these gateways.
    #[must_use]
    pub fn new(ports: &Ports, availability: GatewayAvailability) -> Self {
        let ports = || ports.clone();
        Self {
            enable_billing: EnableBilling::new(ports(), availability),
            disable_billing: DisableBilling::new(ports()),
            create_app: CreateApp::new(ports()),
            update_app: UpdateApp::new(ports()),
            create_plan: CreatePlan::new(ports()),
            update_plan: UpdatePlan::new(ports()),
            archive_plan: ArchivePlan::new(ports()),
            add_price: AddPrice::new(ports()),
            archive_price: ArchivePrice::new(ports()),
            attach_feature: AttachFeature::new(ports()),
            detach_feature: DetachFeature::new(ports()),
            create_feature: CreateFeature::new(ports()),
            update_feature: UpdateFeature::new(ports()),
            delete_feature: DeleteFeature::new(ports()),
        }
    }
}

#[cfg(test)]
mod tests;
