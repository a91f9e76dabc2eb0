use serde::{Deserialize, Serialize};

use crate::{AppId, DisplayName, EnvironmentId, RedirectOrigin, Timestamp, Version, WorkspaceId};

/// An app of a workspace. The catalog belongs to it; customers and subscriptions belong to its environments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// Its id.
    pub id: AppId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// What may be changed.
    #[serde(flatten)]
    pub details: AppDetails,
    /// Where its end users live. Set when the app is made.
    pub environments: Vec<Environment>,
    /// Grows with each change.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What people may change of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppDetails {
    /// What people call it.
    pub name: DisplayName,
    /// Where people may be sent back to after a checkout.
    pub allowed_redirect_origins: Vec<RedirectOrigin>,
}

/// Where end users, their sessions and API keys live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// What it is for.
    pub kind: EnvironmentKind,
}

/// What an environment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentKind {
    /// Trying things out.
    Development,
    /// Real end users.
    Production,
}

impl EnvironmentKind {
    /// Every kind; a new app has one environment of each.
    pub const ALL: [Self; 2] = [Self::Development, Self::Production];

    /// The word for it on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }
}

/// An app may not have that many redirect origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("An app can have at most {} redirect origins.", AppDetails::MOST_ORIGINS)]
pub struct TooManyOrigins;

impl AppDetails {
    /// How many redirect origins an app may have.
    pub const MOST_ORIGINS: usize = 50;

    /// The details with each origin once, in the order given.
    ///
    /// # Errors
    /// [`TooManyOrigins`].
    pub fn new(name: DisplayName, origins: Vec<RedirectOrigin>) -> Result<Self, TooManyOrigins> {
        let mut allowed: Vec<RedirectOrigin> = Vec::new();
        for origin in origins {
            if !allowed.contains(&origin) {
                allowed.push(origin);
            }
        }
        if allowed.len() > Self::MOST_ORIGINS {
            return Err(TooManyOrigins);
        }
        Ok(Self { name, allowed_redirect_origins: allowed })
    }
}

impl App {
    /// The app with these details, or `None` when it has them already.
    #[must_use]
    pub fn revise(&self, details: AppDetails) -> Option<Self> {
        (details != self.details).then(|| Self { details, version: self.version.next(), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(count: usize) -> Vec<RedirectOrigin> {
        (0..count).map(|n| RedirectOrigin::parse(&format!("https://a{n}.example")).unwrap()).collect()
    }

    #[test]
    fn each_origin_counts_once() {
        let name = DisplayName::parse("Shop").unwrap();
        let twice = [origins(2), origins(2)].concat();
        let details = AppDetails::new(name.clone(), twice).unwrap();
        assert_eq!(details.allowed_redirect_origins, origins(2));
        assert!(AppDetails::new(name.clone(), origins(50)).is_ok());
        assert_eq!(AppDetails::new(name, origins(51)), Err(TooManyOrigins));
    }
}
