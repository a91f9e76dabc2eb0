use serde::{Deserialize, Serialize};

use crate::stored::stored;
use crate::{AppId, DisplayName, EnvironmentId, RedirectOrigin, Timestamp, Version, WorkspaceId, wire_time};

/// An app of a workspace. The catalog belongs to it; customers and subscriptions belong to its environments.
///
/// Deserializes from stored JSON, without the rules for new input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// The app's id.
    #[serde(deserialize_with = "stored")]
    pub id: AppId,
    /// The tenant.
    #[serde(deserialize_with = "stored")]
    pub workspace_id: WorkspaceId,
    /// The changeable part.
    #[serde(flatten)]
    pub details: AppDetails,
    /// The app's environments, set at creation.
    pub environments: Vec<Environment>,
    /// Grows with each change.
    pub version: Version,
    /// The moment of creation.
    #[serde(with = "wire_time")]
    pub created_at: Timestamp,
}

/// The changeable part of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppDetails {
    /// The displayed name.
    #[serde(deserialize_with = "stored")]
    pub name: DisplayName,
    /// The origins a checkout may redirect to.
    #[serde(deserialize_with = "stored")]
    pub allowed_redirect_origins: Vec<RedirectOrigin>,
}

/// The home of end users, their sessions and API keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// The environment's id.
    #[serde(deserialize_with = "stored")]
    pub id: EnvironmentId,
    /// Development or production.
    pub kind: EnvironmentKind,
}

/// The purpose of an environment. A new app has one environment of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentKind {
    /// A development environment.
    Development,
    /// A production environment.
    Production,
}

words!(EnvironmentKind { Development => "development", Production => "production" }, stored);

/// An app has too many redirect origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("An app can have at most {} redirect origins.", AppDetails::MOST_ORIGINS)]
pub struct TooManyOrigins;

impl AppDetails {
    /// The maximum number of redirect origins of an app.
    pub const MOST_ORIGINS: usize = 50;

    /// Details with duplicate origins removed; the order is kept.
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
    /// The app with these details; `None` if they are unchanged.
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
