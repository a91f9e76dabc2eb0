use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use billing_domain::ports::{AppFilter, AppPosition};
use billing_domain::{App, AppId, DisplayName, FromStored, Timestamp, WorkspaceId};

use super::{InvalidCursor, Page, PageLimit, PageRequest, Reads};
use crate::refusal::{Absent, Refused};

impl Reads {
    /// The apps of the workspace, newest first. Allowed while billing is off.
    ///
    /// # Errors
    /// [`InvalidCursor`] and [`Refused::Store`].
    pub async fn apps(
        &self,
        workspace: &WorkspaceId,
        filter: &AppFilter,
        page: &PageRequest,
    ) -> Result<Page<App>, Refused<InvalidCursor>> {
        let apps = self.ports.store.apps();
        let page = Page::load(
            page,
            |app: &App| AppCursor(AppPosition { created_at: app.created_at, id: app.id.clone() }),
            |edge, limit| apps.apps(workspace, filter, edge.map(|AppCursor(app)| app), limit),
            |than| apps.count_apps(workspace, filter, than.map(|AppCursor(app)| app)),
        );
        page.await
    }

    /// The ids and names of the newest apps, at most [`PageLimit::LARGEST`]. Allowed while billing is off.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn app_names(
        &self,
        workspace: &WorkspaceId,
    ) -> Result<Vec<(AppId, DisplayName)>, Refused<Infallible>> {
        Ok(self.ports.store.apps().app_names(workspace, PageLimit::LARGEST).await?)
    }

    /// The apps with these ids, in any order. Allowed while billing is off.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn apps_with_ids(
        &self,
        workspace: &WorkspaceId,
        ids: &[AppId],
    ) -> Result<Vec<App>, Refused<Infallible>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.ports.store.apps().apps_with_ids(workspace, ids).await?)
    }

    /// One app. Allowed while billing is off.
    ///
    /// # Errors
    /// [`Absent::App`] and [`Refused::Store`].
    pub async fn app(&self, workspace: &WorkspaceId, app: &AppId) -> Result<App, Refused<Infallible>> {
        Ok(self.ports.store.apps().app(workspace, app).await?.ok_or(Absent::App)?)
    }
}

/// The place of an app in the list as text.
#[derive(Clone)]
struct AppCursor(AppPosition);

impl fmt::Display for AppCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.created_at.timestamp_micros(), self.0.id)
    }
}

impl FromStr for AppCursor {
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
        Ok(Self(AppPosition {
            created_at: Timestamp::from_timestamp_micros(micros).ok_or(InvalidCursor)?,
            id: AppId::from_stored(id.to_owned()).ok_or(InvalidCursor)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_round_trips_through_its_cursor() {
        let position = AppPosition {
            created_at: "2026-11-22T12:34:56.789012Z".parse().unwrap(),
            id: AppId::parse("app_demo").unwrap(),
        };
        let AppCursor(read) = AppCursor(position.clone()).to_string().parse().unwrap();
        assert_eq!(read, position);
        for cursor in ["", "app_demo", "x.app_demo", "1.", "1.a\0b", "-1.a", "99999999999999999999.a", "."] {
            assert!(cursor.parse::<AppCursor>().is_err(), "{cursor:?}");
        }
    }
}
