use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use billing_domain::ports::BillingStore;
use billing_domain::{App, AppId, Timestamp, WorkspaceId};

use super::AppError;
use crate::page::{InvalidCursor, Page, PageRequest};

/// Tells which apps a workspace has, whether its billing is on or not.
pub struct ReadApps {
    store: Arc<dyn BillingStore>,
}

impl ReadApps {
    /// The use case over this store.
    #[must_use]
    pub fn new(store: Arc<dyn BillingStore>) -> Self {
        Self { store }
    }

    /// The apps of the workspace, newest first.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn apps(&self, workspace: &WorkspaceId, page: &PageRequest) -> Result<Page<App>, AppError> {
        let after = page.position::<AppPosition>()?.map(|position| (position.created_at, position.id));
        let apps = self.store.apps(workspace, after, page.limit.and_one_more()).await?;
        Ok(Page::cut(apps, page.limit, |app| AppPosition { created_at: app.created_at, id: app.id.clone() }))
    }

    /// One app.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn app(&self, workspace: &WorkspaceId, app: &AppId) -> Result<App, AppError> {
        self.store.app(workspace, app).await?.ok_or(AppError::NotFound)
    }
}

/// Where an app stands in the list: ids that the platform gave do not sort by age.
struct AppPosition {
    created_at: Timestamp,
    id: AppId,
}

impl fmt::Display for AppPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.created_at.timestamp_micros(), self.id)
    }
}

impl FromStr for AppPosition {
    type Err = InvalidCursor;

    fn from_str(cursor: &str) -> Result<Self, InvalidCursor> {
        let (micros, id) = cursor.split_once('.').ok_or(InvalidCursor)?;
        // No app was made before 1970, and not every database knows the times before 4713 BC.
        let micros: u64 = micros.parse().map_err(|_| InvalidCursor)?;
        let micros = micros.try_into().map_err(|_| InvalidCursor)?;
        Ok(Self {
            created_at: Timestamp::from_timestamp_micros(micros).ok_or(InvalidCursor)?,
            id: AppId::parse(id).map_err(|_| InvalidCursor)?,
        })
    }
}

#[cfg(test)]
mod tests;
