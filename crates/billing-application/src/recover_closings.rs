use billing_domain::ports::{StoreError, error_chain};
use billing_domain::{Actor, WorkspaceId};

use crate::Ports;
use crate::closing::{self, Finished};

const PAGE: u32 = 100;

/// Ends every closing that its caller did not: the process was killed in between, or the database went away.
///
/// Runs at start and from time to time. It may run beside live calls and in several replicas at once: a closing
/// is ended by whoever comes first.
pub struct RecoverClosings {
    ports: Ports,
}

/// How the closings that were found ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecoveredClosings {
    /// Workspaces whose billing is off now.
    pub disabled: u32,
    /// Workspaces whose billing stays on, because someone can still be charged.
    pub refused: u32,
    /// Workspaces that could not be dealt with; the log says why, and the next run tries again.
    pub failed: u32,
}

impl RecoverClosings {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Ends every closing once.
    ///
    /// # Errors
    /// [`StoreError`] when the closings cannot be listed. One that cannot be ended is counted as failed.
    pub async fn execute(&self) -> Result<RecoveredClosings, StoreError> {
        let mut recovered = RecoveredClosings::default();
        let mut after: Option<WorkspaceId> = None;
        loop {
            let page = self.ports.store.closing_workspaces(after, PAGE).await?;
            for workspace in &page {
                match self.recover(workspace).await {
                    Ok(Some(Finished::Disabled)) => recovered.disabled += 1,
                    Ok(Some(Finished::Refused(_))) => recovered.refused += 1,
                    Ok(Some(Finished::Superseded) | None) => {}
                    Err(error) => {
                        let error = error_chain(&error);
                        tracing::error!(workspace_id = %workspace, %error, "a closing could not be ended");
                        recovered.failed += 1;
                    }
                }
            }
            after = match page.last() {
                Some(last) if page.len() == PAGE as usize => Some(last.clone()),
                _ => return Ok(recovered),
            };
        }
    }

    async fn recover(&self, workspace: &WorkspaceId) -> Result<Option<Finished>, StoreError> {
        match closing::join(&self.ports, workspace).await? {
            Some(closing) => closing::finish(&self.ports, &closing, &Actor::Recovery).await.map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
