use billing_application::{CreateApp, UpdateApp};
use billing_domain::{App, AppId, DisplayName, Environment, RedirectOrigin, Version, wire_time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::given::given;
use super::words::EnvironmentKindName;

/// An app of the workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppBody {
    #[schema(example = "app_01kapzv5e8f6ws8j4kq1bdx0me")]
    id: String,
    #[schema(example = "Shop")]
    name: String,
    /// The origins a checkout may redirect to.
    #[schema(example = json!(["https://shop.example.com"]))]
    allowed_redirect_origins: Vec<String>,
    environments: Vec<EnvironmentBody>,
    /// Grows with each change.
    version: u32,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    created_at: String,
}

/// An environment of an app, which has its own end users.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnvironmentBody {
    #[schema(example = "env_01kapzv5e8f6ws8j4kq1bdx0mf")]
    id: String,
    kind: EnvironmentKindName,
}

impl From<Environment> for EnvironmentBody {
    fn from(environment: Environment) -> Self {
        Self { id: environment.id.to_string(), kind: environment.kind.into() }
    }
}

impl From<App> for AppBody {
    fn from(app: App) -> Self {
        Self {
            id: app.id.to_string(),
            name: app.details.name.to_string(),
            allowed_redirect_origins: app
                .details
                .allowed_redirect_origins
                .into_iter()
                .map(String::from)
                .collect(),
            environments: app.environments.into_iter().map(EnvironmentBody::from).collect(),
            version: app.version.number(),
            created_at: wire_time(app.created_at),
        }
    }
}

/// An app to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateAppBody {
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Shop")]
    name: DisplayName,
    /// The origins a checkout may redirect to: at most 50 origins.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["https://shop.example.com"]))]
    allowed_redirect_origins: Vec<RedirectOrigin>,
}

impl CreateAppBody {
    pub(crate) fn change(self) -> CreateApp {
        CreateApp { name: self.name, allowed_redirect_origins: self.allowed_redirect_origins }
    }
}

/// A change of an app; a field that is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateAppBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, example = "Shop")]
    name: Option<DisplayName>,
    /// All of them: they take the place of those there are.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["https://shop.example.com"]))]
    allowed_redirect_origins: Option<Vec<RedirectOrigin>>,
    /// The version the change is based on. When the app has changed since, nothing is done.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = u32, required = false)]
    version: Option<u32>,
}

impl UpdateAppBody {
    pub(crate) fn change(self, app_id: AppId) -> UpdateApp {
        UpdateApp {
            app_id,
            expected_version: self.version.map(Version::from_stored),
            name: self.name,
            allowed_redirect_origins: self.allowed_redirect_origins,
        }
    }
}
