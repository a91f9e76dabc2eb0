use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use config::{Config, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The environment of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Environment {
    #[default]
    Development,
    Production,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

/// The unchecked settings. A setting `x_y` of the file is the variable `KL_X_Y`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSettings {
    #[serde(default)]
    pub env: Environment,
    #[serde(default = "default_listen")]
    pub listen: String,
    pub public_base_url: Option<String>,
    pub database_url: Option<String>,
    pub dashboard_jwt_secret: Option<SecretString>,
    pub dashboard_jwks_url: Option<String>,
    #[serde(default = "default_issuer")]
    pub dashboard_jwt_issuer: String,
    #[serde(default = "default_cookie")]
    pub dashboard_cookie: String,
    pub dashboard_sign_in_url: Option<String>,
    pub stripe_secret_key: Option<SecretString>,
    pub stripe_managed_secret_key: Option<SecretString>,
    pub stripe_connect_secret_key: Option<SecretString>,
    pub stripe_connect_client_id: Option<String>,
    pub stripe_api_base: Option<String>,
    pub stripe_sandbox_listen: Option<String>,
    #[serde(default = "default_log")]
    pub log: String,
    #[serde(default)]
    pub log_format: LogFormat,
}

/// Names the file. Not a setting of the file itself.
const CONFIG: &str = "KL_CONFIG";

const NAMES: [&str; 17] = [
    "env",
    "listen",
    "public_base_url",
    "database_url",
    "dashboard_jwt_secret",
    "dashboard_jwks_url",
    "dashboard_jwt_issuer",
    "dashboard_cookie",
    "dashboard_sign_in_url",
    "stripe_secret_key",
    "stripe_managed_secret_key",
    "stripe_connect_secret_key",
    "stripe_connect_client_id",
    "stripe_api_base",
    "stripe_sandbox_listen",
    "log",
    "log_format",
];

fn default_listen() -> String {
    "127.0.0.1:3001".to_owned()
}

fn default_issuer() -> String {
    "kolaylogin".to_owned()
}

fn default_cookie() -> String {
    "kl_dashboard".to_owned()
}

fn default_log() -> String {
    "info,actix_server=warn,actix_http=off".to_owned()
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub(super) fn environment_variables() -> Vec<(String, String)> {
    let ours = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
    std::env::vars_os()
        .filter_map(ours)
        .filter(|(name, _)| name.starts_with("KL_"))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

/// The settings of the variables and, for unset ones, the file; and the names of unknown variables. An empty variable
/// counts as unset. Without a `file`, `KL_CONFIG` names it.
pub(super) fn read(
    variables: Vec<(String, String)>,
    file: Option<&Path>,
) -> Result<(RawSettings, Vec<String>), String> {
    let mut file = file.map(Path::to_owned);
    let mut known = HashMap::new();
    let mut unused = Vec::new();
    for (name, value) in variables {
        if name == CONFIG {
            file = file.or_else(|| (!value.trim().is_empty()).then(|| value.into()));
            continue;
        }
        let setting = name.strip_prefix("KL_").unwrap_or(&name).to_lowercase();
        if name == "KL_ENV" && value.trim().is_empty() {
            return Err(
                "KL_ENV is set to nothing; set it to development or production, or unset it".to_owned()
            );
        }
        // Upper case only: two spellings of one name would be ambiguous.
        if !NAMES.contains(&setting.as_str()) || name != name.to_uppercase() {
            // The test runner's variables are not for the service.
            if !name.starts_with("KL_TEST_") {
                unused.push(name);
            }
        } else if !value.trim().is_empty() {
            known.insert(setting, value);
        }
    }
    unused.sort();

    let mut builder = Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(File::from_str(&read_file(&file)?, FileFormat::Toml));
    }
    for (setting, value) in known {
        builder = builder.set_override(&setting, value).map_err(|error| error.to_string())?;
    }
    let raw = builder
        .build()
        .and_then(Config::try_deserialize::<RawSettings>)
        .map_err(|error| format!("{error} (a setting `x` is the variable `KL_X`)"))?;
    Ok((raw.without_blanks(), unused))
}

/// The text of a TOML settings file. An error omits the line, which may hold a secret.
fn read_file(file: &Path) -> Result<String, String> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    if let Err(error) = text.parse::<toml::Table>() {
        let line = error.span().map_or(0, |span| text[..span.start].lines().count());
        return Err(format!("{name}: not valid TOML near line {line}: {}", error.message()));
    }
    Ok(text)
}

impl RawSettings {
    /// A blank value counts as unset.
    fn without_blanks(mut self) -> Self {
        for secret in [
            &mut self.dashboard_jwt_secret,
            &mut self.stripe_secret_key,
            &mut self.stripe_managed_secret_key,
            &mut self.stripe_connect_secret_key,
        ] {
            secret.take_if(|secret| secret.expose_secret().trim().is_empty());
        }
        for text in [
            &mut self.public_base_url,
            &mut self.database_url,
            &mut self.dashboard_jwks_url,
            &mut self.dashboard_sign_in_url,
            &mut self.stripe_connect_client_id,
            &mut self.stripe_api_base,
            &mut self.stripe_sandbox_listen,
        ] {
            text.take_if(|text| text.trim().is_empty());
        }
        self
    }
}
