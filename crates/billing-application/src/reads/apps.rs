use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use billing_domain::{App, AppId, Timestamp, WorkspaceId};

use super::{InvalidCursor, Page, PageRequest, Reads};
use crate::refusal::{Absent, Refused};

impl Reads {
    /// The apps of the workspace, newest first. Allowed while billing is off.
    ///
    /// # Errors
    /// [`InvalidCursor`] and [`Refused::Store`].
    pub async fn apps(
        &self,
        workspace: &WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<App>, Refused<InvalidCursor>> {
        let after = page.position::<AppPosition>()?.map(|position| (position.created_at, position.id));
        let apps = self.store.apps().apps(workspace, after, page.limit.and_one_more()).await?;
        Ok(Page::cut(apps, page.limit, |app| AppPosition { created_at: app.created_at, id: app.id.clone() }))
    }

    /// One app. Allowed while billing is off.
    ///
    /// # Errors
    /// [`Absent::App`] and [`Refused::Store`].
    pub async fn app(&self, workspace: &WorkspaceId, app: &AppId) -> Result<App, Refused<Infallible>> {
        Ok(self.store.apps().app(workspace, app).await?.ok_or(Absent::App)?)
    }
}

/// The position of an app in the list. The platform's ids do not sort by age.
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
        // Refuses times before 1970: no app is that old, and not every database has times before 4713 BC.
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
