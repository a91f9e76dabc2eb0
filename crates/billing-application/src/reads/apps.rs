use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use billing_domain::{App, AppId, FromStored, Timestamp, WorkspaceId};

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
        // No database stores NUL, and Postgres fails on it.
        if id.is_empty() || id.contains(char::is_control) {
            return Err(InvalidCursor);
        }
        // Refuses times before 1970: no app is that old, and not every database has times before 4713 BC.
        let micros: u64 = micros.parse().map_err(|_| InvalidCursor)?;
        let micros = micros.try_into().map_err(|_| InvalidCursor)?;
        Ok(Self {
            created_at: Timestamp::from_timestamp_micros(micros).ok_or(InvalidCursor)?,
            id: AppId::from_stored(id.to_owned()).ok_or(InvalidCursor)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_round_trips_through_its_cursor() {
        let position = AppPosition {
            created_at: "2026-11-22T12:34:56.789012Z".parse().unwrap(),
            id: AppId::parse("app_demo").unwrap(),
        };
        let read: AppPosition = position.to_string().parse().unwrap();
        assert_eq!((read.created_at, read.id), (position.created_at, position.id));
        for cursor in ["", "app_demo", "x.app_demo", "1.", "1.a\0b", "-1.a", "99999999999999999999.a", "."] {
            assert!(cursor.parse::<AppPosition>().is_err(), "{cursor:?}");
        }
    }
}
