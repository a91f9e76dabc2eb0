use billing_application::{CreateApp, UpdateApp};
use billing_domain::{App, AppId, DisplayName, Environment, RedirectOrigin, Version, wire_time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::given::given;
use super::version::VersionNumber;
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
    version: VersionNumber,
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
            version: app.version.into(),
            created_at: wire_time(app.created_at),
        }
    }
}

/// `https://` and a host, with a port or without; `http://` is for this machine only.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = r"^https?://(\[::1\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?/?$")]
#[expect(dead_code, reason = "it is only described; the domain reads it")]
struct OriginText(String);

/// An app to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateAppBody {
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S", example = "Shop")]
    name: DisplayName,
    /// The origins a checkout may redirect to.
    #[serde(default)]
    #[schema(value_type = Vec<OriginText>, max_items = 50, example = json!(["https://shop.example.com"]))]
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
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, pattern = r"\S", example = "Shop")]
    name: Option<DisplayName>,
    /// All of them: they take the place of those there are.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Vec<OriginText>, required = false, max_items = 50, example = json!(["https://shop.example.com"]))]
    allowed_redirect_origins: Option<Vec<RedirectOrigin>>,
    /// The version the change is based on. When the app has changed since, nothing is done.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = VersionNumber, required = false)]
    version: Option<VersionNumber>,
}

impl UpdateAppBody {
    pub(crate) fn change(self, app_id: AppId) -> UpdateApp {
        UpdateApp {
            app_id,
            expected_version: self.version.map(Version::from),
            name: self.name,
            allowed_redirect_origins: self.allowed_redirect_origins,
        }
    }
}
