//! What an app sells. Each change is one transaction behind the lock of the workspace, together with its audit entry.

mod access;
mod add_price;
mod archive_plan;
mod archive_price;
mod attach_feature;
mod create_feature;
mod create_plan;
mod delete_feature;
mod detach_feature;
mod feature_error;
mod plan_error;
mod read;
mod update_feature;
mod update_plan;

use billing_domain::ports::{StoreError, UnitOfWork};
use billing_domain::{
    Administrator, AppId, AuditedChange, Change, Feature, FeatureDetails, FeatureId, FeatureKey, Plan,
    PlanOffer, Price, Timestamp, Version, WorkspaceId,
};
use serde::{Deserialize, Serialize};

pub use access::{Absent, CatalogError};
pub use add_price::{AddPrice, AddPriceRequest};
pub use archive_plan::{ArchivePlan, ArchivePlanRequest};
pub use archive_price::{ArchivePrice, ArchivePriceRequest};
pub use attach_feature::{AttachFeature, AttachFeatureRequest};
pub use create_feature::{CreateFeature, CreateFeatureRequest};
pub use create_plan::{CreatePlan, CreatePlanRequest};
pub use delete_feature::{DeleteFeature, DeleteFeatureRequest};
pub use detach_feature::{DetachFeature, DetachFeatureRequest};
pub use feature_error::FeatureError;
pub use plan_error::PlanError;
pub use read::ReadCatalog;
pub use update_feature::{UpdateFeature, UpdateFeatureRequest};
pub use update_plan::{PlanPatch, UpdatePlan, UpdatePlanRequest};

use crate::Ports;

/// What a request that makes something came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made<T> {
    /// What is there now.
    pub value: T,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// Passes when the plan is as the caller last saw it, or does not care.
fn require_version(offer: &PlanOffer, expected: Option<Version>) -> Result<(), PlanError> {
    match expected {
        Some(expected) if expected != offer.plan.version => {
            Err(PlanError::EditedMeanwhile(Box::new(offer.clone())))
        }
        _ => Ok(()),
    }
}

/// Passes when no other plan is the default of this one's kind of payer.
async fn require_free_default(work: &mut dyn UnitOfWork, plan: &Plan) -> Result<(), PlanError> {
    match work.default_plan(&plan.workspace_id, &plan.app_id, plan.payer_kind).await? {
        Some(default) if default.id != plan.id => Err(PlanError::DefaultTaken(Box::new(default))),
        _ => Ok(()),
    }
}

/// Saves that a price of the offer is archived.
async fn save_archived_price(
    ports: &Ports,
    work: &mut dyn UnitOfWork,
    administrator: &Administrator,
    offer: &PlanOffer,
    archived: Price,
) -> Result<(), StoreError> {
    work.archive_price(&administrator.workspace_id, &archived).await?;
    let before = offer.prices.iter().find(|price| price.id == archived.id).cloned();
    let change = Change { before: before.map(Box::new), after: Some(Box::new(archived)) };
    ports.audit(work, administrator, AuditedChange::Price(change)).await
}

fn new_feature(
    ports: &Ports,
    workspace: &WorkspaceId,
    app: &AppId,
    key: FeatureKey,
    details: FeatureDetails,
    now: Timestamp,
) -> Feature {
    Feature {
        id: FeatureId::from_uuid(ports.ids.uuid_v7()),
        workspace_id: workspace.clone(),
        app_id: app.clone(),
        key,
        details,
        version: Version::NEW,
        created_at: now,
    }
}
