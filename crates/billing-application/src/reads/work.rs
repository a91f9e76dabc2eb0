use std::convert::Infallible;

use billing_domain::ports::SetAsideFilter;
use billing_domain::{Drift, WorkSetAside, WorkspaceId};

use super::Reads;
use crate::refusal::Refused;

impl Reads {
    /// The newest work of the workspace that was set aside, at most 100 rows, and the number of all of it. For
    /// administrators only; while billing is off too.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn work_set_aside(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<(Vec<WorkSetAside>, u64), Refused<Infallible>> {
        let workspace_id = Some(workspace.clone());
        let of_workspace = SetAsideFilter { workspace_id, ..SetAsideFilter::default() };
        Ok(self.ports.store.work().work_set_aside(&of_workspace, LISTED).await?)
    }

    /// The newest mirrors that reconciliation has mended, at most 100. For administrators only; while billing is off too.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn drifts(&self, workspace: &WorkspaceId) -> Result<Vec<Drift>, Refused<Infallible>> {
        Ok(self.ports.store.drifts().drifts(workspace, LISTED).await?)
    }
}

/// The number of rows of a list.
const LISTED: u32 = 100;
